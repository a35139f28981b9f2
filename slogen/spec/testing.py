"""Tests that are written by hand: what happens to an SLO's source, and which of its alerts fire then."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Discriminator, Field, PlainValidator, Tag, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from slogen.fields import Duration, Filled, GroupLabel, Name, Strict, Traffic, problem, several, text
from slogen.promql.durations import DAY, format_duration


def _errors(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value <= 100:
        message = "the percent of events that are bad is wanted, from 0 to 100"
        raise problem("test/errors", message, "write errors: 5 where 5% fail")
    if -int(Decimal(value).normalize().as_tuple().exponent) > 4:
        raise problem("test/errors", "more than four decimals", "write errors: 0.05")
    return Decimal(value) / 100


Errors = Annotated[Decimal, PlainValidator(_errors), WithJsonSchema({"type": "number", "minimum": 0, "maximum": 100})]
AlertName = Annotated[str, PlainValidator(text), WithJsonSchema({"type": "string", "pattern": "^SLO[A-Za-z]+$"})]


class Happening(Strict):
    """Some time in which the source is as it is."""

    lasting: Duration = Field(description="How long.")
    errors: Errors = Field(
        Decimal(0), description="Percent of events that are bad, or of time where an SLI counts time; 0 unless given."
    )
    traffic: Traffic | None = Field(
        None, description="Events, such as 10/s; as before unless given, expectedTraffic at first, or else plenty."
    )
    source: Literal["there", "idle", "gone", "down"] = Field(
        "there", description="idle: no events; gone: its series vanish; down: its targets do not answer."
    )


class Expected(Strict):
    """An alert that fires."""

    alert: AlertName = Field(description="Name of the alert.")
    within: Duration | None = Field(None, description="How soon after the trouble begins; at any time unless given.")
    objective: Name | None = Field(None, description="The objective that it is about, of several; any unless given.")


def _kind(value: object) -> str:
    return "Expected" if isinstance(value, dict | Expected) else "name"


Expectation = Annotated[Annotated[AlertName, Tag("name")] | Annotated[Expected, Tag("Expected")], Discriminator(_kind)]


class Test(Strict):
    """One test: what happens, one after the other, with health before and after, and what must be said of it."""

    name: Filled = Field(description="What the test is about, for people.")
    happens: Annotated[tuple[Happening, ...], Field(min_length=1, max_length=50, strict=False)] = Field(
        description="What happens, one after the other."
    )
    expect: Annotated[tuple[Expectation, ...], Field(max_length=20, strict=False)] = Field(
        (), description="Alerts that fire at some time."
    )
    silent: Annotated[tuple[Expectation, ...], Field(max_length=20, strict=False)] = Field(
        (), description="Alerts that never fire."
    )
    group: dict[GroupLabel, Filled] = Field(
        default_factory=dict, description="Labels of the group that it happens to; any unless given."
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if failures := list(self._failures()):
            raise several(failures)
        return self

    def _failures(self) -> Iterator[PydanticCustomError]:
        length = sum(happening.lasting for happening in self.happens)
        if length > DAY:
            message = f"what happens takes {format_duration(length)}"
            yield problem("test/length", message, "a test may last 1d at the most", at=("happens",))
        if not self.expect and not self.silent:
            yield problem("test/empty", "this test expects nothing", "write expect: or silent: with names of alerts")
        fires = {(one.alert, one.objective) for one in map(long_form, self.expect)}
        for number, one in enumerate(map(long_form, self.silent)):
            if one.within is not None:
                message = "an alert that is silent is so at all times"
                yield problem("test/within", message, "leave within: out", at=("silent", number, "within"))
            if any(alert == one.alert and _overlap(objective, one.objective) for alert, objective in fires):
                message = f"{one.alert} is expected to fire and to be silent"
                yield problem("test/contradiction", message, "name it once", at=("silent", number))


def _overlap(one: str | None, other: str | None) -> bool:
    return one is None or other is None or one == other


def long_form(one: str | Expected) -> Expected:
    """An expectation with all its fields."""
    return one if isinstance(one, Expected) else Expected(alert=one)


Tests = Annotated[tuple[Test, ...], Field(max_length=50, strict=False)]
