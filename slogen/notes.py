"""Text of a team's own that a spec holds or names a file for."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from slogen.fields import Strict, Text, problem, text

MARKDOWN = ".md"


def _path(value: object) -> str:
    written = text(value)
    if not written or written.startswith("/") or not written.isprintable() or "\\" in written:
        raise problem("spec/path", f"{written[:80]!r} is no path in this repository", "write it as docs/checkout.md")
    return written


def _markdown(value: object) -> str:
    path = _path(value)
    if not path.endswith(MARKDOWN):
        raise problem("spec/path", f"{path[:80]!r} is no Markdown file", "name one that ends in .md")
    return path


RepositoryPath = Annotated[str, PlainValidator(_path), WithJsonSchema({"type": "string", "minLength": 1})]
"""A path from the folder of the file that it is written in."""


MarkdownPath = Annotated[str, PlainValidator(_markdown), WithJsonSchema({"type": "string", "pattern": r"\.md$"})]


class NotesFile(Strict):
    """Notes that are kept in a file of their own."""

    file: MarkdownPath = Field(description="Path of a Markdown file, from the folder of this spec.")


def _shape(value: Any) -> str:
    return "NotesFile" if isinstance(value, dict | NotesFile) else "text"


Notes = Annotated[Annotated[Text, Tag("text")] | Annotated[NotesFile, Tag("NotesFile")], Discriminator(_shape)]
"""Markdown, or the file that holds it."""

NOTES = "Notes of the team for the runbook: Markdown, or {file: notes.md}."
