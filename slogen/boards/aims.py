"""What panels ask of an objective: the windows that are recorded of it, and PromQL on what is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from slogen import naming
from slogen.alert_links import AHEAD
from slogen.levels import Level
from slogen.model import Objective, Severity, Slo
from slogen.promql.build import aggregate, series
from slogen.promql.durations import format_duration
from slogen.rules import Alert, Pair, Role, SloPlan

_SETTLED = 1800
"""Seconds that a burn rate is taken over, where no page tells over which."""

_RECENT = f"[{format_duration(AHEAD + 300)}]"


def recent(selector: str) -> str:
    """The last value of a series.

    Links of alerts end ahead of the present, where a table's query would find nothing; it looks back as far as that.
    """
    return f"last_over_time({selector}{_RECENT})"


@dataclass(frozen=True, slots=True)
class Aim:
    """One objective at one level; `windows` are those whose burn rate is recorded, `pairs` those that alert."""

    slo: Slo
    objective: Objective
    level: Level
    windows: tuple[int, ...]
    pairs: tuple[Pair, ...]

    @property
    def name(self) -> str:
        """`latency/p99`."""
        return "/".join(filter(None, (self.slo.name, self.objective.name)))

    @property
    def now(self) -> int | None:
        """The window over which it burns now: the shortest long one that pages, else one that is not too short."""
        pages = [pair.long for pair in self.pairs if pair.severity is Severity.PAGE]
        settled = [window for window in self.windows if window >= _SETTLED] or self.windows
        return min(pages or settled, default=None)

    def series(self, record: str, *labels: tuple[str, str]) -> str:
        """A selector of a series of the objective."""
        return self.level.series(record, self.objective.name, *labels)

    def burn(self, window: int, *more: str) -> str:
        """A selector of the burn rate; `more` are further matchers."""
        return narrowed(self.series(naming.BURN_RATE, (naming.WINDOW, format_duration(window))), *more)

    def worst(self, operation: str, expr: str) -> str:
        """Of the worst group, where only groups are recorded."""
        return f"{operation}({expr})" if self.level.by else expr

    @property
    def budget(self) -> str:
        """The error budget as a ratio, a number or that of each group."""
        if self.level.by and self.objective.overrides:
            return f"{self.level.match} (1 - {self.series(naming.TARGET)})"
        return str(self.objective.budget)

    @property
    def target(self) -> str:
        """A selector of the objective itself."""
        return series(naming.TARGET, self.slo.labels_of(self.objective.name))


def narrowed(selector: str, *more: str) -> str:
    """A selector with further matchers."""
    return f"{selector[:-1]}{''.join(f', {one}' for one in more)}}}"


def per_objective(operation: str, expr: str) -> str:
    """One series for each objective of a service, whatever other labels `expr` has."""
    return aggregate(operation, (naming.SLO, naming.OBJECTIVE), expr)


def aims(planned: SloPlan) -> tuple[Aim, ...]:
    """All objectives at all levels, the widest level first."""
    windows: dict[tuple[str, tuple[str, ...]], set[int]] = {}
    pairs: dict[tuple[str, tuple[str, ...]], list[Pair]] = {}
    for group in planned.groups:
        for rule in group.rules:
            if isinstance(rule, Alert):
                pairs.setdefault((rule.objective, rule.by), []).extend(rule.pairs)
            elif rule.role is Role.BURN_RATE and rule.window is not None:
                windows.setdefault((rule.objective, rule.by), set()).add(rule.window)
    return tuple(_aims(planned.slo, windows, pairs))


def _aims(
    slo: Slo,
    windows: dict[tuple[str, tuple[str, ...]], set[int]],
    pairs: dict[tuple[str, tuple[str, ...]], list[Pair]],
) -> Iterator[Aim]:
    for level in slo.levels:
        for objective in slo.objectives:
            key = objective.name, level.by
            yield Aim(slo, objective, level, tuple(sorted(windows.get(key, ()))), tuple(pairs.get(key, ())))
