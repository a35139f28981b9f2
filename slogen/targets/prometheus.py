"""Prometheus rules: one file per service, which Prometheus, Thanos and Mimir load as it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from slogen import naming
from slogen.model import Labels
from slogen.output import header
from slogen.promql.durations import format_duration
from slogen.promql.templating import Raw, environment, word, yaml_quote
from slogen.rules import Alert, Artefact, Plan, Rule

_word = lru_cache(maxsize=4096)(word)
"""Names of series, alerts and labels are few."""


def artefacts(plan: Plan) -> Iterator[Artefact]:
    """A rules file for each service."""
    template = environment(str(Path(__file__).parent)).get_template("prometheus.rules.yml.j2")
    offset = plan.setting.query_offset
    for planned in plan.services:
        service = planned.service
        text = template.render(
            header=header(service.file),
            service=service,
            groups=list(planned.groups()),
            duration=format_duration,
            offset=format_duration(offset) if offset else "",
            rows=_rows,
        )
        yield Artefact(naming.rules_file(service.folder, service.name), text, service.file)


def _rows(rules: Iterable[Rule]) -> Iterator[tuple[Any, ...]]:
    """What the template prints of each rule; looking attributes up there takes thrice as long."""
    first = True
    for rule in rules:
        if isinstance(rule, Alert):
            yield (
                first,
                "alert",
                _word(rule.name),
                rule.expr,
                rule.wait,
                rule.hold,
                _entries(rule.labels),
                _entries(rule.annotations),
            )
        else:
            yield first, "record", _word(rule.record), rule.expr, 0, 0, _entries(rule.labels), ""
        first = False


def _entries(labels: Labels) -> Raw:
    """A mapping of names to quoted texts, below its key."""
    return Raw("".join([f"\n          {_word(name)}: {yaml_quote(value)}" for name, value in labels]))
