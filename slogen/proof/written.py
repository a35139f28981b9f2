"""Pasts of the tests that a spec holds: what happens there, with health before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from slogen.model import Expectation, Happening, Scenario, Severity, Slo
from slogen.policies._fit import FAST_LIMIT
from slogen.proof.burning import HISTORY
from slogen.proof.common import ALL, HOUR, NONE, events_for, sample_step, up
from slogen.proof.pasts import Firing, Past, Stretch
from slogen.rules import Alert, SloPlan

HEALTHY = Happening(0, None, NONE, "there")


def written(planned: SloPlan) -> Iterator[Past]:
    """One for each test and interval at which the alerts that it names are judged."""
    for scenario in planned.slo.scenarios:
        slow = slow_alerts(planned)
        several = {one.alert in slow for one in scenario.expectations}
        for late in sorted(several):
            expected = [one for one in scenario.expectations if (one.alert in slow) is late]
            suffix = " (what is judged at the ledger's interval)" if late and len(several) > 1 else ""
            yield _past(planned.slo, scenario, expected, late, f"{scenario.name}{suffix}")


def slow_alerts(planned: SloPlan) -> set[str]:
    """Names of alerts that read what the ledger records."""
    base = {rule for group in planned.groups if group.interval == planned.slo.cadence.base for rule in group.rules}
    return {alert.name for alert in planned.alerts() if _is_slow(alert, alert not in base)}


def _is_slow(alert: Alert, ledger: bool) -> bool:
    if not alert.pairs:
        return ledger
    return alert.severity is Severity.TICKET or max(pair.long for pair in alert.pairs) > FAST_LIMIT


def _past(slo: Slo, scenario: Scenario, expected: Sequence[Expectation], slow: bool, name: str) -> Past:
    tick, step = slo.cadence.ledger if slow else slo.cadence.base, sample_step(slo)
    history = up(HISTORY[slow], slo.cadence.ledger)
    trouble = history
    for happening in scenario.happens:
        if happening.errors or happening.source != "there":
            break
        trouble += happening.length
    end = up(history + sum(happening.length for happening in scenario.happens) + HOUR, tick)
    checks = []
    for one in expected:
        labels = (*slo.labels_of(one.objective), *scenario.group)
        until = min(up(trouble + one.within, tick), end) if one.within else end
        span = until - trouble // tick * tick if one.within else until
        checks.append(Firing(until, one.alert, labels, int(one.fires), span, tick, one.within))
    return Past(
        name,
        tuple(_stretches(slo, scenario.happens, history, end + tick)),
        tuple(checks),
        step,
        slow,
        group=scenario.group,
        trouble=trouble,
    )


def _stretches(slo: Slo, happens: Sequence[Happening], history: int, end: int) -> Iterator[Stretch]:
    """Traffic goes on as it was last given; before any was given, as it is first."""
    usual = next((one.traffic for one in happens if one.traffic is not None), slo.level.traffic)
    plenty = max(events_for(one.errors) for one in happens)
    gauge = slo.objectives[0].indicator.stand_ins(slo.variants)[0]
    begin = 0
    for one in (Happening(history, None, NONE, "there"), *happens, None):
        now = one or Happening(end - begin, None, NONE, "there")
        usual = now.traffic if now.traffic is not None else usual
        if now.source != "there":
            yield Stretch(now.length, gone=now.source == "gone", down=now.source == "down")
        elif gauge.is_gauge:
            yield from [Stretch(now.length, 1, now.errors)] if gauge.is_ratio else _slices(slo, now)
        elif usual is None:
            yield Stretch(now.length, plenty, now.errors)
        else:
            yield from _events(begin, now, usual, sample_step(slo))
        begin += now.length


def _slices(slo: Slo, now: Happening) -> Iterator[Stretch]:
    """A share of the slices is bad, spread evenly."""
    if now.errors in (NONE, ALL):
        yield Stretch(now.length, 1, now.errors)
        return
    length = slo.cadence.base
    for number in range(-(-now.length // length)):
        bad = int((number + 1) * now.errors) - int(number * now.errors)
        yield Stretch(min(length, now.length - number * length), 1, Decimal(bad))


def _events(begin: int, now: Happening, traffic: Decimal, step: int) -> Iterator[Stretch]:
    """Whole events from sample to sample, spread evenly; those that are alike in a row in one stretch."""
    first, last = -(-begin // step), -(-(begin + now.length) // step)
    each, length, left = (0, 0), 0, now.length
    for number in range(last - first):
        many, bad = (
            int((number + 1) * step * traffic * share) - int(number * step * traffic * share)
            for share in (ALL, now.errors)
        )
        if (many, bad) != each and length:
            yield Stretch(length, each[0], Decimal(each[1]) / max(each[0], 1))
            left -= length
            length = 0
        each = (many, bad)
        length += step
    if left:
        yield Stretch(left, each[0], Decimal(each[1]) / max(each[0], 1))
