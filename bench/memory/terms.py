"""What a rule can compare, evaluated in numpy or written as PromQL over two recorded series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from memory.history import STEP, Bools, Floats, History
from slogen import naming
from slogen.promql.durations import DAY, format_duration

RATIO, UPTIME = naming.UTILISATION, naming.UPTIME
MINUTE, HOUR = 60, 3600


class Term(Protocol):
    """A quantity of one container: its values, and the same in PromQL with `{}` where the matchers go."""

    def values(self, history: History) -> Floats:
        """One value for each pod and minute, NaN where Prometheus returns nothing."""

    def promql(self) -> str:
        """The expression over the recorded series."""


def _window(seconds: int) -> str:
    """One second short, so that 2.x (closed windows) and 3.x (left-open) read the same samples."""
    return f"[{format_duration(seconds - 1)}]"


@dataclass(frozen=True)
class Ratio:
    """The share of the limit that is in use."""

    def values(self, history: History) -> Floats:
        """The recorded series."""
        return history.ratio

    def promql(self) -> str:
        """The recorded series."""
        return RATIO


@dataclass(frozen=True)
class Uptime:
    """Seconds since the container started."""

    def values(self, history: History) -> Floats:
        """The recorded series."""
        return history.uptime

    def promql(self) -> str:
        """The recorded series."""
        return UPTIME


@dataclass(frozen=True)
class Samples:
    """How many samples a window holds: a line through a few points is no trend."""

    window: int

    def values(self, history: History) -> Floats:
        """NaN instead of 0, as a window without samples returns nothing."""
        count = history.count(self.window).astype(np.float64)
        return np.where(count > 0, count, np.nan)

    def promql(self) -> str:
        """`count_over_time`."""
        return f"count_over_time({RATIO}{_window(self.window)})"


@dataclass(frozen=True)
class Forecast:
    """Where the trend of a window leads in `ahead` seconds."""

    window: int
    ahead: int

    def values(self, history: History) -> Floats:
        """The line's value now, and its slope from here."""
        trend = history.trend(self.window)
        return trend.now + trend.slope * (self.ahead / STEP)

    def promql(self) -> str:
        """`predict_linear`."""
        return f"predict_linear({RATIO}{_window(self.window)}, {self.ahead})"


@dataclass(frozen=True)
class Fit:
    """R2, the share of a window's variance that its line explains.

    The times of n samples that are S seconds apart have a variance of S^2 * (n^2 - 1) / 12.
    """

    window: int

    def values(self, history: History) -> Floats:
        """From the same sums as the trend."""
        return history.trend(self.window).fit

    def promql(self) -> str:
        """The slope's variance over the whole."""
        read = f"{RATIO}{_window(self.window)}"
        return f"(deriv({read}) * {STEP}) ^ 2 * (count_over_time({read}) ^ 2 - 1) / 12 / stdvar_over_time({read})"


@dataclass(frozen=True)
class Floor:
    """The least of a window `back` seconds ago, plus `days` times what it rose in the `DAY` before."""

    window: int
    days: float = 0.0
    back: int = 0
    per: int = DAY

    def values(self, history: History) -> Floats:
        """NaN until the container is old enough."""
        low = history.lowest(self.window)
        then = history.back(low, self.back // STEP) if self.back else low
        if not self.days:
            return then
        return then + self.days * (then - history.back(low, (self.back + self.per) // STEP))

    def promql(self) -> str:
        """`min_over_time` and offsets."""
        now = self._at(self.back)
        return now if not self.days else f"{now} + {self.days:g} * ({now} - {self._at(self.back + self.per)})"

    def _at(self, back: int) -> str:
        offset = f" offset {format_duration(back)}" if back else ""
        return f"min_over_time({RATIO}{_window(self.window)}{offset})"


@dataclass(frozen=True)
class Rise:
    """How much the floor rose in the day until `back` seconds ago."""

    window: int
    back: int = 0
    per: int = DAY

    def values(self, history: History) -> Floats:
        """NaN until the container is old enough."""
        low = history.lowest(self.window)
        then = history.back(low, self.back // STEP) if self.back else low
        return then - history.back(low, (self.back + self.per) // STEP)

    def promql(self) -> str:
        """`min_over_time` less the same a day before."""
        plain = Floor(self.window)
        return f"{plain._at(self.back)} - {plain._at(self.back + self.per)}"


@dataclass(frozen=True)
class Above:
    """A comparison."""

    term: Term
    bound: float
    joined_by: ClassVar[str] = "and"

    def holds(self, history: History) -> Bools:
        """Where the term is above the bound; NaN never is."""
        with np.errstate(invalid="ignore"):
            out: Bools = self.term.values(history) > self.bound
        return out

    def promql(self) -> str:
        """The comparison as a filter."""
        return f"{self.term.promql()} > {self.bound:g}"


@dataclass(frozen=True)
class Unseen:
    """It was less full in yesterday's next `window` seconds, or did not run then: a daily wave is no news."""

    window: int
    joined_by: ClassVar[str] = "unless"

    def holds(self, history: History) -> Bools:
        """Where there is no yesterday, or it was lower."""
        then = history.back(history.highest(self.window), (DAY - self.window) // STEP)
        with np.errstate(invalid="ignore"):
            out: Bools = ~(then > history.ratio)
        return out

    def promql(self) -> str:
        """What is left out: it was fuller then."""
        return f"max_over_time({RATIO}{_window(self.window)} offset {format_duration(DAY - self.window)}) > {RATIO}"
