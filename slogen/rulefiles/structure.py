"""What shape a file of rules has: which keys stand where, and of what type their values are.

Prometheus takes a number, a truth value or a date where it wants a text, and leaves out an empty list item.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from slogen.findings import Finding, Place, closest, error, listed, warning
from slogen.rulefiles.gates import ALIAS_SINCE, GROUP_LABELS, QUERY_OFFSET, Version, needs
from slogen.rulefiles.reading import holders
from slogen.source import Document
from slogen.yamltext.scalars import name
from slogen.yamltext.text import Node

Path = tuple[str | int, ...]

GROUP_KEYS = ("name", "interval", "query_offset", "limit", "rules", "labels")
RULE_KEYS = ("record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations")
_RESOURCE_KEYS = (*GROUP_KEYS, "partial_response_strategy")
_TEXTS = frozenset({"name", "interval", "query_offset", "record", "alert", "expr", "for", "keep_firing_for"})
_GATED = {"labels": GROUP_LABELS, "query_offset": QUERY_OFFSET}
_NULLS = ("null", "Null", "NULL")
_NULL_TEXTS = {"record": _NULLS, "expr": _NULLS, "alert": (*_NULLS, "~")}
"""Nulls that Prometheus took for a text once, and for a good one."""
_ALIAS = re.compile(r"[\s,:\[{]\*[^\s*]")
_EXAMPLES = {
    "labels": "write labels: {severity: page}",
    "annotations": 'write annotations: {summary: "..."}',
    "rules": "write a list: each rule begins with '- '",
    "groups": "write a list: each group begins with '- name:'",
}


def shape_problems(document: Document, version: Version) -> Iterator[Finding]:
    """Everything in a document that stands where Prometheus does not look for it, or is of another type."""
    data = document.data
    if data is None:
        return
    if not isinstance(data, dict):
        yield _type(document, (), data, "a file of rules", "a mapping", "begin with groups:")
        return
    found = list(holders(data))
    if "kind" not in data:
        yield from _unknown(document, (), data, ("groups",), "a file of rules")
    for path, resource in found:
        yield from _Shape(document, version, bool(resource)).groups(path)


class _Shape:
    def __init__(self, document: Document, version: Version, in_resource: bool) -> None:
        self.document = document
        self.version = version
        self.has_aliases = "*" in document.written[0].text and _ALIAS.search(document.written[0].text) is not None
        self.group_keys = _RESOURCE_KEYS if in_resource else GROUP_KEYS

    def groups(self, holder: Path) -> Iterator[Finding]:
        for path, group in self._list((*holder, "groups"), "group"):
            if isinstance(group, dict):
                yield from self._group(path, group)
            else:
                yield self._item(path, group, "group", "begin it with name:")
        yield from self._list_problems((*holder, "groups"))

    def _group(self, path: Path, group: dict[str, Any]) -> Iterator[Finding]:
        yield from _unknown(self.document, path, group, self.group_keys, "a group")
        if group.get("name") in (None, ""):
            yield no_group_name(self.document.place((*path, "name")))
        yield from self._texts(path, group)
        for key in ("limit",):
            if isinstance(group.get(key), dict | list):
                yield self._wrong((*path, key), group[key], key, "a number", "write for example limit: 100")
        for key, gate in _GATED.items():
            there = key in group and not _is_in_model(key, group[key])
            if there and not gate.passes(self.version):
                yield needs(gate, self.document.place((*path, key), key=True))
        yield from self._mapping((*path, "labels"), group.get("labels"))
        yield from self._list_problems((*path, "rules"))
        for below, rule in self._list((*path, "rules"), "rule"):
            if isinstance(rule, dict):
                yield from self._rule(below, rule)
            else:
                yield self._item(below, rule, "rule", "begin it with alert: or record:")

    def _rule(self, path: Path, rule: dict[str, Any]) -> Iterator[Finding]:
        yield from _unknown(self.document, path, rule, RULE_KEYS, "a rule")
        yield from self._texts(path, rule)
        yield from self._kind(path, rule)
        if self._is_empty(path, rule, "expr"):
            yield no_expr(self.document.place((*path, "expr")))
        for key in ("labels", "annotations"):
            yield from self._mapping((*path, key), rule.get(key))
        if self.version < ALIAS_SINCE:
            yield from self._old_nodes(path, rule)

    def _kind(self, path: Path, rule: dict[str, Any]) -> Iterator[Finding]:
        given = [key for key in ("record", "alert") if not self._is_empty(path, rule, key)]
        if len(given) == 2:
            second = max(self.document.place((*path, key), key=True) for key in given)
            message = "a rule either records or alerts, and this one has both record and alert"
            yield error("rulefile/kind", second, message, "make it two rules, or remove one of the two keys")
        elif not given:
            yield no_kind(self.document.place(path))

    def _is_empty(self, path: Path, rule: dict[str, Any], key: str) -> bool:
        value = rule.get(key)
        if value is not None or key not in rule or self.version >= ALIAS_SINCE:
            return value is None or value == ""
        return self._written((*path, key)) not in _NULL_TEXTS[key]

    def _old_nodes(self, path: Path, rule: dict[str, Any]) -> Iterator[Finding]:
        """What Prometheus reads otherwise than YAML means it, without a word."""
        shown = ".".join(map(str, ALIAS_SINCE))
        for key in ("record", "alert", "expr"):
            if key not in rule or not (self.has_aliases or rule[key] is None):
                continue
            written, place = self._written((*path, key)), self.document.place((*path, key))
            if rule.get(key) is None and written in _NULL_TEXTS[key]:
                message = f"Prometheus before {shown} reads this as the text '{written}', not as nothing"
                yield warning("rulefile/null-text", place, message, f"remove {key}, or quote the text")
            elif written.startswith("*"):
                message = f"Prometheus before {shown} reads the alias as the text '{written[1:]}', not as what it means"
                yield warning("rulefile/alias-text", place, message, "write the text out")

    def _written(self, path: Path) -> str:
        """A scalar or an alias as it is written."""
        source, node = self.document.written
        for step in path:
            kid = _target(node).kid(step)
            if kid is None:
                return ""
            node = kid[1]
        return source.text[node.start : node.end]

    def _texts(self, path: Path, mapping: dict[str, Any]) -> Iterator[Finding]:
        for key, value in mapping.items():
            if key in _TEXTS and isinstance(value, dict | list):
                yield self._wrong((*path, key), value, key, "a text", _quote_hint(key, value))

    def _mapping(self, path: Path, value: Any) -> Iterator[Finding]:
        key = str(path[-1])
        if value is None:
            return
        if not isinstance(value, dict):
            yield self._wrong(path, value, key, "a mapping of names to texts", _EXAMPLES[key])
            return
        for below, one in value.items():
            if isinstance(one, dict | list):
                yield self._wrong((*path, below), one, f"{key}.{below}", "a text", _quote_hint(below, one))

    def _at(self, path: Path) -> Any:
        """What is written there, None where nothing is."""
        value: Any = self.document.data
        for step in path:
            if isinstance(value, dict):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def _list(self, path: Path, what: str) -> Iterator[tuple[Path, Any]]:
        value = self._at(path)
        if value is None:
            return
        if isinstance(value, list):
            yield from (((*path, number), one) for number, one in enumerate(value))

    def _list_problems(self, path: Path) -> Iterator[Finding]:
        value = self._at(path)
        if value is None:
            return
        if not isinstance(value, list):
            yield self._wrong(path, value, str(path[-1]), "a list", _EXAMPLES[str(path[-1])])

    def _item(self, path: Path, value: Any, what: str, hint: str) -> Finding:
        if value is None:
            message = f"an empty {what}, which Prometheus leaves out"
            return warning("rulefile/empty-item", self.document.place(path), message, "remove the '-'")
        return self._wrong(path, value, f"this {what}", "a mapping", hint)

    def _wrong(self, path: Path, value: Any, what: str, wanted: str, hint: str) -> Finding:
        return _type(self.document, path, value, what, wanted, hint)


def _is_in_model(key: str, value: Any) -> bool:
    """Whether the model says it too, which holds no empty values and none of another type."""
    if key == "labels":
        return isinstance(value, dict) and bool(value)
    return value is not None and not isinstance(value, dict | list)


def _type(document: Document, path: Path, value: Any, what: str, wanted: str, hint: str) -> Finding:
    found = "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else None
    found = found or ("a text" if isinstance(value, str) else name(value))
    return error("rulefile/type", document.place(path), f"{what} must be {wanted}, and is {found}", hint)


def _quote_hint(key: str | int, value: Any) -> str:
    if isinstance(value, dict):
        return f"quote it if it is a text that begins with a brace: {key}: '...'"
    return f"write one text: {key}: ..."


def _unknown(
    document: Document, path: Path, mapping: dict[str, Any], known: tuple[str, ...], what: str
) -> Iterator[Finding]:
    for key in mapping:
        if key not in known:
            guess = closest(key, known)
            hint = f"did you mean {guess}?" if guess else f"known: {listed(known)}"
            yield unknown_field(document.place((*path, key), key=True), key, what, hint)


def no_group_name(place: Place) -> Finding:
    """A group without a name."""
    return error("rulefile/group-name", place, "this group has no name", "write name: and one of its own")


def no_kind(place: Place) -> Finding:
    """A rule that neither records nor alerts."""
    message = "this rule has neither record nor alert"
    return error("rulefile/kind", place, message, "write alert: or record: and a name")


def no_expr(place: Place) -> Finding:
    """A rule without an expression."""
    message = "this rule has no expr"
    return error("rulefile/expr-missing", place, message, "write expr: and an expression such as up == 0")


def unknown_field(place: Place, key: str, what: str, hint: str) -> Finding:
    """A key that Prometheus does not know, for which it refuses the whole file."""
    return error("rulefile/unknown-field", place, f"{what} has no key '{key}'", hint)


def _target(node: Node) -> Node:
    while isinstance(node.kids, Node):
        node = node.kids
    return node
