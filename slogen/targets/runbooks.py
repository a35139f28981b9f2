"""Runbooks: one Markdown page per service, a section per alert, which the alert's `runbook_url` can point to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from slogen import naming
from slogen.output import html_header
from slogen.own_templates import Renderer, renderer
from slogen.rules import Artefact, Plan
from slogen.runbooks.markdown import QUOTING
from slogen.runbooks.pages import page_of
from slogen.runbooks.shapes import text_of

TEMPLATE = "runbook.md.j2"


def artefacts(plan: Plan) -> Iterator[Artefact]:
    """A page for each service."""
    render = renderer(plan.setting, str(Path(__file__).parent), QUOTING)
    for planned, text in zip(plan.services, _texts(plan, render), strict=True):
        service = planned.service
        whole = f"{html_header(service.file)}\n\n{text.strip()}\n"
        yield Artefact(naming.runbook_file(service.folder, service.name), whole, service.file)


def _texts(plan: Plan, render: Renderer) -> list[str]:
    if render.is_own(TEMPLATE):
        return render.many(TEMPLATE, ({"page": page_of(one, plan.setting)} for one in plan.services))
    template = render.template(TEMPLATE)
    return [text_of(one, plan.setting, template) for one in plan.services]
