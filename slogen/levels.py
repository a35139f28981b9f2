"""At which level events are counted together: an SLO as a whole, or each of its groups by itself."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from slogen import naming
from slogen.promql.build import aggregate, on, series, summed


@dataclass(frozen=True, slots=True)
class Level:
    """One level of one SLO; the same rules are recorded at each.

    `by` are the labels that tell groups apart, none for the SLO as a whole. `traffic` is what the spec declares, in
    events per second (of one group, at the level of groups).
    """

    service: str
    slo: str
    prefix: str = naming.OVERALL_LEVEL
    by: tuple[str, ...] = ()
    traffic: Decimal | None = None

    def name(self, record: str) -> str:
        """A series' name at this level."""
        return naming.at_level(record, self.prefix)

    def labels(self, objective: str = "") -> tuple[tuple[str, str], ...]:
        """Identity labels of the SLO's series, or of those of one objective; the groups' own are not fixed."""
        return naming.identity(self.service, self.slo, objective)

    def series(self, record: str, objective: str = "", *labels: tuple[str, str]) -> str:
        """A selector of a series recorded at this level, of all groups."""
        return series(self.name(record), (*self.labels(objective), *labels))

    def summed(self, record: str, objective: str, window: int) -> str:
        """Events of a window: the sum of what was recorded per interval."""
        return summed(self.name(record), self.labels(objective), window)

    @property
    def match(self) -> str:
        """`on (region)`: both sides are one SLO's already, so only the groups are matched."""
        return on(self.by)

    def aggregate(self, operation: str, expr: str) -> str:
        """`sum by (region) (...)`."""
        return aggregate(operation, self.by, expr)

    def kept(self, objective: str = "") -> tuple[str, ...]:
        """Names of the labels that an alert's expression must keep."""
        return (*(name for name, _ in self.labels(objective)), *self.by)

    @property
    def title(self) -> str:
        """How an alert names the group, as a template; nothing for the SLO as a whole."""
        return f" ({self.group})" if self.by else ""

    @property
    def group(self) -> str:
        """Value of the alert's group label, as a template: `region={{ $labels.region }}`."""
        return ", ".join(f"{label}={{{{ $labels.{label} }}}}" for label in self.by)

    def told(self, record: str, objective: str = "", *labels: tuple[str, str]) -> str:
        """A selector for `queried`: of the alert's own group, where the level has groups."""
        selector = self.series(record, objective, *labels)
        own = "".join(f", {label}=%[{number}]q" for number, label in enumerate(self.by, 1))
        return f"{selector[:-1]}{own}}}"

    def queried(self, expr: str) -> str:
        """A template's pipeline that runs a query made of `told` selectors."""
        if not self.by:
            return f"query `{expr}`"
        return f"printf `{expr}` {' '.join(f'$labels.{label}' for label in self.by)} | query"
