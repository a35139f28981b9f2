"""Specs to rules in a test, through slogen's own pipeline.

    text = rules_text(service(objective=99.9, window="7d"))
    rules = harness.rules.load_rules(text)

A spec is a mapping, YAML text, or a list of those (several documents of one file).
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from slogen.pipeline import Compiled, compile_specs, render
from slogen.rules import Plan, SloPlan
from slogen.specfiles import CONFIGS, SPECS

Document = str | Mapping[str, Any]
Spec = Document | Sequence[Document]

METRIC = "http_requests_total"
EVENTS = {"type": "events", "bad": f'{METRIC}{{job="shop", code=~"5.."}}', "total": f'{METRIC}{{job="shop"}}'}
"""What `harness.synthetic.incident_counters` makes."""


def service(name: str = "shop", **slo: Any) -> dict[str, Any]:
    """A service with one SLO, `availability` of 99.9% unless its fields (keys as in YAML) say otherwise."""
    fields: dict[str, Any] = {"name": "availability", "sli": EVENTS, **slo}
    if "objectives" not in fields:
        fields.setdefault("objective", 99.9)
    return service_of(fields, name=name)


def service_of(*slos: Mapping[str, Any], name: str = "shop", **spec: Any) -> dict[str, Any]:
    """A service with the given SLOs; `spec` are further keys beside `slos`, e.g. scrapeInterval."""
    return {
        "apiVersion": "slogen/v1",
        "kind": "Service",
        "metadata": {"name": name, "owner": "team"},
        "spec": {**spec, "slos": [dict(slo) for slo in slos]},
    }


def policy(name: str, **spec: Any) -> dict[str, Any]:
    """An AlertPolicy document."""
    return {"apiVersion": "slogen/v1", "kind": "AlertPolicy", "metadata": {"name": name}, "spec": spec}


def target(version: str) -> dict[str, Any]:
    """A configuration (its `spec`) that compiles for a version, such as "3.5"."""
    return {"target": {"version": version}}


@contextlib.contextmanager
def repository(spec: Spec, config: Mapping[str, Any] | None = None) -> Iterator[Path]:
    """A temporary current folder with slos/spec.yaml, and with slogen.yaml where a configuration's spec is given."""
    with tempfile.TemporaryDirectory(prefix="slogen-spec-") as folder, contextlib.chdir(folder):
        SPECS.mkdir()
        documents = [spec] if isinstance(spec, str | Mapping) else spec
        (SPECS / "spec.yaml").write_text("\n---\n".join(map(_text, documents)), encoding="utf-8")
        if config is not None:
            whole = {"apiVersion": "slogen/v1", "kind": "Config", "spec": dict(config)}
            CONFIGS[0].write_text(_text(whole), encoding="utf-8")
        yield Path(folder)


def _text(document: Document) -> str:
    if isinstance(document, str):
        return document
    text: str = yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True)
    return text


def compiled(spec: Spec, config: Mapping[str, Any] | None = None) -> Compiled:
    """The plan and the warnings; raises SpecError as the command would."""
    with repository(spec, config):
        return compile_specs([])


def plan_of(spec: Spec, config: Mapping[str, Any] | None = None) -> Plan:
    """The plan."""
    return compiled(spec, config).plan


def slo_plan(spec: Spec, config: Mapping[str, Any] | None = None) -> SloPlan:
    """The plan of the only SLO."""
    (planned,) = plan_of(spec, config).services
    (slo,) = planned.slos
    return slo


def rules_of(spec: Spec, config: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Path below the output folder to text, for every Prometheus rules file."""
    with repository(spec, config):
        return {file.path: file.text for file in render(compile_specs([]).plan, ["prometheus"])}


def rules_text(spec: Spec, config: Mapping[str, Any] | None = None) -> str:
    """The text of the only rules file."""
    (text,) = rules_of(spec, config).values()
    return text
