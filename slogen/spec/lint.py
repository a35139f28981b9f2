"""`lint` in a Config: which lint rules hold here, how much they weigh, and their bounds."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from slogen.discovery import codes
from slogen.fields import Duration, Filled, LabelName, Strict, kind_of, problem
from slogen.findings import closest

_CODES = codes("slogen.lint.rules")
_DAY = 86_400


def _code(value: object) -> str:
    if not isinstance(value, str) or value not in _CODES:
        shown = value[:80] if isinstance(value, str) else kind_of(value)
        close = closest(shown, _CODES)
        hint = f"did you mean '{close}'?" if close else "slogen lint --explain lists every code"
        raise problem("config/lint", f"there is no lint rule '{shown}'", hint)
    return value


Code = Annotated[str, PlainValidator(_code), WithJsonSchema({"type": "string", "enum": _CODES})]
Weight = Literal["off", "info", "warning", "error"]
Weights = Annotated[
    dict[Code, Weight],
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": {"enum": _CODES},
            "additionalProperties": {"enum": ["off", "info", "warning", "error"]},
        }
    ),
]
Count = Annotated[int, Field(ge=1, le=10_000_000_000)]
Names = Annotated[tuple[LabelName, ...], Field(max_length=50, strict=False)]


class LintLimits(Strict):
    """What lint rules hold specs and rules against."""

    required_labels: Names = Field((), description="Labels that every alert carries.")
    required_annotations: Names = Field((), description="Annotations that every alert carries.")
    critical: dict[LabelName, Filled] = Field(
        default_factory=dict, description="Labels that make a service critical, such as tier: critical."
    )
    evaluation_interval: Duration = Field(60, description="Interval of rule groups that have none; 1m unless given.")
    max_interval: Duration = Field(300, description="Longest interval of a rule group; 5m unless given.")
    max_wait: Duration = Field(_DAY, description="Longest `for` of an alert; 1d unless given.")
    max_group_rules: Count = Field(100, description="Most rules of a group; 100 unless given.")
    max_false_pages: Annotated[float, Field(ge=0, strict=False)] = Field(
        1, description="False pages a month that are bearable for an SLO; 1 unless given."
    )
    max_samples: Count = Field(
        10_000_000, description="Most samples that a rule reads at once; 10,000,000 unless given."
    )
    max_series: Count = Field(10_000, description="Most series that a rule records; 10,000 unless given.")
    series: dict[Filled, Count] = Field(default_factory=dict, description="How many series a metric has, by name.")


class Lint(Strict):
    """What `slogen lint` finds here."""

    severities: Weights = Field(default_factory=dict, description="Severity by code, or off.")
    limits: LintLimits = Field(default_factory=LintLimits, description="Bounds.")
