"""The rules of each SLO as they lie in the output folder, and what is alike in those of several.

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
from slogen.model import Setting, Slo
from slogen.rules import ServicePlan

Groups = Sequence[Mapping[str, Any]]

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_COMMENT = re.compile(r"^ *#.*\n", re.MULTILINE)
_GROUP = re.compile(r'^  - name: "([^"\\\n]*)"$', re.MULTILINE)
_ANNOTATIONS = re.compile(r"^( +)annotations:\n(?:\1 +.*\n)*", re.MULTILINE)


def rules_path(service: ServicePlan, output: Path) -> Path:
    """Where the rules of a service lie."""
    return output / naming.rules_file(service.service.folder, service.service.name)


def built(service: ServicePlan, output: Path) -> dict[str, str]:
    """The rule groups of each SLO, by its name, as YAML. Raises SpecError where there are none that can be read."""
    path = rules_path(service, output)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise _unusable(path, "these rules are not built") from None
    except (OSError, ValueError):
        raise _unusable(path) from None
    found = _sections(text)
    names = [planned.slo.name for planned in service.slos]
    if found is None or not all(any(_belongs(group, service, name) for group, _ in found) for name in names):
        found = [(group["name"], json.dumps([group])) for group in _groups(text, path)]
        return {name: json.dumps(_parsed(found, service, name)) for name in names}
    return {name: "".join(text for group, text in found if _belongs(group, service, name)) for name in names}


def parsed(text: str, path: Path) -> Groups:
    """Rule groups of `built`, as data."""
    return _groups(text if text.startswith("{") else f"groups:\n{text}", path)


def _parsed(found: Sequence[tuple[str, str]], service: ServicePlan, name: str) -> dict[str, Any]:
    return {"groups": [json.loads(text)[0] for group, text in found if _belongs(group, service, name)]}


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


def _belongs(group: str, service: ServicePlan, slo: str) -> bool:
    return group.startswith(f"{service.service.name}/{slo}/")


def without_names(text: str, slo: Slo) -> str:
    """Rules or questions with marks in place of what SLOs of one shape differ in."""
    for old, new in _names(slo):
        text = text.replace(old, new)
    return text


def essence(text: str, slo: Slo, setting: Setting, service_labels: Sequence[tuple[str, str]]) -> str:
    """What rules say, without names and without what only people and routes read."""
    own = {
        name
        for labels in (service_labels, slo.labels, *(one.labels for one in slo.notices.values()))
        for name, _ in labels
    }
    keys = "|".join(re.escape(name) for name in sorted(own | {setting.owner_label}))
    text = re.sub(rf"^ {{10}}(?:{keys}): .*\n", "", _ANNOTATIONS.sub("", text), flags=re.MULTILINE)
    return without_names(text, slo)


def _names(slo: Slo) -> Iterator[tuple[str, str]]:
    """What is replaced, the longest first."""
    yield f'service="{slo.service}", slo="{slo.name}"', "(identity)"
    yield f'"{slo.service}/{slo.name}/', '"(name)/'
    yield f'service: "{slo.service}"\n', "(service)\n"
    yield f'slo: "{slo.name}"\n', "(slo)\n"
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
    for old in sorted(filter(None, found), key=len, reverse=True):
        yield old, found[old]
