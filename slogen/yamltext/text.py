"""A text that knows its lines, and where in it a value stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from slogen.findings import Place

BREAK = re.compile(r"\r\n|\r|\n")
QUOTE_IT = "quote the whole value, or write it below its key as a block that begins with |-"


class Text:
    """The text of a file, which counts its lines only once somebody asks for a place."""

    __slots__ = ("_starts", "file", "text")

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self._starts: list[int] = []

    def place(self, index: int) -> Place:
        """Line and column of the character at `index`."""
        if not self._starts:
            self._starts = _line_starts(self.text)
        line = bisect_right(self._starts, index)
        return Place(self.file, line, index - self._starts[line - 1] + 1)

    def line_at(self, index: int) -> tuple[int, str]:
        """Where the line around `index` begins, and its text."""
        start = max(self.text.rfind("\n", 0, index), self.text.rfind("\r", 0, index)) + 1
        match = BREAK.search(self.text, index)
        return start, self.text[start : match.start() if match else len(self.text)]


def _line_starts(text: str) -> list[int]:
    """Where lines begin. The common case takes no step per line in Python."""
    if "\r" in text:
        return [0, *(match.end() for match in BREAK.finditer(text))]
    return [*accumulate(map((1).__add__, map(len, text.split("\n")[:-1])), initial=0)]


class Node:
    """Where a value stands in the text, and, in a mapping, where its keys do; `kids` of an alias is its target."""

    __slots__ = ("end", "kids", "start", "style")

    def __init__(
        self, start: int, end: int, style: str, kids: dict[str, tuple[int, Node]] | list[Node] | Node | None = None
    ) -> None:
        self.start = start
        self.end = end
        self.style = style
        self.kids = kids

    def kid(self, step: str | int) -> tuple[int | None, Node] | None:
        """The key position, if it has a key, and the node one step down."""
        kids = self.kids
        if isinstance(kids, Node):
            return kids.kid(step)
        if isinstance(kids, dict) and isinstance(step, str):
            return kids.get(step)
        if isinstance(kids, list) and isinstance(step, int) and 0 <= step < len(kids):
            return None, kids[step]
        return None


def short(text: str) -> str:
    """`text`, or its beginning when it is long, for a message."""
    return text if len(text) <= 40 else f"{text[:40]}..."
