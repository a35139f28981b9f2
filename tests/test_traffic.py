"""Little traffic: what is predicted of pairs of windows happens, and fitted pairs keep their bounds."""

from __future__ import annotations

from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
import traffic as bench
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from slogen.model import Cadence, Severity
from slogen.policies._fit import FAST_LIMIT, Stated, fit
from slogen.policies._traffic import FALSE_PAGES, fit_to_traffic
from slogen.prediction import at_least, false_alerts, found_within
from slogen.promql.durations import DAY
from slogen.resolve import LONGEST_SCRAPE, cadence
from slogen.rules import Pair

HOUR = 3600
PAGES = (
    Stated(Severity.PAGE, Decimal("0.02"), HOUR, 300, False),
    Stated(Severity.PAGE, Decimal("0.05"), 6 * HOUR, 1800, False),
)
THIRTY_A_DAY = Decimal(30) / DAY


def _exactly_at_least(count: int, mean: Fraction) -> Decimal:
    """From the sum itself, in sixty digits."""
    with localcontext(prec=60):
        exact = Decimal(mean.numerator) / mean.denominator
        term, below = (-exact).exp(), Decimal(0)
        for number in range(count):
            below += term
            term *= exact / (number + 1)
        return 1 - below


@settings(max_examples=200, deadline=None)
@given(count=st.integers(0, 3000), mean=st.fractions(0, 2500, max_denominator=1000))
def test_the_poisson_tail_is_that_of_the_sum(count: int, mean: Fraction) -> None:
    assert at_least(count, float(mean)) == pytest.approx(float(_exactly_at_least(count, mean)), abs=1e-4)


@settings(max_examples=200, deadline=None)
@given(count=st.integers(0, 60), mean=st.fractions(0, 50, max_denominator=1000))
def test_few_events_are_exact_in_the_tail_too(count: int, mean: Fraction) -> None:
    """What decides on a guard is a few in a million."""
    exact = float(_exactly_at_least(count, mean))
    assert at_least(count, float(mean)) == pytest.approx(exact, rel=1e-6, abs=1e-14)


# Objective, traffic, what the spec declares of it, policy.
PREDICTED = [
    ("99", "30/d", "30/d", "default"),
    ("95", "30/d", "30/d", "default"),
    ("90", "30/d", "30/d", "default"),
    ("95", "100/d", "100/d", "default"),
    ("99.5", "30/h", "30/h", "default"),
    ("95", "30/d", "", "low-traffic"),
    ("99", "30/d", "", "default"),
    ("99.9", "30/h", "", "default"),
    ("99", "30/h", "", "default"),
]


@pytest.mark.parametrize(("objective", "rate", "declared", "policy"), PREDICTED)
def test_what_is_predicted_of_a_page_happens(objective: str, rate: str, declared: str, policy: str) -> None:
    """Ten years of the budget just spent by chance, and of outages in them.

    Short windows and pairs that fire together make false pages rarer than predicted, but not by an order of magnitude;
    pages come a scrape and an evaluation later than the formula's instant.
    """
    case = bench.Case(objective, rate, "poisson", policy, declared)
    page = case.page()
    budget, traffic = 1 - Decimal(objective) / 100, Decimal(str(bench.per_second(rate)))
    found = case.run(page, 1.0, seeds=10, days=365)
    months = found.seconds / bench.MONTH
    predicted = false_alerts(page.pairs, page.guard, budget, traffic) * months
    assert found.false <= predicted + 4 * predicted**0.5 + 1
    assert found.false >= 0.4 * predicted - 4 * predicted**0.5
    quiet = case.run(page, 0.0, seeds=10, days=365)
    assert quiet.false == 0
    within = found_within(page.pairs, page.guard, budget, traffic)
    assert within is not None
    late = float(np.quantile(quiet.delays, 0.95))
    assert 0.85 * within <= late <= 1.1 * within + 90


def test_an_outage_of_much_traffic_is_found_when_the_formula_says() -> None:
    pair = Pair(Severity.PAGE, HOUR, 300, Decimal("14.4"), Decimal("0.02"))
    for traffic in (Decimal(50), Decimal(100_000)):
        within = found_within([pair], 2, Decimal("0.05"), traffic)
        assert within == pytest.approx(0.72 * HOUR, rel=0.02)


@pytest.mark.parametrize("objective", bench.OBJECTIVES)
@pytest.mark.parametrize("a_day", [30, 40, 60, 100, 240, 720, 2400])
def test_a_total_outage_is_found_in_six_hours_and_chance_seldom_pages(objective: str, a_day: int) -> None:
    budget, traffic = 1 - Decimal(objective) / 100, Decimal(a_day) / DAY
    pairs, guard = fit_to_traffic(fit(PAGES, budget, 30 * DAY, cadence(30)), 2, traffic, budget, cadence(30), 30 * DAY)
    assert false_alerts(pairs, guard, budget, traffic) <= FALSE_PAGES
    within = found_within(pairs, guard, budget, traffic)
    assert within is not None
    assert within <= 6 * HOUR


@pytest.mark.parametrize("objective", ["90", "99", "99.9"])
@pytest.mark.parametrize("a_day", [5, 10, 20])
def test_where_six_hours_hold_too_little_an_outage_is_found_within_the_day(objective: str, a_day: int) -> None:
    budget, traffic = 1 - Decimal(objective) / 100, Decimal(a_day) / DAY
    pairs, guard = fit_to_traffic(fit(PAGES, budget, 30 * DAY, cadence(30)), 2, traffic, budget, cadence(30), 30 * DAY)
    assert false_alerts(pairs, guard, budget, traffic) <= FALSE_PAGES
    within = found_within(pairs, guard, budget, traffic)
    assert within is not None
    assert within <= DAY


@st.composite
def _stated(draw: st.DrawFn, severity: Severity) -> Stated:
    long = draw(st.integers(10, 7 * 24 * 60)) * 60
    short = draw(st.integers(60, long // 2))
    return Stated(severity, Decimal(draw(st.integers(1, 1000))) / 1000, long, short, False)


@st.composite
def _events(draw: st.DrawFn, least: float = -6.5, most: float = 4) -> Decimal:
    """Per second, from one a month on."""
    return Decimal(str(10 ** draw(st.floats(least, most))))


def _tick(pair: Pair, window: int, beat: Cadence) -> int:
    """The interval of the recording that a window is summed from."""
    return beat.base if pair.severity is Severity.PAGE and window <= FAST_LIMIT else beat.ledger


@settings(max_examples=500, deadline=None)
@given(
    data=st.data(),
    severity=st.sampled_from(Severity),
    objective=st.decimals(Decimal("0.01"), Decimal("99.9999"), places=4),
    days=st.integers(1, 366),
    scrape=st.integers(1, LONGEST_SCRAPE),
    guard=st.integers(1, 60),
    traffic=_events(),
)
def test_any_policy_fits_any_traffic(
    data: st.DataObject, severity: Severity, objective: Decimal, days: int, scrape: int, guard: int, traffic: Decimal
) -> None:
    period, beat, budget = days * DAY, cadence(scrape), 1 - objective / 100
    assume(period % beat.ledger == 0)
    stated = fit(data.draw(st.lists(_stated(severity), min_size=1, max_size=4)), budget, period, beat)
    found, wanted = fit_to_traffic(stated, guard, traffic, budget, beat, period)
    assert wanted >= guard
    assert wanted == guard or severity is Severity.PAGE
    longest = max([DAY if severity is Severity.PAGE else period, *(pair.long for pair in stated)])
    assert found
    for pair in found:
        assert pair.severity is severity
        assert pair.factor >= 1, "a service inside its objective would be reported"
        assert pair.factor * budget < 1, "a total outage burns at 1 / budget"
        assert pair.long <= longest
        assert pair.long <= period
        assert pair.long >= 2 * pair.short or pair in stated
        for window in (pair.long, pair.short):
            assert window > 0
            assert window % _tick(pair, window, beat) == 0
    changed = [pair for pair in found if pair not in stated]
    assert all("few events" in pair.note or "stands for" in pair.note for pair in changed)


@settings(max_examples=200, deadline=None)
@given(
    objective=st.decimals(Decimal(80), Decimal("99.999"), places=3),
    days=st.integers(1, 366),
    scrape=st.integers(1, LONGEST_SCRAPE),
    bad=_events(2, 6),
)
def test_much_traffic_changes_nothing(objective: Decimal, days: int, scrape: int, bad: Decimal) -> None:
    """Pairs that burn twice as fast as the budget or more stay, from a hundred bad events in the first window on."""
    period, beat, budget = days * DAY, cadence(scrape), 1 - objective / 100
    stated = fit(PAGES, budget, period, beat)
    assume(period % beat.ledger == 0 and min(pair.factor for pair in stated) >= 2)
    traffic = bad / budget / stated[0].long
    assert fit_to_traffic(stated, 2, traffic, budget, beat, period) == (stated, 2)
