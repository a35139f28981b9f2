"""What the page of a rare event does in a year: how often it is wrong, and how soon it finds a day-long total outage.

Run: python bench/traffic.py [--seeds 100] [--days 365] [--traffic 30/d ...] [--arrivals poisson regular business]

Jobs arrive, some fail by chance, and the page is evaluated each minute as compiled: its pairs, its guard, and how long
it is held are read from the plan. False pages are those of a year without any outage, `spends` is how much of the
budget the failures take by chance. In another year outages come each ten days at a random hour; where jobs come from
nine to five only, no other hours are counted, as at night there is nothing to find. `notified` is how often the page
starts in an outage and the day after it.

Exits 1 where a page with `expectedTraffic` does not find 95% of the outages within six hours or has more than a quarter
of a false page a month, while jobs come by chance at that rate (poisson).

A counter gives whole numbers here. --readings takes what Prometheus' `rate` makes of it instead (the harness's model of
that) at scrapes that jitter: a page whose factor is met exactly by few events, such as 2 of 4, then fires or not by the
last digit. tests/prometheus/test_expected_traffic.py holds the evaluator against a real server.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from compile import EVENTS, service, slo_plan
from harness import rate_model, synthetic
from harness.arrays import Floats, Ints

from slogen import naming
from slogen.model import Cadence, Severity
from slogen.policies._fit import GUARD_TOLERANCE
from slogen.policies.burn_rate import ALERT_NAMES
from slogen.promql.durations import DAY, format_duration, parse_duration
from slogen.rules import Pair, Recording, SloPlan

Flags = npt.NDArray[np.bool_]

PAGE = ALERT_NAMES[Severity.PAGE]
OBJECTIVES = ("90", "95", "99", "99.5", "99.9")
TRAFFICS = ("30/d", "100/d", "30/h")
SPENDS = (0.3, 1.0)
MONTH = 30 * DAY
SOON = 6 * 3600
FOUND_BOUND = 0.95
FALSE_BOUND = 0.25
APART = 10 * DAY
VERSION = (3, 15)
UNITS = {"s": 1, "m": 60, "h": 3600, "d": DAY}
OPENS, CLOSES = 9 * 3600, 17 * 3600

_HELD = re.compile(rf'{naming.BURN_RATE}\{{[^}}]*{naming.WINDOW}="(\w+)"\}} > 0\n')
_GUARD = re.compile(rf'{naming.BAD_WINDOW}\{{[^}}]*{naming.WINDOW}="(\w+)"\}} > ([\d.]+)\n')


@dataclass(frozen=True)
class Page:
    """A page as it is compiled. `every` is the interval of what each window is summed from."""

    pairs: tuple[Pair, ...]
    budget: float
    least: float
    guarded: int
    memory: int
    beat: Cadence
    every: Mapping[int, int]

    @property
    def shortest(self) -> int:
        """While this window holds no events, the page is held."""
        return min(pair.short for pair in self.pairs)

    @property
    def guard(self) -> int:
        """Bad events that must stand behind it."""
        return round(self.least + float(GUARD_TOLERANCE))


def page_of(plan: SloPlan) -> Page:
    """The page of an SLO with one objective and no groups."""
    (alert,) = (one for one in plan.alerts() if one.name == PAGE)
    guards = set(_GUARD.findall(alert.expr))
    ((window, least),) = guards
    (memory,) = _HELD.findall(alert.expr)
    every = {
        rule.window: group.interval
        for group in plan.groups
        for rule in group.rules
        if isinstance(rule, Recording) and rule.record == naming.BURN_RATE and rule.window is not None
    }
    return Page(
        alert.pairs,
        float(plan.slo.objectives[0].budget),
        float(least),
        parse_duration(window),
        parse_duration(memory),
        plan.slo.cadence,
        every,
    )


def compiled(objective: str, traffic: str = "", policy: str = "default") -> Page:
    """The page for a period of 30 days; without `traffic`, none is declared."""
    more: dict[str, Any] = {"expectedTraffic": traffic} if traffic else {}
    alerting = {"policy": policy}
    return page_of(slo_plan(service(objective=float(objective), window="30d", sli=EVENTS, alerting=alerting, **more)))


@dataclass(frozen=True)
class Clock:
    """When things happen within their intervals, in seconds: scrapes, and evaluations of the two groups."""

    scrapes: float = 7.3
    base: float = 17.0
    ledger: float = 21.1


@dataclass(frozen=True)
class Counted:
    """What is recorded of a counter, per evaluation of the base and of the ledger."""

    base: Floats
    ledger: Floats


def counted(moments: Floats, length: int, beat: Cadence, clock: Clock) -> Counted:
    """Whole events, each in the first evaluation after the first scrape that sees it."""
    seen = clock.scrapes + np.ceil((moments - clock.scrapes) / beat.scrape) * beat.scrape

    def per(interval: int, phase: float) -> Floats:
        ticks = np.ceil((seen - phase) / interval).astype(np.int64)
        size = length // interval
        return np.bincount(ticks[ticks < size], minlength=size).astype(float)

    return Counted(per(beat.base, clock.base), per(beat.ledger, clock.ledger))


def read(moments: Floats, length: int, beat: Cadence, clock: Clock, seed: int) -> Counted:
    """What `rate` makes of a counter that starts at zero, with scrapes that jitter by 20 ms, for the base.

    The ledger takes the difference of two values, which is whole.
    """
    times = synthetic.scrape_times(0.0, length, beat.scrape, offset=clock.scrapes, seed=seed)
    values = np.searchsorted(moments, times, side="right").astype(float)
    at = clock.base + beat.base * np.arange(length // beat.base)
    rate = rate_model.rate(times, values, at, beat.base + beat.scrape, VERSION)
    return Counted(np.nan_to_num(rate) * beat.base, counted(moments, length, beat, clock).ledger)


class Sums:
    """Sums over windows, as each evaluation of the base sees them."""

    def __init__(self, bad: Counted, total: Counted, beat: Cadence, clock: Clock) -> None:
        self._beat = beat
        at = clock.base + beat.base * np.arange(len(bad.base))
        last = np.floor((at - clock.ledger) / beat.ledger).astype(np.int64)
        self._last = np.clip(last, 0, len(bad.ledger) - 1)
        self._risen = {
            (name, every): np.concatenate([[0.0], np.cumsum(values)])
            for name, both in (("bad", bad), ("total", total))
            for every, values in ((beat.base, both.base), (beat.ledger, both.ledger))
        }

    def of(self, name: str, window: int, every: int) -> Floats:
        """Events of a window that is summed from what is recorded `every` so many seconds."""
        risen, count = self._risen[name, every], window // every
        sums = risen[1:].copy()
        sums[count:] -= risen[1:-count]
        return sums[self._last] if every == self._beat.ledger else sums


def firing(page: Page, sums: Sums) -> Flags:
    """Whether the page fires, at each evaluation."""

    def burns(window: int, factor: float) -> Flags:
        every = page.every[window]
        total = sums.of("total", window, every)
        rate = np.divide(sums.of("bad", window, every), total, out=np.zeros(len(total)), where=total > 0)
        found: Flags = rate / page.budget > factor
        return found

    fast = np.logical_or.reduce(
        [burns(pair.long, float(pair.factor)) & burns(pair.short, float(pair.factor)) for pair in page.pairs]
    )
    enough = sums.of("bad", page.guarded, page.every[page.guarded]) > page.least
    empty = ~(sums.of("total", page.shortest, page.every[page.shortest]) > 0)
    held = empty & burns(page.memory, 0.0)
    return begun(fast & enough, fast | held)


def begun(starts: Flags, goes_on: Flags) -> Flags:
    """True from each start for as long as it goes on: what `ALERTS` of the evaluation before makes of it."""
    edges = np.flatnonzero(np.diff(goes_on, prepend=False, append=False))
    at = np.flatnonzero(starts)
    out = np.zeros(len(starts) + 1, dtype=np.int64)
    for begin, end in edges.reshape(-1, 2):
        first = np.searchsorted(at, begin)
        if first < len(at) and at[first] < end:
            out[at[first]] += 1
            out[end] -= 1
    found: Flags = np.cumsum(out)[:-1] > 0
    return found


def poisson(rng: np.random.Generator, per_second: float, length: int) -> Floats:
    """By chance, at any time."""
    return np.sort(rng.uniform(0, length, rng.poisson(per_second * length)))


def regular(rng: np.random.Generator, per_second: float, length: int) -> Floats:
    """One after the other, always equally far apart."""
    found: Floats = (np.arange(per_second * length) + rng.random()) / per_second
    return found[found < length]


def business(rng: np.random.Generator, per_second: float, length: int) -> Floats:
    """By chance from nine to five, each day."""
    days = -(-length // DAY)
    count = rng.poisson(per_second * DAY * days)
    found = np.sort(rng.integers(0, days, count) * DAY + rng.uniform(OPENS, CLOSES, count))
    return found[found < length]


def worked(moments: Floats, arrivals: str) -> Floats:
    """Seconds in which jobs may come, up to each moment."""
    if arrivals != "business":
        return moments
    days, today = np.divmod(moments, DAY)
    found: Floats = days * (CLOSES - OPENS) + np.clip(today - OPENS, 0, CLOSES - OPENS)
    return found


ARRIVALS: dict[str, Callable[[np.random.Generator, float, int], Floats]] = {
    "poisson": poisson,
    "regular": regular,
    "business": business,
}


def per_second(traffic: str) -> float:
    """Events per second of `30/d`."""
    count, _, unit = traffic.partition("/")
    return float(count) / UNITS[unit]


@dataclass(frozen=True)
class Year:
    """Jobs, which of them fail by chance for each share of the budget, and when outages begin."""

    moments: Floats
    chance: Floats
    begins: Floats
    arrivals: str
    length: int
    clock: Clock

    def bad(self, ratio: float) -> Floats:
        """Jobs that fail by chance."""
        return self.moments[self.chance < ratio]

    def bad_with_outages(self, ratio: float) -> Floats:
        """The same, and all jobs of the outages."""
        last = np.searchsorted(self.begins, self.moments, side="right") - 1
        out = (last >= 0) & (self.moments < self.begins[np.maximum(last, 0)] + DAY)
        return self.moments[out | (self.chance < ratio)]


def year(seed: int, traffic: str, arrivals: str, days: int) -> Year:
    """One history; an outage begins on the third to the seventh day of each ten, and the last one is over in time."""
    rng = np.random.default_rng([seed, sorted(ARRIVALS).index(arrivals)])
    length = days * DAY
    moments = ARRIVALS[arrivals](rng, per_second(traffic), length)
    begins = APART * np.arange(length // APART) + rng.uniform(3 * DAY, 7 * DAY, length // APART)
    clock = Clock(*(round(float(phase), 3) for phase in rng.uniform(0, (30, 60, 240))))
    return Year(moments, rng.random(len(moments)), begins, arrivals, length, clock)


@dataclass(frozen=True)
class Found:
    """What a page did: false starts in how many seconds; of each outage, its delay and its notifications."""

    false: int
    seconds: int
    delays: Floats
    notified: Ints

    @property
    def a_month(self) -> float:
        """False pages in 30 days."""
        return self.false * MONTH / self.seconds

    @property
    def soon(self) -> float:
        """Share of the outages that were found within six hours."""
        return float(np.mean(self.delays <= SOON))

    @property
    def holds(self) -> bool:
        """Whether it keeps both bounds."""
        return self.soon >= FOUND_BOUND and self.a_month <= FALSE_BOUND


def together(found: Sequence[Found]) -> Found:
    """All of them as one."""
    return Found(
        sum(one.false for one in found),
        sum(one.seconds for one in found),
        np.concatenate([one.delays for one in found]),
        np.concatenate([one.notified for one in found]),
    )


def fires(page: Page, one: Year, bad: Floats, readings: int | None = None) -> Flags:
    """Whether the page fires at each evaluation, if those jobs fail; `readings` is the seed of the jitter."""

    def recorded(moments: Floats) -> Counted:
        if readings is None:
            return counted(moments, one.length, page.beat, one.clock)
        return read(moments, one.length, page.beat, one.clock, readings)

    good, failed = recorded(np.setdiff1d(one.moments, bad, assume_unique=True)), recorded(bad)
    total = Counted(good.base + failed.base, good.ledger + failed.ledger)
    return firing(page, Sums(failed, total, page.beat, one.clock))


def lived(page: Page, one: Year, spends: float, readings: int | None = None) -> Found:
    """A year without outages and the same year with them."""
    quiet = fires(page, one, one.bad(spends * page.budget), readings)
    fired = fires(page, one, one.bad_with_outages(spends * page.budget), readings)
    at = one.clock.base + page.beat.base * np.arange(len(fired))
    starts = at[np.flatnonzero(np.diff(fired, prepend=False) & fired)]
    clock, since = worked(at, one.arrivals), worked(one.begins, one.arrivals)
    delays, notified = [], []
    for begin, start in zip(one.begins, since, strict=True):
        during = fired & (at >= begin) & (at < begin + DAY)
        delays.append(clock[np.argmax(during)] - start if during.any() else np.inf)
        notified.append(np.sum((starts >= begin) & (starts < begin + 2 * DAY)))
    false = int(np.sum(np.diff(quiet, prepend=False) & quiet))
    return Found(false, one.length, np.array(delays), np.array(notified, dtype=np.int64))


@dataclass(frozen=True)
class Case:
    """Lines of the table; `declared` is what the spec says of the traffic."""

    objective: str
    traffic: str
    arrivals: str
    policy: str = "default"
    declared: str = ""

    def page(self) -> Page:
        """As it is compiled."""
        return compiled(self.objective, self.declared, self.policy)

    def run(self, page: Page, spends: float, seeds: int, days: int, readings: bool = False) -> Found:
        """All seeds as one."""
        years = ((seed, year(seed, self.traffic, self.arrivals, days)) for seed in range(seeds))
        return together([lived(page, one, spends, seed if readings else None) for seed, one in years])


def cases(traffics: Iterable[str], arrivals: Iterable[str], objectives: Iterable[str]) -> Iterator[Case]:
    """The declared traffic first, then the policies without it."""
    for traffic, kind, objective in product(traffics, arrivals, objectives):
        yield Case(objective, traffic, kind, declared=traffic)
        if kind == "poisson":
            yield Case(objective, traffic, kind)
            yield Case(objective, traffic, kind, "low-traffic")


def row(case: Case, page: Page, spends: float, found: Found) -> str:
    """One line."""
    name = f"expected {case.declared}" if case.declared else case.policy
    pairs = ", ".join(f"{format_duration(p.long)}/{format_duration(p.short)} x{p.factor}" for p in page.pairs)
    median, late = (_hours(float(np.quantile(found.delays, share, method="higher"))) for share in (0.5, 0.95))
    holds = ("yes" if found.holds else "NO") if case.declared else "-"
    return (
        f"{case.traffic:>5} {case.arrivals:8} {case.objective:>4}% {name:14} {pairs:34} {page.guard:5} {spends:6.0%} |"
        f" {found.a_month:11.3f} | {found.soon:9.1%} {median:>7} {late:>7} {np.mean(found.notified):8.2f} | {holds}"
    )


def _hours(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if np.isfinite(seconds) else "never"


HEAD = (
    f"{'traffic':14} {'goal':>5} {'policy':14} {'page':34} guard spends |"
    f" false/month | in 6 hours  median     95% notified | holds"
)


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--traffic", nargs="+", default=TRAFFICS, metavar="30/d")
    parser.add_argument("--arrivals", nargs="+", default=list(ARRIVALS), choices=ARRIVALS)
    parser.add_argument("--objectives", nargs="+", default=OBJECTIVES, metavar="99")
    parser.add_argument("--readings", action="store_true", help="as rate reads counters, with jitter; slow")
    options = parser.parse_args()
    print(f"{options.seeds} seeds of {options.days} days\n{HEAD}")
    good = True
    for case in cases(options.traffic, options.arrivals, options.objectives):
        page = case.page()
        for spends in SPENDS:
            found = case.run(page, spends, options.seeds, options.days, options.readings)
            good = good and (found.holds or not case.declared or case.arrivals != "poisson")
            print(row(case, page, spends, found), flush=True)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
