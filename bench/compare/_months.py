"""The months whose budget is known: every event of 31 days, as counters of two pods that restart and lose scrapes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import numpy as np
from harness import synthetic
from harness.arrays import Floats, Ints
from harness.backfill import SeriesData
from harness.synthetic import MIDNIGHT

from slogen.promql.durations import DAY

OBJECTIVE = Decimal("99.9")
BUDGET = 0.001
PERIOD = 30 * DAY
DAYS = 31
SCRAPE = 30
PODS = 2
RESTARTS = 5
LOST = 0.02
NIGHT, BY_DAY, UNIFORM, RARE = "night", "day", "uniform", "rare errors"
SCENARIOS: dict[str, str] = {
    NIGHT: "traffic of 0.5 to 50 requests/s over the day, three incidents of 4 h with 5% errors around 03:00",
    BY_DAY: "the same traffic, the incidents around 15:00",
    UNIFORM: "25 requests/s at all hours, three incidents of 4 h with 5% errors",
    RARE: "0.05 requests/s at all hours, three errors a day by chance",
}
RARE_TRAFFIC, RARE_ERRORS = 0.05, 3 / DAY


@dataclass(frozen=True)
class Month:
    """A service's counters and the truth about them."""

    scenario: str
    seed: int
    incidents: synthetic.Incidents

    @property
    def service(self) -> str:
        """Its name, which is its job too."""
        return service_name(self.scenario, self.seed)

    def used(self, end: float) -> float:
        """The share of the budget that the 30 days before `end` truly used."""
        bad, total = self.incidents.truth(end - PERIOD, end)
        return bad / total / BUDGET


def service_name(scenario: str, seed: int) -> str:
    """The service of one scenario and seed."""
    return f"{scenario.replace(' ', '-')}-{seed}"


def month(scenario: str, seed: int) -> Month:
    """31 days of two pods that restart five times each, with lost scrapes.

    NthLayer's rules need the labels `service` and `status`, so all counters have them.
    """
    name = service_name(scenario, seed)
    labels = {"job": name, "service": name}
    if scenario in (NIGHT, BY_DAY):
        kind: Literal["night", "day"] = "night" if scenario == NIGHT else "day"
        made = synthetic.incident_counters(kind, interval=SCRAPE, labels=labels, resets=RESTARTS, lost=LOST, seed=seed)
    else:
        made = _flat(scenario, labels, seed)
    series = [
        SeriesData(one.name, {**one.labels, "status": one.labels["code"]}, one.times, one.values) for one in made.series
    ]
    return Month(scenario, seed, synthetic.Incidents(series, made.start, made.total, made.bad, made.spans))


def _flat(scenario: str, labels: Mapping[str, str], seed: int) -> synthetic.Incidents:
    """The months whose traffic is the same at all hours."""
    length = DAYS * DAY
    spans = synthetic.incident_spans("day", MIDNIGHT, DAYS) if scenario == UNIFORM else []
    traffic = np.full(length, 25.0 if scenario == UNIFORM else RARE_TRAFFIC)
    failing = np.zeros(length)
    if scenario == UNIFORM:
        for begin, end in spans:
            failing[int(begin - MIDNIGHT) : int(end - MIDNIGHT)] = 0.05
    else:
        failing[:] = RARE_ERRORS / RARE_TRAFFIC
    series: list[SeriesData] = []
    happened: dict[str, Ints] = {code: np.zeros(length, np.int64) for code in ("200", "500")}
    for pod in range(PODS):
        own = seed * 1000 + pod
        times = synthetic.scrape_times(MIDNIGHT, length, SCRAPE, offset=2.3 + 11.4 * pod, lost=LOST, seed=own)
        restarts = synthetic.reset_times(MIDNIGHT, length, RESTARTS, own)
        rates: dict[str, Floats] = {"200": traffic * (1 - failing) / PODS, "500": traffic * failing / PODS}
        for number, (code, rate) in enumerate(rates.items()):
            events = synthetic.events(rate, seed * 1000 + 2 * pod + number)
            happened[code] += events
            values = synthetic.counter(events, MIDNIGHT, times, restarts)
            series.append(SeriesData(synthetic.METRIC, {**labels, "code": code, "pod": f"pod-{pod}"}, times, values))
    return synthetic.Incidents(
        series, MIDNIGHT, sum(happened.values(), np.zeros(length, np.int64)), happened["500"], spans
    )
