"""At which level events are counted together: an SLO as a whole, or each of its groups by itself."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from slogen import naming
from slogen.promql.build import aggregate, aligned, on, series
from slogen.promql.quoting import quote


@dataclass(frozen=True, slots=True)
class Past:
    """What a service, its SLO and the SLO's objectives (by name) were called before."""

    service: tuple[str, ...] = ()
    slo: tuple[str, ...] = ()
    objectives: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def names(self, label: str, name: str) -> tuple[str, ...]:
        """All values that an identity label has had, the present one first."""
        former = {naming.SERVICE: self.service, naming.SLO: self.slo, naming.OBJECTIVE: dict(self.objectives).get(name)}
        return (name, *(former.get(label) or ()))


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
    past: Past = Past()

    def name(self, record: str) -> str:
        """A series' name at this level."""
        return naming.at_level(record, self.prefix)

    def labels(self, objective: str = "") -> tuple[tuple[str, str], ...]:
        """Identity labels of the SLO's series, or of those of one objective; the groups' own are not fixed."""
        return naming.identity(self.service, self.slo, objective)

    def series(self, record: str, objective: str = "", *labels: tuple[str, str]) -> str:
        """A selector of a series recorded at this level, of all groups."""
        return series(self.name(record), (*self.labels(objective), *labels))

    def ever(self, record: str, objective: str = "") -> str:
        """A selector of a series recorded at this level, under the names that it had before too."""
        names = [(label, self.past.names(label, value)) for label, value in self.labels(objective)]
        told = (f"{label}{'=~' if len(every) > 1 else '='}{quote('|'.join(every))}" for label, every in names)
        return f"{self.name(record)}{{{', '.join(told)}}}"

    def renamed(self, objective: str = "") -> bool:
        """Whether series of the SLO, or of one objective, were recorded under other names before."""
        return any(len(self.past.names(label, value)) > 1 for label, value in self.labels(objective))

    def pooled(self, operation: str, expr: str, objective: str = "") -> str:
        """What was made of `ever` as one series, whatever the names that it had."""
        return self.aggregate(operation, expr) if self.renamed(objective) else expr

    def summed(self, record: str, objective: str, window: int) -> str:
        """Events of a window: the sum of what was recorded per interval."""
        return self.pooled("sum", f"sum_over_time({self.ever(record, objective)}{aligned(window)})", objective)

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
