"""Panels as Grafana's JSON.

Most panels differ from others in a few words only. What is the same is rendered once; the rest is put in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from functools import lru_cache
from operator import attrgetter
from secrets import token_hex
from typing import Any

from slogen.boards.layout import Placed
from slogen.boards.model import Link, Override, Panel, Query, Row, Step, Text, TimeSeries, Words
from slogen.own_templates import Renderer
from slogen.promql.json_templating import json_finalize, json_quote, number
from slogen.promql.templating import Raw

PANELS = "grafana/panels.json.j2"
DATASOURCE = '{"type": "prometheus", "uid": "${datasource}"}'
_MARKED = ("title", "description", "queries", "links")
"""Fields of a panel that are put in place."""

_MARK = token_hex(16)
"""No text of a panel holds it."""

_FEW = 2048


def panel_texts(found: Iterable[Placed], made: Renderer) -> Raw:
    """All panels, by slogen's own templates."""
    every = list(found)
    last = len(every) - 1
    return Raw("".join([_text(one, "," if place < last else "", made) for place, one in enumerate(every)]))


def _text(one: Placed, comma: str, made: Renderer) -> str:
    what = one.what
    if isinstance(what, Text | Row) or what.transformations:
        return made.template(PANELS).render(panels=list(panel_values([one], comma)))
    key = (what.kind, bool(what.links), *_unmarked(what))
    if key not in _known:
        if len(_known) >= _FEW:
            _known.clear()
        _known[key] = _pieces(what, made)
    values = {
        "id": str(one.id),
        "grid": _grid(one),
        "comma": comma,
        "title": json_quote(what.title),
        "description": json_quote(what.description),
        "links": links(what.links) if what.links else "",
        "targets": _targets(what.queries),
    }
    return "".join([values.get(piece, piece) for piece in _known[key]])


_known: dict[Any, list[str]] = {}


def _unmarked(panel: Panel) -> tuple[Any, ...]:
    """All of a panel that is not put in place."""
    kind = panel.kind
    if kind not in _getters:
        _getters[kind] = attrgetter(*(one.name for one in fields(panel) if one.name not in _MARKED))
    return _getters[kind](panel)


_getters: dict[str, Callable[[Panel], tuple[Any, ...]]] = {}


def _pieces(panel: Panel, made: Renderer) -> list[str]:
    """The text of panels like this one: pieces of it, and in between the names of what is put in place."""
    marks = {name: Raw(f"{_MARK}{name}{_MARK}") for name in ("id", "grid", "comma", "title", "description")}
    lists = {**_lists(panel), "links": Raw(f"{_MARK}links{_MARK}"), "targets": Raw(f"{_MARK}targets{_MARK}")}
    marked = replace(panel, title=marks["title"], description=marks["description"])
    told: tuple[Any, ...] = marks["id"], marked, panel.kind, marks["grid"], lists, [], marks["comma"]
    return made.template(PANELS).render(panels=[told]).split(_MARK)


def panel_values(found: Iterable[Placed], comma: str = "") -> Iterator[tuple[Any, ...]]:
    """What the templates print of each panel; looking attributes up there takes thrice as long."""
    every = list(found)
    for place, one in enumerate(every, 1):
        grid, after = Raw(_grid(one)), Raw("," if place < len(every) else comma)
        if isinstance(one.what, Row):
            yield one.id, one.what, "row", grid, None, list(panel_values(one.hidden)), after
        else:
            yield one.id, one.what, one.what.kind, grid, _lists(one.what), [], after


def _grid(one: Placed) -> str:
    return f'{{"h": {one.height}, "w": {one.width}, "x": {one.x}, "y": {one.y}}}'


def _lists(panel: Panel) -> dict[str, Raw]:
    """The parts of a panel that are lists."""
    return {
        "links": links(panel.links),
        "data_links": array([link(one) for one in panel.data_links], 10),
        "colour": Raw(_colour(panel)),
        "words": _words(panel.words),
        "steps": _steps(panel.steps),
        "overrides": _overrides(panel.overrides),
        "legend": _texts(panel.legend_values) if isinstance(panel, TimeSeries) else Raw("[]"),
        "transformations": array([json_finalize(one) for one in panel.transformations], 6),
        "targets": Raw(_targets(panel.queries)),
    }


@lru_cache(maxsize=256)
def _texts(texts: tuple[str, ...]) -> Raw:
    return Raw(json_finalize(texts))


def array(items: list[str], indent: int) -> Raw:
    """A JSON array with each of its items on a line of its own."""
    if not items:
        return Raw("[]")
    pad = "\n" + " " * (indent + 2)
    return Raw(f"[{pad}{f',{pad}'.join(items)}\n{' ' * indent}]")


def _targets(queries: tuple[Query, ...]) -> str:
    return array([_target(query, place) for place, query in enumerate(queries)], 6)


def _target(query: Query, place: int) -> str:
    letter = chr(ord("A") + place) if place < 26 else f"A{place}"
    how = '"instant": true, "range": false' if query.instant else '"instant": false, "range": true'
    shape = "table" if query.table else "time_series"
    return (
        f'{{"refId": "{letter}", "datasource": {DATASOURCE}, "editorMode": "code", "format": "{shape}", {how},'
        f' "legendFormat": {json_quote(query.legend or "__auto")}, "expr": {json_quote(query.expr)}}}'
    )


def _colour(panel: Panel) -> str:
    return (
        f'{{"mode": "fixed", "fixedColor": {json_quote(panel.colour)}}}' if panel.colour else '{"mode": "thresholds"}'
    )


@lru_cache(maxsize=1024)
def _steps(steps: tuple[Step, ...]) -> Raw:
    found = steps or (Step(None, "text"),)
    return Raw(json_finalize([{"color": step.colour, "value": number(step.since)} for step in found]))


@lru_cache(maxsize=1024)
def _words(words: tuple[Words, ...]) -> Raw:
    return array([json_finalize(_mapping(one, index)) for index, one in enumerate(words)], 10)


def _mapping(one: Words, index: int) -> dict[str, Any]:
    result = {"text": one.text, **({"color": one.colour} if one.colour else {}), "index": index}
    if one.value is not None:
        return {"type": "value", "options": {one.value: result}}
    if one.low is None and one.high is None:
        return {"type": "special", "options": {"match": "null+nan", "result": result}}
    return {"type": "range", "options": {"from": number(one.low), "to": number(one.high), "result": result}}


@lru_cache(maxsize=1024)
def _overrides(overrides: tuple[Override, ...]) -> Raw:
    return array([_override(one) for one in overrides], 8)


@lru_cache(maxsize=1024)
def _override(one: Override) -> str:
    properties = [{"id": name, "value": value} for name, value in one.properties]
    return json_finalize({"matcher": {"id": one.by, "options": one.name}, "properties": properties})


def links(found: tuple[Link, ...]) -> Raw:
    """Links of a panel."""
    return array([link(one) for one in found], 6)


@lru_cache(maxsize=256)
def link(one: Link) -> str:
    """A link of a dashboard, of a panel or of its data: Grafana's schema wants all of this of each."""
    return json_finalize(
        {
            "title": one.title, "type": "link", "icon": "external link", "url": one.url, "tags": [], "tooltip": "",
            "asDropdown": False, "includeVars": False, "keepTime": one.keep_time, "targetBlank": one.new_tab,
        }
    )  # fmt: skip
