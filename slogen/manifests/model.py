"""What a manifest says, as far as a rule asks for it. Everything knows where it was written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from functools import cached_property
from itertools import islice
from typing import Generic, TypeVar

from slogen.findings import Place
from slogen.source import Document

Path = tuple[str | int, ...]
Found = TypeVar("Found")
_MOST_OF_A_NAME = 100


@dataclass(frozen=True, slots=True)
class Spot:
    """A value in a document; its line and column are counted when somebody asks."""

    document: Document
    path: Path

    def at(self, *steps: str | int) -> Spot:
        """The spot of a value below."""
        return Spot(self.document, (*self.path, *steps))

    def place(self, *steps: str | int, key: bool = False) -> Place:
        """Where a value below stands, or its key."""
        return self.document.place((*self.path, *steps), key)


@dataclass(frozen=True, slots=True)
class Value:
    """Text of a variable, a command or an argument once Kubernetes has filled in `$(NAME)`.

    `offsets` says for each character where in the written text it comes from; None: each from its own place.
    `unknown` says why a part, which UNKNOWN stands for, cannot be told.
    """

    text: str
    spot: Spot
    offsets: tuple[int, ...] | None = None
    unknown: str = ""

    def place(self, index: int = 0) -> Place:
        """Where a character was written."""
        if self.offsets is not None:
            index = self.offsets[min(index, len(self.offsets) - 1)] if self.offsets else 0
        return self.spot.document.place_in(self.spot.path, index)


UNKNOWN = "\0"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a finding is about, for exemptions; an unknown namespace is empty and matches any."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    def is_in(self, namespace: str) -> bool:
        """Whether it may be in a namespace, as far as both are known."""
        return not self.namespace or not namespace or self.namespace == namespace

    def is_like(self, kind: str, namespace: str, name: str) -> bool:
        """Whether it may be what these, which may hold `*` and `?`, stand for."""
        return (
            fnmatchcase(self.kind, kind)
            and fnmatchcase(self.name, name)
            and (not self.namespace or not namespace or fnmatchcase(self.namespace, namespace))
        )


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a pod. `sizes` holds by (requests or limits, resource) a number, or why it is none."""

    name: str
    image: str
    starts_first: bool
    sizes: Mapping[tuple[str, str], Decimal | str]
    environment: Mapping[str, Value]
    hidden: tuple[Value, ...]
    command: tuple[Value, ...]
    args: tuple[Value, ...]
    has_ports: bool
    probes: Mapping[str, Mapping[str, object]]
    spot: Spot

    def limit(self, resource: str) -> Decimal | None:
        """The limit, where there is one that can be read; none at 0, which Kubernetes takes for that."""
        found = self.sizes.get(("limits", resource))
        return found if isinstance(found, Decimal) and found > 0 else None

    def request(self, resource: str) -> Decimal | None:
        """The request, which is the limit where only that is written."""
        found = self.sizes.get(("requests", resource), self.sizes.get(("limits", resource)))
        return found if isinstance(found, Decimal) else None


@dataclass(frozen=True, slots=True)
class Workload:
    """Something that runs pods."""

    subject: Subject
    containers: tuple[Container, ...]
    replicas: int | None
    strategy: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class Metric:
    """A resource that an autoscaler looks at; `container` is empty where it is that of the whole pod."""

    resource: str
    container: str
    utilization: Decimal | None
    spot: Spot


@dataclass(frozen=True, slots=True)
class Autoscaler:
    """A HorizontalPodAutoscaler, or KEDA's ScaledObject, which makes one."""

    subject: Subject
    target: Subject
    minimum: int
    maximum: int | None
    metrics: tuple[Metric, ...]
    spot: Spot

    @property
    def is_plain(self) -> bool:
        """Whether it is a HorizontalPodAutoscaler."""
        return self.subject.kind == "HorizontalPodAutoscaler"


@dataclass(frozen=True, slots=True)
class Claim:
    """A workload that a service's spec says it runs as."""

    service: str
    subject: Subject
    container: str
    place: Place
    container_place: Place


class _Index(Generic[Found]):
    """Things by kind and name, then by namespace; no more of one name than anybody has."""

    def __init__(self, pairs: Iterable[tuple[Subject, Found]]) -> None:
        self._found: dict[tuple[str, str], dict[str, list[Found]]] = {}
        for subject, thing in pairs:
            named = self._found.setdefault((subject.kind, subject.name), {})
            named.setdefault(subject.namespace, []).append(thing)

    def find(self, subject: Subject) -> list[Found]:
        """Things that may be meant, where either namespace may be unknown."""
        named = self._found.get((subject.kind, subject.name), {})
        namespaces = (subject.namespace, "") if subject.namespace else named
        return list(islice((one for namespace in namespaces for one in named.get(namespace, ())), _MOST_OF_A_NAME))


@dataclass(frozen=True)
class Cluster:
    """Everything that was read; `is_whole` says that what is not here is nowhere."""

    workloads: tuple[Workload, ...]
    autoscalers: tuple[Autoscaler, ...] = ()
    claims: tuple[Claim, ...] = ()
    is_whole: bool = False

    @cached_property
    def _workloads(self) -> _Index[Workload]:
        return _Index((workload.subject, workload) for workload in self.workloads)

    @cached_property
    def _autoscalers(self) -> _Index[Autoscaler]:
        return _Index((autoscaler.target, autoscaler) for autoscaler in self.autoscalers)

    def containers(self) -> Iterator[tuple[Workload, Container]]:
        """Every container with its workload."""
        for workload in self.workloads:
            for container in workload.containers:
                yield workload, container

    def matching(self, subject: Subject) -> list[Workload]:
        """Workloads of that kind and name, in that namespace or in an unknown one."""
        return self._workloads.find(subject)

    def autoscaled(self) -> Iterator[tuple[Workload, Autoscaler]]:
        """Workloads with what scales them."""
        for workload in self.workloads:
            for autoscaler in self.autoscalers_of(workload):
                yield workload, autoscaler

    def autoscalers_of(self, workload: Workload) -> list[Autoscaler]:
        """What scales a workload."""
        return self._autoscalers.find(workload.subject)
