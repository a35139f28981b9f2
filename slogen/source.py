"""Files to plain data that knows its line and column: the only reader of specs."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slogen.findings import Finding, Place, error
from slogen.yamltext.characters import characters
from slogen.yamltext.dialect import SPEC, Dialect
from slogen.yamltext.reading import read_text
from slogen.yamltext.text import Node, Text


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One YAML document: its data, and the place in the file of everything in it.

    `data` holds dict, list, str, int, Decimal, bool and None; aliases share what they point to, so treat it
    as frozen. `index` counts the documents of a file from 0, broken ones included and empty ones not.
    """

    file: str
    index: int
    data: object
    _source: Text = field(repr=False)
    _root: Node = field(repr=False)

    @property
    def written(self) -> tuple[Text, Node]:
        """The text of the file, and where in it everything of this document stands."""
        return self._source, self._root

    def place(self, path: Sequence[str | int], key: bool = False) -> Place:
        """Where the value at `path` stands, or its key.

        What is not there is placed at the key (or the item) of its nearest ancestor that is, and a value
        that was left empty at its own key.
        """
        node, key_at, found = self._walk(path)
        if key_at is not None and (key or not found or node.start == node.end):
            return self._source.place(key_at)
        return self._source.place(node.start)

    def place_in(self, path: Sequence[str | int], offset: int) -> Place:
        """Where character `offset` of the text at `path` stands, through quotes, escapes, folds and indentation."""
        node, _, found = self._walk(path)
        while isinstance(node.kids, Node):
            node = node.kids
        if not found or isinstance(node.kids, dict | list) or node.start == node.end:
            return self.place(path)
        chars = characters(self._source.text, node, self._text(path))
        return self._source.place(chars[max(0, min(offset, len(chars) - 1))])

    def _walk(self, path: Sequence[str | int]) -> tuple[Node, int | None, bool]:
        node, key_at = self._root, None
        for step in path:
            below = node.kid(step)
            if below is None:
                return node, key_at, False
            key_at, node = below
        return node, key_at, True

    def _text(self, path: Sequence[str | int]) -> str | None:
        value: Any = self.data
        for step in path:
            value = value[step]
        return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True, eq=False)
class SourceFile:
    """A file as it was read, named `file` in findings; `content` is None where it could not be read."""

    file: str
    content: bytes | None
    documents: Sequence[Document]
    findings: Sequence[Finding]


def read_files(files: Sequence[Path], root: Path, dialect: Dialect = SPEC) -> tuple[list[Document], list[Finding]]:
    """The documents of files, each named as seen from `root`, and every problem in them."""
    found = [read_file(path, root, dialect) for path in files]
    documents = [document for one in found for document in one.documents]
    return documents, [finding for one in found for finding in one.findings]


def read_file(path: Path, root: Path, dialect: Dialect = SPEC) -> SourceFile:
    """The documents of one file, and every problem in it."""
    file, data = shown_path(path, root), file_bytes(path, root, dialect)
    if isinstance(data, Finding):
        return SourceFile(file, None, (), [data])
    content = data if len(data) <= dialect.max_bytes else None
    return SourceFile(file, content, *parse_bytes(data, file, dialect))


def file_bytes(path: Path, root: Path, dialect: Dialect = SPEC, most: int | None = None) -> bytes | Finding:
    """What is in a file, at most a byte more than the dialect allows or `most`, or why it cannot be read."""
    try:
        return _read(path, dialect.max_bytes + 1 if most is None else most)
    except (OSError, ValueError) as problem:
        return _unreadable(path, shown_path(path, root), problem)


def parse_bytes(data: bytes, file: str, dialect: Dialect = SPEC) -> tuple[list[Document], list[Finding]]:
    """The documents of a file's content, and every problem in it."""
    if len(data) > dialect.max_bytes:
        return [], [_too_large(file, dialect)]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as problem:
        return [], [_not_utf8(file, data, problem.start)]
    return parse_documents(text, file, dialect)


def parse_documents(text: str, file: str, dialect: Dialect = SPEC) -> tuple[list[Document], list[Finding]]:
    """The documents of a text and every problem in it, in the order of the text.

    A document that a problem has robbed of a part is left out; after one that cannot be read, reading goes
    on at the next `---`.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > dialect.max_bytes:
        return [], [_too_large(file, dialect)]
    source = Text(file, text)
    trees, findings = read_text(source, dialect)
    documents = [Document(file, tree.index, tree.data, source, tree.root) for tree in trees]
    once = {(finding.code, finding.place): finding for finding in reversed(findings)}
    return documents, sorted(once.values(), key=lambda finding: (finding.place, finding.code))


def shown_path(path: Path, root: Path) -> str:
    """A file's name in findings."""
    relative = path
    if root != Path() or path.is_absolute() or ".." in path.parts:
        with contextlib.suppress(ValueError):
            relative = Path(os.path.relpath(path, root))
    return os.fsencode(relative.as_posix()).decode("utf-8", "replace")


def _read(path: Path, most: int) -> bytes:
    """At most so many bytes, and nothing from a pipe or a device, which might never end."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise ValueError("it is a folder" if stat.S_ISDIR(mode) else "it is not an ordinary file")
    with path.open("rb") as stream:
        return stream.read(most)


def _unreadable(path: Path, file: str, problem: OSError | ValueError) -> Finding:
    if isinstance(problem, FileNotFoundError) and path.is_symlink():
        message, hint = "this link leads to a file that does not exist", "mend or remove the link"
    elif isinstance(problem, FileNotFoundError):
        message, hint = "there is no such file or folder", "name one that exists"
    else:
        reason = (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
        message, hint = f"the file cannot be read: {reason}", "make it a text file that you may read, or remove it"
    return error("yaml/unreadable", Place(file), message, hint)


def _too_large(file: str, dialect: Dialect) -> Finding:
    message = f"the file is larger than {dialect.max_bytes // 1024} KiB"
    hint = "split it" if dialect.lenient else "write one file per service"
    return error("yaml/too-large", Place(file), message, hint)


def _not_utf8(file: str, data: bytes, start: int) -> Finding:
    place = Text(file, prefix := data[:start].decode("utf-8").removeprefix("\ufeff")).place(len(prefix))
    encoding = "it looks like UTF-16: " if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
    return error("yaml/not-utf8", place, f"byte 0x{data[start]:02x} is not UTF-8", f"{encoding}save the file as UTF-8")
