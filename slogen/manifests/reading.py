"""Documents to a Cluster: objects of Kubernetes, alone or in lists; everything else is passed over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from slogen.findings import Finding, error, warning
from slogen.manifests.environment import ConfigMaps, expand, items, mapping, read_environment, string
from slogen.manifests.model import Autoscaler, Cluster, Container, Metric, Spot, Subject, Value, Workload
from slogen.quantities import parse_quantity
from slogen.source import Document

_PODS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Pod": (("",), ("spec",)),
    "ReplicationController": (("",), ("spec", "template", "spec")),
    **dict.fromkeys(
        ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"), (("apps", "extensions"), ("spec", "template", "spec"))
    ),
    "Job": (("batch",), ("spec", "template", "spec")),
    "CronJob": (("batch",), ("spec", "jobTemplate", "spec", "template", "spec")),
    "Rollout": (("argoproj.io",), ("spec", "template", "spec")),
}
_SCALERS = {"HorizontalPodAutoscaler": "autoscaling", "ScaledObject": "keda.sh"}
_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")
_TEMPLATE = re.compile(
    r"\{\{-?\s*(?:[$(]*\.?(?:Values|Release|Chart|Capabilities)\b|(?:include|tpl|toYaml|template)\s)"
)
_ANY_TEMPLATE = re.compile(r"^[^#\n]*\{\{-?\s*[$.(\w]", re.MULTILINE)
RENDER = "render it first: helm template CHART | slogen check-manifests -"


@dataclass(frozen=True, slots=True)
class Object:
    """One object of Kubernetes; one in a typed list has the list's apiVersion and kind."""

    group: str
    kind: str
    data: Mapping[str, object]
    spot: Spot

    @property
    def metadata(self) -> dict[str, object]:
        """Its metadata, as far as there is any."""
        return mapping(self.data.get("metadata"))

    def subject(self, namespace: str) -> Subject:
        """What findings and exemptions call it."""
        name = string(self.metadata.get("name")) or string(self.metadata.get("generateName"))
        return Subject(self.kind, string(self.metadata.get("namespace")) or namespace, name)


@dataclass(slots=True)
class Found:
    """A cluster, how many objects of Kubernetes there were of any kind, and what could not be understood."""

    cluster: Cluster
    objects: int
    findings: list[Finding] = field(default_factory=list)


def read_cluster(documents: Iterable[Document], namespace: str = "") -> Found:
    """What the documents say; `namespace` is that of objects that name none."""
    objects, findings = [], []
    for document in documents:
        found = list(_objects(document.data, Spot(document, ()), "", ""))
        template = next((spot for one in found if one.kind in {*_PODS, *_SCALERS} for spot in _templates(one)), None)
        if template is not None:
            findings.append(not_rendered(template))
            continue
        objects += found
    maps = _config_maps(objects, namespace)
    workloads, scalers = [], []
    for one in objects:
        if one.group in _PODS.get(one.kind, ((), ()))[0]:
            workloads.append(_workload(one, namespace, maps, findings))
        elif _SCALERS.get(one.kind) == one.group:
            scalers.append(_autoscaler(one, namespace))
    return Found(Cluster(tuple(workloads), tuple(scalers)), len(objects), findings)


def is_template(text: str) -> bool:
    """Whether a text that is no YAML is a template of Helm's."""
    return _ANY_TEMPLATE.search(text) is not None


def not_rendered(spot: Spot) -> Finding:
    """A template of Helm's in the place of a value."""
    message = "this is a template, not a manifest: what it becomes is known once it is rendered"
    return error("manifest/not-rendered", spot.place(), message, RENDER)


def _objects(data: object, spot: Spot, version: str, kind: str) -> Iterator[Object]:
    if not isinstance(data, dict):
        return
    version, kind = string(data.get("apiVersion")) or version, string(data.get("kind")) or kind
    if not version or not kind or version.startswith("slogen/"):
        return
    if kind.endswith("List") and isinstance(data.get("items"), list):
        inner = ("", "") if kind == "List" else (version, kind.removesuffix("List"))
        for number, item in enumerate(items(data["items"])):
            yield from _objects(item, spot.at("items", number), *inner)
        return
    yield Object(version.rpartition("/")[0], kind, data, spot)


def _templates(one: Object) -> Iterator[Spot]:
    todo: list[tuple[object, Spot]] = [(one.data, one.spot)]
    while todo:
        value, spot = todo.pop()
        if isinstance(value, dict):
            todo += [(inner, spot.at(key)) for key, inner in value.items()]
        elif isinstance(value, list):
            todo += [(inner, spot.at(number)) for number, inner in enumerate(value)]
        elif isinstance(value, str) and "{{" in value and _TEMPLATE.search(value):
            yield spot


def _config_maps(objects: Iterable[Object], namespace: str) -> dict[str, dict[str, dict[str, str]]]:
    """Texts by namespace, name and key; two of one name cannot be told apart, so neither is there."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    twice = set()
    for one in objects:
        if one.kind == "ConfigMap" and not one.group:
            subject = one.subject(namespace)
            inside = found.setdefault(subject.namespace, {})
            twice |= {subject} if subject.name in inside else set()
            inside[subject.name] = {key: string(value) for key, value in mapping(one.data.get("data")).items()}
    for subject in twice:
        found[subject.namespace].pop(subject.name, None)
    return found


def _workload(one: Object, namespace: str, maps: Mapping[str, ConfigMaps], findings: list[Finding]) -> Workload:
    subject = one.subject(namespace)
    inner: object = one.data
    steps = _PODS[one.kind][1]
    for step in steps:
        inner = mapping(inner).get(step)
    pod, spot = mapping(inner), one.spot.at(*steps)
    containers = []
    known = maps.get(subject.namespace, {})
    for key in ("initContainers", "containers"):
        for number, data in enumerate(items(pod.get(key))):
            container = _container(mapping(data), spot.at(key, number), key == "initContainers", known)
            if container.image or container.starts_first:
                containers.append(container)
            else:
                findings.append(_no_image(container))
    if not items(pod.get("containers")) and not (
        one.kind == "Rollout" and "workloadRef" in mapping(one.data.get("spec"))
    ):
        message = f"{subject} has no containers: Kubernetes refuses it, and nothing in it can be checked"
        hint = f"write {'.'.join(map(str, steps))}.containers; check what kustomize or helm makes of a part"
        findings.append(error("manifest/shape", one.spot.place("kind"), message, hint))
    spec = mapping(one.data.get("spec"))
    replicas = spec.get("replicas")
    strategy = string(mapping(spec.get("strategy")).get("type"))
    count = replicas if isinstance(replicas, int) and not isinstance(replicas, bool) else None
    return Workload(subject, tuple(containers), count, strategy, one.spot)


def _no_image(container: Container) -> Finding:
    message = f"container '{container.name}' has no image, so this is a part of a manifest and is not checked"
    return warning("manifest/shape", container.spot.place(), message, "check the whole: kubectl kustomize FOLDER")


def _container(data: dict[str, object], spot: Spot, first: bool, maps: ConfigMaps) -> Container:
    sizes: dict[tuple[str, str], Decimal | str] = {}
    for section in ("requests", "limits"):
        for resource, value in mapping(mapping(data.get("resources")).get(section)).items():
            try:
                sizes[section, resource] = parse_quantity(value)
            except ValueError as problem:
                sizes[section, resource] = str(problem)
    environment, hidden = read_environment(data, spot, maps, sizes)
    command, args = (
        tuple(
            expand(Value(string(part), spot.at(key, number)), environment, hidden)
            for number, part in enumerate(items(data.get(key)))
        )
        for key in ("command", "args")
    )
    return Container(
        name=string(data.get("name")),
        image=string(data.get("image")),
        starts_first=first and data.get("restartPolicy") != "Always",
        sizes=sizes,
        environment=environment,
        hidden=hidden,
        command=command,
        args=args,
        has_ports=bool(items(data.get("ports"))),
        probes={name: mapping(data.get(name)) for name in _PROBES if mapping(data.get(name))},
        spot=spot,
    )


def _autoscaler(one: Object, namespace: str) -> Autoscaler:
    spec = mapping(one.data.get("spec"))
    subject, aim = one.subject(namespace), mapping(spec.get("scaleTargetRef"))
    target = Subject(string(aim.get("kind")) or "Deployment", subject.namespace, string(aim.get("name")))
    keys = ("minReplicas", "maxReplicas") if one.group == "autoscaling" else ("minReplicaCount", "maxReplicaCount")
    defaults: tuple[int, int | None] = (1, None) if one.group == "autoscaling" else (0, 100)
    least, most = (
        value if isinstance(value := spec.get(key, default), int) else default
        for key, default in zip(keys, defaults, strict=True)
    )
    return Autoscaler(subject, target, least or 0, most, tuple(_metrics(spec, one.spot.at("spec"))), one.spot)


def _metrics(spec: Mapping[str, object], spot: Spot) -> Iterator[Metric]:
    share = spec.get("targetCPUUtilizationPercentage")
    if isinstance(share, int):
        yield Metric("cpu", "", Decimal(share), spot.at("targetCPUUtilizationPercentage"))
    for number, metric in enumerate(map(mapping, items(spec.get("metrics")))):
        key = {"Resource": "resource", "ContainerResource": "containerResource"}.get(string(metric.get("type")), "")
        if not key:
            continue
        inner = mapping(metric.get(key))
        target = mapping(inner.get("target"))
        share = target.get("averageUtilization", inner.get("targetAverageUtilization"))
        steps = (key, "target", "averageUtilization") if "target" in inner else (key, "targetAverageUtilization")
        utilization = Decimal(share) if isinstance(share, int) and not isinstance(share, bool) else None
        at = spot.at("metrics", number, *steps)
        yield Metric(string(inner.get("name")), string(inner.get("container")), utilization, at)
