"""Burn rate: the budget is spent too fast; a page where a person is needed now, a ticket where this week will do.

A burn rate of 1 spends exactly the budget in the period. A pair of windows fires when both burn faster than its factor:
the long one shows that it matters, the short one that it still goes on (Google SRE Workbook, chapter 5). Pairs are
stated for 30 days, scaled to the SLO's period and fitted to its objective and declared traffic, so that each of them
can fire and none reports a service that keeps its objective. The default policy has two that page and two that open
tickets. `slogen explain` tells what became of them for an SLO, and after how many minutes they fire.

The pairs of one severity are one alert of each objective, joined by `or`, so that one incident is one notification. It
starts when a long and its short window both burn faster than the pair's factor and enough bad events stand behind it.
Once it fires it needs no guard, and it goes on while its shortest window holds no events to tell: an outage at ten
requests an hour would otherwise notify again after every pause between two requests.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from slogen import naming
from slogen.advice import Advice, Look
from slogen.fields import Duration, SeverityName, Share, Strict
from slogen.levels import Level
from slogen.looks import budget_looks
from slogen.model import Cadence, Objective, Severity, Slo
from slogen.policies import Problem
from slogen.policies._fit import FAST_LIMIT, GUARD_TOLERANCE, Stated, fit, plain, twelfth
from slogen.policies._traffic import fit_to_traffic
from slogen.promql.build import aggregate, grouped, lines, series
from slogen.promql.durations import DAY, format_duration
from slogen.rules import Draft, Mute, Needs, Pair, Part

ALERT_NAMES = {Severity.PAGE: "SLOBudgetBurnPage", Severity.TICKET: "SLOBudgetBurnTicket"}

MUTES = (Mute(ALERT_NAMES[Severity.PAGE], ALERT_NAMES[Severity.TICKET], all_groups=True),)

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: calm}
spec:
  extends: default
  burnRate:
    pairs:
      - {severity: page, budget: 5, long: 6h, short: 30m}
      - {severity: ticket, budget: 10, long: 3d, short: 6h}
    guard: {badEvents: 5}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  slos:
    - name: availability
      objective: 99.9
      sli:
        type: events
        bad: http_requests_total{job="checkout", code=~"5.."}
        total: http_requests_total{job="checkout"}
      alerting: {policy: calm}
"""


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


@dataclass(frozen=True, slots=True)
class Fitted:
    """The pairs of one severity for groups with one target; `guard` bad events must stand behind them."""

    target: Decimal
    pairs: tuple[Pair, ...]
    guard: int


def _fitted(slo: Slo, level: Level, objective: Objective, params: Params, severity: Severity) -> list[Fitted]:
    """One for each target that groups of a level may have, the objective's own first; none where nobody looks."""
    if slo.notices[severity].disabled or level not in slo.scopes[severity]:
        return []
    targets = [objective.target, *(override.target for override in objective.overrides if level.by)]
    stated = [pair for pair in _stated(params, slo.cadence) if pair.severity is severity]
    found = []
    for target in dict.fromkeys(targets):
        fitted, guard = fit(stated, 1 - target, slo.period, slo.cadence), params.guard.bad_events
        loose = tuple(pair for pair in fitted if not pair.pinned)
        if loose and level.traffic is not None:
            pinned = tuple(pair for pair in fitted if pair.pinned)
            loose, guard = fit_to_traffic(loose, guard, level.traffic, 1 - target, slo.cadence, slo.period)
            fitted = (*pinned, *loose)
        if fitted:
            found.append(Fitted(target, fitted, guard))
    return found


def _every(slo: Slo, level: Level, objective: Objective, params: Params) -> Iterator[Fitted]:
    for severity in Severity:
        yield from _fitted(slo, level, objective, params, severity)


def _is_fast(pair: Pair) -> set[int]:
    windows = {pair.long, pair.short} if pair.severity is Severity.PAGE else set()
    return {window for window in windows if window <= FAST_LIMIT}


def _guard_window(alert_pairs: Iterable[Pair]) -> int:
    """The longest long window. A page looks no further than the base does: the ledger is up to four minutes late."""
    longs = [pair.long for pair in alert_pairs]
    fresh = [pair.long for pair in alert_pairs if pair.severity is Severity.TICKET or pair.long <= FAST_LIMIT]
    return max(fresh or longs)


def needs(slo: Slo, level: Level, objective: Objective, params: Params) -> Needs:
    """Burn rates over every window, and the bad events of each guard's window."""
    found = list(_every(slo, level, objective, params))
    every = [pair for one in found for pair in one.pairs]
    return Needs(
        burn=frozenset(window for pair in every for window in (pair.long, pair.short)),
        bad=frozenset(_guard_window(one.pairs) for one in found),
        fast=frozenset(window for pair in every for window in _is_fast(pair)),
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
                targets = _targets(slo, pair.severity, objective)
                found = (one for target in targets for one in _pinned_problems(slo, objective, pair, 1 - target))
                yield from dict.fromkeys(found)
            elif pair.short >= pair.long:
                yield _short_problem(naming.slo_id(slo.service, slo.name, objective.name), pair)


def _short_problem(name: str, pair: Stated) -> Problem:
    long, short = format_duration(pair.long), format_duration(pair.short)
    message = f"{name}: the short window {short} is not shorter than the long one, {long}"
    return "policy/short-window", message, "a twelfth of the long one is usual"


def _targets(slo: Slo, severity: Severity, objective: Objective) -> Iterable[Decimal]:
    """Targets that alerts of a severity are held to, at the levels that they look at."""
    own = [one.target for one in objective.overrides if any(level.by for level in slo.scopes[severity])]
    return dict.fromkeys([objective.target, *own])


def _pinned_problems(slo: Slo, objective: Objective, pair: Stated, budget: Decimal) -> Iterable[Problem]:
    name = naming.slo_id(slo.service, slo.name, objective.name)
    long, period = format_duration(pair.long), format_duration(slo.period)
    factor = pair.share * slo.period / pair.long
    if pair.long > slo.period:
        yield (
            "policy/window-beyond-period",
            f"{name}: the pinned window {long} is longer than the period {period}",
            "shorten it, or do not pin it",
        )
    elif factor * budget >= 1:
        outage, wanted = (plain(value.quantize(Decimal("0.01"))) for value in (1 / budget, factor))
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
    """A page and a ticket for each objective, at each level that they look at."""
    for level in slo.levels:
        for objective in slo.objectives:
            every = [pair for one in _every(slo, level, objective, params) for pair in one.pairs]
            for severity in Severity:
                if found := _fitted(slo, level, objective, params, severity):
                    shortest = min(pair.short for one in found for pair in one.pairs)
                    remembered = [pair.long for pair in every if shortest < pair.long <= DAY]
                    memory = max(remembered or [pair.long for one in found for pair in one.pairs])
                    yield _Burn(slo, level, objective, severity, memory).alert(found)


@dataclass(frozen=True, slots=True)
class _Burn:
    """The alert of one severity; without any events it is held for `memory` seconds at the most."""

    slo: Slo
    level: Level
    objective: Objective
    severity: Severity
    memory: int

    def alert(self, found: list[Fitted]) -> Draft:
        """One alert, whichever the target of a group."""
        own, match, kept = found[0], self.level.match, self.level.kept(self.objective.name)
        shortest = min(pair.short for one in found for pair in one.pairs)
        firing = self._firing()
        quiet = f"{self._burn(self.memory)} > 0\nunless {match}\n{self._burn(shortest)}\nand {match}\n{firing}"
        begun = [self._started(one, condition, firing) for one, condition in self._classes(found)]
        started = begun[0] if len(begun) == 1 else f"\nor {match}\n".join(map(grouped, begun))
        identity = naming.slo_id(self.slo.service, self.slo.name, self.objective.name) + self.level.title
        spent = " or ".join(f"{plain(p.share * 100)}% in {format_duration(p.long)}" for p in own.pairs)
        told = f" (fires when it spends {spent})" if len(begun) == 1 else ""
        return Draft(
            name=ALERT_NAMES[self.severity],
            severity=self.severity,
            expr=f"{started}\nor {match}\n{aggregate('max', kept, lines(quiet))}",
            summary=f"{identity} is burning its error budget too fast.",
            description=(
                f"{identity} burns its error budget {{{{ $value | humanize }}}} times as fast as it can afford"
                f"{told}.{self._outlook(own)}{self._held(shortest)}"
            ),
            part=Part.BASE if self.severity is Severity.PAGE else Part.LEDGER,
            level=self.level,
            objective=self.objective.name,
            pairs=own.pairs,
            guard=own.guard,
        )

    def _window(self, window: int) -> tuple[str, str]:
        return (naming.WINDOW, format_duration(window))

    def _burn(self, window: int) -> str:
        return self.level.series(naming.BURN_RATE, self.objective.name, self._window(window))

    def _firing(self) -> str:
        labels = (("alertname", ALERT_NAMES[self.severity]), ("alertstate", "firing"))
        found = series("ALERTS", (*labels, *self.level.labels(self.objective.name)))
        if not self.slo.by:
            return found
        return f'{found[:-1]}, {naming.GROUP}{"!=" if self.level.by else "="}""}}'

    def _classes(self, found: list[Fitted]) -> list[tuple[Fitted, str]]:
        """Groups that differ in pairs or guard, with the condition that tells them; none where all are alike."""
        targets: dict[tuple[tuple[tuple[int, int, Decimal], ...], int], list[Fitted]] = {}
        for one in found:
            key = (tuple((pair.long, pair.short, pair.factor) for pair in one.pairs), one.guard)
            targets.setdefault(key, []).append(one)
        if len(targets) == 1:
            return [(found[0], "")]
        own = self.level.series(naming.TARGET, self.objective.name)
        return [
            (alike[0], f"\nor {self.level.match}\n".join(f"{own} == {one.target}" for one in alike))
            for alike in targets.values()
        ]

    def _started(self, one: Fitted, condition: str, firing: str) -> str:
        match = self.level.match
        starts = [
            f"{self._burn(p.long)} > {plain(p.factor)}\nand {match}\n{self._burn(p.short)} > {plain(p.factor)}"
            for p in one.pairs
        ]
        bad = self.level.series(naming.BAD_WINDOW, self.objective.name, self._window(_guard_window(one.pairs)))
        enough = grouped(f"{bad} > {plain(one.guard - GUARD_TOLERANCE)}\nor {match}\n{firing}")
        any_pair = aggregate("max", self.level.kept(self.objective.name), lines("\nor\n".join(map(grouped, starts))))
        expr = f"{any_pair}\nand {match}\n{enough}"
        return f"{expr}\nand {match}\n{grouped(condition)}" if condition else expr

    def _outlook(self, own: Fitted) -> str:
        used = self.level.told(naming.BUDGET_USED, self.objective.name)
        rate = self.level.told(naming.BURN_RATE, self.objective.name, self._window(own.pairs[0].long))
        exhausted = f"{self.slo.period} * clamp_min(1 - {used}, 0) / {self.level.match} {rate}"
        left = self._told(f"1 - {used}", "Budget left", "humanizePercentage")
        return left + self._told(exhausted, "At this rate it lasts", "humanizeDuration")

    def _told(self, query: str, words: str, form: str) -> str:
        """A sentence with a figure, or nothing where there is none."""
        found = self.level.queried(query)
        return f"{{{{ with {found} }}}} {words}: {{{{ . | first | value | {form} }}}}.{{{{ end }}}}"

    def _held(self, shortest: int) -> str:
        rate = self.level.told(naming.BURN_RATE, self.objective.name, self._window(shortest))
        return (
            f"{{{{ with {self.level.queried(rate)} }}}}{{{{ else }}}} There were no events in the last"
            f" {format_duration(shortest)}: it is held until some tell that the trouble is over, for"
            f" {format_duration(self.memory)} at the most.{{{{ end }}}}"
        )


def _looks(slo: Slo, level: Level, objective: str, _params: Params) -> Iterator[Look]:
    burn = level.series(naming.BURN_RATE, objective)
    yield Look("Burn rate in each window", f"topk(10, {burn})" if level.by else burn)
    yield from budget_looks(slo, level, objective)


RUNBOOK = Advice(
    meaning=(
        "Users meet errors now, and so many that the budget is spent faster than it comes back. At a burn rate of 1"
        " the budget lasts just the period."
    ),
    resets=(
        "The errors end, and the short window of each pair burns slower than its factor again. It goes on while the"
        " shortest window holds no events to tell."
    ),
    looks=_looks,
)
