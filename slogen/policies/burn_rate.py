"""Multi-window multi-burn-rate alerts: one page and one ticket per objective.

The pairs of one severity are one alert, joined by `or`, so that one incident is one notification. It starts when a
long and its short window both burn faster than the pair's factor and enough bad events stand behind it. Once it
fires it needs no guard, and it goes on while its shortest window holds no events to tell: an outage at ten requests
an hour would otherwise notify again after every pause between two requests.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from slogen import naming
from slogen.fields import Duration, SeverityName, Share, Strict
from slogen.model import DAY, Cadence, Objective, Severity, Slo
from slogen.policies import Problem
from slogen.policies._fit import FAST_LIMIT, Stated, fit, plain, twelfth
from slogen.promql.build import aggregate, grouped, lines, on, series
from slogen.promql.durations import format_duration
from slogen.rules import Draft, Needs, Pair, Part

GUARD_TOLERANCE = Decimal("0.7")
"""Recorded counts are not whole: two events right after a counter's zero can read as 1.34 (bench/guard.py)."""

ALERT_NAMES = {Severity.PAGE: "SLOBudgetBurnPage", Severity.TICKET: "SLOBudgetBurnTicket"}


class WindowPair(Strict):
    """A pair of windows, stated for a period of 30 days and scaled with the SLO's own."""

    severity: SeverityName = Field(description="page or ticket.")
    budget: Share = Field(description="Percent of the error budget that is spent when it fires.")
    long: Duration = Field(description="Long window, at a period of 30 days.")
    short: Duration | None = Field(None, description="Short window, by which it resets; a twelfth of the long one.")
    pinned: bool = Field(False, description="Take the windows as they are: no scaling, no fitting.")


class Guard(Strict):
    """What must stand behind an alert besides the ratio."""

    bad_events: Annotated[int, Field(ge=1, le=1000)] = Field(
        2, description="Bad events at the least, in the longest window (up to 6h for a page); 2 unless given."
    )


class Params(Strict):
    """Burn-rate alerts."""

    pairs: Annotated[tuple[WindowPair, ...], Field(min_length=1, max_length=8, strict=False)] = Field(
        (), description="Pairs of windows; those of one severity make one alert."
    )
    guard: Guard = Field(default_factory=Guard, description="Keeps one lone failure at low traffic from paging.")


def _stated(params: Params, cadence: Cadence) -> list[Stated]:
    return [
        Stated(pair.severity, pair.budget, pair.long, pair.short or twelfth(pair.long, cadence), pair.pinned)
        for pair in params.pairs
    ]


def pairs(slo: Slo, objective: Objective, params: Params) -> tuple[Pair, ...]:
    """The pairs that an objective gets; those of a disabled severity are left out."""
    fitted = fit(_stated(params, slo.cadence), objective.budget, slo.period, slo.cadence)
    return tuple(pair for pair in fitted if not slo.notices[pair.severity].disabled)


def _is_fast(pair: Pair) -> set[int]:
    windows = {pair.long, pair.short} if pair.severity is Severity.PAGE else set()
    return {window for window in windows if window <= FAST_LIMIT}


def _guard_window(alert_pairs: Iterable[Pair]) -> int:
    """The longest long window. A page looks no further than the base does: the ledger is up to four minutes late."""
    longs = [pair.long for pair in alert_pairs]
    fresh = [pair.long for pair in alert_pairs if pair.severity is Severity.TICKET or pair.long <= FAST_LIMIT]
    return max(fresh or longs)


def _by_severity(all_pairs: tuple[Pair, ...]) -> dict[Severity, tuple[Pair, ...]]:
    present = {severity: tuple(pair for pair in all_pairs if pair.severity is severity) for severity in Severity}
    return {severity: found for severity, found in present.items() if found}


def needs(slo: Slo, objective: Objective, params: Params) -> Needs:
    """Burn rates over every window, and the bad events of each guard's window."""
    found = pairs(slo, objective, params)
    return Needs(
        burn=frozenset(window for pair in found for window in (pair.long, pair.short)),
        bad=frozenset(_guard_window(group) for group in _by_severity(found).values()),
        fast=frozenset(window for pair in found for window in _is_fast(pair)),
    )


def problems(slo: Slo, params: Params) -> Iterable[Problem]:
    """Why a pinned pair cannot work for the SLO; the others are fitted."""
    if not params.pairs:
        yield "policy/no-pairs", f"{slo.service}/{slo.name}: burnRate has no pairs", "write pairs, or extends: default"
    for objective in slo.objectives:
        for pair in _stated(params, slo.cadence):
            if slo.notices[pair.severity].disabled:
                continue
            if pair.pinned:
                yield from _pinned_problems(slo, objective, pair)
            elif pair.short >= pair.long:
                yield _short_problem(naming.slo_id(slo.service, slo.name, objective.name), pair)


def _short_problem(name: str, pair: Stated) -> Problem:
    long, short = format_duration(pair.long), format_duration(pair.short)
    message = f"{name}: the short window {short} is not shorter than the long one, {long}"
    return "policy/short-window", message, "a twelfth of the long one is usual"


def _pinned_problems(slo: Slo, objective: Objective, pair: Stated) -> Iterable[Problem]:
    name = naming.slo_id(slo.service, slo.name, objective.name)
    long, period = format_duration(pair.long), format_duration(slo.period)
    factor = pair.share * slo.period / pair.long
    if pair.long > slo.period:
        yield (
            "policy/window-beyond-period",
            f"{name}: the pinned window {long} is longer than the period {period}",
            "shorten it, or do not pin it",
        )
    elif factor * objective.budget >= 1:
        outage, wanted = (plain(value.quantize(Decimal("0.01"))) for value in (1 / objective.budget, factor))
        message = (
            f"{name}: the pinned pair of {long} cannot fire: a total outage burns at {outage}, it waits for {wanted}"
        )
        yield "policy/cannot-fire", message, "do not pin it, and it is fitted to the objective"
    elif factor < 1:
        message = f"{name}: the pinned pair of {long} would report a service inside its objective"
        yield "policy/below-one", message, "raise its budget share or shorten it"
    if pair.short >= pair.long:
        yield _short_problem(name, pair)
    for window in (pair.long, pair.short):
        tick = slo.cadence.base if pair.severity is Severity.PAGE and window <= FAST_LIMIT else slo.cadence.ledger
        if window % tick:
            message = (
                f"{name}: the pinned window {format_duration(window)} is no multiple of {format_duration(tick)},"
                " the interval at which events are recorded"
            )
            yield "policy/window-interval", message, "choose a multiple, a divisible scrape interval, or do not pin it"


def alerts(slo: Slo, params: Params) -> Iterable[Draft]:
    """A page and a ticket for each objective."""
    for objective in slo.objectives:
        every = pairs(slo, objective, params)
        for found in _by_severity(every).values():
            shortest = min(pair.short for pair in found)
            remembered = [pair.long for pair in every if shortest < pair.long <= DAY]
            memory = max(remembered or [pair.long for pair in found])
            yield _alert(slo, objective, found, params.guard.bad_events, memory)


def _alert(slo: Slo, objective: Objective, found: tuple[Pair, ...], guard: int, memory: int) -> Draft:
    """The alert of one severity; without any events it is held for `memory` seconds at the most."""
    severity = found[0].severity
    labels, match = slo.labels_of(objective.name), on(slo.by)
    name = ALERT_NAMES[severity]
    kept = (*(label for label, _ in labels), *slo.by)

    def burn(window: int) -> str:
        return series(naming.BURN_RATE, (*labels, (naming.WINDOW, format_duration(window))))

    guard_window = _guard_window(found)
    bad = series(naming.BAD_WINDOW, (*labels, (naming.WINDOW, format_duration(guard_window))))
    firing = series("ALERTS", (("alertname", name), ("alertstate", "firing"), *labels))
    starts = [f"{burn(p.long)} > {plain(p.factor)}\nand {match}\n{burn(p.short)} > {plain(p.factor)}" for p in found]
    enough = grouped(f"{bad} > {plain(guard - GUARD_TOLERANCE)}\nor {match}\n{firing}")
    shortest = min(p.short for p in found)
    quiet = f"{burn(memory)} > 0\nunless {match}\n{burn(shortest)}\nand {match}\n{firing}"
    expr = f"{_any(starts, kept)}\nand {match}\n{enough}\nor {match}\n{aggregate('max', kept, lines(quiet))}"
    spent = " or ".join(f"{plain(p.share * 100)}% in {format_duration(p.long)}" for p in found)
    budget = series(naming.BUDGET_USED, labels)
    rate = burn(found[0].long)
    left = _told(f"1 - {budget}", "Budget left", "humanizePercentage")
    exhausted = f"{slo.period} * clamp_min(1 - {budget}, 0) / {match} {rate}"
    lasts = _told(exhausted, "At this rate it lasts", "humanizeDuration")
    silent, limit = format_duration(shortest), format_duration(memory)
    held = (
        f"{{{{ with query `{burn(shortest)}` }}}}{{{{ else }}}} There were no events in the last {silent}:"
        f" it is held until some tell that the trouble is over, for {limit} at the most.{{{{ end }}}}"
    )
    identity = naming.slo_id(slo.service, slo.name, objective.name)
    return Draft(
        name=name,
        severity=severity,
        expr=expr,
        summary=f"{identity} is burning its error budget too fast.",
        description=(
            f"{identity} burns its error budget {{{{ $value | humanize }}}} times as fast as it can afford"
            f" (fires when it spends {spent}).{left}{lasts}{held}"
        ),
        part=Part.BASE if severity is Severity.PAGE else Part.LEDGER,
        objective=objective.name,
        pairs=found,
        guard=guard,
    )


def _told(query: str, words: str, form: str) -> str:
    """A sentence with a figure, or nothing where there is none."""
    return f"{{{{ with query `{query}` }}}} {words}: {{{{ . | first | value | {form} }}}}.{{{{ end }}}}"


def _any(terms: list[str], kept: tuple[str, ...]) -> str:
    return aggregate("max", kept, lines("\nor\n".join(map(grouped, terms))))
