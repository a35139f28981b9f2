"""The resources of a service's spec to Resources: names given, policies looked up, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from slogen import naming
from slogen.fields import merged
from slogen.findings import Finding, Place, error
from slogen.model import Notice, Policy, Resource, Severity
from slogen.resource_fields import SINGLE
from slogen.spec.load import Spec
from slogen.spec.service import ServiceDocument
from slogen.spec.wording import value_at
from slogen.spec.workloads import Workload as WorkloadSpec
from slogen.workloads import Workload

KINDS = ("memory", "saturation")
Path = tuple[str | int, ...]


def workloads(specs: tuple[WorkloadSpec, ...]) -> tuple[Workload, ...]:
    """As they were written, each once."""
    return tuple(dict.fromkeys(Workload(one.kind, one.namespace, one.name, one.container or "") for one in specs))


def resources(
    spec: Spec[ServiceDocument],
    policy: Callable[[str | None, Path], Policy],
    notes: Callable[[Any], str],
    findings: list[Finding],
) -> Iterator[Resource]:
    """One for each entry that can be watched; what is wrong goes to `findings`.

    Where workloads were written but could not be understood, it is not told that they are wanted.
    """
    service, running = spec.model.metadata.name, workloads(spec.model.spec.workloads)
    written = value_at(spec.document.data, ("spec",))
    mistaken = not running and isinstance(written, dict) and bool(written.get("workloads"))
    findings += _label_problems(spec, running)
    seen: dict[str, Place] = {}
    for kind in KINDS:
        for number, entry in enumerate(getattr(spec.model.spec, kind)):
            path: Path = ("spec", kind, number)
            name, place = entry.name or entry.type, spec.document.place(path)
            if name in seen:
                message = f"two entries of this service are named '{name}', the other at {seen[name]}"
                findings.append(error("spec/duplicate-name", place, message, "give one of them a name: of its own"))
            seen.setdefault(name, place)
            failures = list(entry.problems(running))
            for failure in () if mistaken else failures:
                context: dict[str, Any] = failure.context or {}
                where = spec.document.place((*path, *context["at"]))
                findings.append(error(failure.type, where, context["message"], context["hint"]))
            chosen = policy(entry.alerting.policy, path)
            if failures:
                continue
            yield Resource(
                service=service,
                name=name,
                source=entry,
                workloads=running,
                policy=chosen,
                labels=merged(entry.alerting.labels),
                notices={severity: _notice(entry.alerting, severity) for severity in Severity},
                place=place,
                runbook=notes(entry.runbook),
            )


def _label_problems(spec: Spec[ServiceDocument], running: tuple[Workload, ...]) -> Iterator[Finding]:
    """Labels that alerts of a resource have already: another value would make one alert of several."""
    taken: set[str] = set()
    written: list[tuple[set[str], dict[str, str], Path]] = []
    for kind in KINDS:
        for number, entry in enumerate(getattr(spec.model.spec, kind)):
            own = {naming.RESOURCE, *entry.by(running)} - SINGLE
            taken |= own
            path: Path = ("spec", kind, number, "alerting")
            written.append((own, entry.alerting.labels, (*path, "labels")))
            written += (
                (own, getattr(entry.alerting, severity.value).labels, (*path, severity.value, "labels"))
                for severity in Severity
            )
    for own, labels, path in [(taken, spec.model.metadata.labels, ("metadata", "labels")), *written]:
        for name in labels:
            if name in own:
                place = spec.document.place((*path, name), key=True)
                message = f"the label '{name}' tells alerts apart that it is written on"
                yield error("spec/identity-label", place, message, "choose another name")


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
