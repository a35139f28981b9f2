"""Each way of having no data raises an alert of its own, and no other one; a service that is merely idle raises none.

Prometheus' own rule manager (`promtool test rules`) runs all rules of an SLO each four minutes, as it is with the
ledger. What is asked of an SLO is asked of all its alerts: any other one that ever fires fails the test.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from compile import METRIC, policy, rules_text, service_of
from harness.arrays import Floats
from harness.backfill import SeriesData
from harness.tools import Tools
from timelines import HOUR, Asked, evaluate, firing, near, per_second, rules_behind, scraped, starts

from slogen import naming
from slogen.promql.durations import DAY

pytestmark = pytest.mark.prometheus

STOPPED, DOWN, NO_DATA = "SLOTrafficStopped", "SLOTargetDown", "SLONoData"
GONE, BUCKET, CONTRADICTION = "SLOGroupGone", "SLOBucketMissing", "SLOGoodAboveTotal"
JOB = "shop"
MINUTE = 60
EVALUATED = 4 * MINUTE
LEDGER = "4m"
BEGIN, OVER, END = 2 * HOUR, 4 * HOUR, 6 * HOUR
TRAFFIC, FAILING = 10.0, 0.001
GROUPS_GO = policy("groups-go", extends="default", groupGone={})
MOST_UP = policy("most-up", extends="default", targetDown={"minimum": 80})

Span = tuple[float, float]


@dataclass(frozen=True)
class Scenario:
    """What an SLO reads, and the only alert that it starts: after `late` seconds of trouble, until `reset` after it.

    The evaluations that come on top are none of these. `of` are labels of that alert, and `beside` is a pattern of the
    names of others that may start.
    """

    series: list[SeriesData]
    alert: str = ""
    late: float = 0
    reset: float = 0
    trouble: Span = (BEGIN, OVER)
    end: float = END
    fields: Mapping[str, Any] = field(default_factory=dict)
    of: Mapping[str, str] = field(default_factory=dict)
    beside: str = ""


def events(metric: str = METRIC) -> dict[str, Any]:
    return {"type": "events", "bad": f'{metric}{{job="{JOB}", code="500"}}', "total": f'{metric}{{job="{JOB}"}}'}


LATENCY = {"type": "latency", "threshold": "500ms", "histogram": f'request_duration_seconds{{job="{JOB}"}}'}


def spec(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    slo = {"name": "availability", "objective": 99, "window": "30d", "sli": events(), **fields}
    return [GROUPS_GO, MOST_UP, service_of(slo)]


def requests(
    rate: Callable[[Floats], Floats] | float = TRAFFIC,
    end: float = END,
    gaps: tuple[Span, ...] = (),
    span: Span | None = None,
    metric: str = METRIC,
    **labels: str,
) -> list[SeriesData]:
    """Requests at so many a second, or counted by a function; few of them fail."""
    counted = rate if callable(rate) else per_second(rate)
    return [
        scraped(
            metric,
            {"job": JOB, **labels, "code": code},
            lambda times, share=share: counted(times) * share,  # type: ignore[misc]
            span or (0, end + 1),
            gaps=gaps,
        )
        for code, share in (("200", 1 - FAILING), ("500", FAILING))
    ]


def up(instance: str = "0", down: Span = (0, 0), end: float = END, gaps: tuple[Span, ...] = ()) -> SeriesData:
    """A target that answers, but not within `down`, and that is not discovered within `gaps`."""

    def answers(times: Floats) -> Floats:
        return np.where((times >= down[0]) & (times < down[1]), 0.0, 1.0)

    return scraped("up", {"job": JOB, "instance": instance}, answers, (0, end + 1), gaps=gaps)


def by_day(*idle: Span, rate: float = TRAFFIC) -> Callable[[Floats], Floats]:
    """A count that stands still within the spans `idle`, seconds in ascending order."""
    return per_second(rate, *(change for begin, end in idle for change in ((begin, 0.0), (end, rate))))


def nights(*days: int, longer: float = 0) -> list[Span]:
    """From ten in the evening before each of the days until six, or `longer` at both ends."""
    return [(max(day * DAY - 2 * HOUR - longer, 0), day * DAY + 6 * HOUR + longer) for day in days]


def histogram(pod: str, span: Span, *bounds: str) -> list[SeriesData]:
    """A pod's requests, of which all but a few are faster than half a second; `bounds` are its buckets."""
    shares = {"0.1": 0.5, "0.5": 1 - FAILING, "5": 1.0, "+Inf": 1.0}
    name, labels = "request_duration_seconds", {"job": JOB, "pod": pod}
    parts = [(f"{name}_count", labels, 1.0)]
    parts += [(f"{name}_bucket", {**labels, "le": bound}, shares[bound]) for bound in bounds]
    # A series that ends before the test does turns stale with the scrape after its last one.
    return [
        scraped(part, own, per_second(0, (span[0], TRAFFIC * share)), (span[0], END + 1), gaps=[(span[1], END + 1)])
        for part, own, share in parts
    ]


TROUBLE = (BEGIN, OVER)
RENAMED = "http_server_requests_total"
STOP, RETURN = 1.5 * DAY, 1.5 * DAY + 3 * HOUR
ALL_BUCKETS = ("0.1", "0.5", "5", "+Inf")

SCENARIOS: dict[str, Scenario] = {
    "idle-at-night": Scenario([*requests(by_day(*nights(0, 1, 2)), end=2.5 * DAY), up(end=2.5 * DAY)], end=2.5 * DAY),
    "traffic-stopped": Scenario(
        [*requests(by_day((STOP, RETURN)), end=RETURN + HOUR), up(end=RETURN + HOUR)],
        STOPPED,
        late=HOUR,
        trouble=(STOP, RETURN),
        end=RETURN + HOUR,
    ),
    "target-down": Scenario([*requests(gaps=(TROUBLE,)), up(down=TROUBLE)], DOWN, late=10 * MINUTE),
    "target-left-discovery": Scenario(
        [*requests(gaps=(TROUBLE,)), up(gaps=(TROUBLE,))], NO_DATA, late=90 + 15 * MINUTE, reset=MINUTE
    ),
    "renamed": Scenario(
        [*requests(gaps=(TROUBLE,)), *requests(metric=RENAMED, span=TROUBLE), up()],
        NO_DATA,
        late=90 + 15 * MINUTE,
        reset=MINUTE,
    ),
    "group-gone": Scenario(
        [*requests(tenant="a"), *requests(tenant="b"), *requests(tenant="c", gaps=(TROUBLE,)), up()],
        GONE,
        late=90 + 15 * MINUTE,
        reset=MINUTE,
        fields={"by": ["tenant"], "alerting": {"policy": "groups-go"}},
        of={"tenant": "c", "slo_group": "tenant=c"},
    ),
    "group-gone-by-default": Scenario(
        [*requests(tenant="a"), *requests(tenant="c", gaps=(TROUBLE,)), up()], fields={"by": ["tenant"]}
    ),
    "all-groups-gone": Scenario(
        [*requests(tenant="a", gaps=(TROUBLE,)), *requests(tenant="b", gaps=(TROUBLE,)), up()],
        NO_DATA,
        late=90 + 15 * MINUTE,
        reset=MINUTE,
        fields={"by": ["tenant"], "alerting": {"policy": "groups-go"}},
    ),
    "bucket-gone": Scenario(
        [
            *histogram("before", (0, BEGIN), *ALL_BUCKETS),
            *histogram("release", TROUBLE, "0.1", "5", "+Inf"),
            *histogram("after", (OVER, END + 1), *ALL_BUCKETS),
            up(),
        ],
        BUCKET,
        late=15 * MINUTE,
        fields={"sli": LATENCY},
    ),
    "half-of-the-targets-down": Scenario(
        [*requests(gaps=(TROUBLE,), pod="a"), *requests(pod="b"), up("a", down=TROUBLE), up("b")],
        DOWN,
        late=10 * MINUTE,
        fields={"alerting": {"policy": "most-up"}},
    ),
    "half-of-the-targets-down-by-default": Scenario(
        [*requests(gaps=(TROUBLE,), pod="a"), *requests(pod="b"), up("a", down=TROUBLE), up("b")]
    ),
    "a-fifth-of-the-targets-down": Scenario(
        [
            *requests(),
            *(up(str(number), down=TROUBLE if number == 0 else (0, 0)) for number in range(5)),
        ],
        fields={"alerting": {"policy": "most-up"}},
    ),
}


def _asked(scenario: Scenario) -> list[Asked]:
    (begin, over), end = scenario.trouble, scenario.end
    others = f'ALERTS{{alertstate="firing", alertname!~"{scenario.alert}|{scenario.beside}"}}'
    asked = [Asked(f"count(count_over_time({others}[{int(end) + 1}s])) or vector(0)", end, 0)]
    if not scenario.alert:
        return asked
    # A failed scrape or a stale series is seen with the scrape, up to half a minute late.
    fires, ends = begin + scenario.late + 30 + 2 * EVALUATED, over + scenario.reset + 30 + EVALUATED
    asked += [
        starts(scenario.alert, scenario.of, end, 1),
        starts(scenario.alert, {}, end, 1),
        firing(scenario.alert, {}, begin + scenario.late - 30, 0),
        *(firing(scenario.alert, {}, moment) for moment in np.arange(fires, over, 10 * MINUTE)),
        firing(scenario.alert, {}, ends, 0),
        firing(scenario.alert, {}, end, 0),
    ]
    return asked


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_way_of_having_no_data_has_an_alert_of_its_own(tools: Tools, name: str) -> None:
    scenario = SCENARIOS[name]
    asked = [*_asked(scenario), near(naming.ERROR_RATIO, scenario.end, FAILING, 0.01 * FAILING)]
    evaluate(tools, rules_text(spec(scenario.fields)), scenario.series, asked, LEDGER)


EIGHT_DAYS = 8 * DAY + 8 * HOUR
WEEKS: dict[str, Scenario] = {
    "stopped": Scenario(
        requests(by_day((7.5 * DAY, 7.5 * DAY + 3 * HOUR)), end=EIGHT_DAYS)[:1],
        STOPPED,
        late=HOUR,
        trouble=(7.5 * DAY, 7.5 * DAY + 3 * HOUR),
        end=EIGHT_DAYS,
    ),
    # A day ago there was traffic, a week ago there was none.
    "closed-on-that-day-of-the-week": Scenario(
        requests(by_day((0, DAY), (7 * DAY, 8 * DAY)), end=EIGHT_DAYS)[:1], end=EIGHT_DAYS
    ),
    # As when the clocks change.
    "night-an-hour-longer-at-both-ends": Scenario(
        requests(by_day(*nights(*range(8)), *nights(8, longer=HOUR)), end=EIGHT_DAYS)[:1], end=EIGHT_DAYS
    ),
}


@pytest.mark.parametrize("name", WEEKS)
def test_traffic_is_expected_where_there_was_some_a_week_ago(tools: Tools, name: str) -> None:
    scenario = WEEKS[name]
    rules = rules_behind(rules_text(spec({})), STOPPED)
    evaluate(tools, rules, scenario.series, _asked(scenario), LEDGER)


def test_a_group_that_stays_away_counts_as_retired(tools: Tools) -> None:
    """Six hours after its last data, which the ledger has for as long as an interval and a look back."""
    end = 9 * HOUR
    series = [*requests(tenant="a", end=end), *requests(tenant="b", gaps=((BEGIN, end + 1),), end=end)]
    rules = rules_behind(rules_text(spec({"by": ["tenant"], "alerting": {"policy": "groups-go"}})), GONE)
    asked = [
        starts(GONE, {"tenant": "b"}, end, 1),
        starts(GONE, {}, end, 1),
        firing(GONE, {}, BEGIN + 6 * HOUR - EVALUATED),
        firing(GONE, {}, BEGIN + 6 * HOUR + 3 * EVALUATED, 0),
    ]
    evaluate(tools, rules, series, asked, LEDGER)


CONTRADICTIONS: dict[str, tuple[str, float, float]] = {
    "good-5%-more": ("good", TRAFFIC, 1.05 * TRAFFIC),
    "good-half-a-percent-more": ("good", TRAFFIC, 1.005 * TRAFFIC),
    "good-four-more-than-20-in-an-hour": ("good", 20 / HOUR, 24 / HOUR),
    "good-one-more-than-20-in-an-hour": ("good", 20 / HOUR, 21 / HOUR),
    "good-of-a-total-that-counts-nothing": ("good", 0, TRAFFIC),
    "bad-5%-more": ("bad", TRAFFIC, 1.05 * TRAFFIC),
    "bad-half-a-percent-more": ("bad", TRAFFIC, 1.005 * TRAFFIC),
    "bad-four-more-than-20-in-an-hour": ("bad", 20 / HOUR, 24 / HOUR),
    "bad-one-more-than-20-in-an-hour": ("bad", 20 / HOUR, 21 / HOUR),
    "bad-of-a-total-that-counts-nothing": ("bad", 0, TRAFFIC),
}
"""Which counter there is beside the total's, and how many events a second the total and that one count."""


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_more_good_or_bad_events_than_events_are_reported(tools: Tools, name: str) -> None:
    """Within an hour a percent and two events are no contradiction; 1% fail before and after.

    The excess over the total in the last hour passes that limit when the trouble fills a certain share of the hour.
    """
    kind, rate, apart = CONTRADICTIONS[name]
    normal = rate * (0.99 if kind == "good" else 0.01)
    before, within, limit = (normal - rate) * HOUR, (apart - rate) * HOUR, max(rate * HOUR * 0.01, 2)
    share = (limit - before) / (within - before)
    scenario = Scenario(
        [
            scraped("events_total", {"job": JOB}, per_second(rate), (0, END + 1)),
            scraped("apart_total", {"job": JOB}, per_second(normal, (BEGIN, apart), (OVER, normal)), (0, END + 1)),
            up(),
        ],
        CONTRADICTION if within > limit else "",
        late=share * HOUR + 15 * MINUTE,
        reset=(1 - share) * HOUR,
        beside="SLOBudget.*" if kind == "bad" else "",
    )
    sli = {"type": "events", kind: f'apart_total{{job="{JOB}"}}', "total": f'events_total{{job="{JOB}"}}'}
    evaluate(tools, rules_text(spec({"sli": sli})), scenario.series, _asked(scenario), LEDGER)
