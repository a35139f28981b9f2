"""Grafana dashboards: one per service, in the JSON that Grafana 10.4 to 12 load (schema version 39)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from slogen import naming
from slogen.boards.fleet import fleet_board
from slogen.boards.layout import Placed, placed
from slogen.boards.model import Board, Link, Override, Panel, Query, Row, Step, Variable, Words
from slogen.boards.service import service_board
from slogen.findings import Place, SpecError, error
from slogen.output import header, source_of
from slogen.own_templates import Renderer, renderer
from slogen.promql.json_templating import json_finalize, json_quote
from slogen.promql.templating import Raw, comment
from slogen.rules import Artefact, Plan
from slogen.sandbox import Quoting
from slogen.targets._provisioning import config_maps, provisioning

_DATASOURCE = '{"type": "prometheus", "uid": "${datasource}"}'
_BOARD = "grafana/board.json.j2"


def artefacts(plan: Plan) -> Iterator[Artefact]:
    """A dashboard for each service and one of all, and how Grafana finds them."""
    boards = [*_services(plan), _fleet(plan)]
    yield from boards
    yield provisioning(plan)
    yield from config_maps(plan, boards)


def _services(plan: Plan) -> Iterator[Artefact]:
    made = renderer(plan.setting, str(Path(__file__).parent), Quoting(json_finalize))
    values = (board_values(service_board(one, plan.setting), one.service.file) for one in plan.services)
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
    return _sound(made(_BOARD, **board_values(board, source)), source, made)


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


def board_values(board: Board, source: str) -> dict[str, Any]:
    """What the template prints of a dashboard."""
    told = f"\n{board.description}" if board.description else ""
    return {
        "description": f"{comment(header(source))}{told}",
        "board": board,
        "board_links": _lines([_link(link) for link in board.links], 2),
        "variables": [_variable(one) for one in board.variables],
        "panels": list(_panels(placed(board))),
    }


def _panels(found: Iterable[Placed]) -> Iterator[tuple[Any, ...]]:
    """What the templates print of each panel; looking attributes up there takes thrice as long."""
    every = list(found)
    for number, one in enumerate(every, 1):
        grid = Raw(f'{{"h": {one.height}, "w": {one.width}, "x": {one.x}, "y": {one.y}}}')
        comma = Raw("," if number < len(every) else "")
        if isinstance(one.what, Row):
            yield one.id, one.what, "row", grid, None, list(_panels(one.hidden)), comma
        else:
            yield one.id, one.what, one.what.kind, grid, _made(one.what), [], comma


def _made(panel: Panel) -> dict[str, Raw]:
    """The parts of a panel that are lists."""
    return {
        "links": _lines([_link(one) for one in panel.links], 6),
        "data_links": _lines([_link(one) for one in panel.data_links], 10),
        "colour": Raw(_colour(panel)),
        "words": _words(panel.words),
        "steps": _steps(panel.steps),
        "overrides": _overrides(panel.overrides),
        "transformations": _lines([json_finalize(one) for one in panel.transformations], 6),
        "targets": _lines([_target(query, number) for number, query in enumerate(panel.queries)], 6),
    }


def _lines(items: list[str], indent: int) -> Raw:
    """A JSON array with each of its items on a line of its own."""
    if not items:
        return Raw("[]")
    pad = "\n" + " " * (indent + 2)
    return Raw(f"[{pad}{f',{pad}'.join(items)}\n{' ' * indent}]")


def _target(query: Query, number: int) -> str:
    letter = chr(ord("A") + number) if number < 26 else f"A{number}"
    how = '"instant": true, "range": false' if query.instant else '"instant": false, "range": true'
    shape = "table" if query.table else "time_series"
    return (
        f'{{"refId": "{letter}", "datasource": {_DATASOURCE}, "editorMode": "code", "format": "{shape}", {how},'
        f' "legendFormat": {json_quote(query.legend or "__auto")}, "expr": {json_quote(query.expr)}}}'
    )


def _colour(panel: Panel) -> str:
    return (
        f'{{"mode": "fixed", "fixedColor": {json_quote(panel.colour)}}}' if panel.colour else '{"mode": "thresholds"}'
    )


@lru_cache(maxsize=1024)
def _steps(steps: tuple[Step, ...]) -> Raw:
    found = steps or (Step(None, "text"),)
    return Raw(json_finalize([{"color": step.colour, "value": step.since} for step in found]))


@lru_cache(maxsize=1024)
def _words(words: tuple[Words, ...]) -> Raw:
    return _lines([json_finalize(_mapping(one, number)) for number, one in enumerate(words)], 10)


def _mapping(one: Words, index: int) -> dict[str, Any]:
    result = {"text": one.text, **({"color": one.colour} if one.colour else {}), "index": index}
    if one.value is not None:
        return {"type": "value", "options": {one.value: result}}
    if one.low is None and one.high is None:
        return {"type": "special", "options": {"match": "null+nan", "result": result}}
    return {"type": "range", "options": {"from": one.low, "to": one.high, "result": result}}


@lru_cache(maxsize=1024)
def _overrides(overrides: tuple[Override, ...]) -> Raw:
    return _lines([_override(one) for one in overrides], 8)


@lru_cache(maxsize=1024)
def _override(one: Override) -> str:
    properties = [{"id": name, "value": value} for name, value in one.properties]
    return json_finalize({"matcher": {"id": one.by, "options": one.name}, "properties": properties})


@lru_cache(maxsize=256)
def _link(link: Link) -> str:
    """A link of a dashboard, of a panel or of its data: Grafana's schema wants all of this of each."""
    return json_finalize(
        {
            "title": link.title, "type": "link", "icon": "external link", "url": link.url, "tags": [], "tooltip": "",
            "asDropdown": False, "includeVars": False, "keepTime": link.keep_time, "targetBlank": link.new_tab,
        }
    )  # fmt: skip


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
