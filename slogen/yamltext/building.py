"""libyaml's events to plain data, in one pass with a stack of its own.

PyYAML's constructors recurse, hang on alias bombs, let the last of two equal keys win, and read `no`, `0755` and
`22:22` as YAML 1.1 did. Here scalars are those of YAML 1.2.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import yaml

from slogen.findings import Finding
from slogen.yamltext import refusals
from slogen.yamltext.dialect import Dialect
from slogen.yamltext.scalars import NOT_TEXT_START, scalar
from slogen.yamltext.text import Node, Text

_SKIPPED = "\0skipped"
"""Stands for a key that was refused; it is told from every other text by identity."""

_MERGED = "\0merged"
"""Stands for `<<` where it is taken, by identity too."""


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """A document's data and where it stands; `index` counts the documents of a text, broken ones included."""

    index: int
    data: object
    root: Node


class _Frame:
    """A mapping or list that is still being read."""

    __slots__ = ("anchor", "data", "height", "key", "key_at", "keyed", "merged", "node", "size")

    def __init__(self, data: Any, node: Node, keyed: bool, anchor: str | None) -> None:
        self.data = data
        self.node = node
        self.keyed = keyed
        self.anchor = anchor
        self.key: str | None = None
        self.key_at = 0
        self.size = 1
        self.height = 1
        self.merged: tuple[Any, Node] | None = None


class Builder:
    """Builds the documents of one text; events go to the handler of their type."""

    def __init__(self, source: Text, back: dict[int, int], dialect: Dialect) -> None:
        self.source = source
        self.dialect = dialect
        self.back = back
        self.base = 0
        """Where in the text the parser began that the events come from."""
        self.index = 0
        self.trees: list[Tree] = []
        self.findings: list[Finding] = []
        self.nodes_left = dialect.max_nodes
        self.stack: list[_Frame] = []
        self.anchors: dict[str, tuple[object, Node, int, int] | None] = {}
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

    def _on_document(self, _: Any) -> None:
        self.stack = [_Frame([], Node(0, 0, "[", []), False, None)]
        self.anchors = {}
        self.whole = True

    def _on_document_end(self, _: Any) -> None:
        frame = self.stack.pop()
        kids: Any = frame.node.kids
        root: Node = kids[0]
        if root.start == root.end and not root.style:
            return
        if self.whole:
            self.trees.append(Tree(self.index, frame.data[0], root))
        self.index += 1

    def _on_scalar(self, event: Any) -> None:
        text: str = event.value
        style: str = event.style
        node = Node(self.base + event.start_mark.index, self.base + event.end_mark.index, style)
        if self.back:
            text = text.translate(self.back)
        value: object = text
        if event.tag is not None and not self.dialect.lenient:
            self._report(refusals.tag(self.source, node, event.tag, "scalar"))
        elif not style and (not text or text[0] in NOT_TEXT_START):
            value = scalar(text)
        elif text == "<<" and not style and self._expects_key():
            value = self._merge_key(node)
        self._spend(1, node.start)
        if event.anchor is not None:
            self.anchors[event.anchor] = (value, node, 1, 0)
        self._attach(value, node, 1, 0)

    def _on_mapping(self, event: Any) -> None:
        self._open(event, "mapping", {}, Node(self.base + event.start_mark.index, 0, "{", {}))

    def _on_sequence(self, event: Any) -> None:
        self._open(event, "list", [], Node(self.base + event.start_mark.index, 0, "[", []))

    def _open(self, event: Any, what: str, data: dict[str, object] | list[object], node: Node) -> None:
        self._spend(1, node.start)
        if len(self.stack) > self.dialect.max_depth:
            raise refusals.too_deep(self.source, node.start, self.dialect)
        if event.tag is not None and not self.dialect.lenient:
            self._report(refusals.tag(self.source, node, event.tag, what))
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if self._expects_key():
            self._refuse(refusals.collection_key(self.source, self.stack[-1].node, node, what))
        self.stack.append(_Frame(data, node, what == "mapping", event.anchor))

    def _on_end(self, event: Any) -> None:
        frame = self.stack.pop()
        frame.node.end = self.base + event.end_mark.index
        if frame.merged is not None:
            _merge(frame)
        if frame.anchor is not None:
            self.anchors[frame.anchor] = (frame.data, frame.node, frame.size, frame.height)
        self._attach(frame.data, frame.node, frame.size, frame.height)

    def _on_alias(self, event: Any) -> None:
        start = self.base + event.start_mark.index
        known = self.anchors.get(event.anchor)
        if known is None:
            self._refuse(refusals.alias(self.source, start, event.anchor, event.anchor in self.anchors))
            known = _SKIPPED if self._expects_key() else None, Node(start, start, ""), 1, 0
        value, target, size, height = known
        if len(self.stack) - 1 + height > self.dialect.max_depth:
            raise refusals.too_deep(self.source, start, self.dialect)
        self._spend(size, start)
        self._attach(value, Node(start, self.base + event.end_mark.index, "*", target), size, height)

    def _expects_key(self) -> bool:
        frame = self.stack[-1]
        return frame.keyed and frame.key is None

    def _attach(self, value: object, node: Node, size: int, height: int) -> None:
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
            if frame.key is _MERGED:
                frame.merged = value, node
            elif frame.key is not _SKIPPED:
                frame.data[frame.key] = value
                kids[frame.key] = (frame.key_at, node)
            frame.key = None

    def _key(self, frame: _Frame, kids: dict[str, tuple[int, Node]], value: object, node: Node) -> str:
        if value is _SKIPPED or isinstance(value, dict | list):
            return _SKIPPED
        if value is _MERGED:
            return _MERGED
        if not isinstance(value, str) and value is not None and self.dialect.lenient:
            value = str(value) if isinstance(node.kids, Node) else self.source.text[node.start : node.end]
        if not isinstance(value, str):
            self._refuse(refusals.key_type(self.source, node, value))
            return _SKIPPED
        if value in kids:
            self._report(refusals.duplicate_key(self.source, node, value, kids[value][0]))
            return _SKIPPED
        if selector := refusals.unquoted_selector(self.source, frame.node, node, value):
            self._refuse(selector)
        return value

    def _spend(self, nodes: int, index: int) -> None:
        self.nodes_left -= nodes
        if self.nodes_left < 0:
            raise refusals.too_many_values(self.source, index, self.dialect)

    def _merge_key(self, node: Node) -> str:
        if self.dialect.lenient:
            return _MERGED
        self._refuse(refusals.merge_key(self.source, node))
        return _SKIPPED

    def _report(self, finding: Finding | None) -> None:
        if finding is not None:
            self.findings.append(finding)

    def _refuse(self, finding: Finding) -> None:
        """Report a problem that robs the document of a part."""
        self.findings.append(finding)
        self.whole = False


def _merge(frame: _Frame) -> None:
    """What `<<` names: the mapping's own keys come before it, the first of several mappings before the others.

    Places stay those of where a value was written. What is shared has been paid for where the alias stood.
    """
    value: Any
    value, node = frame.merged or (None, frame.node)
    while isinstance(node.kids, Node):
        node = node.kids
    parts = zip(value, node.kids, strict=True) if isinstance(value, list) and isinstance(node.kids, list) else ()
    kids: Any = frame.node.kids
    for data, part in parts or [(value, node)]:
        while isinstance(part.kids, Node):
            part = part.kids  # noqa: PLW2901
        for key, kid in part.kids.items() if isinstance(data, dict) and isinstance(part.kids, dict) else ():
            if key not in kids:
                kids[key] = kid
                frame.data[key] = data[key]
