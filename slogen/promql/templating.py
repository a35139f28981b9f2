"""The quoting door: every value that enters a template leaves it as the same text.

Delimiters collide with none of PromQL, Prometheus' and Grafana's templates. What an expression of a template yields
is quoted for YAML unless it comes from one of the filters here, each of which checks what it lets through.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_:]*|(?:[0-9]+[dhms])+")
_AMBIGUOUS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


class Raw(str):
    """Text that is safe where it stands."""

    __slots__ = ()


def yaml_quote(text: str) -> str:
    """A double-quoted YAML scalar; what does not print is escaped, so that every YAML reader takes it."""
    if not text.isprintable():
        return f'"{"".join(map(_escaped, text))}"'
    escaped = text.replace("\\", "\\\\").replace('"', '\\"') if '"' in text or "\\" in text else text
    return f'"{escaped}"'


def _escaped(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def word(text: str) -> Raw:
    """A name or a duration without quotes, any other text with them."""
    if not _WORD.fullmatch(text) or text.lower() in _AMBIGUOUS:
        return Raw(yaml_quote(text))
    return Raw(text)


def comment(text: str) -> Raw:
    """One line of a YAML comment."""
    return Raw("".join(char if char.isprintable() else "?" for char in text))


def block(text: str, indent: int) -> Raw:
    """A literal block of `indent` spaces with its `|-`, or a quoted scalar where a block would change the text."""
    lines = text.split("\n")
    if (
        text
        and not text[0].isspace()
        and all(line.isprintable() and line == line.rstrip() for line in lines)
        and lines[-1]
    ):
        pad = " " * indent
        return Raw("\n".join(["|-", *(pad + line if line else "" for line in lines)]))
    return Raw(yaml_quote(text))


def _finalize(value: object) -> str:
    if isinstance(value, Raw):
        return value
    if isinstance(value, str):
        return yaml_quote(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TypeError(f"a template may print text and whole numbers, not {type(value).__name__}")


SYNTAX: dict[str, Any] = {
    "variable_start_string": "<<",
    "variable_end_string": ">>",
    "block_start_string": "<%",
    "block_end_string": "%>",
    "comment_start_string": "<#",
    "comment_end_string": "#>",
    "trim_blocks": True,
    "lstrip_blocks": True,
    "keep_trailing_newline": True,
}
"""How every template is written, those of teams too."""


@cache
def environment(folder: str) -> Environment:
    """The Jinja environment for the templates in `folder`."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415  # costs 40 ms, only builds need it

    made = Environment(
        loader=FileSystemLoader(folder),
        **SYNTAX,
        undefined=StrictUndefined,
        finalize=_finalize,
        autoescape=False,  # noqa: S701  # the output is YAML; `_finalize` quotes for it
    )
    made.filters |= {"word": word, "comment": comment, "block": block}
    return made
