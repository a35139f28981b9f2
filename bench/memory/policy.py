"""The policies as data: rules of comparisons that can be evaluated in numpy or written as PromQL."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from memory.history import STEP, Bools, History, firing
from memory.terms import HOUR, MINUTE, Above, Fit, Floor, Forecast, Ratio, Rise, Samples, Unseen, Uptime
from slogen.promql.durations import DAY
from slogen.resource_policies import memory_exhaustion, memory_leak
from slogen.resource_policies.memory_exhaustion import Sign


@dataclass(frozen=True)
class Condition:
    """An alerting rule: all comparisons hold `hold` seconds long."""

    name: str
    all_of: tuple[Above | Unseen, ...]
    hold: int = 0
    keep: int = 0

    def fires(self, history: History) -> Bools:
        """Where the alert fires."""
        active = history.age >= 0
        for one in self.all_of:
            active &= one.holds(history)
        return firing(active, history.age, self.hold, self.keep)

    def promql(self) -> str:
        """The rule's expression."""
        first, *rest = self.all_of
        return first.promql() + "".join(f"\n{one.joined_by} {one.promql()}" for one in rest)


@dataclass(frozen=True)
class Policy:
    """Fires while one of its conditions does."""

    name: str
    any_of: tuple[Condition, ...]

    def fires(self, history: History) -> Bools:
        """Where it fires."""
        out: Bools = np.logical_or.reduce([one.fires(history) for one in self.any_of])
        return out


def _above(ratio: float) -> Above:
    return Above(Ratio(), ratio)


def _up(seconds: int) -> Above:
    return Above(Uptime(), seconds)


def _full(window: int, ahead: int, level: float = 1.0) -> Above:
    return Above(Forecast(window, ahead), level)


KEEP = 15 * MINUTE
"""How long the earlier policy was held."""


def _fits(window: int, share: float) -> tuple[Above, Above]:
    """A line explains that share of the window, half of which at least was recorded."""
    return Above(Samples(window), window // STEP // 2), Above(Fit(window), share)


def _condition(name: str, sign: Sign, hold: int) -> Condition:
    """A sign as slogen compiles it."""
    terms: list[Above | Unseen] = [_above(float(sign.above)), _up(sign.uptime)]
    terms += (_full(window, sign.ahead or 0) for window in sign.lines)
    if sign.fit is not None:
        terms += _fits(sign.fit.over, float(sign.fit.least))
    if sign.risen is not None:
        terms.append(Above(Rise(HOUR), float(sign.risen)))
    if sign.beyond_yesterday:
        terms.append(Unseen(6 * HOUR))
    return Condition(name, tuple(terms), sign.lasting, hold)


_EXHAUSTION, _LEAK = memory_exhaustion.Params(), memory_leak.Params()

PAGE = Policy("page", tuple(_condition(name, sign, _EXHAUSTION.hold) for name, sign in _EXHAUSTION.signs.items()))
"""MemoryExhaustion by its defaults: five views of one question, from short to long: the longer the window, the farther
it looks and the fuller the container must be. docs/memory-measurements.md gives the reason of each number."""

TICKET = Policy(
    "ticket",
    (
        Condition(
            "leak",
            (
                _up(31 * HOUR),
                Above(Rise(6 * HOUR), float(_LEAK.rise)),
                Above(Floor(6 * HOUR, _LEAK.ahead / DAY), 1.0),
                *_fits(DAY, float(_LEAK.least)),
            ),
            _LEAK.lasting,
            _LEAK.hold,
        ),
    ),
)
"""MemoryLeak by its defaults: the floor of six hours has risen since yesterday's, steadily, and three more such days
fill the limit. slogen looks each four minutes, the bench each minute."""

# What this policy was developed from, kept to compare with.
EARLIER = Policy(
    "earlier",
    (
        Condition(
            "imminent",
            (_above(0.7), _up(1200), _full(15 * MINUTE, 1800), Above(Fit(15 * MINUTE), 0.95)),
            3 * MINUTE,
            KEEP,
        ),
        Condition(
            "trend",
            (_above(0.7), _up(4500), _full(HOUR, 7200), _full(3 * HOUR, 7200), Above(Fit(2 * HOUR), 0.8)),
            10 * MINUTE,
            KEEP,
        ),
        Condition(
            "near",
            (_above(0.9), _up(1800), _full(HOUR, 14400), _full(6 * HOUR, 14400)),
            10 * MINUTE,
            KEEP,
        ),
        Condition("saturated", (_above(0.95), _up(1800), _full(HOUR, 3600, 0.95)), 10 * MINUTE, KEEP),
    ),
)

EARLIER_TICKET = Policy(
    "earlier ticket",
    (
        Condition(
            "two days", (_up(31 * HOUR), Above(Rise(6 * HOUR), 0.02), Above(Floor(6 * HOUR, 2), 1.0)), HOUR, KEEP
        ),
        Condition(
            "four days",
            (
                _up(54 * HOUR + 1800),
                Above(Rise(6 * HOUR), 0.02),
                Above(Rise(6 * HOUR, DAY), 0.02),
                Above(Floor(6 * HOUR, 4), 1.0),
            ),
            HOUR,
            KEEP,
        ),
    ),
)

# `and r > 0` ends them with their container, where `predict_linear` alone goes on for an hour: to their advantage.
_NAIVE = _full(HOUR, 4 * HOUR)
_RUNS = _above(0.0)
RIVALS = (
    Policy("naive", (Condition("naive", (_RUNS, _NAIVE)),)),
    Policy("naive for 15m", (Condition("held", (_RUNS, _NAIVE), 15 * MINUTE),)),
    Policy("for 15m, above 70%", (Condition("floor", (_above(0.7), _NAIVE), 15 * MINUTE),)),
    Policy("static 90%", (Condition("static", (_above(0.9),), 5 * MINUTE),)),
)
