"""Edits that mend what was found."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from slogen.lint.problems import Edit, Found
from slogen.output import Change, source_of


def mended(text: str, edits: Iterable[Edit]) -> str:
    """A file's text with edits, of which each begins after the one before; one that would overlap is left out."""
    parts, position = [], 0
    for edit in sorted(set(edits), key=lambda one: (one.start, one.end)):
        if edit.start >= position:
            parts += [text[position : edit.start], edit.text]
            position = edit.end
    return "".join(parts) + text[position:]


def changes(found: Iterable[Found]) -> list[Change]:
    """What mending writes, file by file; what slogen itself wrote is mended in its specs."""
    edits: dict[str, list[Edit]] = {}
    for edit in (edit for one in found for edit in one.edits):
        edits.setdefault(edit.file, []).append(edit)
    made = []
    for file, wanted in edits.items():
        old = Path(file).read_bytes().decode("utf-8", "replace")
        if source_of(old) is None:
            mark = "\ufeff" if old.startswith("\ufeff") else ""
            made.append(Change(file, old, mark + mended(old.removeprefix(mark), wanted)))
    return made
