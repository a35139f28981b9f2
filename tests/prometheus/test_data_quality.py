"""Bad data keeps the budget right or raises the alert that says why not; it never yields a silent wrong figure.

Prometheus' own rule manager (`promtool test rules`) runs all generated groups, all of them each four minutes, as it
is with the ledger: one SLO for each scenario.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
import yaml
from compile import rules_text, service, service_of, slo_plan
from harness.api import remote_write
from harness.arrays import Floats
from harness.backfill import SeriesData
from harness.server import Prometheus
from harness.synthetic import DAY, MIDNIGHT
from harness.tools import Tools
from timelines import HOUR, TICK, Asked, ends, evaluate, firing, near, per_second, scraped

from slogen import naming
from slogen.rules import Role

pytestmark = pytest.mark.prometheus

END = 4 * HOUR
SPAN = (0.0, END + 1.0)
LEDGER = "4m"
NO_DATA, COVERAGE, GAPS, PAGE = "SLONoData", "SLOSourceCoverage", "SLORecordingGaps", "SLOBudgetBurnPage"
BUCKET, TARGET, STOPPED = "SLOBucketMissing", "SLOTargetDown", "SLOTrafficStopped"
TRAFFIC, RATIO = 10.0, 0.01
EXACT = 0.005
"""How far a figure may be off, relative to the truth."""


@dataclass(frozen=True)
class Scenario:
    """Series, the SLI that reads them, the true error ratio (None: not asked for) and the alerts that must fire."""

    sli: dict[str, Any]
    series: list[SeriesData]
    ratio: float | None
    alerts: tuple[str, ...] = ()
    total: float | None = None


def _counter(name: str, rate: float, /, job: str, *, every: int = 30, offset: int = TICK, **labels: str) -> SeriesData:
    return scraped(name, {"job": job, **labels}, per_second(rate), SPAN, every=every, offset=offset)


def _requests(job: str, bad: float | None = RATIO, name: str = "http_requests_total") -> list[SeriesData]:
    found = [_counter(name, TRAFFIC * (1 - (bad or 0)), job, code="200")]
    return found if bad is None else [*found, _counter(name, TRAFFIC * bad, job, code="500")]


def _idle(job: str) -> list[SeriesData]:
    return [_counter("http_requests_total", 0, job, code=code) for code in ("200", "500")]


def _failing(job: str, name: str = "http_requests_total") -> list[SeriesData]:
    return [_counter(name, TRAFFIC, job, code="500")]


def _of(job: str, code: str = "", name: str = "http_requests_total") -> str:
    return f'{name}{{job="{job}"{code and f", code=~{chr(34)}{code}{chr(34)}"}}}'


def _events(job: str, *given: str, names: tuple[str, ...] = ("http_requests_total",)) -> dict[str, Any]:
    codes = {"good": "2..", "bad": "5..", "total": ""}
    return {"type": "events", **{one: [_of(job, codes[one], name) for name in names] for one in given}}


def _histogram(
    job: str, pod: str, rate: float, slow: float, bounds: tuple[str, ...], span: tuple[float, float] = SPAN
) -> list[SeriesData]:
    """A classic histogram whose requests are all below 0.5 s, but for the share `slow`, which takes two."""
    begin, end = span

    def counted(share: float) -> SeriesData:
        return SeriesData("", {}, *_life(rate * share, begin, end))

    labels = {"job": job, "pod": pod}
    buckets = [("0.1", 0.0), ("0.5", 1 - slow), ("5", 1.0), ("+Inf", 1.0)]
    shares = [
        ("http_request_duration_seconds_bucket", {**labels, "le": le}, share) for le, share in buckets if le in bounds
    ]
    shares.append(("http_request_duration_seconds_count", labels, 1.0))
    found = []
    for name, own, share in shares:
        one = counted(share)
        series = SeriesData(name, own, one.times, one.values)
        found.append(ends(series, series.times[-1] + TICK * 3) if end < END else series)
    return found


def _life(rate: float, begin: float, end: float) -> tuple[Any, Any]:
    one = scraped("", {}, per_second(0, (begin, rate)), (begin, end))
    return one.times, one.values


LATENCY = {"type": "latency", "threshold": "500ms"}
ALL = ("0.1", "0.5", "5", "+Inf")


def _latency(job: str) -> dict[str, Any]:
    return {**LATENCY, "histogram": f'http_request_duration_seconds{{job="{job}"}}'}


def _rollout(job: str, bounds: tuple[str, ...] = ALL) -> list[SeriesData]:
    """Ten pods that are replaced one by one, one each five minutes; 1% of requests are slow, before and after."""
    found = []
    for number in range(10):
        moment = float(HOUR + number * 300)
        found += _histogram(job, f"old-{number}", TRAFFIC, RATIO, ALL, (0, moment))
        found += _histogram(job, f"new-{number}", TRAFFIC, RATIO, bounds, (moment, END + 1))
    return found


def _reset(series: SeriesData) -> SeriesData:
    """The counter begins anew between two scrapes after about an hour and a half."""
    before = series.values[series.times < 1.6 * HOUR]
    values = series.values.copy()
    values[len(before) :] -= before[-1] + (values[1] - values[0]) / 2
    return SeriesData(series.name, series.labels, series.times, values)


def _half_interval(job: str, *offsets: int) -> list[SeriesData]:
    """Pods that are scraped each minute, though 30 s are declared; the first has all the errors."""
    found = []
    for pod, offset in enumerate(offsets):
        bad = RATIO * len(offsets) if pod == 0 else 0.0
        found.append(
            _counter("http_requests_total", TRAFFIC * (1 - bad), job, every=60, offset=offset, pod=str(pod), code="200")
        )
        found.append(
            _counter("http_requests_total", TRAFFIC * bad, job, every=60, offset=offset, pod=str(pod), code="500")
        )
    return found


BAD_TOTAL, GOOD_TOTAL, GOOD_BAD = ("bad", "total"), ("good", "total"), ("good", "bad")
HTTP, GRPC = "http_requests_total", "grpc_requests_total"
BOTH = (HTTP, GRPC)

SCENARIOS: dict[str, Callable[[str], Scenario]] = {
    "healthy": lambda job: Scenario(_events(job, *BAD_TOTAL), _requests(job), RATIO, total=TRAFFIC),
    "idle": lambda job: Scenario(_events(job, *BAD_TOTAL), _idle(job), 0, total=0),
    "errors-never-seen": lambda job: Scenario(_events(job, *BAD_TOTAL), _requests(job, None), 0, total=TRAFFIC),
    "errors-never-seen-good-bad": lambda job: Scenario(_events(job, *GOOD_BAD), _requests(job, None), 0, total=TRAFFIC),
    "good-never-seen": lambda job: Scenario(_events(job, *GOOD_TOTAL), _failing(job), 1, (PAGE,), total=TRAFFIC),
    "good-never-seen-good-bad": lambda job: Scenario(_events(job, *GOOD_BAD), _failing(job), 1, (PAGE,), total=TRAFFIC),
    "second-source-never-seen": lambda job: Scenario(
        _events(job, *BAD_TOTAL, names=BOTH), _requests(job), RATIO, total=TRAFFIC
    ),
    "first-source-never-seen": lambda job: Scenario(
        _events(job, *BAD_TOTAL, names=BOTH), _requests(job, name=GRPC), RATIO, total=TRAFFIC
    ),
    "one-source-without-errors": lambda job: Scenario(
        _events(job, *BAD_TOTAL, names=BOTH),
        [*_requests(job, None), *_requests(job, 0.02, name=GRPC)],
        RATIO,
        total=2 * TRAFFIC,
    ),
    "one-source-fails-wholly": lambda job: Scenario(
        _events(job, *BAD_TOTAL, names=BOTH), [*_requests(job, None), *_failing(job, GRPC)], 0.5, (PAGE,), 2 * TRAFFIC
    ),
    "one-source-without-good": lambda job: Scenario(
        _events(job, *GOOD_TOTAL, names=BOTH), [*_requests(job), *_failing(job, GRPC)], 0.505, (PAGE,), 2 * TRAFFIC
    ),
    "counter-reset": lambda job: Scenario(
        _events(job, *BAD_TOTAL), [_reset(one) for one in _requests(job)], RATIO, total=TRAFFIC
    ),
    "source-never-seen": lambda job: Scenario(_events(job, *BAD_TOTAL), [], None, (NO_DATA,)),
    "source-gone": lambda job: Scenario(
        _events(job, *BAD_TOTAL), [ends(one, 2.5 * HOUR + TICK) for one in _requests(job)], RATIO, (NO_DATA,)
    ),
    "interval-doubled": lambda job: Scenario(
        _events(job, *BAD_TOTAL), _half_interval(job, 10, 40), RATIO, (COVERAGE,), total=2 * TRAFFIC
    ),
    "interval-doubled-unreadable": lambda job: Scenario(
        _events(job, *BAD_TOTAL), _half_interval(job, 10, 20), RATIO, (COVERAGE,), total=2 * TRAFFIC
    ),
    "interval-doubled-readable": lambda job: Scenario(
        _events(job, *BAD_TOTAL), _half_interval(job, 40, 50), RATIO, total=2 * TRAFFIC
    ),
    "histogram": lambda job: Scenario(_latency(job), _histogram(job, "a", TRAFFIC, 0.2, ALL), 0.2, (PAGE,), TRAFFIC),
    "histogram-idle": lambda job: Scenario(_latency(job), _histogram(job, "a", 0, 0.2, ALL), 0, total=0),
    "bucket-missing": lambda job: Scenario(
        _latency(job), _histogram(job, "a", TRAFFIC, 0.2, ("0.1", "5", "+Inf")), None, (BUCKET,)
    ),
    "unit-wrong": lambda job: Scenario(
        {**_latency(job), "unit": "milliseconds"}, _histogram(job, "a", TRAFFIC, 0.2, ALL), None, (BUCKET,)
    ),
    "bucket-in-one-release": lambda job: Scenario(
        _latency(job),
        [*_histogram(job, "a", TRAFFIC, 0.2, ALL), *_histogram(job, "b", TRAFFIC, 0.4, ("0.1", "+Inf"))],
        0.2,
        (PAGE, BUCKET),
        TRAFFIC,
    ),
    "rollout": lambda job: Scenario(_latency(job), _rollout(job), RATIO),
    "rollout-loses-the-bucket": lambda job: Scenario(_latency(job), _rollout(job, ("0.1", "+Inf")), None, (BUCKET,)),
}


def _asked(name: str, scenario: Scenario) -> Iterator[Asked]:
    labels = {"service": "shop", "slo": name}
    selector = f'{{slo="{name}"}}'
    for alert in (NO_DATA, COVERAGE, GAPS, BUCKET, TARGET, STOPPED, PAGE):
        if alert != PAGE or scenario.ratio in (0, 0.2, 0.5, 0.505, 1):
            yield firing(alert, labels, END, int(alert in scenario.alerts))
    ratio, used = f"{naming.ERROR_RATIO}{selector}", f"{naming.BUDGET_USED}{selector}"
    if scenario.ratio is None:
        return
    if scenario.total == 0:
        yield Asked(ratio, END, None)
    else:
        yield near(ratio, END, scenario.ratio, EXACT * scenario.ratio)
    spent = f"{used} / scalar({naming.COVERAGE}{selector}) * 0.001"
    yield near(spent, END, scenario.ratio, EXACT * scenario.ratio)
    if scenario.total is not None:
        each = f"{naming.TOTAL_PERIOD}{selector} / count_over_time({naming.TOTAL_LEDGER}{selector}[4h]) / 240"
        yield near(each, END, scenario.total, EXACT * scenario.total)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_figure_is_right_or_an_alert_says_why_not(tools: Tools, name: str) -> None:
    scenario = SCENARIOS[name](name)
    rules = rules_text(
        service(name="shop") | service_of({"name": name, "objective": 99.9, "window": "30d", "sli": scenario.sli})
    )
    evaluate(tools, rules, scenario.series, list(_asked(name, scenario)), LEDGER)


def test_a_gap_is_counted_and_reported_once_the_slo_is_a_day_old(tools: Tools) -> None:
    """Two hours are more than the 43 minutes of a budget of 99.9%, half an hour is not."""
    gaps = {
        "long": (20 * HOUR, 22 * HOUR),
        "longer": (8 * HOUR, 17 * HOUR),
        "short": (20 * HOUR, 20.5 * HOUR),
        "none": (0, 0),
    }
    slos = [{"name": name, "objective": 99.9, "window": "30d", "sli": _events(name, *BAD_TOTAL)} for name in gaps]
    end = 26 * HOUR
    series = [
        scraped(HTTP, {"job": name, "code": code}, per_second(rate), (0, end + 1), gaps=[gap])
        for name, gap in gaps.items()
        for code, rate in (("200", 9.9), ("500", 0.1))
    ]
    asked = []
    for name, (begin, until) in gaps.items():
        missing, selector = until - begin, f'{{slo="{name}"}}'
        covered = f"{naming.COVERAGE}{selector} * {30 * DAY}"
        # The ledger is recorded each 4 m; what is older than a day is counted by half hours.
        asked += [
            near(f"{naming.MISSING}{selector}", 23.5 * HOUR, missing, 480),
            near(covered, 23.5 * HOUR, 23.5 * HOUR - missing, 480),
            near(f"{naming.MISSING}{selector}", end, missing, 900),
            near(covered, end, end - missing, 900),
            near(f"{naming.ERROR_RATIO}{selector}", end, RATIO, EXACT * RATIO),
            firing(GAPS, {"slo": name}, 23.5 * HOUR, 0),
            firing(GAPS, {"slo": name}, end, int(missing > HOUR)),
            firing(COVERAGE, {"slo": name}, end, 0),
            # While it lasts, and for a quarter of an hour, the gap is not yet known to be one.
            firing(NO_DATA, {"slo": name}, 20.2 * HOUR, 0),
            firing(NO_DATA, {"slo": name}, 21 * HOUR, int(name == "long")),
            firing(NO_DATA, {"slo": name}, end, 0),
        ]
    evaluate(tools, rules_text(service_of(*slos)), series, asked, LEDGER)


def test_a_source_that_was_never_there_is_reported_after_a_quarter_of_an_hour(tools: Tools) -> None:
    asked = [firing(NO_DATA, {}, 14 * 60, 0), firing(NO_DATA, {}, 16 * 60, 1)]
    evaluate(tools, rules_text(service()), [], asked)


def test_an_edited_label_goes_on_with_the_history() -> None:
    """Only the info series, which people join on, and the alerts carry labels that are not identity."""

    def recorded(team: str) -> set[tuple[object, ...]]:
        spec = service(alerting={"labels": {"team": team}})
        spec["metadata"] |= {"owner": f"{team}-owner", "labels": {"tier": f"{team}-tier"}}
        return {
            (rule.record, rule.expr, rule.labels)
            for rule in slo_plan(spec).recordings()
            if rule.role is not Role.META or rule.record == naming.TARGET
        }

    assert recorded("payments") == recorded("checkout")
    assert len(recorded("payments")) > 15
    for _, _, labels in recorded("payments"):
        assert {name for name, _ in dict.fromkeys(labels)} <= naming.IDENTITY_LABELS  # type: ignore[call-overload]


# Native histograms: promtool 2.42 has no notation for them, so they are written to a server, whose feature flag is
# needed until 3.8. Rules are asked at an instant, the recorded total being replaced by its own expression.
NATIVE = "http_request_duration_seconds"


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _bytes(number: int, data: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def _histogram_sample(ms: int, fast: int, slow: int) -> bytes:
    """prometheus.Histogram at schema 0: `fast` in (0.25, 0.5], `slow` in (1, 2]."""
    spans = _bytes(11, b"\x08" + _varint(_zigzag(-1)) + b"\x10\x01") + _bytes(
        11, b"\x08" + _varint(_zigzag(1)) + b"\x10\x01"
    )
    deltas = _bytes(12, _varint(_zigzag(fast)) + _varint(_zigzag(slow - fast)))
    count = b"\x08" + _varint(fast + slow)
    total = b"\x19" + struct.pack("<d", 0.4 * fast + 1.5 * slow)
    threshold = b"\x29" + struct.pack("<d", 1e-128)
    return count + total + b"\x20\x00" + threshold + b"\x30\x00" + spans + deltas + b"\x78" + _varint(ms)


def _write(server: Prometheus, job: str, samples: list[tuple[float, int, int]]) -> None:
    pairs = (("__name__", NATIVE), ("job", job))
    labels = b"".join(_bytes(1, _bytes(1, name.encode()) + _bytes(2, value.encode())) for name, value in pairs)
    points = b"".join(_bytes(4, _histogram_sample(round(at * 1000), fast, slow)) for at, fast, slow in samples)
    body = _bytes(1, labels + points)
    snappy = _varint(len(body)) + bytes([63 << 2]) + struct.pack("<I", len(body) - 1) + body
    remote_write(server.url, snappy)


@pytest.mark.parametrize(
    ("case", "fast", "slow", "ratio"),
    [("busy", 45, 15, 0.25), ("idle", 0, 0, None), ("all-slow", 0, 60, 1.0), ("all-fast", 60, 0, 0.0)],
)
def test_a_native_histogram_is_read_and_an_idle_one_is_zero_not_nan(
    tools: Tools, case: str, fast: int, slow: int, ratio: float | None
) -> None:
    sli = {"type": "latency", "native": True, "histogram": f'{NATIVE}{{job="{case}"}}', "threshold": "1s"}
    groups = yaml.safe_load(rules_text(service(sli=sli)))["groups"]
    rules = {rule["record"]: rule["expr"] for group in groups for rule in group["rules"] if "record" in rule}
    total = rules[naming.TOTAL_BASE]
    bad = rules[naming.BAD_BASE].replace('slo:total_events:base{service="shop", slo="availability"}', f"({total})")
    assert naming.TOTAL_BASE not in bad
    with Prometheus(tools, flags=["--enable-feature=native-histograms"]) as server:
        _write(server, case, [(MIDNIGHT + 7 + 30 * i, 100 + fast * i, 100 + slow * i) for i in range(20)])
        at = MIDNIGHT + 540
        (count,), (failed,) = server.query(total, at), server.query(bad, at)
        (coverage,) = server.query(rules[naming.SOURCE_COVERAGE], at)
    events = 2 * (fast + slow)
    assert count.value == pytest.approx(events)
    assert failed.value == pytest.approx(events * (ratio or 0), abs=1e-9)
    assert coverage.value == 1


def test_a_reset_between_two_readings_is_not_taken_for_a_small_increase(tools: Tools) -> None:
    """A restart right before an evaluation, in a scrape gap: the counter has passed its old value by the next one."""
    restart, ledger = 470, 240

    def counted(times: Floats) -> Floats:
        return np.where(times < restart, np.minimum(times / 10, 40.0), np.minimum((times - restart) / 4, 50.0))

    series = scraped("errors_total", {"job": "shop"}, counted, (0, 1200), gaps=[(450, 490)])
    requests = scraped("requests_total", {"job": "shop"}, per_second(10), (0, 1200))
    sli = {"type": "events", "bad": 'errors_total{job="shop"}', "total": 'requests_total{job="shop"}'}
    recorded = naming.BAD_LEDGER + '{service="shop", slo="availability"}'
    asked = [near(recorded, 3 * ledger, 50, 10)]
    evaluate(tools, rules_text(service(sli=sli)), [series, requests], asked, LEDGER)


def test_what_an_expression_makes_of_no_traffic_does_not_stay(tools: Tools) -> None:
    """0 / 0 for ten idle minutes would be in every sum for an hour, and in the period's for a month."""
    ratio = "sum(rate(errors_total[$window])) / sum(rate(requests_total[$window]))"
    sli = {"type": "events", "bad": f"sum(rate(requests_total[$window])) * ({ratio})", "total": "requests_total"}
    idle = [(1200, 0), (1800, 10)]
    series = [
        scraped("requests_total", {"job": "shop"}, per_second(10, *idle), (0, 3600)),
        scraped("errors_total", {"job": "shop"}, per_second(0.1, (1200, 0), (1800, 0.1)), (0, 3600)),
    ]
    labels = 'service="shop", slo="availability"'
    asked = [
        near(f'{naming.BURN_RATE}{{{labels}, window="1h"}}', 3600, 10, 0.5),
        near(f"{naming.ERROR_RATIO}{{{labels}}}", 3600, 0.01, 0.0005),
    ]
    evaluate(tools, rules_text(service(sli=sli)), series, asked, LEDGER)
