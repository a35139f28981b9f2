"""Markdown as docs/ has it."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 120


def paragraph(text: str, indent: str = "") -> str:
    """One paragraph or list item, wrapped; what follows the first line is indented."""
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def items(lines: Iterable[str]) -> str:
    """A list."""
    return "\n".join(paragraph(f"- {line}", "  ") for line in lines)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])
