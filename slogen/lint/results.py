"""Which labels the result of an expression can carry: an upper bound, told from the expression alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from slogen.promql.nodes import KEEPING, Aggregation, Binary, Call, Node, Number, Selector, String, Subquery, Unary

_NO_LABELS = frozenset({"vector", "scalar", "time", "pi"})
_ABSENT = frozenset({"absent", "absent_over_time"})
_UNKNOWN = frozenset({"info"})
_RELABELLING = frozenset({"label_replace", "label_join"})
_BUCKETS = frozenset({"histogram_quantile"})


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels that there can be: those in `only`, or, where that is None, all but those in `without`."""

    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()

    def can(self, label: str) -> bool:
        """Whether a result may have that label."""
        return label not in self.without if self.only is None else label in self.only

    def less(self, labels: frozenset[str]) -> Labels:
        """Without some."""
        if self.only is None:
            return Labels(None, self.without | labels)
        return Labels(self.only - labels)

    def more(self, labels: frozenset[str]) -> Labels:
        """With some."""
        if self.only is None:
            return Labels(None, self.without - labels)
        return Labels(self.only | labels)

    def among(self, labels: frozenset[str]) -> Labels:
        """Those that are among some."""
        return Labels(frozenset(label for label in labels if self.can(label)))

    def either(self, other: Labels) -> Labels:
        """What one or the other can have."""
        if self.only is not None and other.only is not None:
            return Labels(self.only | other.only)
        if self.only is None and other.only is None:
            return Labels(None, self.without & other.without)
        bounded, free = (self, other) if self.only is not None else (other, self)
        return Labels(None, free.without - (bounded.only or frozenset()))


NONE = Labels(frozenset())


def labels_of(node: Node) -> Labels:
    """Labels that the result can carry; of a scalar, none."""
    _prepare(node)
    return _labels(node)


def is_scalar(node: Node) -> bool:
    """Whether it is a number rather than series."""
    _prepare(node)
    return _scalar(node)


def _prepare(node: Node) -> None:
    """Judge what is inside first, so that long expressions neither take long nor go deep."""
    for one in reversed([*node.walk()]):
        _scalar(one)
        _labels(one)


@lru_cache(maxsize=8192)
def _labels(node: Node) -> Labels:
    node = node.bare()
    if isinstance(node, Number | String):
        return NONE
    if isinstance(node, Selector):
        return Labels(None, frozenset(one.name for one in node.matchers if one.op == "=" and one.fixed == ""))
    if isinstance(node, Subquery | Unary):
        return _labels(node.inner)
    if isinstance(node, Call):
        return _of_call(node)
    if isinstance(node, Aggregation):
        return _of_aggregation(node)
    return _of_binary(node) if isinstance(node, Binary) else Labels()


@lru_cache(maxsize=8192)
def _scalar(node: Node) -> bool:
    node = node.bare()
    if isinstance(node, Unary):
        return _scalar(node.inner)
    if isinstance(node, Binary):
        return _scalar(node.left) and _scalar(node.right)
    return isinstance(node, Number | String) or (isinstance(node, Call) and node.name in {"scalar", "time", "pi"})


def _of_call(node: Call) -> Labels:
    if node.name in _NO_LABELS or not node.args:
        return NONE
    if node.name in _ABSENT:
        inner = node.args[0].bare()
        while isinstance(inner, Subquery):
            inner = inner.inner.bare()
        matchers = inner.matchers if isinstance(inner, Selector) else ()
        return Labels(frozenset(one.name for one in matchers if one.op == "="))
    if node.name in _UNKNOWN:
        return Labels()
    vectors = [one for one in node.args if not _scalar(one)]
    found = _labels(vectors[0]) if vectors else NONE
    if node.name in _RELABELLING and len(node.args) > 1 and isinstance(node.args[1], String):
        return found.more(frozenset({node.args[1].value}))
    return found.less(frozenset({"le"})) if node.name in _BUCKETS else found


def _of_aggregation(node: Aggregation) -> Labels:
    inner = _labels(node.inner)
    if node.op in KEEPING:
        return inner
    found = inner.less(frozenset(node.without)) if node.without is not None else inner.among(frozenset(node.by or ()))
    if node.op == "count_values" and isinstance(node.parameter, String):
        return found.more(frozenset({node.parameter.value}))
    return found


def _of_binary(node: Binary) -> Labels:
    if _scalar(node.left) or _scalar(node.right):
        return _labels(node.right if _scalar(node.left) else node.left)
    left, right = _labels(node.left), _labels(node.right)
    if node.is_set:
        return left.either(right) if node.op == "or" else left
    if node.side:
        many, one = (left, right) if node.side == "left" else (right, left)
        return many.more(frozenset(label for label in node.include if one.can(label)))
    if node.on is not None:
        return left.among(frozenset(node.on))
    return left.less(frozenset(node.ignoring or ()))
