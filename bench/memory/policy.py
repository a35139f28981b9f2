"""The policies as data: rules of comparisons that can be evaluated in numpy or written as PromQL."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from memory.history import STEP, Bools, History, firing
from memory.terms import HOUR, MINUTE, Above, Fit, Floor, Forecast, Ratio, Rise, Samples, Unseen, Uptime
from slogen.promql.durations import DAY


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
"""A page is held this long, so that a trend that hesitates is one page."""


def _fits(window: int, share: float) -> tuple[Above, Above]:
    """A line explains that share of the window, half of which at least was recorded."""
    return Above(Samples(window), window // STEP // 2), Above(Fit(window), share)


PAGE = Policy(
    "page",
    (
        Condition(
            "15m",
            (
                _above(0.7),
                _up(25 * MINUTE),
                _full(15 * MINUTE, 20 * MINUTE),
                *_fits(15 * MINUTE, 0.95),
            ),
            3 * MINUTE,
            KEEP,
        ),
        Condition(
            "1h",
            (
                _above(0.7),
                _up(75 * MINUTE),
                _full(20 * MINUTE, 2 * HOUR),
                _full(HOUR, 2 * HOUR),
                _full(3 * HOUR, 2 * HOUR),
                *_fits(HOUR, 0.92),
            ),
            5 * MINUTE,
            KEEP,
        ),
        Condition(
            "3h",
            (
                _above(0.85),
                _up(3 * HOUR),
                _full(HOUR, 150 * MINUTE),
                _full(3 * HOUR, 150 * MINUTE),
                *_fits(3 * HOUR, 0.8),
                Unseen(6 * HOUR),
            ),
            5 * MINUTE,
            KEEP,
        ),
        Condition(
            "9h",
            (
                _above(0.9),
                _up(3 * HOUR),
                _full(HOUR, 4 * HOUR),
                _full(9 * HOUR, 4 * HOUR),
                *_fits(9 * HOUR, 0.8),
                Unseen(6 * HOUR),
            ),
            10 * MINUTE,
            KEEP,
        ),
        Condition("1d", (_above(0.95), _up(26 * HOUR), Above(Rise(HOUR), 0.06)), 5 * MINUTE, KEEP),
    ),
)
"""Five views of one question, from short to long: the longer the window, the farther it looks and the fuller the
container must be. docs/memory-measurements.md gives the reason of each number."""

TICKET = Policy(
    "ticket",
    (
        Condition(
            "3d",
            (_up(31 * HOUR), Above(Rise(6 * HOUR), 0.03), Above(Floor(6 * HOUR, 3), 1.0), *_fits(DAY, 0.8)),
            HOUR,
            KEEP,
        ),
    ),
)
"""The floor of six hours has risen since yesterday's, steadily, and three more such days fill the limit."""

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
