"""Slice types on a real Prometheus: budgets are those of a known truth, what is missing is what the spec says.

Budgets are recorded over two and a half days, each group at its own interval and phase; `missing` and alerts are
judged by Prometheus' own rule manager (`promtool test rules`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from compile import rules_text, service, service_of
from harness import synthetic
from harness.arrays import Floats
from harness.backfill import SeriesData
from harness.rules import Rule, load_rules
from harness.server import Prometheus
from harness.staged import record
from harness.tools import Tools
from timelines import HOUR, Asked, evaluate, firing, groups_of, per_second, scraped, starts

from slogen import naming
from slogen.promql.durations import DAY

pytestmark = pytest.mark.prometheus

START = synthetic.MIDNIGHT
PERIOD_HOURS = 48
BASE_PHASE, LEDGER_PHASE = 17.0, 76.5
END = START + 2.5 * DAY - 240 + LEDGER_PHASE
LAST_HOUR = 60
BUDGET = 0.01
EXACT = 0.005
"""How far a figure may be off, relative to the truth."""
COVERAGE_STEP = 480 / 3600 / PERIOD_HOURS
NAN = float("nan")
Value = float | None

BASES = (naming.TOTAL_BASE, naming.BAD_BASE)
LEDGERS = (naming.TOTAL_LEDGER, naming.BAD_LEDGER)
PERIODS = (
    naming.TOTAL_PERIOD,
    naming.BAD_PERIOD,
    naming.ERROR_RATIO,
    naming.COVERAGE,
    naming.BUDGET_USED,
    naming.FIRST_SEEN,
    naming.MISSING,
)


def scrapes(last: float = LAST_HOUR, every: int = 30, offset: float = 7.0) -> Floats:
    """Seconds since the start at which a target is scraped."""
    return np.arange(offset, last * HOUR, every)


def gauge(name: str, first: Value, *changes: tuple[float, Value], offset: float = 7.0, **labels: str) -> SeriesData:
    """A gauge with value `first`, and from each (hour, value) on that one; None: it is not there."""
    hours = [0.0, *(hour for hour, _ in changes), np.inf]
    times, stale, values = scrapes(offset=offset), [], []
    kept = np.zeros(len(times), dtype=bool)
    for (begin, end), value in zip(pairwise(hours), [first, *(value for _, value in changes)], strict=True):
        inside = (times >= begin * HOUR) & (times < end * HOUR)
        if value is None:
            stale += times[inside][:1].tolist()
        else:
            kept |= inside
            values.append(np.full(inside.sum(), float(value)))
    return SeriesData(name, labels, START + times[kept], np.concatenate(values), [START + at for at in stale])


def counter(name: str, rate: float, *changes: tuple[float, float], **labels: str) -> SeriesData:
    """A counter that grows at `rate` per second, and from each (hour, rate) on at that one."""
    times = scrapes()
    counted = per_second(rate, *((hour * HOUR, value) for hour, value in changes))
    return SeriesData(name, labels, START + times, np.floor(counted(times)))


def last_success(stops: float, returns: float, *, gone: bool = False, first: float = 0.0, **labels: str) -> SeriesData:
    """When a job that runs each ten minutes, beginning at hour `first`, last succeeded; it has a break in between.

    With `gone` its series is not there meanwhile.
    """
    times = scrapes()
    done = times - (times - first * HOUR) % 600
    resting = (times >= stops * HOUR) & (times < returns * HOUR)
    done[resting] = stops * HOUR
    kept = ~resting if gone else np.ones(len(times), dtype=bool)
    stale = (START + times[resting][:1]).tolist() if gone else []
    return SeriesData("last_success_seconds", labels, START + times[kept], START + done[kept], stale)


def gone(series: SeriesData, begin: float, end: float) -> SeriesData:
    """Not there between two hours."""
    kept = (series.times < START + begin * HOUR) | (series.times >= START + end * HOUR)
    return SeriesData(series.name, series.labels, series.times[kept], series.values[kept], [series.times[~kept][0]])


@dataclass(frozen=True)
class Truth:
    """An SLI, what it reads, and how many hours of the period were bad for each objective, and how many are known."""

    sli: dict[str, Any]
    series: Sequence[SeriesData]
    bad: float | Mapping[str, float]
    known: float = PERIOD_HOURS
    objectives: Sequence[Mapping[str, Any]] = field(default=())


def targets(job: str, *fates: tuple[tuple[float, Value], ...]) -> list[SeriesData]:
    return [
        gauge("up", 1, *fate, job=job, instance=str(number), offset=7.0 + number) for number, fate in enumerate(fates)
    ]


def probe(job: str, **more: Any) -> dict[str, Any]:
    return {"type": "probe", "targets": f'up{{job="{job}"}}', "expected": 5, "failures": 2, **more}


WELL: tuple[tuple[float, Value], ...] = ()
DOWN: tuple[tuple[float, Value], ...] = ((40, 0), (41, 1))
LEFT: tuple[tuple[float, Value], ...] = ((40, None), (41, 1))


def freshness(job: str, **more: Any) -> dict[str, Any]:
    return {"type": "freshness", "timestamp": f'last_success_seconds{{job="{job}"}}', "maxAge": "30m", **more}


def shards(job: str) -> list[SeriesData]:
    """Two jobs, one of which rests for six hours: it is too old for five and a half."""
    return [last_success(40, 46, job=job, shard="a"), last_success(0, 0, job=job, shard="b")]


def threshold(job: str, **more: Any) -> dict[str, Any]:
    return {"type": "threshold", "gauge": f'lag{{job="{job}"}}', **more}


def lags(job: str) -> list[SeriesData]:
    """`a` is 15 for six hours, `b` for the last two of them and one more; else both are 5."""
    return [
        gauge("lag", 5, (40, 15), (46, 5), job=job, pod="a"),
        gauge("lag", 5, (44, 15), (47, 5), job=job, pod="b", offset=13.0),
    ]


def ratio(job: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "ratio",
        "bad": f'requests_total{{job="{job}", code="500"}}',
        "total": f'requests_total{{job="{job}"}}',
        "above": 5,
        **more,
    }


def requests(job: str, *parts: tuple[float, float, float]) -> list[SeriesData]:
    """Ten requests per second of which 2% fail; from each (hour, rate, share of failures) on otherwise."""
    good = [(hour, rate * (1 - share)) for hour, rate, share in parts]
    failed = [(hour, rate * share) for hour, rate, share in parts]
    return [
        counter("requests_total", 9.8, *good, job=job, code="200"),
        counter("requests_total", 0.2, *failed, job=job, code="500"),
    ]


QUIET_NIGHTS = ((20, 0.0, 0.0), (28, 10.0, 0.02), (44, 0.0, 0.0), (52, 10.0, 0.02))
BUSY = (10.0, 0.02)


def raw(job: str, **more: Any) -> dict[str, Any]:
    return {"type": "raw", "errorRatio": f'error_ratio{{job="{job}"}}', **more}


TRUTHS: dict[str, Truth] = {
    "probe-well": Truth(probe("probe-well"), targets("probe-well", *[WELL] * 5), 0),
    "probe-three-of-five-down": Truth(
        probe("probe-three-of-five-down"), targets("probe-three-of-five-down", DOWN, DOWN, DOWN, WELL, WELL), 1
    ),
    "probe-one-down-is-below-the-quorum": Truth(
        probe("probe-one-down-is-below-the-quorum"),
        targets("probe-one-down-is-below-the-quorum", DOWN, WELL, WELL, WELL, WELL),
        0,
    ),
    "probe-one-down-one-left-discovery": Truth(
        probe("probe-one-down-one-left-discovery"),
        targets("probe-one-down-one-left-discovery", DOWN, LEFT, WELL, WELL, WELL),
        1,
    ),
    "probe-all-gone": Truth(probe("probe-all-gone"), targets("probe-all-gone", *[LEFT] * 5), 1),
    "probe-all-gone-skipped": Truth(
        probe("probe-all-gone-skipped", missing="skip"), targets("probe-all-gone-skipped", *[LEFT] * 5), 0, 47
    ),
    "probe-overlapping-failures": Truth(
        # Two are down together for 2 h, and for 3 h one after the other.
        probe("probe-overlapping-failures"),
        targets("probe-overlapping-failures", ((40, 0), (43, 1)), ((41, 0), (44, 1), (50, 0), (52, 1)), WELL, WELL)
        + targets("probe-overlapping-failures", WELL, WELL, WELL, WELL, ((20, 0), (22, 1)))[-1:],
        2,
    ),
    "freshness-well": Truth(freshness("freshness-well"), [last_success(0, 0, job="freshness-well")], 0),
    "freshness-stops-and-is-back": Truth(
        freshness("freshness-stops-and-is-back"), [last_success(40, 46, job="freshness-stops-and-is-back")], 5.5
    ),
    "freshness-gone": Truth(freshness("freshness-gone"), [last_success(40, 46, gone=True, job="freshness-gone")], 6),
    "freshness-never": Truth(
        freshness("freshness-never"), [gauge("last_success_seconds", 0, job="freshness-never")], 48
    ),
    **{
        f"freshness-{how}": Truth(freshness(f"freshness-{how}", aggregate=how), shards(f"freshness-{how}"), bad)
        for how, bad in {"any": 5.5, "all": 0, "share": 2.75, "max": 0, "min": 5.5}.items()
    },
    "threshold-well": Truth(threshold("threshold-well", above=15), lags("threshold-well"), 0),
    **{
        f"threshold-above-{how}": Truth(
            threshold(f"threshold-above-{how}", above=10, aggregate=how), lags(f"threshold-above-{how}"), bad
        )
        for how, bad in {"any": 7, "all": 2, "share": 4.5, "max": 7, "min": 2}.items()
    },
    # Below 10 is the other way round: only within the two hours that they share is neither.
    **{
        f"threshold-below-{how}": Truth(
            threshold(f"threshold-below-{how}", below=10, aggregate=how), lags(f"threshold-below-{how}"), bad
        )
        for how, bad in {"any": 46, "all": 41, "share": 43.5, "max": 41, "min": 46}.items()
    },
    "threshold-of-an-expression": Truth(
        {"type": "threshold", "gauge": 'sum(lag{job="threshold-of-an-expression"}) / 2', "above": 10.5},
        lags("threshold-of-an-expression"),
        2,
    ),
    "threshold-negative": Truth(
        threshold("threshold-negative", below=-1.5),
        [gauge("lag", -1, (40, -2), (43, -1.5), job="threshold-negative")],
        3,
    ),
    "threshold-not-a-number": Truth(
        threshold("threshold-not-a-number", above=10),
        [gauge("lag", 5, (38, 15), (40, NAN), (44, 5), job="threshold-not-a-number")],
        2,
        44,
    ),
    "threshold-one-of-two-not-a-number": Truth(
        threshold("threshold-one-of-two-not-a-number", above=10, aggregate="all"),
        [
            gauge("lag", 5, (38, NAN), (44, 5), job="threshold-one-of-two-not-a-number", pod="a"),
            gauge("lag", 5, (40, 15), (44, 5), job="threshold-one-of-two-not-a-number", pod="b"),
        ],
        4,
    ),
    "threshold-infinite": Truth(
        threshold("threshold-infinite", above=10),
        [gauge("lag", 5, (40, float("inf")), (43, 5), job="threshold-infinite")],
        3,
    ),
    "threshold-two-objectives": Truth(
        threshold("threshold-two-objectives"),
        [gauge("lag", 5, (38, 15), (40, 25), (45, 5), job="threshold-two-objectives")],
        {"calm": 7, "usable": 5},
        objectives=[
            {"name": "calm", "objective": 99, "above": 10},
            {"name": "usable", "objective": 99, "above": 20},
        ],
    ),
    "threshold-objectives-on-both-sides": Truth(
        threshold("threshold-objectives-on-both-sides"),
        [gauge("lag", 5, (38, 15), (40, 1), (45, 5), job="threshold-objectives-on-both-sides")],
        {"high": 2, "low": 5},
        objectives=[{"name": "high", "objective": 99, "above": 10}, {"name": "low", "objective": 99, "below": 2}],
    ),
    **{
        f"threshold-slices-of-{length}": Truth(
            threshold(f"threshold-slices-of-{length}", above=10, slice=length), lags(f"threshold-slices-of-{length}"), 7
        )
        for length in ("2m", "3m", "4m")
    },
    "ratio-well": Truth(ratio("ratio-well"), requests("ratio-well"), 0),
    "ratio-idle-is-good": Truth(
        # Beside the quiet nights, two hours fail by day.
        ratio("ratio-idle-is-good"),
        requests("ratio-idle-is-good", *QUIET_NIGHTS, (54, 10.0, 0.1), (56, *BUSY)),
        2,
    ),
    "ratio-errors-never-seen": Truth(
        ratio("ratio-errors-never-seen"), [counter("requests_total", 10, job="ratio-errors-never-seen", code="200")], 0
    ),
    "ratio-slices-alike": Truth(
        # Six hours at one request per second weigh twice as much as three hours at a hundred.
        ratio("ratio-slices-alike"),
        requests("ratio-slices-alike", (20, 1.0, 0.1), (26, *BUSY), (40, 100.0, 0.1), (43, *BUSY)),
        9,
    ),
    "ratio-all-fail": Truth(ratio("ratio-all-fail"), requests("ratio-all-fail", (30, 10, 1), (42, *BUSY)), 12),
    "ratio-gone-is-skipped": Truth(
        ratio("ratio-gone-is-skipped"),
        [gone(one, 44, 47) for one in requests("ratio-gone-is-skipped", (38, 10, 0.1), (42, *BUSY))],
        4,
        45,
    ),
    "raw-well": Truth(raw("raw-well"), [gauge("error_ratio", 0, job="raw-well")], 0),
    "raw-burning": Truth(
        raw("raw-burning"), [gauge("error_ratio", 0, (40, 0.3), (45, 0), job="raw-burning")], 5 * 0.3
    ),
    "raw-held-between-0-and-1": Truth(
        raw("raw-held-between-0-and-1"),
        [gauge("error_ratio", 0, (40, 1.7), (43, -0.5), (46, 0), job="raw-held-between-0-and-1")],
        3,
    ),
    "raw-not-a-number": Truth(
        raw("raw-not-a-number"), [gauge("error_ratio", 0, (38, 0.5), (42, NAN), (46, 0), job="raw-not-a-number")], 2, 44
    ),
    "raw-over-counters": Truth(
        # Weighted by time: traffic is a tenth during the first incident.
        raw("raw-over-counters", errorRatio=(
            'sum(rate(requests_total{job="raw-over-counters", code="500"}[$window]))'
            ' / sum(rate(requests_total{job="raw-over-counters"}[$window]))'
        )),
        requests("raw-over-counters", (0, 10, 0), (20, 1.0, 0.4), (26, 10, 0), (40, 10, 0.1), (44, 10, 0)),
        6 * 0.4 + 4 * 0.1,
    ),
}  # fmt: skip


MISSING = ("bad", "good", "skip")
KINDS: dict[str, dict[str, Any]] = {
    "probe": {"type": "probe", "targets": 'up{job="JOB"}', "expected": 1},
    "freshness": {"type": "freshness", "timestamp": 'last_success_seconds{job="JOB"}', "maxAge": "30m"},
    "threshold": {"type": "threshold", "gauge": 'up{job="JOB"}', "below": 1},
    "ratio": ratio("JOB"),
    "raw": {"type": "raw", "errorRatio": '1 - up{job="JOB"}'},
}
DEFAULTS = {"probe": "bad", "freshness": "bad", "threshold": "skip", "ratio": "skip", "raw": "skip"}


def missing_for_an_hour(kind: str, missing: str) -> Truth:
    """One SLO whose whole source is gone from hour 40 to 41, and good besides."""
    job = f"{kind}-missing-{missing}"
    sli = {key: value.replace("JOB", job) if isinstance(value, str) else value for key, value in KINDS[kind].items()}
    series = [gauge("up", 1, job=job), last_success(0, 0, job=job), *requests(job)]
    bad, known = float(missing == "bad"), PERIOD_HOURS - float(missing == "skip")
    return Truth({**sli, "missing": missing}, [gone(one, 40, 41) for one in series], bad, known)


TRUTHS |= {f"{kind}-missing-{missing}": missing_for_an_hour(kind, missing) for kind in KINDS for missing in MISSING}


def slo(name: str, truth: Truth) -> dict[str, Any]:
    promise = {"objectives": list(truth.objectives)} if truth.objectives else {"objective": 99}
    return {"name": name, "window": "2d", "sli": truth.sli, **promise}


def wanted(rule: Rule) -> bool:
    return rule.name in {*BASES, *LEDGERS, *PERIODS}


@pytest.fixture(scope="module")
def recorded(tools: Tools) -> Iterator[Prometheus]:
    """A server on which the rules of all the SLOs have run; the ledger is evaluated just before a base."""
    text = rules_text(service_of(*(slo(name, truth) for name, truth in TRUTHS.items())))
    phase = {rule.group: LEDGER_PHASE if rule.group.endswith("/ledger") else BASE_PHASE for rule in load_rules(text)}
    with Prometheus(tools) as server:
        record(
            server,
            text,
            START,
            END,
            phase=phase,
            only=wanted,
            instants={name: [END] for name in PERIODS},
            extra=[series for truth in TRUTHS.values() for series in truth.series],
        )
        yield server


@pytest.mark.parametrize("name", TRUTHS)
def test_a_budget_is_that_of_the_truth(recorded: Prometheus, name: str) -> None:
    truth = TRUTHS[name]
    coverage = of(recorded, naming.COVERAGE, name)
    assert coverage == pytest.approx(truth.known / PERIOD_HOURS, abs=COVERAGE_STEP if truth.known < PERIOD_HOURS else 0)
    length = {"2m": 120, "3m": 180, "4m": 240}.get(truth.sli.get("slice", ""), 60)
    assert of(recorded, naming.TOTAL_PERIOD, name) * length == pytest.approx(truth.known * HOUR, rel=EXACT)
    for objective, bad in (truth.bad if isinstance(truth.bad, Mapping) else {"": truth.bad}).items():
        assert of(recorded, naming.ERROR_RATIO, name, objective) == pytest.approx(bad / truth.known, rel=EXACT)
        used = bad / PERIOD_HOURS / BUDGET
        assert of(recorded, naming.BUDGET_USED, name, objective) == pytest.approx(used, rel=EXACT)


def of(server: Prometheus, name: str, slo: str, objective: str = "") -> float:
    (found,) = server.query(f'{name}{{service="shop", slo="{slo}", objective="{objective}"}}', END)
    return found.value


# What is missing, judged by an SLO of each type whose source is gone for an hour.
NO_DATA, PAGE = "SLONoData", "SLOBudgetBurnPage"
MINUTE = 60


@pytest.mark.parametrize("missing", MISSING)
def test_an_hour_without_the_series_is_what_missing_says(recorded: Prometheus, missing: str) -> None:
    """Bad counts an hour, good none; what is skipped is not covered, and known to be missing."""
    skipped = missing == "skip"
    for kind in KINDS:
        name = f"{kind}-missing-{missing}"
        bad = of(recorded, naming.BAD_PERIOD, name)
        assert bad == pytest.approx(60 if missing == "bad" else 0, abs=1 if kind == "ratio" else 0), name
        assert of(recorded, naming.TOTAL_PERIOD, name) == pytest.approx(2880 - 60 * skipped, abs=1 * skipped), name
        coverage = of(recorded, naming.COVERAGE, name)
        assert coverage == pytest.approx(47 / 48, abs=COVERAGE_STEP) if skipped else coverage == 1, name
        # When it was first seen is known to the hour, less here, after a restart of nothing but these rules.
        assert of(recorded, naming.MISSING, name) == pytest.approx(HOUR if skipped else 0, abs=480), name


@pytest.mark.parametrize("missing", [*MISSING, None])
def test_no_data_is_an_alert_where_it_is_skipped(tools: Tools, missing: str | None) -> None:
    gone, end = (HOUR, 2 * HOUR), 3 * HOUR
    series = [
        scraped("up", {"job": "x"}, lambda times: 0 * times + 1, (0, end + 1), gaps=[gone]),
        *(
            scraped("requests_total", {"job": "x", "code": code}, per_second(rate), (0, end + 1), gaps=[gone])
            for code, rate in (("200", 9.9), ("500", 0.1))
        ),
    ]
    kinds = {**KINDS, "freshness": {"type": "freshness", "timestamp": "time() + up", "maxAge": "30m"}}
    slos = []
    asked = []
    for kind, sli in kinds.items():
        given = {} if missing is None else {"missing": missing}
        plain = {key: value.replace("JOB", "x") if isinstance(value, str) else value for key, value in sli.items()}
        slos.append({"name": kind, "objective": 99, "sli": {**plain, **given}})
        alerts = (missing or DEFAULTS[kind]) == "skip"
        asked += [
            firing(NO_DATA, {"slo": kind}, at * MINUTE, int(alerts and at == 90)) for at in (60, 72, 90, 125, 180)
        ]
    evaluate(tools, groups_of(rules_text(service_of(*slos)), "base", "health"), series, asked)


@pytest.mark.parametrize("missing", MISSING)
def test_a_source_that_was_never_there(tools: Tools, missing: str) -> None:
    """From the first slice on it is what `missing` says."""
    slos = [{"name": kind, "objective": 99, "sli": {**sli, "missing": missing}} for kind, sli in KINDS.items()]
    share = {"bad": 1.0, "good": 0.0, "skip": None}[missing]
    asked = []
    for kind in KINDS:
        bad, total = (
            f'sum(sum_over_time({name}{{slo="{kind}"}}[30m]))' for name in (naming.BAD_BASE, naming.TOTAL_BASE)
        )
        asked += [Asked(f"{bad} / {total}", HOUR, share), firing(NO_DATA, {"slo": kind}, HOUR, int(missing == "skip"))]
    evaluate(tools, groups_of(rules_text(service_of(*slos)), "base", "health"), [], asked)


@pytest.mark.parametrize("how", ["down", "gone"])
def test_a_total_outage_of_a_probe_pages_and_resets(tools: Tools, how: str) -> None:
    """Three targets from minute 120 to 150; half an hour after it both short windows have forgotten it."""
    end = 4 * HOUR
    outage = (120.0 * MINUTE, 150.0 * MINUTE)

    def up(times: Floats) -> Floats:
        failing = (times >= outage[0]) & (times < outage[1])
        return np.where(failing & (how == "down"), 0.0, 1.0)

    gaps = [outage] if how == "gone" else []
    series = [scraped("up", {"instance": str(number)}, up, (0, end + 1), gaps=gaps) for number in range(3)]
    # A second SLO keeps its last target.
    failing = [*series[:2], scraped("up", {"instance": "2"}, lambda times: 0 * times + 1, (0, end + 1))]
    renamed = [SeriesData("up2", one.labels, one.times, one.values, one.stale) for one in failing]
    slos = [
        {"name": "all", "objective": 99.9, "sli": {"type": "probe", "targets": "up", "expected": 3, "failures": 3}},
        {"name": "two", "objective": 99.9, "sli": {"type": "probe", "targets": "up2", "expected": 3, "failures": 3}},
    ]
    labels = {"service": "shop", "slo": "all", "severity": "page"}
    asked = [
        firing(PAGE, labels, outage[0], 0),
        firing(PAGE, labels, outage[0] + 5 * MINUTE, 1),
        firing(PAGE, labels, outage[1], 1),
        firing(PAGE, labels, outage[1] + 35 * MINUTE, 0),
        starts(PAGE, labels, end, 1),
        starts(PAGE, {"slo": "two"}, end, 0),
    ]
    rules = groups_of(rules_text(service_of(*slos)), "base")
    evaluate(tools, rules, [*series, *renamed], asked)


def test_a_page_of_one_objective_is_not_one_of_the_other(tools: Tools) -> None:
    """The gauge is between the two bounds for an hour."""
    end = 3 * HOUR
    lag = scraped("lag", {}, lambda times: np.where((times >= HOUR) & (times < 2 * HOUR), 15.0, 5.0), (0, end + 1))
    bounds = [{"name": "calm", "objective": 99.9, "above": 10}, {"name": "usable", "objective": 99.9, "above": 20}]
    rules = rules_text(service(name="shop", sli={"type": "threshold", "gauge": "lag"}, objectives=bounds))
    asked = [starts(PAGE, {"objective": "calm"}, end, 1), starts(PAGE, {"objective": "usable"}, end, 0)]
    evaluate(tools, groups_of(rules, "base"), [lag], asked)
