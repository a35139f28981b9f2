"""Expressions for lint rules: one tree for all of one shape, and each with its own values and places."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slogen.lint.expressions import expression
from slogen.linting import lint_texts
from slogen.promql.nodes import Aggregation, Call
from slogen.promql.tokens import PromQLError, tokenize, unquote


def test_expressions_that_differ_in_values_share_a_tree() -> None:
    one, other = expression('rate(a{b="c", d=~"e"}[5m])'), expression('rate(a{b="ccc", d=~"e"}[5m])')
    third = expression('rate(a{b="c", d=~"f"}[5m])')
    assert one.shape is other.shape
    assert one.shape is not third.shape
    (selector,) = other.shape.selectors
    assert [other.value(matcher) for matcher in selector.matchers] == ["ccc", "e"]
    assert [one.value(matcher) for matcher in selector.matchers] == ["c", "e"]
    assert other.text_of(selector) == 'a{b="ccc", d=~"e"}[5m]'
    assert other.text_of(selector.range_token) == "5m"
    assert other.text_of(selector.matchers[1]) == 'd=~"e"'


def test_only_what_is_particular_counts_as_such() -> None:
    one = expression('sum by (x) (rate(a{b="c", d=~"e"}[5m]))')
    (selector,), (aggregation,) = one.shape.selectors, one.shape.aggregations
    assert one.value(selector.matchers[1]) == "e"
    assert isinstance(one.root, Aggregation) and aggregation.keeps("x") and not aggregation.keeps("b")
    call = one.shape.parent(selector)
    assert isinstance(call, Call) and one.shape.parent(call) is aggregation and one.shape.parent(aggregation) is None
    assert not one.is_particular
    assert one.text_of(aggregation.by[0] if aggregation.by else 0) == "x"
    assert one.is_particular
    one.is_particular = False
    assert one.value(selector.matchers[0]) == "c" and one.is_particular
    one.is_particular = False
    assert one.text.startswith("sum") and one.is_particular


@pytest.mark.parametrize("text", ["", "rate(", "rate(a[$window])", 'a{b="c}', "{{ a }}", "(" * 300 + "a" + ")" * 300])
def test_what_prometheus_refuses(text: str) -> None:
    with pytest.raises(PromQLError):
        expression(text)


def test_each_rule_of_a_shape_is_told_at_its_own_place() -> None:
    rules = "".join(
        f"  - {{record: r:a:{number}, expr: 'rate(a{{job=\"{'j' * number}\"}}[1s])'}}\n" for number in range(1, 4)
    )
    told = lint_texts({"rules.yml": f"groups:\n- name: g\n  rules:\n{rules}"})
    found = [one for one in told if one.finding.code == "promql/range-short"]
    assert [(one.finding.place.line, one.finding.place.column) for one in found] == [(4, 44), (5, 45), (6, 46)]
    assert {one.end.column - one.finding.place.column for one in found if one.end} == {2}


VALUES = st.text(alphabet="ab =!~,{}()[]:é", max_size=5)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(VALUES, VALUES, st.sampled_from(["=", "!=", "=~"])), min_size=1, max_size=4))
def test_spans_are_those_of_the_tokens(parts: list[tuple[str, str, str]]) -> None:
    for which in (0, 1):
        text = " + ".join(f'rate(m{{a{op}"{pair[which]}", b="{pair[1 - which]}"}}[5m])' for *pair, op in parts)
        try:
            one = expression(text)
        except PromQLError:
            continue
        tokens = tokenize(text)
        assert [one.span(number) for number in range(len(tokens))] == [(token.start, token.end) for token in tokens]
        assert one.span(one.root) == (0, len(text))
        for selector in one.shape.selectors:
            for matcher in selector.matchers:
                assert one.value(matcher) == unquote(tokens[matcher.token].text)
