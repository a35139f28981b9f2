"""The quoting door of Markdown: every text that enters a page is shown as it is, and cannot become structure."""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import quote

from slogen.promql.templating import Raw
from slogen.sandbox import Quoting

_SPECIAL = re.compile(r"[\\`*\[\]<>|~&$]|(?<![^\W_])_|_(?![^\W_])")
_AT_START = re.compile(r"(?:#{1,6}(?= |$)|[+-](?= |$)|-+$|=+$|\d{1,9}[.)](?= |$))")
_UNSAFE = " \"'`<>()[]{}|\\^"
_KEPT = "%!*#&,;:=?@/+$~"


def inline(text: str) -> Raw:
    """Text within a line; line ends and what does not print become spaces."""
    line = _one_line(text)
    escaped = _SPECIAL.sub(lambda found: "\\" + found[0], line)
    if start := _AT_START.match(escaped):
        at = start.end() - 1 if start[0][0].isdigit() else 0
        escaped = f"{escaped[:at]}\\{escaped[at:]}"
    return Raw(escaped)


def tick(text: str) -> Raw:
    """Code within a line; what is Markdown already stays as it is."""
    if isinstance(text, Raw):
        return text
    line = _one_line(text)
    fence = "`" * (_longest_run(line) + 1)
    room = " " if line.startswith("`") or line.endswith("`") else ""
    return Raw(f"{fence}{room}{line}{room}{fence}".replace("|", "\\|") if line else "")


def code(text: str, language: str = "") -> Raw:
    """A block of code, to be copied."""
    clean = "".join(char if char.isprintable() or char == "\n" else " " for char in text)
    fence = "`" * max(_longest_run(clean) + 1, 3)
    return Raw(f"{fence}{language}\n{clean}\n{fence}")


def link(address: str) -> Raw:
    """The address of a link, as it stands in parentheses; what is Markdown already stays as it is."""
    if isinstance(address, Raw):
        return address
    return Raw(quote(address, safe=_KEPT))


def _one_line(text: str) -> str:
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split())


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def finalize(value: object) -> str:
    """What an expression of a template prints."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, str):
        return inline(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    raise TypeError(f"a template may print text and numbers, not {type(value).__name__}")


QUOTING = Quoting(finalize, (("inline", inline), ("tick", tick), ("code", code), ("link", link)))
