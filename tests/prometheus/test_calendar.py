"""Calendar periods on a real Prometheus: weeks, months and quarters (UTC) begin, count and end as the calendar says.

On 1 April 2024, a Monday, a week, a month and a quarter of a leap year began at once. The ledger is recorded from 28
February to the noon of that day, and the last hour of March is an incident.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain
from typing import Any

import numpy as np
import pytest
from compile import METRIC, rules_text, service, service_of, slo_plan
from harness.arrays import Floats
from harness.backfill import SeriesData
from harness.rules import Rule
from harness.server import Prometheus
from harness.staged import record
from harness.tools import Tools
from timelines import HOUR, per_second

from slogen import naming
from slogen.calendars import LENGTHS, calendar
from slogen.promql.durations import DAY

pytestmark = pytest.mark.prometheus


def unix(year: int, month: int, day: int, hour: float = 0) -> float:
    return datetime(year, month, day, tzinfo=UTC).timestamp() + hour * HOUR


START, MARCH, BOUNDARY = unix(2024, 2, 28), unix(2024, 3, 1), unix(2024, 4, 1)
END = BOUNDARY + 12 * HOUR
SCRAPE, LEDGER = 60, 240
PHASE, LATE, LATER = 17.0, 130.0, 125.0
"""Seconds after each fourth minute at which intervals end: of most SLOs, of the one with groups, and when the figures
of its groups are evaluated. They turn to April when March's last interval was recorded, not by the clock."""
SHIFT, LATE_SHIFT = 8, -112
"""Seconds by which periods as recorded lie beside the calendar's: intervals end at the last scrape before."""
BUDGET = 0.01
EXACT = 0.005
"""How far a figure may be off, relative to the truth."""

LEDGERS = (naming.TOTAL_LEDGER, naming.BAD_LEDGER, naming.TOTAL_CALENDAR, naming.BAD_CALENDAR)
PERIODS = (
    naming.TOTAL_PERIOD,
    naming.BAD_PERIOD,
    naming.ERROR_RATIO,
    naming.COVERAGE,
    naming.BUDGET_USED,
    naming.FIRST_SEEN,
    naming.MISSING,
)
KINDS = tuple(LENGTHS)
BEGINS = {"week": unix(2024, 3, 25), "month": MARCH, "quarter": START}
"""When what is recorded of the old period begins."""
OLD = {"week": 7, "month": 31, "quarter": 91}
NEW = {"week": 7, "month": 30, "quarter": 91}
"""Days of the period before and after the boundary."""


# Events per second and the share of them that fails, by region, each from an instant on.
INCIDENT = BOUNDARY - HOUR
TENTH, AP_BORN, ME_GONE = unix(2024, 3, 10), unix(2024, 3, 16, 12), unix(2024, 3, 9)
TRAFFIC: dict[str, tuple[tuple[float, float, float], ...]] = {
    "eu": ((START, 3, 0), (INCIDENT, 3, 0.5), (BOUNDARY, 3, 0)),
    "us": ((START, 1, 0), (unix(2024, 2, 29, 12), 1, 0.4), (MARCH, 1, 0), (TENTH, 1, 0.1), (TENTH + 6 * HOUR, 1, 0)),
    "ap": ((AP_BORN, 1, 0), (INCIDENT - HOUR, 1, 0.2), (INCIDENT, 1, 0)),
    "me": ((START, 1, 0), (unix(2024, 3, 5), 1, 0.05), (unix(2024, 3, 5, 2), 1, 0), (ME_GONE, 0, 0)),
}
GAPS = {
    "gap-before": (BOUNDARY - 12 * HOUR, BOUNDARY - 4 * HOUR),
    "gap-over-short": (BOUNDARY - 5 * HOUR, BOUNDARY + 5 * HOUR),
    "gap-over-long": (BOUNDARY - HOUR, BOUNDARY + 9 * HOUR),
}
"""When an SLO was not recorded."""
BUDGET_HOURS = 7.2
"""What a gap may last: 1% of 30 days."""


def counted(region: str, failed: bool) -> Callable[[Floats], Floats]:
    """How many events of a region there were since the start, or failed ones, at unix seconds."""
    changes = [(begin - START, rate * (share if failed else 1)) for begin, rate, share in TRAFFIC[region]]
    count = per_second(0.0, *changes)
    return lambda times: count(times - START)


def truth(begin: float, end: float, *regions: str) -> tuple[float, float]:
    """Bad and total events within [begin, end)."""
    span = np.array([begin, end])
    bad, total = (
        sum(float(np.diff(counted(one, failed)(span))[0]) for one in regions or TRAFFIC) for failed in (True, False)
    )
    return bad, total


def scrapes(begin: float, end: float) -> Floats:
    return np.arange(begin + 8, end, SCRAPE)


def history() -> Iterator[SeriesData]:
    for region, changes in TRAFFIC.items():
        times = scrapes(changes[0][0], ME_GONE if region == "me" else END)
        total, failed = counted(region, False)(times), counted(region, True)(times)
        stale = [ME_GONE + 8] if region == "me" else []
        for code, values in (("200", total - failed), ("500", failed)):
            yield SeriesData(METRIC, {"job": "shop", "region": region, "code": code}, times, values, stale)
    for job, (begin, end) in GAPS.items():
        times = scrapes(unix(2024, 3, 28, 23.9), END)
        kept = (times < begin) | (times >= end)
        stale = times[~kept][:1].tolist()
        for code, rate in (("200", 1.0), ("500", 0.0)):
            values = per_second(rate)(times - START)
            yield SeriesData(METRIC, {"job": job, "code": code}, times[kept], values[kept], stale)


def slo(name: str, job: str, kind: str, **more: Any) -> dict[str, Any]:
    sli = {
        "type": "events",
        "bad": f'{METRIC}{{job="{job}", code=~"5.."}}',
        "total": f'{METRIC}{{job="{job}"}}',
    }
    return {"name": name, "objective": 99, "window": {"calendar": kind}, "sli": sli, **more}


PLAIN = service_of(
    *(slo(kind, "shop", kind) for kind in KINDS),
    *(slo(job, job, "month") for job in GAPS),
    {**slo("gap-over-short-30d", "gap-over-short", "month"), "window": "30d"},
    scrapeInterval="1m",
)
REGIONS = service_of(slo("regions", "shop", "month", by=["region"]), name="world", scrapeInterval="1m")


def instants(phase: float, steps: range) -> list[float]:
    """Evaluations of a group of rules about the boundary."""
    return [BOUNDARY + phase + LEDGER * step for step in steps]


NEAR = instants(PHASE, range(-4, 5))
FIRST = MARCH + PHASE + LEDGER
"""The first evaluation that belongs to March."""
AFTER_GAPS = [BOUNDARY + hours * HOUR + PHASE for hours in (6, 11)]
LAST_OLD, FIRST_NEW = BOUNDARY + PHASE, BOUNDARY + PHASE + LEDGER


@pytest.fixture(scope="module")
def recorded(tools: Tools) -> Iterator[tuple[Prometheus, list[Rule]]]:
    plain, regions = rules_text(PLAIN), rules_text(REGIONS)
    with Prometheus(tools) as server:
        rules = _record(server, plain, PHASE, [FIRST, *NEAR, *AFTER_GAPS], list(history()))
        late = {"world/regions/base": PHASE, "world/regions/ledger": LATE}
        times = sorted(chain(*(instants(phase, range(-1, 4)) for phase in (LATE, LATER))))
        _record(server, regions, {**late, "world/regions/ledger-2": LATER}, times, [])
        yield server, rules


def _record(server: Prometheus, text: str, phase: Any, times: list[float], extra: list[SeriesData]) -> list[Rule]:
    levels = (naming.OVERALL_LEVEL, naming.GROUP_LEVEL, naming.SOURCE_LEVEL)
    summed = {naming.at_level(name, level) for name in PERIODS for level in levels}
    every = {naming.at_level(name, level) for name in LEDGERS for level in levels}
    every |= {naming.at_level(naming.TOTAL_BASE, naming.SOURCE_LEVEL), naming.GROUPS, naming.PERIOD_SECONDS}
    return record(
        server,
        text,
        START,
        END,
        phase=phase,
        only=lambda rule: rule.name in summed | every,
        instants=dict.fromkeys(summed, times),
        extra=extra,
    )


def read(server: Prometheus, name: str, of: str, at: float, region: str = "") -> float:
    """A figure of an SLO, or of one region of it, as it was recorded."""
    level = naming.GROUP_LEVEL if region else naming.OVERALL_LEVEL
    (found,) = server.query(f'{naming.at_level(name, level)}{{slo="{of}", region="{region}"}}', at)
    return found.value


# What PromQL knows of the calendar.
def period_of(kind: str, moment: datetime) -> tuple[str, datetime, datetime]:
    """The period that an instant lies in: its name, when it begins, and when the next one does."""
    year, month, day = moment.year, moment.month, moment.date()
    if kind == "week":
        monday = day - timedelta(days=day.weekday())
        return str((monday - date(1970, 1, 5)).days // 7), midnight(monday), midnight(monday + timedelta(days=7))
    months = 1 if kind == "month" else 3
    first = (month - 1) // months * months + 1
    following = date(year + (first + months > 12), (first + months - 1) % 12 + 1, 1)
    name = f"{year}{month:02}" if kind == "month" else f"{year}{first // 3 + 1}"
    return name, midnight(date(year, first, 1)), midnight(following)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


@pytest.mark.parametrize("interval", [240, 225])
@pytest.mark.parametrize("kind", KINDS)
def test_promql_and_the_calendar_agree(recorded: tuple[Prometheus, list[Rule]], kind: str, interval: int) -> None:
    """At each midnight of thirteen years, right before and right after, half an interval later; and in between.

    So at every 29 February, Monday, month, quarter and new year.
    """
    server, _ = recorded
    found, half = calendar(kind, interval), interval // 2
    first, last = unix(2019, 12, 20), unix(2033, 1, 10)
    sweeps = [(first + half + beside, DAY) for beside in (-0.001, 0, 1)] + [(first + 0.5, 25_997)]
    for begin, step in sweeps:
        (length,) = server.query_range(found.length, begin, last, step)
        (elapsed,) = server.query_range(found.elapsed, begin, last, step)
        names = {
            round(at, 3): one.labels[naming.PERIOD]
            for one in server.query_range(found.present, begin, last, step)
            for at, value in zip(one.times.tolist(), one.values.tolist(), strict=True)
            if value == 1
        }
        assert len(names) == len(length.times) == len(elapsed.times) > 4700
        for at, seconds, over in zip(length.times.tolist(), length.values, elapsed.values, strict=True):
            moment = datetime.fromtimestamp(at - half, UTC)
            name, begins, ends = period_of(kind, moment)
            assert names[round(at, 3)] == name, moment
            assert seconds == (ends - begins).total_seconds(), moment
            assert over == pytest.approx((moment - begins).total_seconds(), abs=0.002), moment


# Over the boundary.
@pytest.mark.parametrize("kind", KINDS)
def test_the_old_period_ends_with_all_that_happened_in_it(recorded: tuple[Prometheus, list[Rule]], kind: str) -> None:
    """The incident in its last hour included; March is the longest month, and was recorded wholly."""
    server, _ = recorded
    bad, total = truth(BEGINS[kind], BOUNDARY)
    assert truth(INCIDENT, BOUNDARY)[0] / bad > 0.1
    covered = (BOUNDARY - BEGINS[kind]) / (OLD[kind] * DAY)
    assert read(server, naming.BAD_PERIOD, kind, LAST_OLD) == pytest.approx(bad, rel=EXACT)
    assert read(server, naming.TOTAL_PERIOD, kind, LAST_OLD) == pytest.approx(total, rel=EXACT)
    assert read(server, naming.ERROR_RATIO, kind, LAST_OLD) == pytest.approx(bad / total, rel=EXACT)
    assert read(server, naming.COVERAGE, kind, LAST_OLD) == pytest.approx(covered, rel=EXACT)
    used = covered * bad / total / BUDGET
    assert read(server, naming.BUDGET_USED, kind, LAST_OLD) == pytest.approx(used, rel=EXACT)
    # What is older than a day is counted by half hours.
    assert read(server, naming.MISSING, kind, LAST_OLD) < 900


@pytest.mark.parametrize("kind", KINDS)
def test_the_new_period_begins_at_zero(recorded: tuple[Prometheus, list[Rule]], kind: str) -> None:
    server, _ = recorded
    for count, at in enumerate(instants(PHASE, range(1, 5)), 1):
        _, total = truth(BOUNDARY, at - PHASE, "eu", "us", "ap")
        assert read(server, naming.BAD_PERIOD, kind, at) == pytest.approx(0, abs=1e-6)
        assert read(server, naming.TOTAL_PERIOD, kind, at) == pytest.approx(total, rel=EXACT)
        assert read(server, naming.ERROR_RATIO, kind, at) == pytest.approx(0, abs=1e-9)
        assert read(server, naming.COVERAGE, kind, at) == pytest.approx(count * LEDGER / (NEW[kind] * DAY))
        assert read(server, naming.BUDGET_USED, kind, at) == pytest.approx(0, abs=1e-9)
        assert read(server, naming.MISSING, kind, at) == 0


def test_a_month_begins_while_its_week_and_quarter_go_on(recorded: tuple[Prometheus, list[Rule]]) -> None:
    """1 March of a leap year, a Friday."""
    server, _ = recorded
    assert read(server, naming.BAD_PERIOD, "month", FIRST) == pytest.approx(0, abs=1e-6)
    assert read(server, naming.TOTAL_PERIOD, "month", FIRST) == pytest.approx(truth(MARCH, MARCH + LEDGER)[1])
    assert read(server, naming.COVERAGE, "month", FIRST) == pytest.approx(LEDGER / (31 * DAY))
    bad, total = truth(START, MARCH + LEDGER)
    for kind in ("week", "quarter"):
        assert read(server, naming.BAD_PERIOD, kind, FIRST) == pytest.approx(bad, rel=EXACT)
        assert read(server, naming.TOTAL_PERIOD, kind, FIRST) == pytest.approx(total, rel=EXACT)
        covered = (FIRST - START) / (OLD[kind] * DAY)
        assert read(server, naming.COVERAGE, kind, FIRST) == pytest.approx(covered, rel=EXACT)


def test_an_interval_belongs_to_the_period_of_its_middle(recorded: tuple[Prometheus, list[Rule]]) -> None:
    """So a period begins and ends up to two minutes late or early, and nothing is lost or counted twice."""
    server, _ = recorded
    for of, phase, shift in (("month", PHASE, SHIFT), ("regions", LATE, LATE_SHIFT)):
        last = BOUNDARY + phase - (LEDGER if shift < 0 else 0)
        assert abs(shift) < LEDGER / 2
        for begin, end, at in ((MARCH, BOUNDARY, last), (BOUNDARY, BOUNDARY + LEDGER, last + LEDGER)):
            bad, total = truth(begin + shift, end + shift)
            assert read(server, naming.BAD_PERIOD, of, at) == pytest.approx(bad, rel=1e-4, abs=1e-6)
            assert read(server, naming.TOTAL_PERIOD, of, at) == pytest.approx(total, rel=1e-4)


# Groups: eu and us were there all the time, ap since the middle of March, me until the 9th.
RECORDED = {"eu": 31.0, "us": 31.0, "ap": 15.5, "me": 8.0}


@pytest.mark.parametrize("region", RECORDED)
def test_each_group_has_the_period_of_its_own(recorded: tuple[Prometheus, list[Rule]], region: str) -> None:
    """What was recorded of it, be it half a month; a group that is gone stays until the month is over."""
    server, _ = recorded
    at = BOUNDARY + LATER
    bad, total = truth(MARCH + LATE_SHIFT, BOUNDARY + LATE_SHIFT, region)
    covered = RECORDED[region] / 31
    assert bad > 0
    assert read(server, naming.BAD_PERIOD, "regions", at, region) == pytest.approx(bad, rel=EXACT)
    assert read(server, naming.TOTAL_PERIOD, "regions", at, region) == pytest.approx(total, rel=EXACT)
    assert read(server, naming.ERROR_RATIO, "regions", at, region) == pytest.approx(bad / total, rel=EXACT)
    assert read(server, naming.COVERAGE, "regions", at, region) == pytest.approx(covered, rel=EXACT)
    used = covered * bad / total / BUDGET
    assert read(server, naming.BUDGET_USED, "regions", at, region) == pytest.approx(used, rel=EXACT)


def test_a_new_month_has_only_the_groups_that_are_left(recorded: tuple[Prometheus, list[Rule]]) -> None:
    server, _ = recorded
    at = BOUNDARY + LATER + 3 * LEDGER
    name = naming.at_level(naming.BUDGET_USED, naming.GROUP_LEVEL)
    assert {one.labels["region"] for one in server.query(name, at)} == {"eu", "us", "ap"}
    for region, rate in (("eu", 3), ("us", 1), ("ap", 1)):
        assert read(server, naming.TOTAL_PERIOD, "regions", at, region) == pytest.approx(3 * LEDGER * rate)
        assert read(server, naming.COVERAGE, "regions", at, region) == pytest.approx(3 * LEDGER / (30 * DAY))


# Later reads.
def test_a_previous_period_stays_readable(recorded: tuple[Prometheus, list[Rule]]) -> None:
    server, _ = recorded
    for kind in KINDS:
        bad, total = truth(BEGINS[kind], BOUNDARY)
        name, *_ = period_of(kind, datetime.fromtimestamp(BOUNDARY - 1, UTC))
        labels = f'slo="{kind}", {naming.PERIOD}="{name}"'
        for copy, events in ((naming.TOTAL_CALENDAR, total), (naming.BAD_CALENDAR, bad)):
            (found,) = server.query(f"sum_over_time({copy}{{{labels}}}[40d])", END)
            assert found.value == pytest.approx(events, rel=EXACT)


def test_a_range_over_the_boundary_reads_what_was_recorded(recorded: tuple[Prometheus, list[Rule]]) -> None:
    """The budget of March grows until the boundary, whatever the step of a panel, and April's is whole."""
    server, _ = recorded
    (used,) = server.query_range(f'{naming.BUDGET_USED}{{slo="month"}}', NEAR[0], NEAR[-1], 60)
    assert len(used.times) == (len(NEAR) - 1) * LEDGER / 60 + 1
    for at, value in zip(used.times.tolist(), used.values.tolist(), strict=True):
        evaluated = at - (at - PHASE) % LEDGER
        scraped = evaluated - (PHASE - SHIFT)
        if evaluated < FIRST_NEW:
            bad, total = truth(MARCH, scraped)
            expected = (evaluated - MARCH) / (31 * DAY) * bad / total / BUDGET
            assert value == pytest.approx(expected, rel=0.001), at - BOUNDARY
        else:
            assert value == pytest.approx(0, abs=1e-9), at - BOUNDARY


# Gaps.
@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("gap-before", {LAST_OLD: 8, FIRST_NEW: 0, AFTER_GAPS[1]: 0}),
        ("gap-over-short", {AFTER_GAPS[0]: 5, AFTER_GAPS[1]: 5}),
        ("gap-over-short-30d", {AFTER_GAPS[0]: 10, AFTER_GAPS[1]: 10}),
        ("gap-over-long", {AFTER_GAPS[1]: 9}),
    ],
)
def test_a_gap_counts_in_the_period_that_it_lies_in(
    recorded: tuple[Prometheus, list[Rule]], name: str, hours: Mapping[float, float]
) -> None:
    """Ten hours over the boundary are more than the budget lasts, but not where a half of them lies in each month."""
    server, rules = recorded
    (alert,) = (rule for rule in rules if rule.name == "SLORecordingGaps" and rule.labels["slo"] == name)
    for at, missing in hours.items():
        # What is older than a day is counted by half hours.
        assert read(server, naming.MISSING, name, at) == pytest.approx(missing * HOUR, abs=1800)
        assert bool(server.query(alert.expr, at)) == (missing > BUDGET_HOURS), at - BOUNDARY


# Alerts.
@pytest.mark.parametrize(("kind", "days"), [("week", 7), ("month", 30), ("quarter", 90)])
def test_burn_rates_are_those_of_a_fixed_period(kind: str, days: int) -> None:
    """A page means the same in February and in March."""

    def burns(window: Any) -> list[tuple[Any, ...]]:
        alerts = [one for one in slo_plan(service(window=window)).alerts() if one.pairs]
        return [(one.name, one.expr, one.pairs, one.guard, one.wait) for one in alerts]

    found = burns({"calendar": kind})
    assert found == burns(f"{days}d")
    pairs = [pair for _, _, some, _, _ in found for pair in some]
    assert [(float(pair.factor), float(pair.share)) for pair in pairs] == [(14.4, 0.02), (6, 0.05), (3, 0.1), (1, 0.1)]
    for pair in pairs:
        assert pair.long == pytest.approx(float(pair.share / pair.factor) * days * DAY, abs=1)
