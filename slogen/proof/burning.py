"""Pasts of burn-rate alerts: too much, nearly too much, and a little at low traffic."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from math import ceil

from slogen.model import Severity
from slogen.policies._fit import FAST_LIMIT, GUARD_TOLERANCE
from slogen.promql.durations import DAY, format_duration
from slogen.proof.common import ALL, HOUR, NONE, down, events_for, labels_of, percent, sample_step, up
from slogen.proof.pasts import Forecast, Past, Silence, Stretch
from slogen.rules import Alert, Pair, SloPlan

HISTORY = {False: FAST_LIMIT, True: DAY // 2}
"""Seconds of health, at the most, before trouble, by whether a past is judged at the ledger's interval."""

BRIEF = {False: 5400, True: DAY // 4}
"""The same where no long window need be full."""

_APART = 7
"""Samples from one lone failure to the next: each by itself is read as one on average."""

_MANY = 4
"""Bad events from which readings above one may add up to one more."""

_RARE = 4
"""How much rarer events are at low traffic than those of which one bad one is all that a pair bears."""


class Burn:
    """Pasts of one burn-rate alert."""

    def __init__(self, planned: SloPlan, alert: Alert) -> None:
        self.slo, self.alert = planned.slo, alert
        self.objective = next(one for one in planned.slo.objectives if one.name == alert.objective)
        self.slow = alert.severity is Severity.TICKET or max(pair.long for pair in alert.pairs) > FAST_LIMIT
        self.tick = self.slo.cadence.ledger if self.slow else self.slo.cadence.base
        self.history = BRIEF[self.slow]
        stand_ins = self.objective.indicator.stand_ins(self.slo.variants)
        self.steps = any(one.is_gauge and not one.is_ratio for one in stand_ins) or self._reads_slices
        self.gauge = stand_ins[0].is_gauge
        self.step = sample_step(self.slo)
        lengths = {length for pair in alert.pairs for length in (pair.long, pair.short)}
        self.windows = tuple(format_duration(length) for length in sorted(lengths))

    @property
    def _reads_slices(self) -> bool:
        indicator = self.objective.indicator
        return indicator.slice_length is not None and not any(
            one.is_gauge for one in indicator.stand_ins(self.slo.variants)
        )

    @property
    def _late(self) -> int:
        """How much later than its formula an alert may be: a scrape, two recordings, and slices that must fill."""
        return self.slo.cadence.scrape + 2 * self.tick + (self.alert.guard * self.tick if self.steps else 0)

    def pasts(self) -> Iterator[Past]:
        """Errors that must raise the alert, and such that must not."""
        yield from self._fires("everything fails", ALL)
        for pair in self.alert.pairs:
            errors = 2 * pair.factor * self.objective.budget
            if not self.steps and errors < 1:
                name = f"{percent(errors)} fail, twice what the {format_duration(pair.long)} window bears"
                yield from self._alone(name, pair, errors)
        self.history = BRIEF[self.slow]
        if not self.steps:
            yield self._bears()
        if self.alert.guard > 1 and not self._reads_slices:
            yield self._lone()
        if not self.steps and not self.gauge:
            yield from self._held()

    def _after(self, pair: Pair, errors: Decimal) -> Decimal | None:
        """Seconds after which a pair fires, with no more than `history` of health behind it."""
        threshold = pair.factor * self.objective.budget
        if errors <= threshold:
            return None
        found = Decimal(0)
        for window in (pair.long, pair.short):
            partial = threshold * self.history / (errors - threshold)
            fits = self.history < window and self.history + partial <= window
            found = max(found, partial if fits else threshold * window / errors)
        if self.gauge:
            found = max(found, (self.alert.guard - GUARD_TOLERANCE) * self.tick / errors)
        return found

    def _until(self, pair: Pair, errors: Decimal, lasting: int) -> Decimal:
        """Seconds after which a pair resets: one of its windows has forgotten enough, or health dilutes it before."""
        threshold = pair.factor * self.objective.budget
        found = []
        for window in (pair.long, pair.short):
            diluted = max(errors * lasting / threshold - self.history - lasting, NONE)
            forgotten = window * (1 - threshold / errors)
            found.append(diluted if errors * lasting / window < threshold else forgotten)
        return min(found)

    def _first(self, errors: Decimal) -> Pair | None:
        known = [
            (after, pair.long, pair) for pair in self.alert.pairs if (after := self._after(pair, errors)) is not None
        ]
        return min(known, key=lambda one: one[:2])[2] if known else None

    def _silence(self, at: int, count: int) -> Silence:
        return Silence(at, self.alert.name, labels_of(self.slo, self.alert.objective, self.alert.by), count)

    def _alone(self, name: str, pair: Pair, errors: Decimal) -> Iterator[Past]:
        """So much traffic before that longer windows are not moved: what fires is the pair itself."""
        self.history = HISTORY[self.slow]
        if self.gauge or all(other.long <= pair.long for other in self.alert.pairs):
            if self._first(errors) is pair:
                yield from self._fires(name, errors)
            return
        self.history = up(pair.long, self.tick)
        others = [other for other in self.alert.pairs if other is not pair and other.long < pair.long]
        if all(errors <= other.factor * self.objective.budget for other in others):
            yield from self._fires(name, errors, only=pair)

    def _fires(self, name: str, errors: Decimal, only: Pair | None = None) -> Iterator[Past]:
        """Health, errors until the alert has fired, health; where `only` one pair shall see it, much traffic before."""
        first = only or self._first(errors)
        if first is None:
            return
        heavy = up(HOUR, self.tick) if only else 0
        after = self._after(first, errors) or Decimal(0)
        if self.steps:
            after = max(after, Decimal(self.alert.guard * self.tick))
        if after > DAY:
            return
        lasting = up(int(after) + self._late + 2 * self.tick, self.tick)
        begin = heavy + self.history
        end = begin + lasting
        held = {
            pair: found <= lasting - self._late
            for pair in ([only] if only else self.alert.pairs)
            if (found := self._after(pair, errors)) is not None and found <= lasting
        }
        resets = max(self._until(pair, errors, lasting) for pair in held)
        latest = max(self._until(pair, errors, lasting + self.step) for pair in held)
        surely = max((self._until(pair, errors, lasting - self.step) for pair in held if held[pair]), default=NONE)
        checks = [
            self._silence(begin - self.tick, 0),
            self._silence(up(begin + int(after) + self._late, self.tick), 1),
        ]
        if after > self._late:
            checks.append(self._silence(down(begin + int(after) - self.tick, self.tick), 0))
        if surely > 3 * self.tick:
            checks.append(self._silence(down(end + int(surely) - 2 * self.tick, self.tick), 1))
        over = up(end + int(latest) + self._late + self.tick, self.tick)
        checks.append(self._silence(over, 0))
        many = events_for(errors)
        spent = first.factor * Decimal(first.long) / self.slo.period
        forecast = Forecast(self.alert.name, checks[0].labels, begin, round(after), end, round(resets), spent)
        yield Past(
            f"{self.alert.name}: {name}",
            (
                *((Stretch(heavy, 1000 * many),) if only else ()),
                Stretch(self.history, many),
                Stretch(lasting, many, errors),
                Stretch(over - end + self.tick, many),
            ),
            tuple(sorted(checks, key=lambda check: check.at)),
            self.step,
            self.slow,
            forecast=forecast,
            windows=self.windows if only else (),
        )

    def _bears(self) -> Past:
        lowest = min(pair.factor for pair in self.alert.pairs)
        errors = Decimal("0.9") * lowest * self.objective.budget
        times = range(up(self.history // 4, self.tick), self.history + 1, up(self.history // 4, self.tick))
        checks = tuple(self._silence(at, 0) for at in times)
        return Past(
            f"{self.alert.name}: {percent(errors)} fail, 0.9 of what it bears",
            (Stretch(self.history + self.tick, events_for(errors), errors),),
            checks,
            self.step,
            self.slow,
            windows=self.windows,
        )

    def _lone(self) -> Past:
        few = self.alert.guard - (1 if self.alert.guard < _MANY else 2)
        begin = up(self.history // 2, self.slo.cadence.base)
        if self.gauge:
            trouble = (Stretch(begin + 5, 1), Stretch(few * self.slo.cadence.base, 1, ALL))
        else:
            pair = self.alert.pairs[0]
            between = ceil(_RARE * pair.factor * self.objective.budget * pair.long / self.step)
            begin = up(begin, between * self.step)
            quiet = Stretch(begin, 1, every=between)
            trouble = (quiet, Stretch(few * _APART * self.step, 1, ALL, every=_APART))
        rest = Stretch(HOUR + 3 * self.tick, 1, every=1 if self.gauge else between)
        checks = tuple(self._silence(up(begin + after, self.tick), 0) for after in (600, 1200, 3600))
        what = f"{few} {'failures' if few > 1 else 'failure'} at low traffic"
        return Past(f"{self.alert.name}: {what}", (*trouble, rest), checks, self.step, self.slow)

    def _held(self) -> Iterator[Past]:
        """All that happens fails, further apart than the shortest window is long: one alert, not one for each."""
        shorts, longest = [pair.short for pair in self.alert.pairs], max(pair.long for pair in self.alert.pairs)
        every = ceil(Decimal(max(shorts)) * 6 / 5 / self.step)
        apart = every * self.step
        count = self.alert.guard + 3
        begin = apart
        if apart * (self.alert.guard + 1) > longest or begin + apart * count > 3 * DAY:
            return
        last = begin + apart * (count - 1)
        times = range(up(last - 2 * apart, self.tick), last, self.tick)
        yield Past(
            f"{self.alert.name}: all that happens fails, each {format_duration(apart)}",
            (Stretch(begin, 1, every=every), Stretch(apart * count, 1, ALL, every=every)),
            (self._silence(begin - self.tick, 0), *(self._silence(at, 1) for at in times)),
            self.step,
            self.slow,
        )
