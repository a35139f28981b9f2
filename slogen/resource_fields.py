"""Fields that every resource of a service has, whatever its type, and how its series are found."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, ClassVar, Protocol

from pydantic import Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from slogen import forecast, naming
from slogen.fields import Annotations, Labels, Name, Strict, kind_of, problem
from slogen.model import Figure, StandIn
from slogen.notes import NOTES, Notes
from slogen.promql.build import aggregate, grouped, lines, on
from slogen.promql.durations import format_duration
from slogen.promql.examples import labels_for
from slogen.promql.selectors import Matcher, Selector
from slogen.quantities import LARGEST, MI, parse_quantity
from slogen.queries import Matchers
from slogen.workloads import Workload

POD = ("namespace", "pod")
CONTAINER = (*POD, "container")
PROCESS = ("job", "instance")
SINGLE = frozenset({"pod", "instance", "horizontalpodautoscaler"})
"""Labels by which alerts are not told apart: one incident of many pods is one alert."""


class Own(Protocol):
    """Gives the selector of a series that the same resource records."""

    def __call__(self, record: str, *labels: tuple[str, str]) -> str:
        """`labels` are those besides its identity."""


LIMIT, RESTARTS = "limit", "restarts"
"""What made-up series follow beside what is recorded: whether there is a limit, and how often a container ended."""

ANY_LIMIT = 1 << 30
"""Bytes of the limit where the cluster tells it, in made-up series."""

_PODS = {
    "Deployment": "-6d8f7c9b5-x2x7k",
    "StatefulSet": "-0",
    "DaemonSet": "-x2x7k",
    "Job": "-x2x7k",
    "CronJob": "-29391240-x2x7k",
}
"""What pods of each kind of workload are called, after its name."""

StandIns = dict[str, tuple[StandIn, ...]]

UNBOUNDED = 1 << 60
"""Bytes; what is above this is how a system writes that there is no limit."""


_EXAMPLE = "write it as Kubernetes does: 512Mi, 2Gi or 2G"


_LEAST = MI


def _bytes(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise problem("spec/quantity", f"an amount of memory is wanted, not {kind_of(value)}", _EXAMPLE)
    try:
        found = int(parse_quantity(value))
    except ValueError:
        found = -1
    if found < 0:
        raise problem("spec/quantity", f"'{str(value)[:40]}' is no amount of memory", _EXAMPLE)
    if not found:
        raise problem("spec/quantity", "a limit of nothing lets nothing run", _EXAMPLE)
    if not _LEAST <= found < LARGEST:
        message = f"a limit of {found} bytes is not meant: its unit is missing or wrong"
        raise problem("spec/quantity", message, _EXAMPLE)
    return found


Bytes = Annotated[
    int,
    PlainValidator(_bytes),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P|[eE][0-9]+)?$"},
                {"type": "integer", "minimum": 1},
            ],
            "examples": ["512Mi", "2Gi"],
        }
    ),
]


class ResourceNotice(Strict):
    """What a page or a ticket of a resource carries."""

    disabled: bool = Field(False, description="True to leave out the alerts of this severity.")
    labels: Labels = Field(default_factory=dict, description="Labels on alerts of this severity.")
    annotations: Annotations = Field(
        default_factory=dict, description="Annotations (templates) on alerts of this severity."
    )


class ResourceAlerting(Strict):
    """How a resource alerts."""

    policy: Name | None = Field(None, description="Name of an AlertPolicy; that of the defaults unless given.")
    labels: Labels = Field(default_factory=dict, description="Labels on every alert of the resource.")
    annotations: Annotations = Field(
        default_factory=dict, description="Annotations (templates) on every alert of the resource."
    )
    page: ResourceNotice = Field(default_factory=ResourceNotice, description="Alerts that page.")
    ticket: ResourceNotice = Field(default_factory=ResourceNotice, description="Alerts that open a ticket.")


class ResourceFields(Strict):
    """What may be written of any resource."""

    needs_workloads: ClassVar[bool] = False

    name: Name | None = Field(None, description="Name of the entry, unique in its service; its type unless given.")
    alerting: ResourceAlerting = Field(default_factory=ResourceAlerting, description="How it alerts.")
    runbook: Notes | None = Field(None, description=NOTES)

    def problems(self, workloads: tuple[Workload, ...]) -> Iterator[PydanticCustomError]:
        """What cannot be watched for want of something, in this service."""
        if self.needs_workloads and not workloads:
            hint = "write workloads: [{kind: Deployment, namespace: shop, name: checkout}] beside it"
            message = "which containers are meant cannot be told: the service names no workloads"
            yield problem("resource/workloads", message, hint)

    def by(self, _workloads: tuple[Workload, ...]) -> tuple[str, ...]:
        """Labels that tell instances of the resource apart."""
        return CONTAINER

    def figures(self, _workloads: tuple[Workload, ...], _own: Own) -> tuple[Figure, ...]:
        """What is recorded of it."""
        raise NotImplementedError

    def stand_ins(self, _workloads: tuple[Workload, ...]) -> StandIns:
        """Made-up series of one instance, by the figure that they follow; none where they cannot be told."""
        return {}


class Process(ResourceFields):
    """Memory of a process, by series that it exposes itself: those of the workloads' pods, or of a selector."""

    selector: Matchers | None = Field(
        None, description='Label matchers of its series, such as {job="checkout"}; the workloads\' pods unless given.'
    )
    limit: Bytes | None = Field(
        None, description="Memory that it may use, such as 2Gi; the limit of its container unless given."
    )

    def problems(self, workloads: tuple[Workload, ...]) -> Iterator[PydanticCustomError]:
        """Series must be found, and a limit too."""
        if not workloads and self.selector is None:
            hint = "write workloads: [...] beside it, or selector: '{job=\"checkout\"}' here"
            yield problem("resource/workloads", "neither workloads nor a selector say which series are meant", hint)
        elif not workloads and self.limit is None:
            yield from self.unlimited()

    def unlimited(self) -> Iterator[PydanticCustomError]:
        """Without workloads no container's limit is known."""
        hint = "write limit: 2Gi, or workloads: [...] beside it"
        yield problem("resource/limit", "without workloads the limit cannot be told", hint)

    def by(self, workloads: tuple[Workload, ...]) -> tuple[str, ...]:
        """The pod, unless a selector and a limit say all; what a selector finds need not run in a pod."""
        return POD if workloads and (self.selector is None or self.limit is None) else PROCESS

    def selected(self, workloads: tuple[Workload, ...]) -> list[tuple[Matcher, ...]]:
        """Matchers of its series, each of which has the labels that tell instances apart."""
        if self.selector is None:
            return [workload.processes for workload in workloads]
        return [(*self.selector, Matcher("pod", "!=", "")) if self.by(workloads) == POD else self.selector]

    def instance(self, workloads: tuple[Workload, ...]) -> dict[str, str] | None:
        """Labels of a series that is selected, or None where none is found."""
        wanted = Selector("", self.selected(workloads)[0])
        known = instance_of(workloads[0]) if self.by(workloads) == POD else {"job": "one", "instance": "one:8080"}
        same = {name: value for name, value in known.items() if self.selector is None or name in POD}
        found = labels_for(wanted.matching(*(Matcher(name, "=", value) for name, value in same.items())))
        if found is None and self.by(workloads) == PROCESS:
            found = labels_for(wanted)
        return None if found is None else {**known, **found}

    def limited(self, workloads: tuple[Workload, ...]) -> StandIns:
        """The limit of its container, unless one is given."""
        return limit_stand_in(workloads[0]) if self.limit is None and workloads else {}

    def bounded(self, workloads: tuple[Workload, ...]) -> str:
        """The limit in bytes, per instance: given, or that of the container."""
        if self.limit is not None:
            return str(self.limit)
        return container_limit(workloads, self.by(workloads))


def instance_of(workload: Workload) -> dict[str, str]:
    """Labels of one container of a workload."""
    pod = f"{workload.name}{_PODS[workload.kind]}"
    return {"namespace": workload.namespace, "pod": pod, "container": workload.container or "app"}


def gauge(metric: str, labels: dict[str, str], full: float, empty: float = 0, **more: str) -> StandIn:
    """A series that is `empty` where its figure is 0 and `full` where it is 1, between them in between."""
    every = tuple(sorted({**labels, **more}.items()))
    return StandIn(metric, every, Decimal(str(empty)), Decimal(str(full)), is_gauge=True, is_ratio=True)


def limit_stand_in(workload: Workload) -> StandIns:
    """The limit of a container, as kube-state-metrics tells it."""
    labels = instance_of(workload)
    return {LIMIT: (gauge("kube_pod_container_resource_limits", labels, ANY_LIMIT, resource="memory", unit="byte"),)}


def union(metrics: str | tuple[str, ...], selected: list[tuple[Matcher, ...]], *more: Matcher) -> str:
    """Selectors of one metric, or of several that mean the same, for each of several sets of matchers."""
    names = (metrics,) if isinstance(metrics, str) else metrics
    return "\nor\n".join(str(Selector(name, (*matchers, *more))) for name in names for matchers in selected)


def most(by: tuple[str, ...], selectors: str) -> str:
    """One value for each instance, however many scrape it."""
    return aggregate("max", by, lines(selectors) if "\n" in selectors else selectors)


def container_limit(workloads: tuple[Workload, ...], by: tuple[str, ...]) -> str:
    """Memory limits in bytes, as kube-state-metrics tells them, else as cAdvisor does."""
    matchers = [workload.containers for workload in workloads]
    told = union("kube_pod_container_resource_limits", matchers, Matcher("resource", "=", "memory"))
    seen = union("container_spec_memory_limit_bytes", matchers)
    return grouped(f"{most(by, told)} > 0\nor\n{most(by, seen)} > 0 < {UNBOUNDED}")


def since_start(by: tuple[str, ...], usage: str, limit: str, started: str, own: Own) -> tuple[Figure, ...]:
    """Utilisation, a new series for each start of an instance, for how long that has run, and where it leads.

    `count_values` makes a label of the start: what ran before a restart is then another series, and no forecast reads
    across it, whatever labels the instance keeps.
    """
    match = on(by)
    ratio = f"{usage}\n/ {limit}" if limit.isdigit() else f"{usage}\n/ {match}\n{limit}"
    begun = f'count_values by ({", ".join(by)}) ("{naming.START}", {started} > 0)'
    used, uptime = own(naming.UTILISATION), own(naming.UPTIME)
    return (
        Figure(naming.UTILISATION, f"{grouped(ratio)}\n* {match} group_left ({naming.START})\n{begun}"),
        Figure(naming.UPTIME, f"0 * {used}\n+ {match} group_left ()\n(time() - {started})"),
        *(
            Figure(
                naming.FIT,
                f"{forecast.fit(used, window)} >= 0\nand\n{forecast.recorded(used, window)}\nand\n{used}",
                ((naming.WINDOW, format_duration(window)),),
            )
            for window in forecast.FITTED
        ),
        Figure(
            naming.EXHAUSTION,
            forecast.exhaustion(used, uptime, lambda window: own(naming.FIT, (naming.WINDOW, format_duration(window)))),
        ),
        *(Figure(naming.FORECAST, expr, ((naming.BOUND, bound),)) for bound, expr in forecast.band(used, uptime)),
    )
