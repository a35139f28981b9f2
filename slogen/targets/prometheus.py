"""Prometheus rules: one file per service, which Prometheus, Thanos and Mimir load as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from slogen import naming
from slogen.output import header
from slogen.promql.durations import format_duration
from slogen.promql.templating import environment
from slogen.rules import Artefact, Plan


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
        )
        yield Artefact(naming.rules_file(service.folder, service.name), text, service.file)
