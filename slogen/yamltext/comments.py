"""Comments of YAML that are meant for slogen: `# slogen:...`."""

from __future__ import annotations

import contextlib
import re
from bisect import bisect_left
from dataclasses import dataclass

import yaml

from slogen.yamltext.text import Text

_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#[ \t]*+(?P<text>slogen:[^\r\n]*+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment without its `#`, the offset of the `#` in the file, and whether nothing else is on its line."""

    text: str
    start: int
    is_alone: bool


def comments(source: Text) -> tuple[Comment, ...]:
    """In the order of the text; those inside of a block, which are an expression's, count, those in quotes do not."""
    text = source.text
    found = [*_COMMENT.finditer(text)] if "slogen:" in text else []
    quoted = _quoted(text) if found else []
    return tuple(
        Comment(match["text"].rstrip(), match.start(), not source.line_at(match.start())[1].lstrip().find("#"))
        for match in found
        if not _is_inside(match.start(), quoted)
    )


def _is_inside(index: int, spans: list[tuple[int, int]]) -> bool:
    """Whether a character is in one of the spans, which are in order."""
    before = bisect_left(spans, (index, 0)) - 1
    return before >= 0 and index < spans[before][1]


def _quoted(text: str) -> list[tuple[int, int]]:
    """Where values in quotes stand, as far as the text can be read."""
    spans: list[tuple[int, int]] = []
    with contextlib.suppress(yaml.YAMLError, ValueError):
        spans.extend(
            (token.start_mark.index, token.end_mark.index)
            for token in yaml.scan(text, yaml.CSafeLoader)
            if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"')
        )
    return spans
