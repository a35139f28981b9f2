import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slogen.promql.tokens import Kind, PromQLError, tokenize

TRICKY = [
    'sum by (a) (rate(x:y{b=~"c\\"}",d!="e"}[$window])) / 1.5e-3 # why',
    "a[1h30m:5m] offset -5m @ 1609746000 >= bool .5",
    "a[5m:$window]",
    "'it\\'s' + `raw \\d \" \n` + 0x1F",
]


@pytest.mark.parametrize("text", TRICKY)
def test_offsets_are_those_of_the_text(text: str) -> None:
    tokens = tokenize(text)
    assert all(text[token.start : token.end] == token.text for token in tokens)
    gaps = zip([0, *(t.end for t in tokens)], [*(t.start for t in tokens), len(text)], strict=True)
    assert all(not text[start:end].strip() for start, end in gaps)


def test_kinds() -> None:
    kinds = [(token.kind, token.text) for token in tokenize("rate(a:b[$window:1m]) > 2, 'x' # y")]
    assert kinds == [
        (Kind.IDENTIFIER, "rate"),
        (Kind.OPEN, "("),
        (Kind.IDENTIFIER, "a:b"),
        (Kind.OPEN, "["),
        (Kind.VARIABLE, "$window"),
        (Kind.COLON, ":"),
        (Kind.DURATION, "1m"),
        (Kind.CLOSE, "]"),
        (Kind.CLOSE, ")"),
        (Kind.OPERATOR, ">"),
        (Kind.NUMBER, "2"),
        (Kind.COMMA, ","),
        (Kind.STRING, "'x'"),
        (Kind.COMMENT, "# y"),
    ]


@pytest.mark.parametrize(
    ("text", "start", "end", "says", "hint"),
    [
        ('a{b="c}', 4, 5, "never closed", ""),
        ('a{b="c\n"}', 4, 5, "never closed", ""),
        ('a{b="\\d"}', 5, 7, "unknown escape '\\d'", "\\\\d"),
        ('a{b="\\xff"}', 5, 9, "no character", "itself"),
        ("a[5x]", 2, 4, "neither a number nor a duration", "5m"),
        ("rate(a[{{ .window }}])", 7, 20, "not PromQL", "write $window"),
        ("rate(a[{{.window}}])", 7, 18, "not PromQL", "write $window"),
        ("rate(a[$__rate_interval])", 7, 23, "no variable", "write $window"),
        ("rate(a[${window:raw}])", 7, 20, "no variable", "write $window"),
        ("a{b=“c”}", 4, 5, "unexpected character '“'", "straight quotes"),
        ("a\u00a0+ b", 1, 2, "U+00A0", "plain space"),
        ("http.requests", 4, 5, "unexpected character '.'", "quotes"),
        ("a && b", 2, 3, "unexpected character '&'", "'and'"),
    ],
)
def test_points_at_what_fits_nowhere(text: str, start: int, end: int, says: str, hint: str) -> None:
    with pytest.raises(PromQLError) as problem:
        tokenize(text)
    assert (problem.value.start, problem.value.end) == (start, end)
    assert says in problem.value.message
    assert hint in problem.value.hint


@given(st.text())
def test_any_text_is_tokens_or_a_problem_inside_it(text: str) -> None:
    try:
        tokenize(text)
    except PromQLError as problem:
        assert 0 <= problem.start < problem.end <= len(text)


@pytest.mark.parametrize(
    "unit", ["1", "1m", '"', "'\\", "{{", "$", "a:", "#", "`", "((", "0x", "1e", "\\\\", "é", ".1"]
)
def test_time_grows_with_length_only(unit: str) -> None:
    started = time.perf_counter()
    for tail in ("", "x", "é"):
        try:
            tokenize(unit * 50_000 + tail)
        except PromQLError:
            continue
    assert time.perf_counter() - started < 5
