"""Edits that mend what was found."""

from __future__ import annotations

from collections.abc import Iterable

from slogen.lint.problems import Edit


def mended(text: str, edits: Iterable[Edit]) -> str:
    """A file's text with edits, of which each begins after the one before; one that would overlap is left out."""
    parts, position = [], 0
    for edit in sorted(set(edits), key=lambda one: (one.start, one.end)):
        if edit.start >= position:
            parts += [text[position : edit.start], edit.text]
            position = edit.end
    return "".join(parts) + text[position:]
