"""Our own tree of an expression: the library's, and with the place of every part."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slogen.promql import nodes
from slogen.promql.parsing import parse
from slogen.promql.tokens import Kind, PromQLError, tokenize, unquote
from slogen.promql.tree import shape, tree

NAMES = st.sampled_from(["a", "b_total", "job:x:rate5m", "offset", "sum", "by"])
LABELS = st.lists(st.sampled_from(["x", "y", "le"]), max_size=2, unique=True).map(", ".join)
SPANS = st.sampled_from(["5m", "1h30m", "90s", "1d"])
MATCHERS = st.lists(
    st.tuples(st.sampled_from(["x", "y", "job"]), st.sampled_from(["=", "!=", "=~", "!~"]), st.sampled_from("pq")),
    max_size=2,
).map(lambda found: ", ".join(f'{name}{op}"{value}"' for name, op, value in found))
SELECTORS = st.one_of(
    st.sampled_from(["a", "b_total", "job:x:rate5m"]),
    st.tuples(st.sampled_from(["a", "b_total", "sum"]), MATCHERS).map(lambda found: f"{found[0]}{{{found[1]}}}"),
    st.just('{__name__="c", x="1"}'),
    st.just('{"d.e", x="1"}'),
)
SHIFTED = st.tuples(
    SELECTORS, st.sampled_from(["", " offset 5m", " offset -1h", " @ 12", " @ end()", " @ 3 offset 1m"])
).map("".join)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["+", "-", "*", "/", "%", "^", "atan2", "==", ">", "<=", "and", "or", "unless"])
    matching = st.one_of(st.just(""), LABELS.map(lambda labels: f" on ({labels})"), st.just(" ignoring (x)"))
    ranged = st.tuples(SELECTORS, SPANS).map(lambda found: f"{found[0]}[{found[1]}]")
    return st.one_of(
        st.tuples(inner, operators, matching, inner).map(lambda found: f"{found[0]} {found[1]}{found[2]} {found[3]}"),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"-{one}"),
        ranged.map(lambda one: f"rate({one})"),
        st.tuples(inner, SPANS).map(lambda found: f"max_over_time(({found[0]})[{found[1]}:1m] offset 2m)"),
        st.tuples(LABELS, inner).map(lambda found: f"sum by ({found[0]}) ({found[1]})"),
        st.tuples(inner, LABELS).map(lambda found: f"avg({found[0]}) without ({found[1]})"),
        inner.map(lambda one: f"topk(3, {one})"),
        inner.map(lambda one: f"label_replace({one}, 'd', \"$1\", `s`, '(.*)')"),
        inner.map(lambda one: f"{one} * on (x) group_left (y) a"),
        inner.map(lambda one: f"{one} > bool 1e3"),
    )


EXPRESSIONS = st.recursive(
    st.one_of(SHIFTED, st.sampled_from(["1", "0x1F", "-2.5", "Inf", "time()"])), _grown, max_leaves=12
)


def _theirs(node: Any) -> Any:
    """The library's tree in plain values."""
    told: Any = None
    match type(node).__name__:
        case "ParenExpr":
            told = ("paren", _theirs(node.expr))
        case "UnaryExpr":
            told = ("unary", _theirs(node.expr))
        case "NumberLiteral":
            told = ("number", str(node.val))
        case "StringLiteral":
            told = ("string", node.val)
        case "Call":
            told = ("call", node.func.name, [_theirs(one) for one in node.args])
        case "AggregateExpr":
            modifier = node.modifier
            kind = None if modifier is None else str(modifier.type).rpartition(".")[2]
            labels = [] if modifier is None else sorted(modifier.labels)
            parameter = None if node.param is None else _theirs(node.param)
            told = ("aggregation", str(node.op), kind, labels, parameter, _theirs(node.expr))
        case "BinaryExpr":
            told = ("binary", str(node.op).lower(), _modifier(node.modifier), _theirs(node.lhs), _theirs(node.rhs))
        case "SubqueryExpr":
            step = None if node.step is None else node.step.total_seconds()
            told = ("subquery", _theirs(node.expr), node.range.total_seconds(), step, _shift(node))
        case "MatrixSelector":
            told = ("selector", _selector(node.vector_selector), node.range.total_seconds())
        case "VectorSelector":
            told = ("selector", _selector(node), None)
    assert told is not None, type(node)
    return told


def _modifier(modifier: Any) -> Any:
    if modifier is None:
        return (False, None, [], "", [])
    matching = modifier.matching
    kind = None if matching is None else str(matching.type).rpartition(".")[2]
    card = str(modifier.card).rpartition(".")[2]
    side = {"ManyToOne": "left", "OneToMany": "right"}.get(card, "")
    labels = [] if matching is None else sorted(matching.labels)
    return (modifier.return_bool, kind, labels, side, sorted(modifier.group_labels or []))


def _shift(node: Any) -> Any:
    return (0 if node.offset is None else node.offset.total_seconds(), node.at is not None)


def _selector(node: Any) -> Any:
    ops = {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}
    found = [(one.name, ops[str(one.op).rpartition(".")[2]], one.value) for one in node.matchers.matchers]
    named = [one[2] for one in found if one[:2] == ("__name__", "=")]
    metric = node.name or (named[0] if named else "")
    return metric, sorted(one for one in found if one[:2] != ("__name__", "=")), _shift(node)


def _ours(node: nodes.Node) -> Any:
    told: Any = None
    match node:
        case nodes.Paren():
            told = ("paren", _ours(node.inner))
        case nodes.Unary():
            told = ("unary", _ours(node.inner))
        case nodes.Number():
            told = ("number", str(node.value))
        case nodes.String():
            told = ("string", node.value)
        case nodes.Call():
            told = ("call", node.name, [_ours(one) for one in node.args])
        case nodes.Aggregation():
            kind = "By" if node.by is not None else "Without" if node.without is not None else None
            labels = sorted(node.by or node.without or ())
            parameter = None if node.parameter is None else _ours(node.parameter)
            told = ("aggregation", node.op, kind, labels, parameter, _ours(node.inner))
        case nodes.Binary():
            kind = "Include" if node.on is not None else "Exclude" if node.ignoring is not None else None
            match = (node.is_bool, kind, sorted(node.on or node.ignoring or ()), node.side, sorted(node.include))
            told = ("binary", node.op, match, _ours(node.left), _ours(node.right))
        case nodes.Subquery():
            shift = (node.shift.offset, bool(node.shift.at))
            told = ("subquery", _ours(node.inner), node.range, node.step, shift)
        case nodes.Selector():
            matchers = sorted((str(one.name), one.op, one.fixed) for one in node.matchers)
            told = ("selector", (node.metric, matchers, (node.shift.offset, bool(node.shift.at))), node.range)
    assert told is not None, type(node)
    return told


def _same(text: str) -> None:
    try:
        parsed = parse(text)
    except PromQLError:
        return
    code = [token for token in parsed.tokens if token.kind is not Kind.COMMENT]
    root = tree(code)
    assert _ours(root) == _theirs(parsed.ast)
    assert (root.first, root.last) == (0, len(code) - 1)
    for node in root.walk():
        part = text[code[node.first].start : code[node.last].end]
        again = tree(tokenize(part))
        assert _ours(again) == _ours(node), part
        if isinstance(node, nodes.Binary):
            assert code[node.token].text.lower() == node.op
        if isinstance(node, nodes.Selector) and node.range is not None:
            assert code[node.range_token - 1].text == "["


@settings(max_examples=400, deadline=None)
@given(EXPRESSIONS)
def test_it_is_the_tree_of_the_library(text: str) -> None:
    _same(text)


@pytest.mark.parametrize(
    "text",
    [
        "-a^2",
        "-a * b",
        "a ^ b ^ c",
        "a or b and c unless d",
        "a == b != c",
        "sum by (x) (a) + on (x) group_left (y) b",
        "-foo offset 5m",
        "1 + -a",
        "- - a",
        "-1 ^ -2",
        "a atan2 b * c",
        'count_values("x", a)',
        "a[5m:]",
        "SUM(a) BY (x)",
        "sum(a) by (x,)",
        "a OR b",
        "rate(a[5m] @ 3 offset 1m)",
        'quantile(0.9, a{b=~"c|d"})',
        "label_join(a, \"x\", '', `y`)",
    ],
)
def test_it_is_the_tree_of_the_library_here(text: str) -> None:
    parse(text)
    _same(text)


@settings(max_examples=200, deadline=None)
@given(EXPRESSIONS)
def test_expressions_of_one_shape_share_a_tree(text: str) -> None:
    other = re.sub('(?<!!)="p"', '="zz"', text)
    (key, values, hides), (other_key, other_values, _) = shape(text), shape(other)
    try:
        tokens, others = parse(text).tokens, parse(other).tokens
    except PromQLError:
        return
    if hides:
        assert key == other_key
    root = tree(tokens, hides)
    found = [one for node in root.walk() if isinstance(node, nodes.Selector) for one in node.matchers]
    for matcher in found:
        for read, known in ((tokens, values), (others, other_values)):
            value = known[matcher.slot] if matcher.fixed is None else matcher.fixed
            if hides or read is tokens:
                assert unquote(read[matcher.token].text) == value


def test_numbers() -> None:
    values = {"0x1F": 31, "1e3": 1000, ".5": 0.5, "5m": 300, "1h30m": 5400, "-3": -3, "10ms": 0.01, "Inf": math.inf}
    for text, value in values.items():
        root = tree(tokenize(text))
        assert isinstance(root, nodes.Number) and root.value == value
