"""Grafana dashboards: one per service, in the JSON that Grafana 10.4 to 12 load (schema version 39)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from slogen import naming
from slogen.boards.fleet import fleet_board
from slogen.boards.layout import placed
from slogen.boards.model import Board, Variable
from slogen.boards.service import service_board
from slogen.findings import Place, SpecError, error
from slogen.output import header, source_of
from slogen.own_templates import Renderer, renderer
from slogen.promql.json_templating import json_finalize
from slogen.promql.templating import Raw, comment
from slogen.rules import Artefact, Plan
from slogen.sandbox import Quoting
from slogen.targets._panels import array, link, panel_texts, panel_values
from slogen.targets._provisioning import config_maps, provisioning

_BOARD = "grafana/board.json.j2"


def artefacts(plan: Plan) -> Iterator[Artefact]:
    """A dashboard for each service and one of all, and how Grafana finds them."""
    boards = [*_services(plan), _fleet(plan)]
    yield from boards
    yield provisioning(plan)
    yield from config_maps(plan, boards)


def _services(plan: Plan) -> Iterator[Artefact]:
    made = renderer(plan.setting, str(Path(__file__).parent), Quoting(json_finalize))
    values = (board_values(service_board(one, plan.setting), one.service.file, made) for one in plan.services)
    for planned, text in zip(plan.services, made.many(_BOARD, values), strict=True):
        service = planned.service
        yield Artefact(
            naming.dashboard_file(service.folder, service.name), _sound(text, service.file, made), service.file
        )


def _fleet(plan: Plan) -> Artefact:
    """The dashboard of all services, from slogen's own template: it is no service's."""
    made = renderer(replace(plan.setting, templates={}), str(Path(__file__).parent), Quoting(json_finalize))
    return Artefact(naming.FLEET_FILE, board_text(fleet_board(plan.setting), "", made), "")


def board_text(board: Board, source: str, made: Renderer) -> str:
    """The JSON of a dashboard that comes from a spec, or from none."""
    return _sound(made(_BOARD, **board_values(board, source, made)), source, made)


def _sound(text: str, source: str, made: Renderer) -> str:
    """A text that Grafana can read and slogen knows as its own, whatever a team's template has made of it.

    Raises SpecError where it is not.
    """
    if not made.is_own(_BOARD):
        return text
    place = Place(f"{made.own_folder}/{_BOARD}")
    try:
        json.loads(text)
    except ValueError as failure:
        message = f"with the templates in {made.own_folder}, the dashboard of {source or 'all services'} is no JSON"
        raise SpecError(
            [error("template/json", place, f"{message}: {failure}", "look at its commas and quotes")]
        ) from None
    if source_of(text) is None:
        message = "the dashboard does not begin with its description, by which slogen knows its own files"
        raise SpecError([error("template/header", place, message, "begin it as slogen's does")])
    return text


def board_values(board: Board, source: str, made: Renderer) -> dict[str, Any]:
    """What the template prints of a dashboard."""
    told = f"\n{board.description}" if board.description else ""
    return {
        "description": f"{comment(header(source))}{told}",
        "board": board,
        "board_links": array([link(one) for one in board.links], 2),
        "variables": [_variable(one) for one in board.variables],
        **(
            {"panels": list(panel_values(placed(board))), "texts": Raw("")}
            if made.is_own(_BOARD)
            else {"panels": [], "texts": panel_texts(placed(board), made)}
        ),
    }


def _variable(one: Variable) -> Raw:
    if one.kind == "textbox":
        told = {"name": one.name, "label": one.label, "description": one.description, "type": one.kind}
        return Raw(json_finalize({**told, "query": one.query, "current": {"text": "", "value": ""}, "hide": 0}))
    if one.kind != "query":
        raise ValueError(f"no variable of the kind {one.kind} is known")
    everything = {"selected": True, "text": ["All"], "value": ["$__all"]} if one.multi else {}
    return Raw(
        json_finalize(
            {
                "name": one.name, "label": one.label, "description": one.description, "type": "query",
                "datasource": {"type": "prometheus", "uid": "${datasource}"}, "definition": one.query,
                "query": {"qryType": 1, "query": one.query, "refId": "StandardVariableQuery"},
                "refresh": 2, "sort": 1, "multi": one.multi, "includeAll": one.multi, "allValue": one.all_value,
                "current": everything, "options": [], "regex": "", "hide": 0,
            }
        )
    )  # fmt: skip
