"""Field types that specs are made of; each refuses bad input with a sentence, a hint and a place.

A validator raises `problem(...)`, which carries what pydantic's own errors cannot: a code, a hint, the offset inside
a scalar and the key that is meant. `spec.load` turns both kinds into findings.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from slogen import naming
from slogen.alert_templates import template_problem
from slogen.model import Severity
from slogen.promql.durations import DAY, EXAMPLE, parse_duration
from slogen.promql.selectors import Selector


class Strict(BaseModel):
    """A mapping in a spec: frozen, camelCase keys, unknown keys refused, nothing coerced."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_camel, defer_build=True, hide_input_in_errors=True
    )


MANY = "many"
"""Type of an error that holds several; their own errors are in its context under this name."""


class Indicator(Strict):
    """Fields of an SLI type; `per_objective` are those that an entry of `objectives` may set instead."""

    per_objective: ClassVar[tuple[str, ...]] = ()
    causes: ClassVar[tuple[str, ...]] = ()
    """Likely causes of bad events, as Markdown, for runbooks."""

    @property
    def slice_length(self) -> int | None:
        """Seconds that one look at the source stands for, or None for types that count events."""
        return None

    @property
    def has_coverage(self) -> bool:
        """Whether the share of the source's series that can be read is known."""
        return False

    @property
    def has_buckets(self) -> bool:
        """Whether the share of the source's series that lack a bucket is known."""
        return False

    @property
    def counts_apart(self) -> Literal["", "good", "bad"]:
        """Which part is counted by itself and not as a part of the total, so that it could exceed it."""
        return ""

    @property
    def breakdown_labels(self) -> tuple[str, ...]:
        """Labels of the source by which bad events are broken down."""
        return ()

    def contributors(self, label: str, window: int, scrape: int) -> str:
        """PromQL for the bad events of each value of a label of the source."""
        raise NotImplementedError

    @property
    def scrape_targets(self) -> tuple[Selector, ...]:
        """Selectors of `up` for the targets that the source comes from, as far as they can be told."""
        return ()

    def lost_label(self, _by: tuple[str, ...]) -> tuple[Any, str] | None:
        """The first expression that aggregates a label of the groups away, and that label."""
        return None

    def stand_ins(self, _variants: tuple[Any, ...]) -> tuple[Any, ...]:
        """Series that the source could have, bad events being bad for all variants; none where it cannot be told."""
        return ()

    def problems(self) -> Iterator[PydanticCustomError]:
        """What is wrong once an objective's fields are filled in; places are relative to the SLI."""
        return iter(())


def problem(
    code: str, message: str, hint: str = "", *, offset: int | None = None, at: tuple[str | int, ...] = ()
) -> PydanticCustomError:
    """An error for a validator to raise; `offset` counts characters in the scalar, `at` is a path below the value."""
    context = {"message": message, "hint": hint, "offset": offset, "at": at}
    return PydanticCustomError(code, "{message}", context)


def text(value: object) -> str:
    """`value` if it is text; YAML reads some unquoted text as something else."""
    if not isinstance(value, str):
        raise problem("spec/type", f"text is wanted, not {kind_of(value)}", "put it in quotes")
    return value


def duration(value: object) -> int:
    """Seconds of a Prometheus duration; a validator."""
    if not isinstance(value, str):
        raise problem("spec/duration", f"a duration is wanted, not {kind_of(value)}", EXAMPLE)
    try:
        return parse_duration(value)
    except ValueError as failure:
        raise problem("spec/duration", str(failure).removesuffix(f": {EXAMPLE}"), EXAMPLE) from None


def moved(failure: PydanticCustomError, at: tuple[str | int, ...]) -> PydanticCustomError:
    """The same problem, its place now relative to a value further up."""
    context = dict(failure.context or {})
    context["at"] = (*at, *context["at"])
    return PydanticCustomError(failure.type, "{message}", context)


def several(problems: Sequence[PydanticCustomError]) -> PydanticCustomError:
    """One error to raise for many, so that all of them are reported."""
    return PydanticCustomError(MANY, "several problems", {MANY: list(problems)})


def kind_of(value: object) -> str:
    """What a value of a spec is, in words."""
    names = {dict: "a mapping", list: "a list", bool: "true or false", type(None): "an empty value", str: "text"}
    return names.get(type(value), f"the number {value}" if isinstance(value, int | Decimal) else "this")


_THRESHOLD = re.compile(r"(\d+(?:\.\d+)?)(us|µs|ms|s|m|h)")
_THRESHOLD_UNITS = {
    "us": Decimal("0.000001"),
    "µs": Decimal("0.000001"),
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
}


def _threshold(value: object) -> Decimal:
    match = _THRESHOLD.fullmatch(value) if isinstance(value, str) and len(value) <= 32 else None
    if match is None:
        message = f"a time with its unit is wanted, not {value if isinstance(value, str) else kind_of(value)}"
        raise problem("spec/threshold", message[:120], "write 300ms, 1s or 2.5s")
    seconds = Decimal(match[1]) * _THRESHOLD_UNITS[match[2]]
    if seconds <= 0:
        raise problem("spec/threshold", "a threshold of zero lets no request be fast", "write 300ms, 1s or 2.5s")
    return seconds.normalize()


def _percentage(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise problem(
            "spec/objective", f"a number in percent is wanted, not {kind_of(value)}", "write 99.9, without quotes or %"
        )
    percent = Decimal(value)
    if not 0 < percent < 100:
        hint = (
            "an objective of 100 leaves no budget; write 99.9 or less"
            if percent == 100
            else "write a percentage such as 99.9"
        )
        raise problem("spec/objective", f"{value} is not between 0 and 100 (both excluded)", hint)
    if percent < 1:
        raise problem(
            "spec/objective",
            f"{percent}% is met by almost any service; objectives are in percent",
            f"write {(percent * 100).normalize():f} if that is meant",
        )
    if -int(percent.normalize().as_tuple().exponent) > 9:
        raise problem(
            "spec/objective", "more than nine decimals", "no traffic tells such objectives apart; write 99.999"
        )
    return percent / 100


def _share(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 < value <= 100:
        raise problem(
            "spec/budget-share", "a share of the budget, in percent, is wanted", "write 2 for 2% of the budget"
        )
    return Decimal(value) / 100


def _portion(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 < value <= 100:
        raise problem("spec/percent", "a percentage above 0 and up to 100 is wanted", "write 90 for 90%")
    if value < 1:
        hint = f"write {(Decimal(value) * 100).normalize():f} if that is meant"
        raise problem("spec/percent", f"{value} is less than one percent", hint)
    return Decimal(value) / 100


def _annotation_name(name: str) -> str:
    if not re.fullmatch(naming.LABEL_PATTERN, name) or name.startswith("__"):
        raise problem(
            "spec/label-name",
            f"'{name[:80]}' is not a label name",
            "use letters, digits and _, not a digit or __ first",
        )
    return name


def _label_name(name: str) -> str:
    _annotation_name(name)
    if name in naming.IDENTITY_LABELS or name == "alertname":
        raise problem(
            "spec/identity-label", f"the label '{name}' tells SLOs apart and is set by slogen", "choose another name"
        )
    return name


def _name(value: object) -> str:
    if not isinstance(value, str):
        raise problem("spec/name", f"a name is wanted, not {kind_of(value)}", "quote it if it looks like a number")
    if not naming.is_name(value):
        hint = f"use a-z, 0-9 and -, a letter or digit first and last, at most {naming.MAX_NAME} characters"
        raise problem("spec/name", f"{value[:80]!r} cannot be a name", hint)
    return value


def _filled(value: object) -> str:
    if not text(value):
        raise problem("spec/type", "the text is empty", "write a word")
    return text(value)


def _annotation(text: str) -> str:
    if wrong := template_problem(text):
        raise problem("spec/annotation", *wrong)
    return text


_TRAFFIC = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)/(s|m|h|d)")
_TRAFFIC_UNITS = {"s": 1, "m": 60, "h": 3600, "d": DAY}


def _traffic(value: object) -> Decimal:
    match = _TRAFFIC.fullmatch(value) if isinstance(value, str) else None
    if match is None or not Decimal(match[1]):
        message = f"events per time are wanted, not {value if isinstance(value, str) else kind_of(value)}"
        raise problem("spec/traffic", message[:120], "write 30/d, 100/h or 5/s")
    return Decimal(match[1]) / _TRAFFIC_UNITS[match[2]]


def _group_label(value: object) -> str:
    name = _label_name(text(value))
    if name in {"alertstate", naming.TERM}:
        message = f"the label '{name}' is set by {'slogen' if name == naming.TERM else 'Prometheus'}"
        raise problem("spec/identity-label", message, "choose another name")
    if name in {"le", "quantile"}:
        hint = "group by what users differ in, such as region or tenant"
        raise problem("spec/group-label", f"'{name}' tells the parts of one metric apart", hint)
    return name


def _number(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise problem("spec/type", f"a number is wanted, not {kind_of(value)}", "write it without quotes or unit")
    if not math.isfinite(float(value)):
        raise problem("spec/type", "the number is larger than Prometheus can hold", "write a smaller one")
    return Decimal(value)


def _bound(value: object) -> Decimal:
    percent = _number(value)
    if not 0 <= percent < 100:
        raise problem(
            "spec/bound", f"{percent} is not between 0 and 100 (100 excluded)", "write a percentage such as 1"
        )
    return percent / 100


Bound = Annotated[
    Decimal, PlainValidator(_bound), WithJsonSchema({"type": "number", "minimum": 0, "exclusiveMaximum": 100})
]
Number = Annotated[Decimal, PlainValidator(_number), WithJsonSchema({"type": "number"})]
SeverityName = Annotated[Severity, Field(strict=False)]
Name = Annotated[str, PlainValidator(_name), WithJsonSchema({"type": "string", "pattern": naming.NAME_PATTERN})]
Duration = Annotated[
    int,
    PlainValidator(duration),
    WithJsonSchema({"type": "string", "pattern": "^([0-9]+[ywdhms])+$", "examples": ["30s", "1h", "28d"]}),
]
Threshold = Annotated[
    Decimal,
    PlainValidator(_threshold),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(us|µs|ms|s|m|h)$"}),
]
Percentage = Annotated[
    Decimal,
    PlainValidator(_percentage),
    WithJsonSchema({"type": "number", "minimum": 1, "exclusiveMaximum": 100}),
]
Share = Annotated[
    Decimal, PlainValidator(_share), WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "maximum": 100})
]
Portion = Annotated[Decimal, PlainValidator(_portion), WithJsonSchema({"type": "number", "minimum": 1, "maximum": 100})]
LabelName = Annotated[
    str,
    PlainValidator(lambda value: _label_name(text(value))),
    WithJsonSchema({"type": "string", "pattern": naming.LABEL_PATTERN}),
]
AnnotationName = Annotated[
    str,
    PlainValidator(lambda value: _annotation_name(text(value))),
    WithJsonSchema({"type": "string", "pattern": naming.LABEL_PATTERN}),
]
GroupLabel = Annotated[
    str, PlainValidator(_group_label), WithJsonSchema({"type": "string", "pattern": naming.LABEL_PATTERN})
]
Traffic = Annotated[
    Decimal,
    PlainValidator(_traffic),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?/[smhd]$", "examples": ["30/d", "100/h", "5/s"]}),
]
Filled = Annotated[str, PlainValidator(_filled), WithJsonSchema({"type": "string", "minLength": 1})]
Text = Annotated[str, PlainValidator(text), WithJsonSchema({"type": "string"})]
_LABELS_SCHEMA = {
    "type": "object",
    "propertyNames": {"pattern": naming.LABEL_PATTERN},
    "additionalProperties": {"type": "string"},
}
Labels = Annotated[dict[LabelName, Text], WithJsonSchema(_LABELS_SCHEMA)]
Template = Annotated[str, PlainValidator(lambda value: _annotation(text(value))), WithJsonSchema({"type": "string"})]
Annotations = Annotated[dict[AnnotationName, Template], WithJsonSchema(_LABELS_SCHEMA)]


def merged(*labels: dict[str, str] | Any) -> tuple[tuple[str, str], ...]:
    """Mappings merged into pairs, later ones winning, sorted by name."""
    result: dict[str, str] = {}
    for mapping in labels:
        result.update(mapping)
    return tuple(sorted(result.items()))
