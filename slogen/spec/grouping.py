"""Parts of an SLO's spec that may be written short or long: groups, windows, and objectives of some groups."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, PlainValidator, Tag, WithJsonSchema

from slogen.fields import Duration, GroupLabel, Percentage, Strict, Traffic, problem, text
from slogen.promql.parsing import parse
from slogen.promql.quoting import quote
from slogen.promql.tokens import PromQLError

MAX_GROUPS = 300
CALENDARS = ("week", "month", "quarter")


def _pattern(value: object) -> str:
    pattern = text(value)
    try:
        parse(f"up{{x=~{quote(pattern)}}}")
    except PromQLError:
        hint = "write a regular expression such as gold-.*; it must match the whole value"
        raise problem("spec/pattern", f"'{pattern[:80]}' is no regular expression", hint) from None
    return pattern


Pattern = Annotated[str, PlainValidator(_pattern), WithJsonSchema({"type": "string"})]
GroupLabels = Annotated[tuple[GroupLabel, ...], Field(min_length=1, max_length=5, strict=False)]


class Grouping(Strict):
    """What each group of an SLO's events is told apart by; each has a budget of its own."""

    labels: GroupLabels = Field(description="Labels of the source that tell groups apart: region, tenant.")
    overall: bool = Field(True, description="Whether the SLO also has a budget over all groups; true unless given.")
    max_groups: Annotated[int, Field(ge=1, le=10_000)] = Field(
        MAX_GROUPS, description="Groups at the most; with more, only the overall budget goes on. 300 unless given."
    )
    expected_traffic: Traffic | None = Field(
        None, description="Events that one group has at the least, such as 30/d; see expectedTraffic of the SLO."
    )


class CalendarWindow(Strict):
    """A calendar period, UTC; a week begins on Monday."""

    calendar: Literal["week", "month", "quarter"] = Field(description="Kind of calendar period.")


class GroupObjective(Strict):
    """Another objective for some groups."""

    match: Annotated[dict[GroupLabel, Pattern], Field(min_length=1)] = Field(
        description="Regular expressions by label; a group must match them all, each as a whole."
    )
    objective: Percentage = Field(description="Percent of events that must be good in these groups.")


def _shape_of_groups(value: Any) -> str:
    return "Grouping" if isinstance(value, dict) else "list"


def _shape_of_window(value: Any) -> str:
    return "CalendarWindow" if isinstance(value, dict) else "rolling"


def _rolling(value: object) -> object:
    if value in CALENDARS:
        hint = f"write window: {{calendar: {value}}}, or 7d, 28d, 30d, 90d for a rolling one"
        raise problem("spec/window", f"'{value}' is no length of time", hint)
    return value


By = Annotated[
    Annotated[GroupLabels, Tag("list")] | Annotated[Grouping, Tag("Grouping")],
    Discriminator(_shape_of_groups),
]
Window = Annotated[
    Annotated[Duration, BeforeValidator(_rolling), Tag("rolling")] | Annotated[CalendarWindow, Tag("CalendarWindow")],
    Discriminator(_shape_of_window),
]
Overrides = Annotated[tuple[GroupObjective, ...], Field(max_length=20, strict=False)]


def grouping(by: Grouping | tuple[str, ...] | None) -> Grouping | None:
    """The long form of `by`."""
    return Grouping(labels=by) if isinstance(by, tuple) else by
