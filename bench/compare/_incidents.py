"""The services on which alerts are judged: traffic, a step of errors or a constant share, as scraped counters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from harness import synthetic
from harness.arrays import Floats
from harness.backfill import SeriesData
from harness.synthetic import MIDNIGHT

from slogen.promql.durations import DAY

HOUR = 3600
HIGH, STEADY, LOW, WAVE = "1000/s", "1/s", "30/h", "diurnal"
TRAFFICS = (HIGH, STEADY, LOW, WAVE)
RATES: dict[str, Callable[[Floats], Floats]] = {
    HIGH: lambda seconds: np.full(len(seconds), 1000.0),
    STEADY: lambda seconds: np.full(len(seconds), 1.0),
    LOW: lambda seconds: np.full(len(seconds), 30 / HOUR),
    WAVE: lambda seconds: synthetic.diurnal(seconds, 1.0),
}
ERRORS = tuple(map(Decimal, ("100", "20", "5", "2", "0.5", "0.2")))
OBJECTIVES = tuple(map(Decimal, ("90", "99", "99.9", "99.95")))
FAST_BURN = Decimal("14.4")
SHORT, LONG = 4 * HOUR, 72 * HOUR
HISTORY = 5 * DAY
AFTER = 10 * HOUR
BEGIN = MIDNIGHT + HISTORY + HOUR
"""At 01:00: around the hour of the least traffic where it changes over the day."""

KNOWN = 1000.0
"""What the counters stand at in the beginning."""

SCRAPE = 30.0


def burn(error: Decimal, objective: Decimal) -> Decimal:
    """How many times too fast an error share (percent) spends the budget of an objective (percent)."""
    return error / (100 - objective)


def length_of(error: Decimal, objective: Decimal) -> int:
    """Four hours where the budget burns fast, else three days: enough for the slowest alert of all tools."""
    return SHORT if burn(error, objective) >= FAST_BURN else LONG


@dataclass(frozen=True)
class Step:
    """A service whose errors step from none to `error` percent and back."""

    traffic: str
    error: Decimal
    length: int
    seed: int

    @property
    def service(self) -> str:
        """Its name, which is its job too."""
        error = str(self.error).replace(".", "-")
        traffic = self.traffic.replace("/", "-")
        return f"step-{traffic}-{error}-for-{self.length // HOUR}h-{self.seed}x"

    @property
    def end(self) -> float:
        """When the errors stop."""
        return BEGIN + self.length

    def series(self) -> list[SeriesData]:
        """Its counters until the alerts have ended."""
        failing = np.zeros(HISTORY + HOUR + self.length + AFTER)
        failing[HISTORY + HOUR : HISTORY + HOUR + self.length] = float(self.error) / 100
        return counters(self.service, self.traffic, failing, [self.seed, TRAFFICS.index(self.traffic), self.length])


@dataclass(frozen=True)
class Background:
    """A service with a constant share of errors by chance that spends `spends` of the budget of one objective."""

    traffic: str
    objective: Decimal
    spends: float
    seed: int
    days: int

    @property
    def service(self) -> str:
        """Its name, which is its job too."""
        return f"background-{self.traffic.replace('/', '-')}-{str(self.objective).replace('.', '-')}-{self.seed}x"

    def series(self) -> list[SeriesData]:
        """Its counters."""
        failing = np.full(self.days * DAY, float(100 - self.objective) / 100 * self.spends)
        which = [self.seed, TRAFFICS.index(self.traffic), OBJECTIVES.index(self.objective)]
        return counters(self.service, self.traffic, failing, which)


def counters(job: str, traffic: str, failing: Floats, seed: list[int]) -> list[SeriesData]:
    """The counters of good and bad events of one pod, from the first midnight on."""
    rate = RATES[traffic](np.arange(len(failing), dtype=np.float64))
    times = synthetic.scrape_times(MIDNIGHT, len(failing), SCRAPE, seed=seed[0])
    found = []
    for number, (code, share) in enumerate((("200", 1 - failing), ("500", failing))):
        rng = np.random.default_rng([*seed, number])
        values = synthetic.counter(rng.poisson(rate * share), MIDNIGHT, times, first_value=KNOWN)
        found.append(SeriesData(synthetic.METRIC, {"job": job, "code": code}, times, values))
    return found
