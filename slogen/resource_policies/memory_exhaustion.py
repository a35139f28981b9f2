"""Memory exhaustion: memory that is going to run out within minutes or hours, told while there is time to act.

One straight line into the future cries wolf: memory rises each morning, after each start, and with every cache. A sign
here wants several things at once: that lines through windows of different lengths all lead to the limit, that what
happened is well explained by a line, that much of it is in use already, that the container has run long enough to have
a past, and that there is more than yesterday. The alert fires while any sign has lasted, and counts the instances.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import Field, PlainValidator, WithJsonSchema, model_validator

from slogen import forecast, naming
from slogen.advice import Advice, Look
from slogen.fields import Duration, Name, Portion, SeverityName, Strict, kind_of, problem
from slogen.model import Resource, Severity
from slogen.policies._fit import plain
from slogen.promql.durations import format_duration
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
      trend: {above: 60, uptime: 75m, lines: [1h, 3h], ahead: 4h, fit: {over: 2h, least: 0.9}, lasting: 10m}
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
_SHORTEST = 5 * forecast.EVERY


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
    """How well a straight line explains a window, half of which at least was recorded."""

    over: Duration = Field(description="The window.")
    least: Correlation = Field(description="R squared of the line, at the least: 0.8.")


class Sign(Strict):
    """Something that tells that memory runs out; all that it says must hold at once."""

    above: Portion = Field(description="Percent of the limit in use, at the least.")
    uptime: Duration = Field(description="How long the instance must have run.")
    lines: Annotated[tuple[Duration, ...], Field(max_length=4, strict=False)] = Field(
        (), description="Windows through each of which a line is drawn."
    )
    ahead: Duration | None = Field(None, description="How far ahead each line must reach the limit.")
    fit: Fit | None = Field(None, description="How well a line must explain what happened.")
    beyond_yesterday: bool = Field(
        False, description="Whether more must be in use than in the six hours after this time yesterday."
    )
    risen: Portion | None = Field(
        None, description="Percent of the limit by which the least of an hour must be above yesterday's."
    )
    lasting: Duration = Field(0, description="How long all of this must hold.")

    @model_validator(mode="after")
    def _foresees(self) -> Self:
        if not self.lines and self.risen is None:
            raise problem("policy/sign", "this sign looks at what is in use only", "write lines: and ahead:, or risen:")
        if bool(self.lines) != (self.ahead is not None):
            raise problem("policy/sign", "lines and ahead belong together", "write lines: [1h, 3h] and ahead: 2h")
        for number, window in enumerate(self.lines):
            if window < _SHORTEST:
                at = ("lines", number)
                raise problem("policy/sign", "so few samples make no line", "write 5m or more", at=at)
        if self.fit is not None and self.fit.over < _SHORTEST:
            raise problem("policy/sign", "so few samples make no line", "write 5m or more", at=("fit", "over"))
        return self


USUAL: dict[str, dict[str, Any]] = {
    "15m": {
        "above": 70, "uptime": "25m", "lines": ["15m"], "ahead": "20m",
        "fit": {"over": "15m", "least": Decimal("0.95")}, "lasting": "3m",
    },
    "1h": {
        "above": 70, "uptime": "75m", "lines": ["20m", "1h", "3h"], "ahead": "2h",
        "fit": {"over": "1h", "least": Decimal("0.92")}, "lasting": "5m",
    },
    "3h": {
        "above": 85, "uptime": "3h", "lines": ["1h", "3h"], "ahead": "150m",
        "fit": {"over": "3h", "least": Decimal("0.8")}, "beyondYesterday": True, "lasting": "5m",
    },
    "9h": {
        "above": 90, "uptime": "3h", "lines": ["1h", "9h"], "ahead": "4h",
        "fit": {"over": "9h", "least": Decimal("0.8")}, "beyondYesterday": True, "lasting": "10m",
    },
    "1d": {"above": 95, "uptime": "26h", "risen": 6, "lasting": "5m"},
}  # fmt: skip
"""Signs as a person would write them: the longer the window, the farther it looks and the more must be in use.

bench/memory measures them; docs/memory-measurements.md gives the reason of each number.
"""


def _signs() -> dict[str, Sign]:
    return {name: Sign.model_validate(sign) for name, sign in USUAL.items()}


class Params(Strict):
    """An alert when memory is going to run out soon."""

    severity: SeverityName = Field(Severity.PAGE, description="page or ticket.")
    signs: Annotated[dict[Name, Sign], Field(min_length=1, max_length=6)] = Field(
        default_factory=_signs, description="Signs by name, any of which is enough, in place of the usual five."
    )
    hold: Duration = Field(1800, description="How long the alert goes on after the last sign; 30m unless given.")

    @model_validator(mode="after")
    def _names(self) -> Self:
        if LEAK in self.signs:
            message = f"the sign '{LEAK}' is that of memoryLeak"
            raise problem("policy/sign", message, "choose another name", at=("signs", LEAK))
        return self


def recordings(resource: Resource, params: Params) -> Iterator[Recording]:
    """Each sign, at each look at which it is there."""
    if resource.has(naming.UTILISATION):
        for name, sign in params.signs.items():
            labels = (*resource.identity, (naming.SIGN, name))
            yield Recording(naming.AT_RISK, _condition(resource, sign), labels, Role.RESOURCE)


def _condition(resource: Resource, sign: Sign) -> str:
    used, uptime = resource.series(naming.UTILISATION), resource.series(naming.UPTIME)
    parts = [f"{used} > {plain(sign.above)}", f"and\n{uptime} > {sign.uptime}"]
    parts += (f"and\n{forecast.ahead(used, window, sign.ahead or 0)} > 1" for window in sign.lines)
    if sign.fit is not None:
        window, least = sign.fit.over, plain(sign.fit.least)
        if window in forecast.FITTED:
            known = resource.series(naming.FIT, (naming.WINDOW, format_duration(window)))
            parts.append(f"and ignoring ({naming.WINDOW})\n{known} > {least}")
        else:
            parts.append(f"and\n{forecast.fit(used, window)} > {least}\nand\n{forecast.recorded(used, window)}")
    if sign.risen is not None:
        parts.append(f"and\n{forecast.risen(used)} > {plain(sign.risen)}")
    if sign.beyond_yesterday:
        parts.append(f"unless\n{forecast.fuller_yesterday(used)}")
    return "\n".join(parts)


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


def _looks(resource: Resource, _params: Params) -> Iterator[Look]:
    yield Look("Seconds until it is full, the soonest first", f"bottomk(10, {resource.series(naming.EXHAUSTION)})")
    yield Look("Share of the limit in use", f"topk(10, {resource.series(naming.UTILISATION)})")
    yield Look("Which signs are there", resource.series(naming.AT_RISK))


def _threshold(_resource: Resource, params: Params) -> str:
    names = ", ".join(f"`{name}`" for name in params.signs)
    return f"Any of these signs is enough: {names}. Each wants several things at once, which `slogen explain` lists."


RUNBOOK = Advice(
    meaning=(
        "Users will meet errors when it happens: what runs out of memory is killed, and what it was doing is lost."
        " There is time to act, as long as the first query says."
    ),
    causes=(
        "A leak in what was released last.",
        "More load, or larger requests, than the limit was made for.",
        "A cache without a bound, or one that fills up after a restart.",
    ),
    resets="No sign is left: memory stops rising, or what was leaking was restarted.",
    looks=_looks,
    threshold=_threshold,
)
