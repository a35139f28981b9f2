import pytest
from hypothesis import given
from hypothesis import strategies as st

from slogen.promql.durations import LONGEST, format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30s", 30), ("5m", 300), ("1h30m", 5400), ("1d", 86_400), ("4w", 2_419_200), ("1y", 31_536_000), ("90m", 5400)],
)
def test_reads_prometheus_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not a duration"),
        ("5", "no unit"),
        ("500ms", "milliseconds"),
        ("1s500ms", "milliseconds"),
        ("0s", "zero"),
        ("0h0m", "zero"),
        ("30m1h", "from large to small"),
        ("1m1m", "from large to small"),
        ("-5m", "not a duration"),
        ("5 m", "not a duration"),
        ("5m\n", "not a duration"),
        ("٣m", "not a duration"),
        ("1.5h", "not a duration"),
        ("11y", "ten years"),
        ("9" * 10_000 + "s", "too many digits"),
    ],
)
def test_refuses_with_a_sentence(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says) as problem:
        parse_duration(text)
    assert len(str(problem.value)) < 200


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (90, "1m30s"), (3599, "59m59s"), (2_592_000, "30d"), (2_591_999, "29d23h59m59s"), (604_800, "7d")],
)
def test_writes_one_spelling(seconds: int, text: str) -> None:
    assert format_duration(seconds) == text


@given(st.integers(1, LONGEST))
def test_what_is_written_reads_the_same(seconds: int) -> None:
    assert parse_duration(format_duration(seconds)) == seconds
