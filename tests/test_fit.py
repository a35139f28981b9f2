"""Fitted pairs of windows: whatever the objective and the period, they can fire and mean what they say."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pytest
from compile import service, slo_plan
from hypothesis import given, settings
from hypothesis import strategies as st

from slogen.model import Cadence, Severity
from slogen.policies._fit import FAST_LIMIT, Stated, fit
from slogen.promql.durations import DAY
from slogen.resolve import LONGEST_SCRAPE, cadence
from slogen.rules import Pair

HOUR = 3600
DEFAULT = (
    Stated(Severity.PAGE, Decimal("0.02"), HOUR, 300, False),
    Stated(Severity.PAGE, Decimal("0.05"), 6 * HOUR, 1800, False),
    Stated(Severity.TICKET, Decimal("0.1"), DAY, 2 * HOUR, False),
    Stated(Severity.TICKET, Decimal("0.1"), 3 * DAY, 6 * HOUR, False),
)


def _pairs(objective: float, window: str) -> tuple[Pair, ...]:
    alerts = slo_plan(service(objective=objective, window=window)).alerts()
    return tuple(pair for alert in alerts for pair in alert.pairs)


def _tick(pair: Pair, window: int, beat: Cadence) -> int:
    """The interval of the recording that a window is summed from."""
    return beat.base if pair.severity is Severity.PAGE and window <= FAST_LIMIT else beat.ledger


def _check(pairs: Iterable[Pair], budget: Decimal, period: int, beat: Cadence) -> None:
    found = list(pairs)
    for pair in found:
        assert pair.factor >= 1, "a service inside its objective would be reported"
        assert pair.factor * budget <= max(Decimal("0.5"), budget), "a total outage burns at 1 / budget"
        assert pair.factor * budget < 1
        assert pair.short <= pair.long <= period
        for window in (pair.long, pair.short):
            tick = _tick(pair, window, beat)
            assert window >= 3 * tick
            assert window % tick == 0
    for severity in Severity:
        factors = [pair.factor for pair in found if pair.severity is severity]
        assert len(factors) == len(set(factors))


@pytest.mark.parametrize("window", ["7d", "28d", "30d", "90d"])
@pytest.mark.parametrize("objective", [30, 50, 80, 90, 95, 99, 99.9, 99.99])
def test_the_default_policy_fits_every_objective_and_period(objective: float, window: str) -> None:
    found = _pairs(objective, window)
    budget = 1 - Decimal(str(objective)) / 100
    _check(found, budget, int(window[:-1]) * DAY, cadence(30))
    assert {pair.severity for pair in found} == set(Severity)
    assert all(pair.long >= 2 * pair.short for pair in found)


def test_the_default_policy_is_the_workbooks_at_30_days() -> None:
    windows = [(str(pair.factor), pair.long, pair.short) for pair in _pairs(99.9, "30d")]
    assert windows == [
        ("14.4", HOUR, 300),
        ("6", 6 * HOUR, 1800),
        ("3", DAY, 2 * HOUR),
        ("1", 3 * DAY, 6 * HOUR),
    ]
    assert all(not pair.note for pair in _pairs(99.9, "30d"))


def test_a_changed_pair_says_why() -> None:
    assert [pair.note for pair in _pairs(80, "30d")] == [
        "factor 14.4 of the policy could not fire reliably; stands for the 14h24m window too",
        "factor 3 of the policy could not fire reliably",
        "",
    ]


@pytest.mark.parametrize(("objective", "window", "share"), [(99.9, "30d", 1.0), (99, "7d", 1.05), (99.9, "90d", 1.0)])
def test_what_is_spent_when_a_pair_fires_is_what_the_policy_says(objective: float, window: str, share: float) -> None:
    """Budget spent at detection is F * W / P; windows are rounded up to what is recorded."""
    period = int(window[:-1]) * DAY
    for pair in _pairs(objective, window):
        spent = pair.factor * pair.long / period
        assert pair.share <= spent <= pair.share * Decimal(str(share))


def _divides(scrape: int, period: int) -> bool:
    return period % cadence(scrape).ledger == 0


@settings(max_examples=500, deadline=None)
@given(
    objective=st.decimals(Decimal("0.01"), Decimal("99.9999"), places=4),
    days=st.integers(1, 366),
    scrape=st.integers(1, LONGEST_SCRAPE),
)
def test_the_default_policy_fits_anything(objective: Decimal, days: int, scrape: int) -> None:
    period, beat = days * DAY, cadence(scrape)
    if _divides(scrape, period):
        budget = 1 - objective / 100
        _check(fit(DEFAULT, budget, period, beat), budget, period, beat)


@st.composite
def _stated(draw: st.DrawFn) -> Stated:
    long = draw(st.integers(5, 7 * 24 * 60)) * 60
    short = draw(st.integers(60, long))
    severity = draw(st.sampled_from(Severity))
    return Stated(severity, Decimal(draw(st.integers(1, 1000))) / 1000, long, short, False)


@settings(max_examples=1000, deadline=None)
@given(
    stated=st.lists(_stated(), min_size=1, max_size=8),
    objective=st.decimals(Decimal("0.01"), Decimal("99.9999"), places=4),
    days=st.integers(1, 366),
    scrape=st.integers(1, LONGEST_SCRAPE),
)
def test_any_policy_fits_anything(stated: list[Stated], objective: Decimal, days: int, scrape: int) -> None:
    period, beat = days * DAY, cadence(scrape)
    if _divides(scrape, period):
        budget = 1 - objective / 100
        _check(fit(stated, budget, period, beat), budget, period, beat)
