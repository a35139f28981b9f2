"""`kind: Service`: a service and its SLOs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self, Union

from pydantic import Field, create_model, model_validator
from pydantic_core import PydanticCustomError

from slogen.discovery import plugins
from slogen.fields import (
    Annotations,
    Duration,
    Indicator,
    Labels,
    Name,
    Percentage,
    Strict,
    Text,
    Traffic,
    moved,
    problem,
    several,
)
from slogen.notes import NOTES, Notes
from slogen.spec.dependencies import Dependencies
from slogen.spec.grouping import By, Overrides, Window
from slogen.spec.presentation import Panels
from slogen.spec.resources import entries
from slogen.spec.testing import Tests
from slogen.spec.workloads import Workloads


class Metadata(Strict):
    """Who the service is."""

    name: Name = Field(description="Name of the service, unique in the repository.")
    owner: Text | None = Field(None, description="Team that owns it; a label on every alert.")
    description: Text = Field("", description="What the service does.")
    labels: Labels = Field(default_factory=dict, description="Labels on every alert of the service.")


class Notice(Strict):
    """What a page or a ticket of an SLO carries."""

    disabled: bool = Field(False, description="True to leave out the alerts of this severity.")
    scope: Literal["overall", "group", "both"] | None = Field(
        None,
        description="Whether they look at all groups together or at each; pages overall and tickets at each group"
        " unless given.",
    )
    labels: Labels = Field(default_factory=dict, description="Labels on alerts of this severity.")
    annotations: Annotations = Field(
        default_factory=dict, description="Annotations (templates) on alerts of this severity."
    )


class Alerting(Strict):
    """How an SLO alerts."""

    policy: Name | None = Field(
        None, description="Name of an AlertPolicy; default, low-traffic, tickets-only and none are built in."
    )
    labels: Labels = Field(default_factory=dict, description="Labels on every alert of the SLO.")
    annotations: Annotations = Field(
        default_factory=dict, description="Annotations (templates) on every alert of the SLO."
    )
    page: Notice = Field(default_factory=Notice, description="Alerts that page.")
    ticket: Notice = Field(default_factory=Notice, description="Alerts that open a ticket.")


@cache
def indicator_types() -> dict[str, type[Indicator]]:
    """The fields of each SLI type, by the type's name."""
    return {name: module.Indicator for name, module in plugins("slogen.indicators").items()}


def _sli() -> Any:
    types = tuple(indicator_types().values())
    return Annotated[Union[types], Field(discriminator="type")] if len(types) > 1 else types[0]  # noqa: UP007


class ObjectiveBase(Strict):
    """One objective of several that share an SLI."""

    name: Name = Field(description="Name of the objective, unique in its SLO.")
    objective: Percentage = Field(description="Percent of events that must be good.")
    overrides: Overrides = Field((), description="Other objectives for groups that match; the first counts.")


def _objective_model() -> type[ObjectiveBase]:
    fields: dict[str, Any] = {}
    for indicator in indicator_types().values():
        for name in indicator.per_objective:
            field = indicator.model_fields[name]
            fields[name] = (
                field.annotation if not field.metadata else Annotated[field.annotation, *field.metadata],
                field,
            )
    return create_model("ObjectiveSpec", __base__=ObjectiveBase, __doc__=ObjectiveBase.__doc__, **fields)


if TYPE_CHECKING:
    ObjectiveSpec = ObjectiveBase
else:
    ObjectiveSpec = _objective_model()


class SloSpec(Strict):
    """A service level objective."""

    name: Name = Field(description="Name of the SLO, unique in its service.")
    description: Text = Field("", description="What the SLO promises, for people.")
    objective: Percentage | None = Field(None, description="Percent of events that must be good, e.g. 99.9.")
    objectives: Annotated[tuple[ObjectiveSpec, ...], Field(min_length=1, max_length=10, strict=False)] | None = Field(
        None, description="Several objectives on one SLI, instead of objective."
    )
    overrides: Overrides = Field((), description="Other objectives for groups that match; the first counts.")
    by: By | None = Field(None, description="Labels by which each group has a budget of its own.")
    window: Window | None = Field(
        None, description="Period of the error budget: 7d, 28d, 30d, 90d, or a calendar week, month or quarter."
    )
    expected_traffic: Traffic | None = Field(
        None, description="Events that there are at the least, such as 30/d, 100/h or 5/s; fits alerts to low traffic."
    )
    scrape_interval: Duration | None = Field(
        None, description="How often the source is scraped, where it differs from the service's."
    )
    sli: _sli() = Field(description="What counts as good and bad.")  # type: ignore[valid-type]
    alerting: Alerting = Field(default_factory=Alerting, description="How the SLO alerts.")
    depends_on: Dependencies = Field(
        (), description="SLOs without which this one cannot be kept, as service/slo: it cannot promise more than they."
    )
    runbook: Notes | None = Field(None, description=NOTES)
    tests: Tests = Field((), description="What happens to the SLO, and which alerts fire then; for slogen test.")

    @model_validator(mode="after")
    def _objectives(self) -> Self:
        if (self.objective is None) == (self.objectives is None):
            found = "both" if self.objective is not None else "neither"
            hint = "write objective: 99.9, or a list of objectives that each have a name"
            raise problem("spec/objective", f"one of objective and objectives is wanted, found {found}", hint)
        if self.overrides and self.objectives is not None:
            hint = "write overrides: in each entry of objectives"
            raise problem(
                "spec/overrides", "these overrides do not say which objective they change", hint, at=("overrides",)
            )
        if failures := list(self._failures()):
            raise several(failures)
        return self

    def _failures(self) -> Iterator[PydanticCustomError]:
        allowed = self.sli.per_objective
        names: set[str] = set()
        for number, objective in enumerate(self.objectives or ()):
            at = ("objectives", number)
            if objective.name in names:
                yield problem(
                    "spec/duplicate-name", f"two objectives named '{objective.name}'", "rename one", at=(*at, "name")
                )
            names.add(objective.name)
            for name in sorted(objective.model_fields_set - set(ObjectiveBase.model_fields) - set(allowed)):
                message = f"an SLI of type {self.sli.type} has no {name}"
                yield problem("spec/unknown-key", message, "leave it out", at=(*at, name))
        for number, indicator in enumerate(self.indicators()):
            for failure in indicator.problems():
                inner = (failure.context or {})["at"]
                own = self.objectives is not None and (not inner or inner[0] in allowed)
                yield moved(failure, (("objectives", number) if own else ("sli",)))

    def indicators(self) -> tuple[Any, ...]:
        """The SLI, once per objective, with what that objective sets."""
        allowed = self.sli.per_objective
        if self.objectives is None:
            return (self.sli,)
        return tuple(
            self.sli.model_copy(
                update={name: value for name in allowed if (value := getattr(objective, name)) is not None}
            )
            for objective in self.objectives
        )


class ServiceSpec(Strict):
    """The SLOs of a service and what they share."""

    scrape_interval: Duration | None = Field(
        None, description="How often the service is scraped, where it differs from the default."
    )
    window: Window | None = Field(None, description="Period of SLOs that name none.")
    workloads: Workloads = Field((), description="What runs the service in Kubernetes.")
    memory: entries("memory") = Field((), description="Memory that can run out.")  # type: ignore[valid-type]
    saturation: entries("saturation") = Field((), description="Other resources that can run out.")  # type: ignore[valid-type]
    runbook: Notes | None = Field(None, description=NOTES)
    panels: Panels = Field((), description="Panels of the team's own on the service's dashboard.")
    slos: Annotated[tuple[SloSpec, ...], Field(strict=False)] = Field((), description="The SLOs.")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.slos or self.memory or self.saturation):
            at = ("slos",) if "slos" in self.model_fields_set else ()
            raise problem("spec/empty", "the service has no SLO and watches nothing", "write slos:, or memory:", at=at)
        return self


class ServiceDocument(Strict):
    """A service and its service level objectives."""

    api_version: Literal["slogen/v1"]
    kind: Literal["Service"]
    metadata: Metadata
    spec: ServiceSpec
