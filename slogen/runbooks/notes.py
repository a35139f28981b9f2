"""Notes of a team, made safe to stand in a page: their Markdown stays what it is, and ours stays ours.

Headings go below ours, and what is still open at the end is closed. HTML is shown as text: a comment that never ends
would hide the rest of the page. A block of code in a list ends with its item, so one that is indented is closed at the
first line that is indented less.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from slogen.promql.templating import Raw

DEEPEST = 6

_FENCE = re.compile(r"( *)(?:(`{3,}) *([^`]*)|(~{3,}) *(.*))$")
_LANGUAGE = re.compile(r"[\w+#.-]*")
_FENCE_IN_ITEM = re.compile(r"( *(?:(?:> *|(?:[-+*]|\d{1,9}[.)]) +))+)(?=`{3}|~{3})")
_HEADING = re.compile(r"( {0,3}(?:(?:>|[-+*]|\d{1,9}[.)]) +)*)(#{1,6})(?=\s|$)")
_UNDERLINE = re.compile(r"[ >]*(=+|-+) *$")
_ITEM = re.compile(r" *(?:>|[-+*]|\d{1,9}[.)])")
_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)")
_TAG = re.compile(r"<(?!https?://[^\s<>`]*>|mailto:[^\s<>`]*>)")
_DEFINITION = re.compile(r"( {0,3}(?:(?:>|[-+*]|\d{1,9}[.)]) *)*)\[(?=[^\]]*\]:)")


def safe_notes(text: str, level: int) -> Raw:
    """The notes, for a place below a heading of `level`."""
    if not text:
        return Raw("")
    lines = [_clean(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return Raw("\n".join(_made_safe(lines, level)).strip("\n"))


def _clean(line: str) -> str:
    """Without what does not print; tabs in front are spaces, so that indents can be compared."""
    body = line.lstrip("\t ")
    front = line[: len(line) - len(body)].expandtabs(4)
    return (front + "".join(char if char.isprintable() else " " for char in body)).rstrip(" ") + _break(line)


def _break(line: str) -> str:
    """Two spaces at the end are a line break."""
    return "  " if line.endswith("  ") and line.strip() else ""


def _made_safe(lines: Sequence[str], level: int) -> Iterator[str]:
    held: list[str] = []
    fence, indent, items = "", 0, False
    for line in lines:
        if fence and items and line.strip() and _indent(line) < indent:
            yield " " * indent + fence
            fence = ""
        if fence:
            if _closes(line, fence, indent):
                yield " " * indent + fence
                fence = ""
            else:
                yield line if indent <= 3 else _TAG.sub("&lt;", line)
            continue
        if opened := _FENCE.match(line):
            yield from _prose(held, level)
            held = []
            indent, fence = len(opened[1]), opened[2] or opened[4]
            told = _LANGUAGE.match(opened[3] or opened[5] or "")
            yield opened[1] + fence + (told[0] if told else "")
        else:
            items = items or _ITEM.match(line) is not None
            held.append(line)
    yield from _prose(held, level)
    if fence:
        yield " " * indent + fence


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _closes(line: str, fence: str, indent: int) -> bool:
    told = line.strip()
    return set(told) == {fence[0]} and len(told) >= len(fence) and _indent(line) <= indent + 3


def _prose(lines: Sequence[str], level: int) -> Iterator[str]:
    """Lines outside of blocks of code."""
    lines = [_FENCE_IN_ITEM.sub(lambda found: found[1] + "\\", line) for line in lines]
    spans = all(map(_is_even, lines))
    before = ""
    for line in lines:
        if _UNDERLINE.match(line) and before.strip():
            if "=" in line:
                line = line.replace("=", "\\=", 1)  # noqa: PLW2901  # shown as it was written
            else:
                yield ""
        safe = _without_tags(line, spans)
        safe = _DEFINITION.sub(lambda found: found[1] + "\\[", safe)
        before = _HEADING.sub(lambda found: found[1] + "#" * min(len(found[2]) + level, DEEPEST), safe)
        yield before


def _is_even(line: str) -> bool:
    """Whether each backtick of a line belongs to code within it, whatever stands in other lines."""
    return "`" not in _SPAN.sub("", line) and "\\`" not in line


def _without_tags(line: str, spans: bool) -> str:
    """A line without HTML; that in code is text already."""
    if "<" not in line:
        return line
    if not spans:
        return _TAG.sub("&lt;", line)
    parts, at = [], 0
    for span in _SPAN.finditer(line):
        parts += [_TAG.sub("&lt;", line[at : span.start()]), span[0]]
        at = span.end()
    return "".join([*parts, _TAG.sub("&lt;", line[at:])])
