"""`manifests` in a Config: the house rules that Kubernetes manifests are held against."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, cast

from pydantic import Field, PlainValidator, WithJsonSchema

from slogen.fields import Filled, Portion, Strict, kind_of, problem
from slogen.findings import closest, listed
from slogen.manifests.checking import rule_names
from slogen.manifests.house import Limits
from slogen.quantities import parse_quantity
from slogen.spec.workloads import KubernetesName

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORKLOAD = re.compile(r"(?P<kind>[A-Za-z*?]{1,63})/(?P<namespace>[a-z0-9*?.-]{1,253})/(?P<name>[a-z0-9*?.-]{1,253})")
_DEFAULT = Limits()
ANY_RULE = "*"


def _date(value: object) -> date:
    try:
        return date.fromisoformat(value if isinstance(value, str) and _DATE.fullmatch(value) else "")
    except ValueError:
        shown = value if isinstance(value, str) else kind_of(value)
        raise problem("config/date", f"a day is wanted, not {shown}"[:120], "write 2027-03-31") from None


def _size(value: object) -> Decimal:
    try:
        size = parse_quantity(value)
    except ValueError as failure:
        raise problem("config/size", str(failure), "write 512Mi or 2Gi") from None
    if size < 0:
        raise problem("config/size", "a size cannot be negative", "write 512Mi or 2Gi")
    return size


def _rule(value: object) -> str:
    known = rule_names()
    if not isinstance(value, str) or value not in known:
        shown = value[:80] if isinstance(value, str) else kind_of(value)
        close = closest(shown, known)
        hint = f"did you mean '{close}'?" if close else f"known: {listed(known, 40)}"
        raise problem("config/rule", f"there is no rule '{shown}' for manifests", hint)
    return value


def _exempted(value: object) -> str:
    return value if value == ANY_RULE and isinstance(value, str) else _rule(value)


def _workload(value: object) -> str:
    if not isinstance(value, str) or not _WORKLOAD.fullmatch(value):
        shown = value[:80] if isinstance(value, str) else kind_of(value)
        hint = "write Deployment/shop/checkout, with * for any"
        raise problem("config/workload", f"a workload is kind/namespace/name, and this is {shown}", hint)
    return value


_NAMES = {"enum": rule_names()}
Rule = Annotated[str, PlainValidator(_rule), WithJsonSchema({"type": "string", **_NAMES})]
Exempted = Annotated[
    str, PlainValidator(_exempted), WithJsonSchema({"type": "string", "allOf": [{"enum": [*rule_names(), ANY_RULE]}]})
]
WorkloadPattern = Annotated[
    str, PlainValidator(_workload), WithJsonSchema({"type": "string", "pattern": "^[^/]+/[^/]+/[^/]+$"})
]
Day = Annotated[
    date, PlainValidator(_date), WithJsonSchema({"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"})
]
Size = Annotated[Decimal, PlainValidator(_size), WithJsonSchema({"type": "string", "examples": ["512Mi", "2Gi"]})]
Count = Annotated[int, Field(ge=1, le=1000)]
RuleSeverity = Literal["off", "info", "warning", "error"]
Severities = Annotated[
    dict[Rule, RuleSeverity],
    WithJsonSchema(
        {
            "type": "object",
            "propertyNames": _NAMES,
            "additionalProperties": {"enum": ["off", "info", "warning", "error"]},
        }
    ),
]


class ManifestLimits(Strict):
    """Bounds that manifests are held against."""

    max_heap_share: Portion = Field(
        _DEFAULT.max_heap_share,
        description="Largest heap, in percent of the container's memory limit; 80 unless given.",
    )
    head_room: Size = Field(
        _DEFAULT.head_room, description="Memory beside the heap that is enough whatever its share; 2Gi unless given."
    )
    max_go_share: Portion = Field(
        _DEFAULT.max_go_share, description="Largest GOMEMLIMIT, in percent of the memory limit; 95 unless given."
    )
    min_request_share: Portion = Field(
        _DEFAULT.min_request_share, description="Smallest memory request, in percent of the limit; 50 unless given."
    )
    min_replicas: Count = Field(_DEFAULT.min_replicas, description="Least replicas of an autoscaler; 2 unless given.")
    min_target: Portion = Field(
        _DEFAULT.min_target, description="Lowest target utilization of an autoscaler, in percent; 30 unless given."
    )
    max_target: Portion = Field(
        _DEFAULT.max_target, description="Highest target utilization of an autoscaler, in percent; 85 unless given."
    )
    start_seconds: Count = Field(
        _DEFAULT.start_seconds, description="Seconds that probes leave a JVM to start; 60 unless given."
    )


class ManifestExemption(Strict):
    """A rule that does not hold for some workloads, for a time."""

    rule: Exempted = Field(description="Name of the rule, or * for every rule.")
    workload: WorkloadPattern = Field(description="Kind/namespace/name, each perhaps with * and ?.")
    container: KubernetesName | None = Field(None, description="One container only.")
    reason: Filled = Field(description="Why, for whoever reads it later.")
    until: Day = Field(description="The last day on which it holds.")

    def parts(self) -> tuple[str, str, str]:
        """Patterns of kind, namespace and name."""
        return cast("tuple[str, str, str]", tuple(self.workload.split("/")))


class ManifestRules(Strict):
    """The house rules for Kubernetes manifests."""

    rules: Severities = Field(default_factory=dict, description="Severity by rule, or off.")
    limits: ManifestLimits = Field(default_factory=ManifestLimits, description="Bounds.")
    exemptions: Annotated[tuple[ManifestExemption, ...], Field(max_length=500, strict=False)] = Field(
        (), description="What rules do not hold for."
    )
