"""Selectors and their matchers as values, each with one spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import promql_parser

from slogen.promql.keywords import RESERVED
from slogen.promql.parsing import Parsed, find_modifier
from slogen.promql.quoting import quote
from slogen.promql.tokens import PromQLError

_NO_METRIC = RESERVED | {"inf", "nan"}
_CLASSIC_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_CLASSIC_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class Matcher:
    """One label matcher, `op` being =, !=, =~ or !~."""

    name: str
    op: str
    value: str

    def __str__(self) -> str:
        name = self.name if _CLASSIC_LABEL.fullmatch(self.name) else quote(self.name)
        return f"{name}{self.op}{quote(self.value)}"


@dataclass(frozen=True, slots=True)
class Selector:
    """A metric name, empty when only matchers select, and its matchers; `str` is canonical PromQL."""

    metric: str
    matchers: tuple[Matcher, ...] = ()

    def __str__(self) -> str:
        inside = [str(matcher) for matcher in self.matchers]
        if self.metric.lower() in _NO_METRIC:
            return f"{{{','.join((f'__name__={quote(self.metric)}', *inside))}}}"
        if _CLASSIC_METRIC.fullmatch(self.metric):
            return f"{self.metric}{{{','.join(inside)}}}" if inside else self.metric
        if self.metric:
            inside.insert(0, quote(self.metric))
        return f"{{{','.join(inside)}}}"

    def renamed(self, metric: str) -> Selector:
        """The same matchers on another metric."""
        return replace(self, metric=metric)

    def matching(self, *matchers: Matcher) -> Selector:
        """This selector with more matchers after its own; one that it already has is not repeated."""
        return replace(self, matchers=tuple(dict.fromkeys((*self.matchers, *matchers))))


def selector_parts(parsed: Parsed) -> Selector:
    """The metric and matchers of a `selector` or `range`; PromQLError for anything else or with a modifier."""
    node = parsed.ast
    while isinstance(node, promql_parser.ParenExpr):
        node = node.expr
    if isinstance(node, promql_parser.MatrixSelector):
        node = node.vector_selector
    if not isinstance(node, promql_parser.VectorSelector):
        raise PromQLError("this is not a plain selector", 0, len(parsed.text), 'write for example up{job="api"}')
    modifier = find_modifier(parsed)
    if modifier:
        raise PromQLError(
            f"'{modifier.text}' has no place in a plain selector", modifier.start, modifier.end, "leave it out"
        )
    return _selector(node)


def selectors_in(parsed: Parsed) -> Iterator[Selector]:
    """Every selector of an expression, in the order of the text."""
    for node in _nodes(parsed.ast):
        if isinstance(node, promql_parser.VectorSelector):
            yield _selector(node)


def aggregates_away(parsed: Parsed, label: str) -> bool:
    """Whether the outermost aggregation of an expression drops a label; each operand counts."""
    todo = [parsed.ast]
    while todo:
        node = todo.pop()
        if isinstance(node, promql_parser.ParenExpr | promql_parser.UnaryExpr):
            todo.append(node.expr)
        elif isinstance(node, promql_parser.BinaryExpr):
            todo += (node.lhs, node.rhs)
        elif isinstance(node, promql_parser.Call):
            if node.func.name in _LOSING:
                return True
            todo += node.args if node.func.name not in _ADDING else ()
        elif isinstance(node, promql_parser.AggregateExpr) and str(node.op) not in _KEEPING:
            modifier = node.modifier
            kept = set(modifier.labels) if modifier is not None else set()
            including = modifier is None or str(modifier.type).endswith("By")
            if (label not in kept) if including else (label in kept):
                return True
    return False


def both_of(one: Selector, others: Iterable[Selector]) -> Selector | None:
    """A selector of what `one` and one of `others`, of the same metric, both select."""
    for other in others:
        if other.metric == one.metric:
            return one.matching(*other.matchers)
    return None


def summed_counter(parsed: Parsed) -> Selector | None:
    """The counter of an expression of the form `sum by (...) (rate(counter[$window]))`, else None."""
    node = parsed.ast
    if not isinstance(node, promql_parser.AggregateExpr) or str(node.op) != "sum":
        return None
    call = node.expr
    if not isinstance(call, promql_parser.Call) or call.func.name != "rate":
        return None
    inner = call.args[0]
    return _selector(inner.vector_selector) if isinstance(inner, promql_parser.MatrixSelector) else None


_LOSING = frozenset({"absent", "absent_over_time", "time", "vector"})
_ADDING = frozenset({"label_join", "label_replace", "scalar"})
_KEEPING = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})


def _nodes(ast: Any) -> Iterator[Any]:
    todo = [ast]
    while todo:
        node = todo.pop()
        yield node
        inner = [getattr(node, name, None) for name in ("vector_selector", "param", "expr", "lhs", "rhs")]
        inner += getattr(node, "args", None) or ()
        todo += [part for part in reversed(inner) if part is not None]


def _selector(node: Any) -> Selector:
    matchers = [Matcher(m.name, _matcher_operator(m.op), m.value) for m in node.matchers.matchers]
    metric = node.name or ""
    for matcher in matchers:
        if not metric and matcher.name == "__name__" and matcher.op == "=":
            metric = matcher.value
            matchers.remove(matcher)
            break
    return Selector(metric, tuple(matchers))


def _matcher_operator(op: object) -> str:
    return {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}[str(op).rpartition(".")[2]]
