"""The rules of each SLO and resource as they lie in the output folder, and what is alike in those of several.

Only the rules of SLOs that are judged are read as YAML. What SLOs have in common is found in the text: the groups of an
SLO without comments, annotations and the team's own labels, and with marks in place of names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from slogen import naming
from slogen.findings import Place, SpecError, error
from slogen.model import Resource, Setting, Slo
from slogen.promql.selectors import Matcher
from slogen.rules import ResourcePlan, ServicePlan, SloPlan

Groups = Sequence[Mapping[str, Any]]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RESOURCE = "resource"
_COMMENT = re.compile(r"^ *#.*\n", re.MULTILINE)
_GROUP = re.compile(r'^  - name: "([^"\\\n]*)"$', re.MULTILINE)
_ANNOTATIONS = re.compile(r"^( +)annotations:\n(?:\1 +.*\n)*", re.MULTILINE)


def rules_path(service: ServicePlan, output: Path) -> Path:
    """Where the rules of a service lie."""
    return output / naming.rules_file(service.service.folder, service.service.name)


def built(service: ServicePlan, output: Path) -> dict[str, str]:
    """The rule groups of each SLO and resource, by how they begin, as YAML.

    Raises SpecError where there are none that can be read.
    """
    path = rules_path(service, output)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _unusable(path, "these rules are not built") from None
    except (OSError, ValueError):
        raise _unusable(path) from None
    found = _sections(text)
    names = [prefix(planned) for planned in each(service)]
    if found is None or not all(any(_belongs(group, name) for group, _ in found) for name in names):
        found = [(group["name"], json.dumps([group])) for group in _groups(text, path)]
        return {name: json.dumps(_parsed(found, name)) for name in names}
    return {name: "".join(text for group, text in found if _belongs(group, name)) for name in names}


def each(service: ServicePlan) -> tuple[SloPlan | ResourcePlan, ...]:
    """The SLOs and resources of a service."""
    return (*service.slos, *service.resources)


def prefix(planned: SloPlan | ResourcePlan) -> str:
    """How the names of the rule groups of an SLO or a resource begin; both may have one name."""
    if isinstance(planned, ResourcePlan):
        return naming.group_name(planned.resource.service, planned.resource.name, _RESOURCE)
    return naming.group_name(planned.slo.service, planned.slo.name, "")


def parsed(text: str, path: Path) -> Groups:
    """Rule groups of `built`, as data."""
    return _groups(text if text.startswith("{") else f"groups:\n{text}", path)


def _parsed(found: Sequence[tuple[str, str]], name: str) -> dict[str, Any]:
    return {"groups": [json.loads(text)[0] for group, text in found if _belongs(group, name)]}


def _sections(text: str) -> list[tuple[str, str]] | None:
    """The text of each group, or None where the file is not laid out as builds do it."""
    head, *parts = _GROUP.split(_COMMENT.sub("", text if text.endswith("\n") else f"{text}\n"))
    if head.strip() != "groups:":
        return None
    names = parts[::2]
    return [(name, f'  - name: "{name}"{rest.rstrip()}\n') for name, rest in zip(names, parts[1::2], strict=True)]


def _groups(text: str, path: Path) -> Groups:
    try:
        groups: Groups = yaml.load(text, _LOADER)["groups"]  # noqa: S506  # it is a safe one
        if all(isinstance(group["name"], str) and isinstance(group["rules"], list) for group in groups):
            return groups
    except (ValueError, KeyError, TypeError, yaml.YAMLError):
        pass
    raise _unusable(path)


def _unusable(path: Path, message: str = "these are no rules that can be read") -> SpecError:
    return SpecError([error("test/rules", Place(path.as_posix()), message, "run slogen build")])


def _belongs(group: str, start: str) -> bool:
    of_resource = group.rpartition("/")[2].startswith(_RESOURCE)
    return group.startswith(start) and of_resource == start.endswith(_RESOURCE)


def without_names(text: str, slo: Slo | Resource) -> str:
    """Rules or questions with marks in place of what SLOs of one shape differ in."""
    for old, new in _names(slo):
        text = text.replace(old, new)
    return text


def essence(text: str, slo: Slo | Resource, setting: Setting, service_labels: Sequence[tuple[str, str]]) -> str:
    """What rules say, without names and without what only people and routes read."""
    own = {
        name
        for labels in (service_labels, slo.labels, *(one.labels for one in slo.notices.values()))
        for name, _ in labels
    }
    keys = "|".join(re.escape(name) for name in sorted(own | {setting.owner_label}))
    text = re.sub(rf"^ {{10}}(?:{keys}): .*\n", "", _ANNOTATIONS.sub("", text), flags=re.MULTILINE)
    return without_names(text, slo)


def _names(slo: Slo | Resource) -> Iterator[tuple[str, str]]:
    """What is replaced, the longest first."""
    label = naming.SLO if isinstance(slo, Slo) else naming.RESOURCE
    yield f'service="{slo.service}", {label}="{slo.name}"', "(identity)"
    yield f'"{slo.service}/{slo.name}/', '"(name)/'
    yield f'service: "{slo.service}"\n', "(service)\n"
    yield f'{label}: "{slo.name}"\n', f"({label})\n"
    found = _of_slo(slo) if isinstance(slo, Slo) else _of_resource(slo)
    for old in sorted(filter(None, found), key=len, reverse=True):
        yield old, found[old]


def _of_resource(resource: Resource) -> dict[str, str]:
    """The marks tell kinds of workloads apart, whose pods are named differently."""
    found: dict[str, str] = {}
    for number, workload in enumerate(resource.workloads):
        for matchers in (workload.containers, workload.processes, workload.pods):
            found[_inside(matchers)] = f"(pods {number} {workload.kind} {len(matchers)} {bool(workload.container)})"
    if selector := getattr(resource.source, "selector", None):
        found[_inside(selector)] = "(selector)"
    return found


def _inside(matchers: Sequence[Matcher]) -> str:
    return ",".join(map(str, matchers))


def _of_slo(slo: Slo) -> dict[str, str]:
    found: dict[str, str] = {}
    for indicator in slo.variants:
        for number, query in enumerate(getattr(indicator, "queries", ())):
            found[query.text] = f"(query {number})"
            if query.selector is not None:
                found[str(query.selector)] = f"(query {number})"
                found[query.selector.metric] = f"(metric {number})"
                inside = str(query.selector)[len(query.selector.metric) :]
                if inside:
                    found[inside[1:-1]] = f"(matchers {number})"
    for number, target in enumerate(slo.objectives[0].indicator.scrape_targets):
        found[str(target)] = f"(target {number})"
    return found
