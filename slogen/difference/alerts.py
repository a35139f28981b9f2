"""Alerts of one SLO or resource on both sides: gone, new, later, earlier, or of another severity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from slogen.difference.model import Change, Danger, Kind
from slogen.explanation import span
from slogen.model import Severity
from slogen.prediction import fires_after, found_within
from slogen.promql.durations import format_duration
from slogen.rules import Alert

STEPS = ((Decimal(1), "a total outage"), (Decimal("0.05"), "5% errors"), (Decimal("0.01"), "1% errors"))
"""Error ratios whose detection is compared, and how they are told."""

NEVER = "never"


@dataclass(frozen=True, slots=True)
class Side:
    """The alerts of one side; budgets (as ratios) by name of objective, declared traffic by the labels of a level."""

    alerts: Sequence[Alert]
    budgets: Mapping[str, Decimal]
    traffic: Mapping[tuple[str, ...], Decimal]


def alert_changes(service: str, slo: str, before: Side, after: Side) -> Iterator[Change]:
    """Changes between two sides whose objectives go by the same names."""
    if before.alerts and not after.alerts:
        sentence = f"all of its {len(before.alerts)} alerts are gone: nothing pages and nothing opens a ticket"
        yield Change(service, slo, Kind.ALERT_REMOVED, Danger.HIGH, sentence, str(len(before.alerts)), "0")
        return
    silent = _pages(before.alerts) and not _pages(after.alerts)
    old, new = _by_key(before.alerts), _by_key(after.alerts)
    for key in [*old, *(key for key in new if key not in old)]:
        mine, yours = dict(old.get(key, {})), dict(new.get(key, {}))
        for by in [by for by in mine if by in yours]:
            yield from _one(service, slo, before, after, mine.pop(by), yours.pop(by))
        for was, now in zip(list(mine.values()), list(yours.values()), strict=False):
            del mine[was.by], yours[now.by]
            sentence = f"{_title(now)} looks at {_whose(now)} instead of {_whose(was)}"
            yield Change(
                service, slo, Kind.ALERT, Danger.MEDIUM, sentence, _whose(was), _whose(now), objective=now.objective
            )
            yield from _one(service, slo, before, after, was, now)
        for was in mine.values():
            yield _gone(service, slo, was, before, silent)
        for now in yours.values():
            yield _added(service, slo, now, after)


def _by_key(alerts: Sequence[Alert]) -> dict[tuple[str, str, str], dict[tuple[str, ...], Alert]]:
    found: dict[tuple[str, str, str], dict[tuple[str, ...], Alert]] = {}
    for alert in alerts:
        found.setdefault((alert.policy, alert.name, alert.objective), {})[alert.by] = alert
    return found


def _pages(alerts: Sequence[Alert]) -> bool:
    return any(alert.severity is Severity.PAGE for alert in alerts)


def _title(alert: Alert) -> str:
    return f"{alert.name} of {alert.objective}" if alert.objective else alert.name


def _whose(alert: Alert) -> str:
    return f"each {' and '.join(alert.by)}" if alert.by else "all groups together"


def _asks(severity: Severity) -> str:
    return "pages" if severity is Severity.PAGE else "opens a ticket"


def _times(alert: Alert, side: Side) -> list[Decimal | None]:
    budget = side.budgets[alert.objective]
    every = [[fires_after(pair, budget, step) for pair in alert.pairs] for step, _ in STEPS]
    return [min((time for time in times if time is not None), default=None) for times in every]


def _finds(alert: Alert, side: Side) -> str:
    if not alert.pairs:
        return ""
    times = zip(STEPS, _times(alert, side), strict=True)
    return ", ".join(f"{what} after {span(time)}" for (_, what), time in times if time is not None)


def _gone(service: str, slo: str, alert: Alert, side: Side, silent: bool) -> Change:
    found = f"; it found {finds}" if (finds := _finds(alert, side)) else ""
    last = "; nothing pages any more" if silent and alert.severity is Severity.PAGE else ""
    sentence = f"{_title(alert)}, which {_asks(alert.severity)}, is gone{found}{last}"
    return Change(service, slo, Kind.ALERT_REMOVED, Danger.HIGH, sentence, alert.name, objective=alert.objective)


def _added(service: str, slo: str, alert: Alert, side: Side) -> Change:
    found = f"; it finds {finds}" if (finds := _finds(alert, side)) else ""
    sentence = f"{_title(alert)} is new and {_asks(alert.severity)}{found}"
    return Change(service, slo, Kind.ALERT_ADDED, Danger.LOW, sentence, "", alert.name, objective=alert.objective)


def _one(service: str, slo: str, before: Side, after: Side, was: Alert, now: Alert) -> Iterator[Change]:
    change = Change(service, slo, Kind.ALERT, Danger.LOW, "", objective=now.objective)
    title = _title(now)
    if was.severity is not now.severity:
        weaker = now.severity is Severity.TICKET
        yield replace(
            change,
            kind=Kind.ALERT_WEAKER if weaker else Kind.ALERT,
            danger=Danger.HIGH if weaker else Danger.MEDIUM,
            sentence=f"{title} {_asks(now.severity)} and {_asks(was.severity)} no more",
            before=was.severity.value,
            after=now.severity.value,
        )
    if was.pairs and now.pairs:
        yield from _detection(change, title, before, after, was, now)
        if was.guard != now.guard:
            yield replace(
                change,
                kind=Kind.ALERT_LATER if now.guard > was.guard else Kind.ALERT_EARLIER,
                danger=Danger.MEDIUM if now.guard > was.guard else Danger.LOW,
                sentence=f"{title} needs {now.guard} bad events instead of {was.guard}, which tells at low traffic",
                before=str(was.guard),
                after=str(now.guard),
            )
        yield from _outlook(change, title, before, after, was, now)
    if was.wait != now.wait:
        later = now.wait > was.wait
        by = format_duration(abs(now.wait - was.wait))
        yield replace(
            change,
            kind=Kind.ALERT_LATER if later else Kind.ALERT_EARLIER,
            danger=Danger.MEDIUM if later else Danger.LOW,
            sentence=f"{title} fires {by} {'later' if later else 'earlier'}: it waits for {format_duration(now.wait)}"
            f" instead of {format_duration(was.wait)}",
            before=format_duration(was.wait),
            after=format_duration(now.wait),
        )
    if was.hold != now.hold:
        old, new = format_duration(was.hold), format_duration(now.hold)
        yield replace(
            change, sentence=f"{title} goes on for {new} after its cause instead of {old}", before=old, after=new
        )


def _detection(change: Change, title: str, before: Side, after: Side, was: Alert, now: Alert) -> Iterator[Change]:
    """Of a burn-rate alert, for errors that begin at once in steady traffic."""
    parts, later, earlier, lost = [], False, False, False
    for (_, what), old, new in zip(STEPS, _times(was, before), _times(now, after), strict=True):
        if old == new or (old is not None and new is not None and abs(old - new) < 1):
            continue
        worse = new is None or (old is not None and new > old)
        later, earlier = later or worse, earlier or not worse
        if old is None or new is None:
            lost = lost or (new is None and what != STEPS[-1][1])
            parts.append(f"{what} {'after ' if new is not None else ''}{span(new)} (was {span(old)})")
        else:
            by = f"{span(abs(new - old))} {'later' if worse else 'earlier'}"
            parts.append(f"{what} after {span(new)} (was {span(old)}, {by})")
    if not parts:
        return
    how = "later and earlier" if later and earlier else "later" if later else "earlier"
    yield replace(
        change,
        kind=Kind.ALERT_LATER if later else Kind.ALERT_EARLIER,
        danger=(Danger.HIGH if lost and now.severity is Severity.PAGE else Danger.MEDIUM) if later else Danger.LOW,
        sentence=f"{title} fires {how}: {', '.join(parts)}",
        before=_finds(was, before) or NEVER,
        after=_finds(now, after) or NEVER,
    )


def _outlook(change: Change, title: str, before: Side, after: Side, was: Alert, now: Alert) -> Iterator[Change]:
    """At declared traffic, within how long a total outage is found 19 times of 20."""
    rates = before.traffic.get(was.by), after.traffic.get(now.by)
    if rates[0] is None or rates[1] is None:
        return
    old = found_within(was.pairs, was.guard, before.budgets[was.objective], rates[0])
    new = found_within(now.pairs, now.guard, after.budgets[now.objective], rates[1])
    if span(old) != span(new):
        later = new is None or (old is not None and new > old)
        words = ["perhaps never" if time is None else f"within {span(time)}" for time in (new, old)]
        yield replace(
            change,
            kind=Kind.ALERT_LATER if later else Kind.ALERT_EARLIER,
            danger=Danger.MEDIUM if later else Danger.LOW,
            sentence=(
                f"{title}, at the declared traffic, finds a total outage {words[0]} instead of {words[1]} (19 of 20)"
            ),
            before=words[1],
            after=words[0],
        )
