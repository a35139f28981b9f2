"""What all pasts share: where an SLO's series are sampled, which labels its alerts carry, and figures."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from slogen import naming
from slogen.model import Slo
from slogen.proof.pasts import Figure, Silence
from slogen.rules import Alert

Alerts = Mapping[str, Alert]

NONE, ALL = Decimal(0), Decimal(1)
HOUR = 3600
GROUP, TWIN = "one", "two"
"""Values of every label that tells groups apart."""


def sample_step(slo: Slo) -> int:
    """Seconds between two samples: nearly a scrape, so that scrapes and evaluations never fall into step.

    A little more than one, for ranges overlap by one: an event between two samples is then never read twice.
    """
    return slo.cadence.scrape + 1


def labels_of(slo: Slo, objective: str, by: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Labels of an alert on an SLO, or on the group that its pasts have."""
    own = ((naming.GROUP, ""),) if slo.by and not by else ()
    return (*slo.labels_of(objective), *((label, GROUP) for label in by), *own)


def group_labels(slo: Slo, given: tuple[tuple[str, str], ...] = ()) -> list[tuple[str, str]]:
    """Labels of the group that a past happens to: those that are given, the others with a value of their own."""
    return [(label, dict(given).get(label, GROUP)) for label in slo.by]


def near(at: int, expr: str, value: Decimal, tolerance: float) -> Figure:
    """A figure within a share of its true value."""
    share = Decimal(str(tolerance))
    return Figure(at, expr, round(value * (1 - share), 6), round(value * (1 + share), 6))


def events_for(errors: Decimal) -> int:
    """Events from sample to sample of which `errors` are a whole number."""
    digits = -int(errors.normalize().as_tuple().exponent)
    return int(10 ** max(digits, 4))


def percent(ratio: Decimal) -> str:
    """A ratio in percent, in full."""
    return f"{(ratio * 100).normalize():f}%"


def up(seconds: int, tick: int) -> int:
    """The next multiple of `tick`."""
    return -(-seconds // tick) * tick


def down(seconds: int, tick: int) -> int:
    """The multiple of `tick` before, not below zero."""
    return max(seconds // tick * tick, 0)


def silent(alerts: Alerts, slo: Slo, at: int, *names: str) -> list[Silence]:
    """Alerts, those of them that there are, do not fire at `at`."""
    found = [alerts[name] for name in names if name in alerts]
    return [Silence(at, alert.name, labels_of(slo, alert.objective, alert.by), 0) for alert in found]
