"""Dashboards as `build` writes them: those of the repository's own specs, and of specs that are hard to show."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import chdir
from functools import cache
from pathlib import Path
from typing import Any

from compile import EVENTS, Spec, repository, service, service_of

from slogen.pipeline import compile_specs, render
from slogen.rules import Artefact

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = '"}]${datasource} $service [[x]] {{y}} <script>alert(1)</script> <% raw %> \\ ü 😀 `'
LONG = "a" * 60 + "-zz"


def files_of(spec: Spec, config: Mapping[str, Any] | None = None) -> dict[str, Artefact]:
    """Path to artefact, of all that the target writes."""
    with repository(spec, config):
        return {one.path: one for one in render(compile_specs([]).plan, ["grafana"])}


def boards_of(spec: Spec, config: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The dashboards, by their paths."""
    return dict(_boards(files_of(spec, config).values()))


def _boards(files: Any) -> Iterator[tuple[str, Any]]:
    for one in files:
        if one.path.endswith(".json"):
            yield one.path, json.loads(one.text)


@cache
def repository_boards() -> dict[str, Any]:
    """Those of slos/."""
    with chdir(ROOT):
        return dict(_boards(render(compile_specs([Path("slos")], Path("slogen.yaml")).plan, ["grafana"])))


GROUPED: dict[str, Any] = {
    "name": "grouped",
    "objective": 99.9,
    "sli": EVENTS,
    "by": {"labels": ["region", "route"], "maxGroups": 40},
}
LATENCY = {"type": "latency", "histogram": 'http_request_duration_seconds{job="shop"}'}
OBJECTIVES = [{"name": f"p{one}", "threshold": f"{one}ms", "objective": one} for one in (99, 95, 90)]
PANEL = {"title": HOSTILE, "description": HOSTILE, "unit": "short", "queries": [{"expr": "up", "legend": HOSTILE}]}


def hostile() -> Spec:
    """Text of all kinds, wherever a spec may have any."""
    slo: dict[str, Any] = {"description": HOSTILE, "runbook": HOSTILE, "alerting": {"labels": {"note": "x" * 2000}}}
    events = {"type": "events", "bad": 'x_total{path="a\\"b\\\\[[region]]$region"}', "total": 'x_total{path=~".+"}'}
    spec = service(sli={**events, "breakdown": ["path"]}, by=["region"], **slo)
    spec["metadata"] |= {"owner": HOSTILE, "description": HOSTILE, "labels": {"tier": HOSTILE}}
    spec["spec"] |= {"runbook": HOSTILE, "panels": [PANEL]}
    return spec


HARD: dict[str, Spec] = {
    "a long name": service(LONG),
    "ten SLOs of three objectives": service_of(
        *({"name": f"latency-{number}", "sli": LATENCY, "objectives": OBJECTIVES} for number in range(10)),
    ),
    "groups": service_of(GROUPED, {**GROUPED, "name": "only-groups", "by": {**GROUPED["by"], "overall": False}}),
    "slices": service(
        sli={"type": "threshold", "gauge": 'queue_length{job="shop"}', "above": 100, "slice": "1m", "missing": "bad"}
    ),
    "a calendar": service(window={"calendar": "month"}),
    "memory only": {
        "apiVersion": "slogen/v1",
        "kind": "Service",
        "metadata": {"name": "pods"},
        "spec": {
            "workloads": [{"kind": "Deployment", "namespace": "default", "name": "pods", "container": "app"}],
            "memory": [{"type": "container"}, {"type": "jvm"}],
            "saturation": [{"type": "autoscaler"}, {"type": "cpu"}],
        },
    },
    "hostile text": hostile(),
    "a breakdown": service(sli={**EVENTS, "breakdown": ["route", "code"]}),
}


@cache
def every_board() -> dict[str, Any]:
    """All of them, by the name of the spec and the path."""
    found = {f"slos: {path}": board for path, board in repository_boards().items()}
    for name, spec in HARD.items():
        found |= {f"{name}: {path}": board for path, board in boards_of(spec).items() if "fleet" not in path}
    return found
