"""Queries of Grafana dashboards as Grafana's Prometheus data source sends them, and what a server answers.

It reads the JSON that Grafana loads, not what that was made of. Rules of interpolation: a variable that has several
values or "All" becomes a regular expression, any other is taken as it is; `$__interval` is the round length of time
nearest to a pixel of the panel, at least a scrape; `$__rate_interval` that and a scrape, at least four scrapes.
"""

from __future__ import annotations

import json
import math
import re
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .api import ApiError, Sample, Series
from .rules import seconds
from .server import Prometheus

SCRAPE = 30.0
"""The scrape interval that the data source is told."""

POINTS = 600
"""Pixels of a panel, so the most points of a line."""

_ROUND = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 10800, 21600, 43200, 86400)
_VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)(?:\.(\w+))?(?::(\w+))?\}|\[\[(\w+)\]\]")
_VALUES = re.compile(r"label_values\((?:(.*),)?\s*(\w+)\s*\)", re.S)
_RESULT = re.compile(r"query_result\((.*)\)", re.S)

ALL = "$__all"


@dataclass(frozen=True)
class View:
    """The times that a dashboard shows, in unix seconds, and what is chosen: a value, several, or `ALL`."""

    begin: float
    end: float
    chosen: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Target:
    """A query, and the panel or annotation that asks it; with `span` it looks so many seconds back from the end."""

    kind: str
    panel: str
    ref: str
    expr: str
    instant: bool = False
    step: float = SCRAPE
    points: int = POINTS
    span: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind} '{self.panel}' {self.ref}"


def panels(board: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All panels, those of collapsed rows too, without the rows themselves."""
    for panel in board.get("panels", []):
        if panel["type"] == "row":
            yield from panel.get("panels", [])
        else:
            yield panel


def variables(board: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The variables in their order."""
    found: list[dict[str, Any]] = board.get("templating", {}).get("list", [])
    return found


def targets(board: Mapping[str, Any]) -> Iterator[Target]:
    """What is asked by panels and annotations; those of hidden queries too, which others may use."""
    for panel in panels(board):
        span = seconds(panel["timeFrom"]) if panel.get("timeFrom") else 0.0
        low = seconds(panel["interval"]) if panel.get("interval") else SCRAPE
        for query in panel.get("targets", []):
            step = seconds(query["interval"]) if query.get("interval") else low
            points = panel.get("maxDataPoints") or POINTS
            instant = bool(query.get("instant")) and not query.get("range")
            yield Target("panel", panel["title"], query["refId"], query["expr"], instant, step, points, span)
    for one in board.get("annotations", {}).get("list", []):
        asked = one.get("expr") or one.get("target", {}).get("expr")
        if asked:
            yield Target("annotation", one["name"], "Anno", asked, False, seconds(one.get("step", f"{SCRAPE:.0f}s")))


def interval(view: View, points: int = POINTS, low: float = SCRAPE) -> float:
    """Seconds between the points of a line."""
    exact = (view.end - view.begin) / points
    return max(float(min(_ROUND, key=lambda each: (abs(each - exact), -each))), low)


def interpolated(server: Prometheus, board: Mapping[str, Any], text: str, view: View, step: float = 0.0) -> str:
    """Text with its variables filled in, as a query has them."""
    known = {one["name"]: one for one in variables(board)}
    step = step or interval(view)
    rate = max(step + SCRAPE, 4 * SCRAPE)
    length = view.end - view.begin
    own = {
        "__interval": f"{step:g}s",
        "__interval_ms": f"{step * 1000:g}",
        "__rate_interval": f"{rate:g}s",
        "__range": f"{length:.0f}s",
        "__range_s": f"{length:.0f}",
        "__range_ms": f"{length * 1000:.0f}",
        "__from": f"{view.begin * 1000:.0f}",
        "__to": f"{view.end * 1000:.0f}",
    }

    def fill(found: re.Match[str]) -> str:
        name = found[1] or found[2] or found[5]
        if name in own:
            return own[name]
        if name not in known:
            raise ApiError(f"there is no variable {found[0]} (in: {text[:300]})")
        return _told(server, board, known[name], view, found[4])

    return _VARIABLE.sub(fill, text)


def _told(
    server: Prometheus, board: Mapping[str, Any], variable: Mapping[str, Any], view: View, style: str | None
) -> str:
    if variable["type"] == "datasource":
        return "prometheus"
    if variable["type"] in ("constant", "textbox"):
        return str(variable["query"])
    several = variable.get("multi") or variable.get("includeAll")
    chosen = view.chosen.get(variable["name"], ALL if variable.get("includeAll") else "")
    if chosen == ALL and variable.get("allValue"):
        return str(variable["allValue"])
    if chosen in (ALL, ""):
        offered = options(server, board, variable, view)
        if not offered:
            raise ApiError(f"the variable {variable['name']} offers nothing")
        chosen = tuple(offered) if chosen == ALL else offered[0]
    if style in ("raw", "text"):
        return chosen if isinstance(chosen, str) else ",".join(chosen)
    if isinstance(chosen, str):
        return _pattern(chosen) if several else chosen.replace("\\", "\\\\").replace('"', '\\"')
    quoted = [_pattern(one) for one in chosen]
    return quoted[0] if len(quoted) == 1 else f"({'|'.join(quoted)})"


def _pattern(value: str) -> str:
    """A value as a regular expression in a quoted PromQL text."""
    return re.sub(r"[$^*{}\[\]'+?.()|]", r"\\\\\g<0>", value.replace("\\", "\\\\\\\\"))


def options(server: Prometheus, board: Mapping[str, Any], variable: Mapping[str, Any], view: View) -> list[str]:
    """What a variable offers to choose from."""
    if variable["type"] == "custom":
        return [one.strip() for one in str(variable["query"]).split(",")]
    definition = variable["query"] if isinstance(variable["query"], str) else variable["query"]["query"]
    asked = interpolated(server, board, definition, view)
    if found := _VALUES.fullmatch(asked.strip()):
        form = {"start": f"{view.begin:.0f}", "end": f"{view.end:.0f}"} | ({"match[]": found[1]} if found[1] else {})
        path = f"{server.url}/api/v1/label/{found[2]}/values?{urllib.parse.urlencode(form)}"
        with urllib.request.urlopen(path, timeout=60) as answer:
            values: list[str] = json.load(answer)["data"]
    elif found := _RESULT.fullmatch(asked.strip()):
        values = [_metric(one) for one in server.query(found[1], view.end)]
    else:
        raise ApiError(f"not a variable's query that is known here: {asked}")
    if variable.get("regex"):
        kept = [re.search(str(variable["regex"]).strip("/"), value) for value in values]
        values = [found[1] if found.groups() else found[0] for found in kept if found]
    return list(dict.fromkeys(values))


def _metric(sample: Sample) -> str:
    """A series and its value as `query_result` writes them."""
    pairs = ",".join(f'{name}="{value}"' for name, value in sample.labels.items() if name != "__name__")
    return f"{sample.labels.get('__name__', '')}{{{pairs}}} {sample.value:g} 0"


def ask(server: Prometheus, board: Mapping[str, Any], target: Target, view: View) -> list[Sample] | list[Series]:
    """What the server answers to a query, values that are no number left out."""
    view = replace(view, begin=view.end - target.span) if target.span else view
    step = interval(view, target.points, target.step)
    asked = interpolated(server, board, target.expr, view, step)
    if target.instant:
        return [one for one in server.query(asked, view.end) if not math.isnan(one.value)]
    begin, end = (math.floor(at / step) * step for at in (view.begin, view.end))
    return [one for one in server.query_range(asked, begin, end, step) if len(one.times)]


def answers(
    server: Prometheus, board: Mapping[str, Any], title: str, view: View
) -> Mapping[str, Sequence[Sample | Series]]:
    """What a panel is told, by its queries' letters."""
    asked = [target for target in targets(board) if target.kind == "panel" and target.panel == title]
    if not asked:
        raise KeyError(f"no panel is titled '{title}': {sorted({panel['title'] for panel in panels(board)})}")
    return {target.ref: ask(server, board, target, view) for target in asked}
