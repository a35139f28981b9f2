"""What slice types share: an SLI that looks at each slice of time once and finds it good or bad.

A slice is one base interval. Its total is 1 and its bad part 0 to 1, so budgets, windows and alerts are those of
events. The ledger is the sum of the slices: nothing is read twice.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from slogen.fields import duration, problem
from slogen.model import Reading, Scope
from slogen.promql.build import aggregate, grouped, lines, on
from slogen.promql.durations import DAY, format_duration
from slogen.sources import Sourced

Missing = Literal["bad", "good", "skip"]
Aggregate = Literal["any", "all", "share", "max", "min"]


def _slice_length(value: object) -> int:
    seconds = duration(value)
    if seconds not in LENGTHS:
        raise problem("sli/slice", "a slice is 1m, 2m, 3m or 4m long", "write slice: 1m")
    return seconds


LENGTHS = (60, 120, 180, 240)
"""Seconds; recordings further apart would be forgotten between two of them."""

SliceLength = Annotated[
    int, PlainValidator(_slice_length), WithJsonSchema({"type": "string", "enum": ["1m", "2m", "3m", "4m"]})
]


class Slices(Sourced):
    """Fields of every slice type."""

    when_missing: ClassVar[Missing] = "skip"

    slice: SliceLength = Field(60, description="Length of a slice, 1m to 4m; 1m unless given.")
    missing: Missing | None = Field(None, description="What a slice without data is: bad, good, or skipped.")

    @property
    def slice_length(self) -> int:
        """Seconds that one look stands for."""
        return self.slice

    @property
    def has_coverage(self) -> bool:
        """A slice that is filled in where there is no data must not hide that there is none."""
        return (self.missing or self.when_missing) != "skip"

    @property
    def reads_counters(self) -> bool:
        """Whether a slice must hold two scrapes."""
        return False

    @abstractmethod
    def bad_part(self, scope: Scope) -> str:
        """PromQL for the bad part of the present slice, 0 to 1; nothing where there is no data."""

    def contributors(self, label: str, window: int, scrape: int) -> str:
        """PromQL for the bad slices of each value of a label, over a window."""
        scope = Scope(self.slice, scrape, (label,), "", "", exact=False)
        times = f"[{format_duration(window)}:{format_duration(self.slice)}]"
        return f"sum_over_time({grouped(self.bad_part(scope))}{times})"

    def reading(self, variants: tuple[Any, ...], scope: Scope) -> Reading:
        """One slice of 1 for all variants, and each one's bad part of it.

        A group without data is filled in for as long as a day: whether it is down or retired cannot be told.
        """
        missing = self.missing or self.when_missing
        parts = tuple(variant.bad_part(scope) for variant in variants)
        if missing == "skip":
            return Reading(f"0 * ({lines(parts[0])}) + 1", parts)
        whole = aggregate("max", scope.by, scope.total)
        seen = f"0 * ({lines(parts[0])}) + 1\nor {on(scope.by)}\n0 * {whole}"
        fill = whole if missing == "bad" else f"0 * {whole}"
        filled = tuple(f"{part}\nor {on(scope.by)}\n{fill}" for part in parts)
        if not scope.by:
            return Reading("vector(1)", filled, seen)
        remembered = aggregate("max", scope.by, f"last_over_time({scope.last_seen}[1d])")
        last_seen = f"time() + 0 * ({lines(parts[0])})\nor {on(scope.by)}\n{remembered} > time() - {DAY}"
        return Reading(f"0 * {scope.last_seen} + 1", filled, seen, last_seen=last_seen)


def judged(value: str, comparison: str, how: Aggregate, by: tuple[str, ...]) -> str:
    """The bad part of several series: `value` compared series by series, or their max or min compared at once.

    A value that is not a number is no data.
    """
    number = f"({value}) >= -Inf"
    if how in {"max", "min"}:
        return f"{aggregate(how, by, number)} {comparison}"
    operation = {"any": "max", "all": "min", "share": "avg"}[how]
    return aggregate(operation, by, f"({number}) {comparison}")
