"""Pasts of what else can be wrong: each must raise the alert that names its cause, and no other."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from slogen.model import Slo
from slogen.promql.durations import DAY
from slogen.proof.common import ALL, HOUR, Alerts, down, labels_of, sample_step, silent, up
from slogen.proof.pasts import Past, Silence, Stretch
from slogen.rules import Alert, SloPlan

PAGE, NO_DATA, COVERAGE = "SLOBudgetBurnPage", "SLONoData", "SLOSourceCoverage"
WAITING, LOOKBACK = 1800, 300


def _told(alert: Alert, slo: Slo, begin: int, late: int, tick: int) -> list[Silence]:
    """Silent at `begin` and until the alert's wait is nearly over, firing once it is and `late` seconds more."""
    labels = labels_of(slo, alert.objective, alert.by)
    return [
        Silence(begin, alert.name, labels, 0),
        Silence(max(down(begin + alert.wait - tick, tick), begin), alert.name, labels, 0),
        Silence(up(begin + alert.wait + late, tick), alert.name, labels, 1),
    ]


def _idle(planned: SloPlan, alerts: Alerts) -> Iterator[Past]:
    slo = planned.slo
    if slo.objectives[0].indicator.slice_length is None and NO_DATA in alerts:
        checks = silent(alerts, slo, HOUR + 2400, PAGE, NO_DATA, COVERAGE)
        yield Past("traffic stops", (Stretch(HOUR, 100), Stretch(2700)), tuple(checks), sample_step(slo))


def _gone(planned: SloPlan, alerts: Alerts) -> Iterator[Past]:
    slo, tick = planned.slo, planned.slo.cadence.base
    filled = slo.objectives[0].indicator.slice_length is not None and slo.objectives[0].indicator.has_coverage
    name = COVERAGE if filled else NO_DATA
    if name in alerts:
        late = (300 + slo.cadence.ledger if filled else slo.cadence.base + slo.cadence.scrape) + 3 * tick
        checks = _told(alerts[name], slo, HOUR, late, tick)
        checks += [] if filled else silent(alerts, slo, checks[-1].at, PAGE, "SLOTargetDown", COVERAGE)
        after = Stretch(alerts[name].wait + late + tick, gone=True)
        yield Past("the series vanish", (Stretch(HOUR, 100), after), tuple(checks), sample_step(slo))


def _target_down(planned: SloPlan, alerts: Alerts) -> Iterator[Past]:
    slo, tick = planned.slo, planned.slo.cadence.base
    if alert := alerts.get("SLOTargetDown"):
        late = slo.cadence.scrape + 2 * tick
        checks = _told(alert, slo, HOUR, late, tick) + silent(alerts, slo, HOUR + WAITING, NO_DATA)
        after = Stretch(max(alert.wait + late, WAITING) + tick, down=True)
        yield Past("the targets are down", (Stretch(HOUR, 100), after), tuple(checks), sample_step(slo))


def _bucket_missing(planned: SloPlan, alerts: Alerts) -> Iterator[Past]:
    slo, tick = planned.slo, planned.slo.cadence.base
    if alert := alerts.get("SLOBucketMissing"):
        labels = slo.labels_of()
        at = up(alert.wait + 2 * slo.cadence.ledger + tick, tick)
        checks = (Silence(at, alert.name, labels, 1), *silent(alerts, slo, at, NO_DATA, COVERAGE))
        step = sample_step(slo)
        yield Past("the bucket is missing", (Stretch(at + tick, 100),), checks, step, bucketless=True)


def _sparse(planned: SloPlan, alerts: Alerts) -> Iterator[Past]:
    slo, tick = planned.slo, planned.slo.cadence.base
    apart = (slo.cadence.base + slo.cadence.scrape) // sample_step(slo) + 1
    counts = slo.objectives[0].indicator.slice_length is None
    if (alert := alerts.get(COVERAGE)) and counts and apart * sample_step(slo) < LOOKBACK:
        at = up(alert.wait + 3 * slo.cadence.ledger, tick)
        checks = (Silence(at, alert.name, slo.labels_of(), 1), *silent(alerts, slo, at, NO_DATA))
        yield Past(
            "half of the series are too sparse", (Stretch(at + tick, 100),), checks, sample_step(slo), sparse=apart
        )


def _contradiction(planned: SloPlan, alerts: Alerts) -> Iterator[Past]:
    """Half a percent too many is no contradiction, a twentieth is, of a few hundred events an hour too."""
    slo, tick, step = planned.slo, planned.slo.cadence.ledger, sample_step(planned.slo)
    alert, part = alerts.get("SLOGoodAboveTotal"), slo.objectives[0].indicator.counts_apart
    if alert is None or not part:
        return
    above = {"good": Decimal(0), "bad": Decimal(1)}[part]
    away = -1 if part == "good" else 1
    stand_ins = slo.objectives[0].indicator.stand_ins(slo.variants)
    little, much, every = above + away * Decimal("0.005"), above + away * Decimal("0.05"), HOUR // 2 // step
    if any(one.good * (1 - much) + one.bad * much < 0 for one in stand_ins):
        return
    begin = up(3 * HOUR, every * step)
    fires = up(begin + 2 * HOUR + alert.wait + 2 * tick, tick)
    labels = labels_of(slo, "", alert.by)
    yield Past(
        "good, bad and total contradict each other",
        (Stretch(begin, 2000, little, every=every), Stretch(fires - begin + tick, 200, much, every=every)),
        (Silence(down(begin - tick, tick), alert.name, labels, 0), Silence(fires, alert.name, labels, 1)),
        step,
        slow=True,
    )


def _traffic_stopped(planned: SloPlan, alerts: Alerts) -> Iterator[Past]:
    """Twice the events that are usual; then one in each window, which is traffic; then none."""
    slo, tick, step = planned.slo, planned.slo.cadence.ledger, sample_step(planned.slo)
    alert, params = alerts.get("SLOTrafficStopped"), slo.policy.sections.get("traffic_stopped")
    if alert is None or params is None:
        return
    window, labels = params.window, labels_of(slo, "", alert.by)
    often, seldom = window // (3 * params.events) // step, window // (2 * step)
    if not often:
        return
    usual, few = DAY + 4 * window, 3 * window
    stops = (usual + few, usual + 6 * DAY + few)
    fires = [up(stop + 2 * window + 2 * tick, tick) for stop in stops]
    rest = fires[0] - stops[0] + tick
    scarce = Stretch(few, 1, every=seldom)
    yield Past(
        "traffic stops where a day ago there was some, and where a week ago",
        (
            Stretch(usual, 1, every=often),
            *(scarce, Stretch(rest)),
            Stretch(6 * DAY - few - rest, gone=True),
            *(scarce, Stretch(fires[1] - stops[1] + tick)),
        ),
        tuple(
            Silence(at, alert.name, labels, count)
            for stop, fired in zip(stops, fires, strict=True)
            for at, count in ((down(stop - tick, tick), 0), (fired, 1))
        ),
        step,
        slow=True,
    )


def _budget(planned: SloPlan, alerts: Alerts) -> Iterator[Past]:
    """Everything fails from the start: used is the time since, over the period, over the budget."""
    slo, tick = planned.slo, planned.slo.cadence.ledger
    length = slo.period if slo.calendar is None else {"week": 7, "month": 31, "quarter": 90}[slo.calendar.name] * DAY
    for alert in planned.alerts():
        if alert.name not in {"SLOBudgetSpent", "SLOBudgetNearlySpent"}:
            continue
        objective = next(one for one in slo.objectives if one.name == alert.objective)
        spent, labels = objective.budget * length, labels_of(slo, alert.objective, alert.by)
        if not 12 * tick <= spent <= DAY:
            continue

        def at(share: str, spent: Decimal = spent) -> int:
            return up(int(spent * Decimal(share)), tick)

        if alert.name == "SLOBudgetSpent":
            checks = [Silence(at("0.85"), alert.name, labels, 0), Silence(at("1.1") + tick, alert.name, labels, 1)]
        else:
            checks = [Silence(at("1.1") + tick, alert.name, labels, 0), Silence(at("0.7"), alert.name, labels, 0)]
        stretch = Stretch(checks[0].at + checks[-1].at, 100, ALL)
        yield Past(f"{alert.name}: everything fails", (stretch,), tuple(checks), sample_step(slo), slow=True)


def _group_gone(planned: SloPlan, alerts: Alerts) -> Iterator[Past]:
    slo, tick = planned.slo, planned.slo.cadence.ledger
    if alert := alerts.get("SLOGroupGone"):
        late = 2 * tick + slo.cadence.scrape
        checks = (*_told(alert, slo, 2 * HOUR, late, tick), *silent(alerts, slo, 3 * HOUR, NO_DATA))
        stretches = (Stretch(2 * HOUR, 100), Stretch(HOUR + alert.wait + late, gone=True))
        yield Past("one group vanishes", stretches, checks, sample_step(slo), slow=True, twin=True)


CAUSES = (
    _idle,
    _gone,
    _target_down,
    _bucket_missing,
    _sparse,
    _contradiction,
    _traffic_stopped,
    _budget,
    _group_gone,
)
