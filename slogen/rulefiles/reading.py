"""Files of rules, and PrometheusRule objects of Kubernetes, to a RuleFile.

Nothing is judged here but whether a file is YAML: what Prometheus would refuse is left out, and told by others, who get
the documents.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from slogen.rulefiles.model import FileRule, Kind, Read, RuleFile, RuleGroup, Text, Texts
from slogen.rulefiles.plain import UnusualError, read_plain
from slogen.source import Document, parse_bytes
from slogen.yamltext.comments import comments
from slogen.yamltext.dialect import FOREIGN
from slogen.yamltext.text import Node
from slogen.yamltext.text import Text as Source

KINDS: tuple[Kind, ...] = ("record", "alert")
CUSTOM_RESOURCE = "PrometheusRule"


def read_rules(data: bytes, file: str) -> Read:
    """The rules of a file's content, the fast way where it is in the plain style."""
    try:
        source = Source(file, data.decode("utf-8"))
        return Read(RuleFile(file, read_plain(source), source, comments(source)))
    except (UnicodeDecodeError, UnusualError):
        return read_fully(data, file)


def read_fully(data: bytes, file: str) -> Read:
    """The rules of a file's content, whatever its style."""
    documents, findings = parse_bytes(data, file, FOREIGN)
    groups = tuple(group for document in documents for group in _groups(document))
    source = (
        documents[0].written[0] if documents else Source(file, data.decode("utf-8", "replace").removeprefix("\ufeff"))
    )
    return Read(RuleFile(file, groups, source, comments(source)), tuple(documents), tuple(findings))


def holders(data: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """The mappings of a document that hold `groups`, by path, each with the name of its object if it has one."""
    if not isinstance(data, dict):
        return
    items = data.get("items")
    if data.get("kind") == CUSTOM_RESOURCE:
        metadata = data.get("metadata")
        names = [metadata.get(key) for key in ("namespace", "name")] if isinstance(metadata, dict) else []
        yield (*path, "spec"), "/".join(str(name) for name in names if name) or CUSTOM_RESOURCE
    elif isinstance(items, list) and str(data.get("kind")).endswith("List"):
        for number, item in enumerate(items):
            yield from holders(item, (*path, "items", number))
    elif "groups" in data and not path and "kind" not in data:
        yield path, ""


def _groups(document: Document) -> Iterator[RuleGroup]:
    source, root = document.written
    for path, resource in holders(document.data):
        holder = _Value(document.data, root, 0)
        for step in path:
            holder = holder.kid(step)
        for group in holder.kid("groups").items():
            if isinstance(group.data, dict):
                yield replace(_group(source, group), resource=resource)


@dataclass(frozen=True, slots=True)
class _Value:
    """A value with its node, and where its key stands."""

    data: Any
    node: Node
    key: int

    def kid(self, step: str | int) -> _Value:
        """The value below, which is None where there is none."""
        found = self.node.kid(step)
        if found is None:
            return _Value(None, Node(self.node.start, self.node.start, ""), self.node.start)
        key, node = found
        return _Value(self.data[step], _target(node), node.start if key is None else key)

    def items(self) -> Iterator[_Value]:
        if isinstance(self.data, list):
            yield from (self.kid(number) for number in range(len(self.data)))

    def entries(self) -> Iterator[tuple[str, _Value]]:
        if isinstance(self.data, dict):
            yield from ((key, self.kid(key)) for key in self.data)


def _target(node: Node) -> Node:
    while isinstance(node.kids, Node):
        node = node.kids
    return node


def _group(source: Source, group: _Value) -> RuleGroup:
    start = group.node.start
    name = _text(source, group.kid("name")) or Text("", source, start, start, "", start)
    rules = (_rule(source, rule, name.value) for rule in group.kid("rules").items() if isinstance(rule.data, dict))
    return RuleGroup(
        name,
        _text(source, group.kid("interval")),
        _text(source, group.kid("limit")),
        _text(source, group.kid("query_offset")),
        _texts(source, group.kid("labels")),
        tuple(rule for rule in rules if rule is not None),
        start,
    )


def _rule(source: Source, rule: _Value, group: str) -> FileRule | None:
    start = rule.node.start
    names = [(kind, name) for kind in KINDS if (name := _text(source, rule.kid(kind))) is not None]
    if not names:
        return None
    kind, name = next((one for one in names if one[1].value), names[0])
    return FileRule(
        kind,
        name,
        _text(source, rule.kid("expr")) or Text("", source, start, start, "", start),
        _text(source, rule.kid("for")),
        _text(source, rule.kid("keep_firing_for")),
        _texts(source, rule.kid("labels")),
        _texts(source, rule.kid("annotations")),
        group,
        start,
    )


def _texts(source: Source, value: _Value) -> Texts:
    found = ((key, _text(source, one)) for key, one in value.entries())
    return {key: one for key, one in found if one is not None}


def _text(source: Source, value: _Value) -> Text | None:
    """A scalar; nothing for what is none, and for what is not there."""
    data, node = value.data, value.node
    if isinstance(data, dict | list) or (data is None and node.start == node.end and node.start == value.key):
        return None
    text = data if isinstance(data, str) else "" if data is None else _as_written(source.text[node.start : node.end])
    return Text(text, source, node.start, node.end, node.style, value.key)


def _as_written(text: str) -> str:
    """A number or the like, without an anchor or a tag before it."""
    return text.rsplit(maxsplit=1)[-1] if text[:1] in ("&", "!") else text
