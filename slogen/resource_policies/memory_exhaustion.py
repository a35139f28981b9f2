"""Memory exhaustion: memory that is going to run out within minutes or hours, told while there is time to act.

One straight line into the future cries wolf: memory rises each morning, after each start, and with every cache. A sign
here wants several things at once: that lines through windows of different lengths all lead to the limit, that what
happened is well explained by a line, that memory is nearly used up already, and that the container has run long
enough to have a past. The alert fires while any sign has lasted, and counts the instances.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from slogen import forecast, naming
from slogen.fields import Duration, Name, Portion, SeverityName, Strict, kind_of, problem
from slogen.model import Resource, Severity
from slogen.policies._fit import plain
from slogen.resource_policies._alerting import counted, title, told, worst
from slogen.rules import Mute, Recording, ResourceDraft, Role

EXAMPLE = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: early}
spec:
  extends: default
  memoryExhaustion:
    signs:
      trend: {lines: [1h, 3h], ahead: 4h, fit: {over: 2h, least: 0.9}, above: 60, uptime: 75m, lasting: 10m}
---
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  workloads:
    - {kind: Deployment, namespace: shop, name: checkout}
  memory:
    - {type: container, alerting: {policy: early}}
"""

ALERT = "MemoryExhaustion"
LEAK = "leak"
MUTES = (Mute(ALERT, "MemoryLeak"),)


def _correlation(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 < value < 1:
        told_as = str(value) if isinstance(value, int | Decimal) else kind_of(value)
        raise problem("spec/fit", f"a number between 0 and 1 is wanted, not {told_as}", "write 0.8")
    return Decimal(value)


Correlation = Annotated[
    Decimal,
    PlainValidator(_correlation),
    WithJsonSchema({"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}),
]


class Fit(Strict):
    """How well a straight line explains a window."""

    over: Duration = Field(description="The window.")
    least: Correlation = Field(description="R squared of the line, at the least: 0.8.")


class Sign(Strict):
    """Something that tells that memory runs out; all that it says must hold at once."""

    lines: Annotated[tuple[Duration, ...], Field(min_length=1, max_length=4, strict=False)] = Field(
        description="Windows through each of which a line is drawn."
    )
    ahead: Duration = Field(description="How far ahead each line must reach the limit.")
    reaches: Portion = Field(Decimal(1), description="Percent of the limit that lines must reach; 100 unless given.")
    fit: Fit | None = Field(None, description="How well a line must explain what happened.")
    above: Portion = Field(description="Percent of the limit in use, at the least.")
    uptime: Duration = Field(description="How long the instance must have run.")
    lasting: Duration = Field(0, description="How long all of this must hold.")


USUAL: dict[str, dict[str, Any]] = {
    "imminent": {
        "lines": ["15m"], "ahead": "30m", "fit": {"over": "15m", "least": Decimal("0.95")},
        "above": 70, "uptime": "20m", "lasting": "3m",
    },
    "trend": {
        "lines": ["1h", "3h"], "ahead": "2h", "fit": {"over": "2h", "least": Decimal("0.8")},
        "above": 70, "uptime": "75m", "lasting": "10m",
    },
    "near": {"lines": ["1h", "6h"], "ahead": "4h", "above": 90, "uptime": "30m", "lasting": "10m"},
    "saturated": {
        "lines": ["1h"], "ahead": "1h", "reaches": 95, "above": 95, "uptime": "30m", "lasting": "10m"
    },
}  # fmt: skip
"""Signs as a person would write them; docs/memory.md tells how early and how often they speak."""


def _signs() -> dict[str, Sign]:
    return {name: Sign.model_validate(sign) for name, sign in USUAL.items()}


class Params(Strict):
    """An alert when memory is going to run out soon."""

    severity: SeverityName = Field(Severity.PAGE, description="page or ticket.")
    signs: Annotated[dict[Name, Sign], Field(min_length=1, max_length=6)] = Field(
        default_factory=_signs, description="Signs by name, any of which is enough, in place of the usual four."
    )
    hold: Duration = Field(900, description="How long the alert goes on after the last sign; 15m unless given.")

    @model_validator(mode="after")
    def _names(self) -> Self:
        if LEAK in self.signs:
            message = f"the sign '{LEAK}' is that of memoryLeak"
            raise problem("policy/sign", message, "choose another name", at=("signs", LEAK))
        return self


def recordings(resource: Resource, params: Params) -> Iterator[Recording]:
    """Each sign, at each look at which it is there."""
    if not resource.has(naming.UTILISATION):
        return
    used, uptime = resource.series(naming.UTILISATION), resource.series(naming.UPTIME)
    for name, sign in params.signs.items():
        conditions = [f"{used} > {plain(sign.above)}", f"{uptime} > {sign.uptime}"]
        conditions += (f"{forecast.ahead(used, window, sign.ahead)} > {plain(sign.reaches)}" for window in sign.lines)
        if sign.fit is not None:
            conditions.append(f"{forecast.fit(used, sign.fit.over)} > {plain(sign.fit.least)}")
        labels = (*resource.identity, (naming.SIGN, name))
        yield Recording(naming.AT_RISK, "\nand\n".join(conditions), labels, Role.RESOURCE)


def alerts(resource: Resource, params: Params) -> Iterable[ResourceDraft]:
    """While a sign has lasted."""
    if not resource.has(naming.UTILISATION):
        return
    lasted = (
        forecast.lasted(resource.series(naming.AT_RISK, (naming.SIGN, name)), sign.lasting)
        for name, sign in params.signs.items()
    )
    soonest = f"bottomk(3, {told(resource, naming.EXHAUSTION)})"
    yield ResourceDraft(
        name=ALERT,
        severity=params.severity,
        expr=counted(resource, "\nor\n".join(lasted)),
        summary=f"{title(resource)} is running out of memory.",
        description=(
            f"Instances about to run out: {{{{ $value }}}} ({resource.source.sentence()})."
            f"{worst(resource, soonest, 'is out of memory in {{ .Value | humanizeDuration }}')}"
            " roll back what was released last, or restart the worst one to gain time."
        ),
        hold=params.hold,
    )
