"""What a repository sets for its lint rules, beside their severities; by default what suits most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

MINUTE, HOUR = 60, 3600


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds and wishes. The keys of `spec.lint` in a Config have the same names; see slogen/spec/lint.py.

    Times are in seconds. `series` holds how many series a metric has, by its name.
    """

    required_labels: tuple[str, ...] = ()
    required_annotations: tuple[str, ...] = ()
    critical: Mapping[str, str] = field(default_factory=dict)
    evaluation_interval: int = MINUTE
    max_interval: int = 5 * MINUTE
    max_wait: int = 24 * HOUR
    max_group_rules: int = 100
    max_false_pages: float = 1
    max_samples: int = 10_000_000
    max_series: int = 10_000
    series: Mapping[str, int] = field(default_factory=dict)
