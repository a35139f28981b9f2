"""YAML text to plain data that knows its line and column: the only reader of specs.

libyaml's events become data in one pass with a stack of its own, because PyYAML's constructors recurse,
hang on alias bombs, let the last of two equal keys win, and read `no`, `0755` and `22:22` as YAML 1.1 did.
Here scalars are those of YAML 1.2, and what a person could not have meant is a finding with a place.
"""

from __future__ import annotations

import os
import re
import stat
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import yaml

from slogen.findings import Finding, Place, error

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
MAX_NODES = 100_000
MAX_SYNTAX_ERRORS = 20
MAX_CONTROL_CHARACTERS = 20

_BREAK = re.compile(r"\r\n|\r|\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_NOT_BREAKS_ANY_MORE = "\x85\u2028\u2029"
_NEXT_DOCUMENT = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_NOT_TEXT_START = frozenset("+-.0123456789nN~tTfF")
_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,99})")
_BASED = re.compile(r"0x[0-9a-fA-F]{1,99}|0o[0-7]{1,99}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,99}|(?:0|[1-9][0-9]{0,99})(?:\.[0-9]{0,99})?)(?:[eE][-+]?[0-9]{1,3})?")
_CORE_TAGS = {"!": "scalar", "str": "scalar", "map": "mapping", "seq": "list"}
_SELECTOR_KEY = re.compile(r"[\w:.]+\s*(?:=~|!~|!=|=)\s*[\"'`]")
_QUOTE_IT = "quote the whole value, or write it below its key as a block that begins with |-"


class _Source:
    """The text of a file, which counts its lines only once somebody asks for a place."""

    __slots__ = ("_starts", "file", "text")

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self._starts: list[int] = []

    def place(self, index: int) -> Place:
        """Line and column of the character at `index`."""
        if not self._starts:
            self._starts = [0, *(match.end() for match in _BREAK.finditer(self.text))]
        line = bisect_right(self._starts, index)
        return Place(self.file, line, index - self._starts[line - 1] + 1)

    def line_at(self, index: int) -> tuple[int, str]:
        """Where the line around `index` begins, and its text."""
        start = max(self.text.rfind("\n", 0, index), self.text.rfind("\r", 0, index)) + 1
        match = _BREAK.search(self.text, index)
        return start, self.text[start : match.start() if match else len(self.text)]


class _Node:
    """Where a value stands in the text, and, in a mapping, where its keys do; `kids` of an alias is its target."""

    __slots__ = ("end", "kids", "start", "style")

    def __init__(
        self, start: int, end: int, style: str, kids: dict[str, tuple[int, _Node]] | list[_Node] | _Node | None = None
    ) -> None:
        self.start = start
        self.end = end
        self.style = style
        self.kids = kids

    def kid(self, step: str | int) -> tuple[int | None, _Node] | None:
        """The key position, if it has a key, and the node one step down."""
        kids = self.kids
        if isinstance(kids, _Node):
            return kids.kid(step)
        if isinstance(kids, dict) and isinstance(step, str):
            return kids.get(step)
        if isinstance(kids, list) and isinstance(step, int) and 0 <= step < len(kids):
            return None, kids[step]
        return None


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One YAML document: its data, and the place in the file of everything in it.

    `data` holds dict, list, str, int, Decimal, bool and None; aliases share what they point to, so treat it
    as frozen. `index` counts the documents of a file from 0, broken ones included and empty ones not.
    """

    file: str
    index: int
    data: object
    _source: _Source = field(repr=False)
    _root: _Node = field(repr=False)

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
        while isinstance(node.kids, _Node):
            node = node.kids
        if not found or isinstance(node.kids, dict | list) or node.start == node.end:
            return self.place(path)
        chars = _characters(self._source.text, node, self._text(path))
        return self._source.place(chars[max(0, min(offset, len(chars) - 1))])

    def _walk(self, path: Sequence[str | int]) -> tuple[_Node, int | None, bool]:
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


def find_spec_files(paths: Sequence[Path]) -> list[Path]:
    """The given files, and every *.yaml and *.yml below the given folders, hidden ones left out, sorted.

    A path that is neither file nor readable folder stays in the list, for `read_files` to say so.
    """
    found: set[Path] = set()
    for path in paths:
        if not path.is_dir():
            found.add(path)
            continue
        for folder, folders, files in os.walk(path, onerror=lambda problem: found.add(Path(problem.filename))):
            folders[:] = [name for name in folders if not name.startswith(".")]
            found.update(
                Path(folder, name) for name in files if name.endswith((".yaml", ".yml")) and not name.startswith(".")
            )
    return sorted(found, key=lambda path: path.as_posix())


def read_files(files: Sequence[Path], root: Path) -> tuple[list[Document], list[Finding]]:
    """The documents of files, each named as seen from `root`, and every problem in them."""
    documents: list[Document] = []
    findings: list[Finding] = []
    for path in files:
        file = _shown_path(path, root)
        try:
            data = _read(path)
        except (OSError, ValueError) as problem:
            reason = (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
            findings.append(error("yaml/unreadable", Place(file), f"the file cannot be read: {reason}"))
            continue
        if len(data) > MAX_BYTES:
            findings.append(_too_large(file))
            continue
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as problem:
            findings.append(_not_utf8(file, data, problem.start))
            continue
        more_documents, more_findings = parse_documents(text, file)
        documents += more_documents
        findings += more_findings
    return documents, findings


def parse_documents(text: str, file: str) -> tuple[list[Document], list[Finding]]:
    """The documents of a text and every problem in it, in the order of the text.

    A document that a problem has robbed of a part is left out; after one that cannot be read, reading goes
    on at the next `---`.
    """
    text = text.removeprefix("\ufeff")
    if len(text) > MAX_BYTES:
        return [], [_too_large(file)]
    reader = _Reader(file, text)
    reader.read()
    once = {(finding.code, finding.place): finding for finding in reversed(reader.findings)}
    return reader.documents, sorted(once.values(), key=lambda finding: (finding.place, finding.code))


def _shown_path(path: Path, root: Path) -> str:
    try:
        relative = Path(os.path.relpath(path, root))
    except ValueError:
        relative = path
    return os.fsencode(relative.as_posix()).decode("utf-8", "replace")


def _read(path: Path) -> bytes:
    """At most one byte more than is allowed, and nothing from a pipe or a device, which might never end."""
    mode = path.stat().st_mode
    if not stat.S_ISREG(mode):
        raise ValueError("it is a folder" if stat.S_ISDIR(mode) else "it is not an ordinary file")
    with path.open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _too_large(file: str) -> Finding:
    message = f"the file is larger than {MAX_BYTES // 1024} KiB"
    return error("yaml/too-large", Place(file), message, "one file per service is plenty")


def _not_utf8(file: str, data: bytes, start: int) -> Finding:
    place = _Source(file, prefix := data[:start].decode("utf-8").removeprefix("\ufeff")).place(len(prefix))
    encoding = "it looks like UTF-16: " if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
    return error("yaml/not-utf8", place, f"byte 0x{data[start]:02x} is not UTF-8", f"{encoding}save the file as UTF-8")


def _scalar(text: str) -> object:
    """A plain scalar by YAML 1.2's core schema, except that `0755` stays text, and so do .inf and .nan.

    Decimals keep what was written; what no objective can mean (a hundred digits, 1e9999) stays text too.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return Decimal(text)
    return int(text, 0) if _BASED.fullmatch(text) else text


class _Frame:
    """A mapping or list that is still being read."""

    __slots__ = ("anchor", "data", "height", "key", "key_at", "keyed", "node", "size")

    def __init__(self, data: Any, node: _Node, keyed: bool, anchor: str | None) -> None:
        self.data = data
        self.node = node
        self.keyed = keyed
        self.anchor = anchor
        self.key: str | None = None
        self.key_at = 0
        self.size = 1
        self.height = 1


class _StopReadingError(Exception):
    """A budget is used up; `whole` says that the rest of the file is not read either."""

    def __init__(self, finding: Finding, index: int, whole: bool) -> None:
        super().__init__(finding.message)
        self.finding = finding
        self.index = index
        self.whole = whole


_SKIPPED = "\0skipped"
"""Stands for a key that was refused; it is told from every other text by identity."""


class _Reader:
    """Builds the documents of one file from libyaml's events."""

    def __init__(self, file: str, text: str) -> None:
        self.source = _Source(file, text)
        self.documents: list[Document] = []
        self.findings: list[Finding] = []
        self.text = _CONTROL.sub("\ufffd", text)
        self.base = 0
        self.index = 0
        self.nodes_left = MAX_NODES
        self.back: dict[int, int] = {}
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[object, _Node, int, int] | None] = {}
        self.whole = True
        self.handlers: dict[type, Callable[[Any], None]] = {
            yaml.ScalarEvent: self._on_scalar,
            yaml.MappingStartEvent: self._on_mapping,
            yaml.SequenceStartEvent: self._on_sequence,
            yaml.MappingEndEvent: self._on_end,
            yaml.SequenceEndEvent: self._on_end,
            yaml.AliasEvent: self._on_alias,
            yaml.DocumentStartEvent: self._on_document,
            yaml.DocumentEndEvent: self._on_document_end,
        }

    def read(self) -> None:
        """Read every document that can be read."""
        self._report_control_characters()
        self._hide_old_breaks()
        start: int | None = 0
        failures = 0
        while start is not None and failures < MAX_SYNTAX_ERRORS:
            start = self._read_from(start)
            failures += 1
        if not self.index and not self.findings:
            self._report("yaml/empty", 0, "the file holds no document", "delete it, or write a spec")

    def _report(self, code: str, index: int, message: str, hint: str = "") -> None:
        self.findings.append(error(code, self.source.place(index), message, hint))

    def _report_control_characters(self) -> None:
        matches = list(_CONTROL.finditer(self.source.text))
        for match in matches[:MAX_CONTROL_CHARACTERS]:
            message = f"the character U+{ord(match.group()):04X} cannot stand in YAML"
            self._report("yaml/control-character", match.start(), message, 'delete it, or write it as an escape in ""')
        if len(matches) > MAX_CONTROL_CHARACTERS:
            more = f"and {len(matches) - MAX_CONTROL_CHARACTERS} more such characters"
            self._report("yaml/control-character", matches[MAX_CONTROL_CHARACTERS].start(), more)

    def _hide_old_breaks(self) -> None:
        """U+0085, U+2028 and U+2029 broke lines in YAML 1.1 and do so in libyaml; private characters stand in."""
        present = [char for char in _NOT_BREAKS_ANY_MORE if char in self.text]
        if present:
            free = (code for code in range(0xF0000, 0xFFFFE) if chr(code) not in self.text)
            there = {ord(char): next(free) for char in present}
            self.back = {new: old for old, new in there.items()}
            self.text = self.text.translate(there)

    def _read_from(self, start: int) -> int | None:
        """Read documents from `start` on; where to go on after one that cannot be read, if there is such a place."""
        self.base = start
        parser = yaml.CSafeLoader(self.text[start:])
        try:
            while (event := parser.get_event()) is not None:
                handler = self.handlers.get(type(event))
                if handler:
                    handler(event)
        except _StopReadingError as stop:
            self.findings.append(stop.finding)
            failed, whole = stop.index, stop.whole
        except yaml.MarkedYAMLError as problem:
            failed, whole = self._explain(problem), False
        except yaml.YAMLError as problem:
            failed, whole = start, True
            self._report("yaml/syntax", start, f"this is not YAML: {problem}")
        else:
            return None
        finally:
            parser.dispose()
        self.index += 1
        following = None if whole else _NEXT_DOCUMENT.search(self.text, max(failed, start + 1))
        return following.start() if following else None

    def _on_document(self, _: Any) -> None:
        self.stack = [_Frame([], _Node(0, 0, "[", []), False, None)]
        self.anchors = {}
        self.whole = True

    def _on_document_end(self, _: Any) -> None:
        frame = self.stack.pop()
        kids: Any = frame.node.kids
        root: _Node = kids[0]
        if root.start == root.end and not root.style:
            return
        if self.whole:
            self.documents.append(Document(self.source.file, self.index, frame.data[0], self.source, root))
        self.index += 1

    def _on_scalar(self, event: Any) -> None:
        text: str = event.value
        style: str = event.style
        node = _Node(self.base + event.start_mark.index, self.base + event.end_mark.index, style)
        if self.back:
            text = text.translate(self.back)
        value: object = text
        if event.tag is not None:
            self._check_tag(event, node, "scalar")
        elif not style and (not text or text[0] in _NOT_TEXT_START):
            value = _scalar(text)
        elif text == "<<" and not style and self._expects_key():
            value = self._refuse_merge(node)
        self._spend(1, node.start)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, node, 1, 0)
        self._attach(value, node, 1, 0)

    def _on_mapping(self, event: Any) -> None:
        self._open(event, "mapping", {}, _Node(self.base + event.start_mark.index, 0, "{", {}))

    def _on_sequence(self, event: Any) -> None:
        self._open(event, "list", [], _Node(self.base + event.start_mark.index, 0, "[", []))

    def _open(self, event: Any, what: str, data: dict[str, object] | list[object], node: _Node) -> None:
        self._spend(1, node.start)
        if len(self.stack) > MAX_DEPTH:
            self._too_deep(node.start)
        if event.tag is not None:
            self._check_tag(event, node, what)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if self._expects_key():
            self._refuse_collection_key(node, what)
        self.stack.append(_Frame(data, node, what == "mapping", event.anchor))

    def _on_end(self, event: Any) -> None:
        frame = self.stack.pop()
        frame.node.end = self.base + event.end_mark.index
        if frame.anchor is not None:
            self.anchors[frame.anchor] = (frame.data, frame.node, frame.size, frame.height)
        self._attach(frame.data, frame.node, frame.size, frame.height)

    def _on_alias(self, event: Any) -> None:
        start = self.base + event.start_mark.index
        known = self.anchors.get(event.anchor)
        if known is None:
            self.whole = False
            what = "stands inside what it points to" if event.anchor in self.anchors else "points to no anchor"
            hint = "" if event.anchor in self.anchors else f"quote it if the text begins with a star: '*{event.anchor}'"
            self._report("yaml/alias", start, f"the alias *{_short(event.anchor)} {what}", hint)
            known = None, _Node(start, start, ""), 1, 0
        value, target, size, height = known
        if len(self.stack) - 1 + height > MAX_DEPTH:
            self._too_deep(start)
        self._spend(size, start)
        self._attach(value, _Node(start, self.base + event.end_mark.index, "*", target), size, height)

    def _expects_key(self) -> bool:
        frame = self.stack[-1]
        return frame.keyed and frame.key is None

    def _attach(self, value: object, node: _Node, size: int, height: int) -> None:
        frame = self.stack[-1]
        frame.size += size
        if height >= frame.height:
            frame.height = height + 1
        kids: Any = frame.node.kids
        if not frame.keyed:
            frame.data.append(value)
            kids.append(node)
        elif frame.key is None:
            frame.key = self._key(frame, kids, value, node)
            frame.key_at = node.start
        else:
            if frame.key is not _SKIPPED:
                frame.data[frame.key] = value
                kids[frame.key] = (frame.key_at, node)
            frame.key = None

    def _key(self, frame: _Frame, kids: dict[str, tuple[int, _Node]], value: object, node: _Node) -> str:
        if value is _SKIPPED or isinstance(value, dict | list):
            return _SKIPPED
        if not isinstance(value, str):
            self.whole = False
            written = _short(self.text[node.start : node.end])
            hint = f'write "{written}"' if written else "write the key before the ':'"
            what = f"the key {written} is not text but {_name(value)}" if written else "there is no key before this ':'"
            self._report("yaml/key-type", node.start, what, hint)
            return _SKIPPED
        if value in kids:
            first = self.source.place(kids[value][0])
            message = f"the key '{_short(value)}' is given twice, first on line {first.line}, column {first.column}"
            self._report("yaml/duplicate-key", node.start, message, "keep one of the two")
            return _SKIPPED
        if not node.style and self.text[frame.node.start] == "{" and _SELECTOR_KEY.match(value):
            self.whole = False
            message = "a value that begins with '{' is read as a mapping, not as a selector"
            self._report("yaml/syntax", frame.node.start, message, _QUOTE_IT)
        return value

    def _refuse_collection_key(self, node: _Node, what: str) -> None:
        self.whole = False
        before = self.stack[-1].node.start
        if node.start == before + 1 and self.text.startswith("{{", before):
            written = _short(self.text[before:].partition("}}")[0].partition("\n")[0]) + "}}"
            self._report("yaml/syntax", before, f"an unquoted {written} is read as a mapping", f"quote it: '{written}'")
        else:
            self._report("yaml/key-type", node.start, f"a key is text, and this one is a {what}")

    def _refuse_merge(self, node: _Node) -> str:
        self.whole = False
        hint = "write the fields out, or set what is common under defaults"
        self._report("yaml/merge-key", node.start, "the merge key << is not supported", hint)
        return _SKIPPED

    def _check_tag(self, event: Any, node: _Node, what: str) -> None:
        tag: str = event.tag
        if _CORE_TAGS.get(tag.removeprefix("tag:yaml.org,2002:")) != what:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            hint = "remove it; text that begins with an exclamation mark goes in quotes"
            self._report("yaml/tag", node.start, f"the tag {_short(shown)} is not supported", hint)

    def _spend(self, nodes: int, index: int) -> None:
        self.nodes_left -= nodes
        if self.nodes_left < 0:
            message = f"more than {MAX_NODES} values in one file, what aliases repeat included"
            raise _StopReadingError(error("yaml/too-many-nodes", self.source.place(index), message), index, True)

    def _too_deep(self, index: int) -> NoReturn:
        message = f"more than {MAX_DEPTH} mappings and lists inside each other"
        raise _StopReadingError(error("yaml/too-deep", self.source.place(index), message), index, False)

    def _explain(self, problem: yaml.MarkedYAMLError) -> int:
        """Report a syntax error in plain words; where it is."""
        mark, context = problem.problem_mark, problem.context_mark
        index = min(self.base + (mark.index if mark else 0), len(self.text))
        opener = min(self.base + context.index, index) if context else index
        said = problem.problem or ""
        self.findings.append(
            _tab(self.source, index, said)
            or _looks_like_an_expression(self.source, index)
            or _in_plain_words(self.source, index, opener, said)
        )
        return index


def _tab(source: _Source, index: int, said: str) -> Finding | None:
    text = source.text
    start, line = source.line_at(index)
    if "tab character" not in said and text[index : index + 1] != "\t":
        return None
    at = text.find("\t", index if text[index : index + 1] == "\t" else start, start + len(line))
    more = len(re.findall(r"^ *+\t[ \t]*+[^\s#]", text[start + len(line) :], re.MULTILINE))
    also = f", and so are {more} more lines" if more > 1 else ", and so is 1 more line" if more else ""
    message = f"this line is indented by a tab{also}"
    return error("yaml/tab", source.place(max(at, start)), message, "YAML is indented by spaces only")


_VALUE = re.compile(r"\s*+(?:- +)*+(?:(?:[\w.\-/]++|\"[^\"]*+\"|'[^']*+') *+:[ \t]++)?(?P<value>\S.*)")
_EXPRESSION = re.compile(r"[\w:(]*+\{\s*+[\w:.]*+\s*+(?:=~|!~|!=|=)\s*+[\"'`]")


def _looks_like_an_expression(source: _Source, index: int) -> Finding | None:
    """A template or selector without quotes around it, which is what most such lines turn out to be."""
    start, line = source.line_at(index)
    match = _VALUE.fullmatch(line)
    if not match or match["value"][0] in "\"'|>#":
        return None
    place = source.place(start + match.start("value"))
    if match["value"].startswith("{{"):
        return error(
            "yaml/syntax", place, "a value that begins with '{{' is read as a mapping, not as text", "quote it"
        )
    if _EXPRESSION.search(match["value"]):
        return error("yaml/syntax", place, "an expression with braces and quotes needs quotes around it", _QUOTE_IT)
    return None


_AT, _OPENER = 0, 1
_SYNTAX = (
    (
        "mapping values are not allowed",
        _AT,
        "this ':' would begin a value where no key can be",
        "check the indentation; quote a value that has ': ' in it",
    ),
    (
        "could not find expected ':'",
        _OPENER,
        "this line is not `key: value`",
        "put ': ' after the key; indent or quote a text that goes on over several lines",
    ),
    ("found unexpected end of stream", _OPENER, "the quote that opens here is never closed", ""),
    ("found unexpected document indicator", _OPENER, "the quote that opens here is never closed", ""),
    (
        "found unknown escape character",
        _AT,
        "this escape does not exist in a double-quoted text",
        "use single quotes, in which a backslash is a backslash, or double the backslash",
    ),
    ("did not find expected hexdecimal number", _AT, "this escape needs hexadecimal digits", ""),
    ("invalid Unicode character escape code", _AT, "this escape stands for no character", ""),
    (
        "did not find expected '-' indicator",
        _AT,
        "this does not belong to the list that begins on line {line}",
        "check the indentation",
    ),
    (
        "did not find expected key",
        _AT,
        "this does not belong to the mapping that begins on line {line}",
        "check the indentation and the quotes",
    ),
    ("did not find expected ',' or ']'", _AT, "',' or ']' is missing in the list that opens on line {line}", ""),
    ("did not find expected ',' or '}'", _AT, "',' or '}}' is missing in the mapping that opens on line {line}", ""),
    ("did not find expected node content", _AT, "a value is missing here", ""),
    (
        "did not find expected <document start>",
        _AT,
        "this does not belong to the document, which has ended",
        "begin another document with ---",
    ),
    ("block sequence entries are not allowed", _AT, "a list item cannot begin here", "put it on a line of its own"),
    ("mapping keys are not allowed", _AT, "a key cannot begin here", "check the indentation"),
    (
        "did not find expected comment or line break",
        _AT,
        "nothing but a comment can follow | or >",
        "begin the text on the next line, indented",
    ),
    ("did not find expected alphabetic or numeric character", _OPENER, "this names no anchor", "quote the value"),
    ("leading space", _AT, "the first lines of this block are indented more than the text", ""),
    ("found incompatible YAML document", _AT, "this version of YAML is not supported", "leave %YAML out"),
    ("found undefined tag handle", _AT, "this tag is not supported", "quote text that begins with !"),
)


def _in_plain_words(source: _Source, index: int, opener: int, said: str) -> Finding:
    at, message, hint = _by_character(source, index, opener, said) or _by_message(source, index, opener, said)
    return error("yaml/syntax", source.place(at), message, hint)


def _by_character(source: _Source, index: int, opener: int, said: str) -> tuple[int, str, str] | None:
    """Where the character in the way says more than libyaml does."""
    text = source.text
    char = text[index : index + 1]
    before = text[source.line_at(index)[0] : index].rstrip()
    told: tuple[int, str, str] | None = None
    if "cannot start any token" in said:
        told = index, f"a value cannot begin with '{char}'", "quote the value"
    elif "did not find expected ','" in said and not text[index:].strip():
        told = opener, f"'{text[opener]}' is never closed", ""
    elif "did not find expected" in said and char and char in "]}" and "','" not in said:
        told = index, f"'{char}' closes nothing", "quote the value if it is text"
    elif "did not find expected key" in said and char == ":":
        told = index, "there is no key before this ':'", "write one, or quote the text that the ':' belongs to"
    elif "did not find expected key" in said and before.endswith(('"', "'")) and char.strip():
        told = index, "the value has ended at the quote before this", _QUOTE_IT
    return told


def _by_message(source: _Source, index: int, opener: int, said: str) -> tuple[int, str, str]:
    for words, where, message, hint in _SYNTAX:
        if words in said:
            return opener if where is _OPENER else index, message.format(line=source.place(opener).line), hint
    return index, f"this is not YAML: {said}", ""


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}..."


def _name(value: object) -> str:
    if value is None:
        return "null"
    return "true or false" if isinstance(value, bool) else "a number"


_PROPERTIES = re.compile(r"(?:[&!][^\s]*+(?:\s++|#[^\r\n]*+)*+)++")
_FOLD = re.compile(r"[ \t]*+(?:\r\n|\r|\n)(?:[ \t]*+(?:\r\n|\r|\n))*+[ \t]*+")
_ESCAPED_FOLD = re.compile(r"\\(?:\r\n|\r|\n)(?:[ \t]*+(?:\r\n|\r|\n))*+[ \t]*+")
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)")
_FIRST_TEXT = re.compile(r"(?: *+(?:\r\n|\r|\n))*+( *+)[^ \r\n]")
_HEADER = re.compile(r"[|>](?P<options>[-+0-9]*+)[ \t]*+(?:#[^\r\n]*+)?(?:\r\n|\r|\n|\Z)")


def _characters(text: str, node: _Node, value: str | None) -> list[int]:
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
            match = _FOLD.match(text, index, end)
            if match:
                yield from _fold(text, match, " ")
                index = match.end()
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
    breaks = [found.start() for found in _BREAK.finditer(text, match.start(), match.end())]
    if len(breaks) > 1:
        yield from breaks[1:]
    elif single:
        yield match.start()


def _block_characters(text: str, start: int, node: _Node, value: str) -> Iterator[int]:
    """Literal and folded text. The steps are those of libyaml, so that what it folds is folded here."""
    header = _HEADER.match(text, start, node.end)
    index = header.end() if header else start
    indent = _indentation(text, index, node.end, value)
    folded = node.style == ">"
    pending: int | None = None
    empty: list[int] = []
    was_blank = False
    while index < node.end:
        match = _BREAK.search(text, index, node.end)
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
        return max((len(line) for line in _BREAK.split(text[start:end])), default=0)
    return len(match[1]) - len(kept[1])
