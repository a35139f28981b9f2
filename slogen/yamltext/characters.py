"""Which character of a file each character of a scalar comes from, through quotes, escapes, folds and indentation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from slogen.yamltext.text import BREAK, Node

_PROPERTIES = re.compile(r"(?:[&!][^\s]*+(?:\s++|#[^\r\n]*+)*+)++")
_FOLD = re.compile(r"[ \t]*+(?:\r\n|\r|\n)(?:[ \t]*+(?:\r\n|\r|\n))*+[ \t]*+")
_ESCAPED_FOLD = re.compile(r"\\(?:\r\n|\r|\n)(?:[ \t]*+(?:\r\n|\r|\n))*+[ \t]*+")
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")
_FIRST_TEXT = re.compile(r"(?: *+(?:\r\n|\r|\n))*+( *+)[^ \r\n]")
_HEADER = re.compile(r"[|>](?P<options>[-+0-9]*+)[ \t]*+(?:#[^\r\n]*+)?(?:\r\n|\r|\n|\Z)")


def characters(text: str, node: Node, value: str | None) -> list[int]:
    """For each character of a scalar's value, and for its end, where in the text it comes from."""
    match = _PROPERTIES.match(text, node.start, node.end) if text[node.start] in "&!" else None
    start = match.end() if match else node.start
    if node.style in ("|", ">"):
        places = list(_block_characters(text, start, node, value or ""))
        places = places[: len(value or "")]
        return [*places, places[-1] + 1 if places else start]
    if node.style:
        return [*_flow_characters(text, start + 1, node.end - 1, node.style), node.end - 1]
    return [*_flow_characters(text, start, node.end, ""), node.end]


def _flow_characters(text: str, start: int, end: int, style: str) -> Iterator[int]:
    """Plain and quoted text, in which a line break is a space, and each empty line after it a break."""
    index = start
    while index < end:
        char = text[index]
        if char in " \t\r\n":
            fold = _FOLD.match(text, index, end)
            if fold:
                yield from _fold(text, fold, " ")
                index = fold.end()
                continue
            while index < end and text[index] in " \t":
                yield index
                index += 1
            continue
        elif style == '"' and char == "\\":
            fold = _ESCAPED_FOLD.match(text, index, end)
            match = fold or _ESCAPE.match(text, index, end)
            if fold:
                yield from _fold(text, fold, "")
            else:
                yield index
            index = match.end() if match else index + 1
            continue
        yield index
        index += 2 if style == "'" and char == "'" else 1


def _fold(text: str, match: re.Match[str], single: str) -> Iterator[int]:
    breaks = [found.start() for found in BREAK.finditer(text, match.start(), match.end())]
    if len(breaks) > 1:
        yield from breaks[1:]
    elif single:
        yield match.start()


def _block_characters(text: str, start: int, node: Node, value: str) -> Iterator[int]:
    """Literal and folded text. The steps are those of libyaml, so that what it folds is folded here."""
    header = _HEADER.match(text, start, node.end)
    index = header.end() if header else start
    indent = _indentation(text, index, node.end, value)
    folded = node.style == ">"
    pending: int | None = None
    empty: list[int] = []
    was_blank = False
    while index < node.end:
        match = BREAK.search(text, index, node.end)
        stop, following = (match.start(), match.end()) if match else (node.end, node.end)
        content = index
        while content < stop and content - index < indent and text[content] == " ":
            content += 1
        if content == stop:
            empty.append(stop)
            index = following
            continue
        is_blank = text[content] in " \t"
        if pending is not None and (not folded or was_blank or is_blank or not empty):
            yield pending
        yield from empty
        yield from range(content, stop)
        pending, empty, was_blank, index = stop, [], is_blank, following
    if pending is not None:
        yield pending
    yield from empty


def _indentation(text: str, start: int, end: int, value: str) -> int:
    """How far a block is indented: what its first line with text has in the source and has not in the value."""
    match = _FIRST_TEXT.match(text, start, end)
    kept = _FIRST_TEXT.match(value)
    if not match or not kept:
        return max((len(line) for line in BREAK.split(text[start:end])), default=0)
    return len(match[1]) - len(kept[1])
