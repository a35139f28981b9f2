import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slogen.promql.parsing import calls, find_modifier, fixed_ranges, parse
from slogen.promql.selectors import Matcher, Selector, selector_parts
from slogen.promql.tokens import PromQLError


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("up", "selector"),
        ('{__name__="up"} # why', "selector"),
        ("(up)", "expression"),
        ("-up", "expression"),
        ("up[$window]", "range"),
        ("up[5m:1m]", "range"),
        ("1 + 2 * time()", "scalar"),
        ("5m", "scalar"),
        ("'x'", "string"),
        ("sum(rate(up[$window]))", "expression"),
        ("vector(1)", "expression"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    parsed = parse(text)
    assert (parsed.kind, parsed.uses_window) == (kind, "$window" in text)


def test_window_is_replaced_where_it_is_code() -> None:
    parsed = parse('rate(up{a="$window",b=`\\d`}[$window])')
    assert parsed.with_window("30d") == 'rate(up{a="$window",b=`\\d`}[30d])'


@pytest.mark.parametrize(
    ("text", "start", "end", "says"),
    [
        ("", 0, 0, "no expression"),
        ("# only a comment", 0, 16, "no expression"),
        ("a b", 2, 3, "unexpected 'b' after 'a'"),
        ("sum(a b)", 6, 7, "unexpected 'b' after 'a'"),
        ("a +", 2, 3, "stops after '+'"),
        ("a + ) b", 4, 5, "')' closes nothing"),
        ("(a", 0, 1, "'(' is never closed"),
        ("sum(rate(a[5m])", 3, 4, "'(' is never closed"),
        ('a{b="c"]', 7, 8, "']' where '{' wants its '}'"),
        ("a{b=c}", 4, 5, "not in quotes"),
        ('a{b="c" d="e"}', 8, 9, "unexpected 'd'"),
        ('a{b="c" or d="e"}', 8, 10, "not Prometheus"),
        ("a = b", 2, 3, "'=' compares nothing"),
        ("rate(a[5m*2])", 9, 10, "unexpected '*' after '5m'"),
        ("[5m]", 0, 1, "needs a selector"),
        ("a offset", 2, 8, "stops after 'offset'"),
        ("a @ b", 4, 5, "unexpected 'b' after '@'"),
        ("a @ Inf", 4, 7, "no time"),
        ("a[99999999999999y]", 2, 17, "no time"),
        ("on + a", 0, 2, "keyword"),
        ("sum(a) + fooo(b)", 9, 13, "no function 'fooo'"),
        ('a{b=~"("}', 5, 8, "not a regular expression"),
        ("a{b=~`(`}", 5, 8, "not a regular expression"),
        ("sum(rate(a[5m])) / sum(rate(b))", 23, 30, "rate() needs a range"),
        ("sum(rate(a[5m])) + sum by (x) (b[5m])", 19, 37, "needs an instant vector"),
        ('sum(a) / sum({b=""})', 13, 19, "selects every series"),
        ("sum(histogram_quantile(0.9))", 4, 27, "takes 2 argument(s) and is given 1"),
        ('a{__name__="b"}', 2, 10, "name is given twice"),
        ("1 == 1", 0, 6, "bool"),
        ("a + sum(rate(b[5m]) @ 5)", 4, 24, "no selector right before it"),
    ],
)
def test_points_at_the_offender(text: str, start: int, end: int, says: str) -> None:
    with pytest.raises(PromQLError) as problem:
        parse(text)
    assert says in problem.value.message
    assert (problem.value.start, problem.value.end) == (start, end)


TORTURE = {
    "long": "a" * 10_000_000,
    "nested": "(" * 4000 + "a" + ")" * 4000,
    "chained": "a" + "+a" * 4000,
    "signs": "-" * 8000 + "a",
    "words": "a" + " and a" * 1300,
    "ranges": "a" + "[5m:1m]" * 1160,
    "wide and wrong": "+".join(["sum(a[1m])"] * 480) + "+rate(a)",
    "deep and wrong": "sum((" * 99 + "sum(a[5m])" + "))" * 99,
    "not valid regular expression": 'a{b=~"' + "(" * 8000 + '"}',
}


@pytest.mark.parametrize("text", TORTURE.values(), ids=TORTURE)
def test_torture_is_refused_quickly(text: str) -> None:
    started = time.process_time()
    with pytest.raises(PromQLError):
        parse(text)
    assert time.process_time() - started < 2


WORDS = [*"()[]{},:@+-=", "a", "sum", "rate", "by", "5m", "1e300", "Inf", "offset", '"x"', "`(`", "=~", "and", "bool"]


@given(st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join))
def test_every_refusal_is_a_problem_inside_the_text(text: str) -> None:
    try:
        parse(text)
    except PromQLError as problem:
        assert 0 <= problem.start <= problem.end <= len(text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("up", "up"),
        ("up{}", "up"),
        ("{__name__='up', job=~`a|b`}", 'up{job=~"a|b"}'),
        ('{"http.req", "a b"!="c"}', '{"http.req","a b"!="c"}'),
        ('{__name__=~"a.*",x!~"y"}', '{__name__=~"a.*",x!~"y"}'),
        ("{__name__='on',by='c'}", '{__name__="on",by="c"}'),
        ("{__name__='Inf'}", '{__name__="Inf"}'),
        ("up{a='it\"s'}[5m]", 'up{a="it\\"s"}'),
    ],
)
def test_selectors_have_one_spelling(text: str, canonical: str) -> None:
    selector = selector_parts(parse(text))
    assert str(selector) == canonical
    assert selector_parts(parse(canonical)) == selector


def test_selectors_take_matchers_and_other_names() -> None:
    selector = Selector("up", (Matcher("a", "=", "b"),))
    assert str(selector.renamed("http.up").matching(Matcher("a", "=", "b"), Matcher("c", "!=", ""))) == (
        '{"http.up",a="b",c!=""}'
    )


@given(st.text(min_size=1), st.text(min_size=1).filter(lambda name: name != "__name__"), st.text(min_size=1))
def test_any_selector_reads_back(metric: str, name: str, value: str) -> None:
    selector = Selector(metric, (Matcher(name, "!=", value),))
    assert selector_parts(parse(str(selector))) == selector


@pytest.mark.parametrize("text", ["sum(up)", "1", "up offset 5m", "up @ 0"])
def test_only_plain_selectors_have_parts(text: str) -> None:
    with pytest.raises(PromQLError):
        selector_parts(parse(text))


def test_finds_calls_modifiers_and_fixed_ranges() -> None:
    parsed = parse('sum by (rate) (rate(a{b="offset 5m @ 1"}[5m] offset 1h)) / SUM(rate(b[$window] @ 5))')
    assert [token.start for token in calls(parsed, "rate")] == [15, 63]
    assert [token.start for token in calls(parsed, "sum")] == [0, 59]
    modifier = find_modifier(parsed)
    assert modifier
    assert (modifier.text, modifier.start) == ("offset", 45)
    assert [token.text for token in fixed_ranges(parsed)] == ["5m"]
    assert find_modifier(parse("sum by (offset) (offset)")) is None
