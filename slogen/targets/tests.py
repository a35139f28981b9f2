"""Unit tests for promtool: for each SLO and resource, made-up pasts and what its alerts must say of them.

A file is judged at one interval: pages at that of the base, tickets and budgets at the ledger's. Those that differ
in names and labels only have the same tests, which are made once.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from slogen import naming
from slogen.model import Resource, Slo
from slogen.output import header
from slogen.promql.durations import format_duration
from slogen.promql.templating import Raw, environment
from slogen.proof import resources
from slogen.proof.built import each
from slogen.proof.common import GROUP, TWIN, group_labels
from slogen.proof.pasts import Past, series_name
from slogen.proof.running import case, interval_of
from slogen.proof.scenarios import left_out, pasts, shape, subject, untold
from slogen.rules import Artefact, Plan, ResourcePlan, SloPlan

Cases = Mapping[int, tuple[str, ...]]
"""Tests as pieces of text and marks in turn, by the interval in seconds at which they are judged."""

_MARK = re.compile(r"(<<(?:series \d+ [^<>]*|target \d+|slo|identity)>>)")
_MOST = 200
_known: dict[Any, tuple[Cases, tuple[str, ...]]] = {}
"""Of the last shapes that were met; a build of many services comes here in batches."""


def artefacts(plan: Plan) -> Iterator[Artefact]:
    """One or two files for each service."""
    templates = environment(str(Path(__file__).parent))
    whole, one = (templates.get_template(f"prometheus.{name}.yml.j2") for name in ("tests", "test-cases"))
    for planned in plan.services:
        service = planned.service
        found: dict[int, list[str]] = defaultdict(list)
        notes: list[str] = []
        for part in each(planned):
            cases, missing = _of_shape(part, one)
            about = subject(part)
            notes += (f"{about.name}: {note}" for note in missing)
            names = {**dict(_names(about)), "<<slo>>": about.name, "<<identity>>": _identity(about)}
            for every, pieces in cases.items():
                found[every].append("".join([names.get(piece, piece) for piece in pieces]))
        rules = naming.rules_file(service.folder, service.name)
        for number, (every, several) in enumerate(sorted(found.items())):
            path = naming.tests_file(service.folder, service.name, format_duration(every) if number else "")
            text = whole.render(
                header=header(service.file),
                notes=notes,
                rules="../" * path.count("/") + rules,
                interval=format_duration(every),
                groups=[group.name for _, group in planned.groups()],
                tests=[Raw(text) for text in several],
            )
            yield Artefact(path, text, service.file)


def _of_shape(planned: SloPlan | ResourcePlan, template: Any) -> tuple[Cases, tuple[str, ...]]:
    key = shape(planned)
    if key not in _known:
        if len(_known) >= _MOST:
            _known.clear()
        _known[key] = _cases(planned, template), tuple(_notes(planned))
    return _known[key]


def _names(slo: Slo | Resource) -> Iterator[tuple[str, str]]:
    """Marks in the text of tests, and what an SLO or a resource has in their place."""
    if isinstance(slo, Resource):
        yield from ((f"<<series {number} of it>>", name) for number, name in enumerate(resources.names(slo)))
        return
    indicator = slo.objectives[0].indicator
    for number, stand_in in enumerate(indicator.stand_ins(slo.variants)):
        groups = {GROUP: group_labels(slo), TWIN: [(label, TWIN) for label in slo.by]}
        groups |= {f"of {n}": group_labels(slo, one.group) for n, one in enumerate(slo.scenarios) if one.group}
        for group, labels in groups.items():
            for sparse in (False, True):
                yield f"<<series {number} {group} {sparse}>>", series_name(stand_in, labels, sparse)
    for number, target in enumerate(indicator.scrape_targets):
        yield f"<<target {number}>>", str(target)


def _identity(slo: Slo | Resource) -> str:
    label = naming.SLO if isinstance(slo, Slo) else naming.RESOURCE
    return f'service="{slo.service}", {label}="{slo.name}"'


def _cases(planned: SloPlan | ResourcePlan, template: Any) -> Cases:
    about = subject(planned)
    marks = {name: mark for mark, name in _names(about)}
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for past in pasts(planned):
        found[interval_of(about, past)].append(_test(about, past, marks))
    return {
        every: tuple(_MARK.split(template.render(tests=tests).replace(_identity(about), "<<identity>>")))
        for every, tests in found.items()
    }


def _notes(planned: SloPlan | ResourcePlan) -> Iterator[str]:
    if why := left_out(subject(planned)):
        yield f"left out, {why}"
    elif names := list(untold(planned)):
        yield f"no test of {', '.join(names)}: a day is too short for it, or its source cannot be made to raise it"


def _test(slo: Slo | Resource, past: Past, marks: Mapping[str, str]) -> dict[str, Any]:
    """What the template prints of a past."""
    made, forecast = case(slo, past), past.forecast
    told = ""
    if forecast is not None:
        fires, resets = forecast.fires, forecast.resets
        spent = f" ({(forecast.spent * 100).normalize():f}% of the budget)" if forecast.spent is not None else ""
        told = (
            f"trouble begins at {format_duration(forecast.since)} and fires after {format_duration(fires)}"
            f"{spent}; it ends at {format_duration(forecast.until)} and resets after"
            f" {format_duration(resets)}"
        )
    return {
        "name": f"<<slo>>: {past.name}",
        "told": told,
        "interval": made["interval"],
        "series": [(Raw(marks[one["series"]]), one["values"]) for one in made["input_series"]],
        "questions": [
            (one["expr"], one["eval_time"], one["exp_samples"][0]["value"]) for one in made["promql_expr_test"]
        ],
    }
