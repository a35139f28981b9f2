"""The resources of a service's spec to Resources: names given, policies looked up, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from slogen.fields import merged
from slogen.findings import Finding, Place, error
from slogen.model import Notice, Policy, Resource, Severity
from slogen.spec.load import Spec
from slogen.spec.service import ServiceDocument
from slogen.spec.workloads import Workload as WorkloadSpec
from slogen.workloads import Workload

KINDS = ("memory", "saturation")
Path = tuple[str | int, ...]


def workloads(specs: tuple[WorkloadSpec, ...]) -> tuple[Workload, ...]:
    """As they were written, each once."""
    return tuple(dict.fromkeys(Workload(one.kind, one.namespace, one.name, one.container or "") for one in specs))


def resources(
    spec: Spec[ServiceDocument], policy: Callable[[str | None, Path], Policy], findings: list[Finding]
) -> Iterator[Resource]:
    """One for each entry; what is wrong goes to `findings`."""
    service, running = spec.model.metadata.name, workloads(spec.model.spec.workloads)
    seen: dict[str, Place] = {}
    for kind in KINDS:
        for number, entry in enumerate(getattr(spec.model.spec, kind)):
            path: Path = ("spec", kind, number)
            name, place = entry.name or entry.type, spec.document.place(path)
            if name in seen:
                message = f"two entries of this service are named '{name}', the other at {seen[name]}"
                findings.append(error("spec/duplicate-name", place, message, "give one of them a name: of its own"))
            seen.setdefault(name, place)
            for failure in entry.problems(running):
                context: dict[str, Any] = failure.context or {}
                where = spec.document.place((*path, *context["at"]))
                findings.append(error(failure.type, where, context["message"], context["hint"]))
            yield Resource(
                service=service,
                name=name,
                source=entry,
                workloads=running,
                policy=policy(entry.alerting.policy, path),
                labels=merged(entry.alerting.labels),
                notices={severity: _notice(entry.alerting, severity) for severity in Severity},
                place=place,
            )


def _notice(alerting: Any, severity: Severity) -> Notice:
    own = getattr(alerting, severity.value)
    return Notice(own.disabled, merged(own.labels), merged(alerting.annotations, own.annotations))


def own_labels(spec: Spec[ServiceDocument]) -> Iterator[tuple[dict[str, str], Path]]:
    """Labels that a person wrote for alerts of resources, and where."""
    for kind in KINDS:
        for number, entry in enumerate(getattr(spec.model.spec, kind)):
            path: Path = ("spec", kind, number, "alerting")
            yield entry.alerting.labels, (*path, "labels")
            for severity in Severity:
                yield getattr(entry.alerting, severity.value).labels, (*path, severity.value, "labels")
