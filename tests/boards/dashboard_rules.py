"""The rules of grafana/dashboard-linter, and which of them slogen's dashboards do not keep, with the reason.

https://github.com/grafana/dashboard-linter/blob/main/docs/index.md says what each is for; what is written here is
this project's own, and stricter where a dashboard of slogen's can be: every kind of panel, and annotations too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import promql_parser
from grafana_foundation_sdk.models import units

from slogen.promql.parsing import parse
from slogen.promql.tokens import PromQLError

Board = Mapping[str, Any]
Check = Callable[[Board], Iterator[str]]


@dataclass(frozen=True)
class Exemption:
    """Where a rule does not hold (a pattern of what it tells, and the same in words), and why."""

    pattern: str
    where: str
    reason: str


_EVERYWHERE = ".*", "everywhere"
EXCEPTIONS = {
    "template-job-rule": Exemption(*_EVERYWHERE, "recorded series have no job: an SLO may read several, or none"),
    "template-instance-rule": Exemption(*_EVERYWHERE, "recorded series have no instance: they sum over all of them"),
    "target-job-rule": Exemption(*_EVERYWHERE, "the same: queries choose by service, SLO and resource"),
    "target-instance-rule": Exemption(*_EVERYWHERE, "the same"),
    "panel-units-rule": Exemption(
        ".*: suffix:x",
        "burn rates",
        "they are multiples; the linter's list has no unit for that, Grafana has `suffix:x`",
    ),
    "target-rate-interval-rule": Exemption(
        ".*: bad events by .*", "bad events by label", "they are those of the alert's window, whatever time is shown"
    ),
}

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
RATE_INTERVAL = "8869990s"
"""A length of time that nobody writes, in place of `$__rate_interval`."""

UNITS = {value for value in vars(units).values() if isinstance(value, str)}
_VARIABLE = re.compile(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)")
_LABEL_QUERY = re.compile(r"(\w+)\((.+)\)", re.S)
_FUNCTIONS = {"label_names": None, "label_values": 0, "metrics": None, "query_result": 0}


def panels(board: Board) -> Iterator[dict[str, Any]]:
    """Every panel, those of collapsed rows too, without the rows."""
    for panel in board["panels"]:
        yield from panel.get("panels", []) if panel["type"] == "row" else [panel]


def variables(board: Board, kind: str) -> list[dict[str, Any]]:
    """The variables of one kind."""
    return [one for one in board["templating"]["list"] if one["type"] == kind]


def targets(board: Board) -> Iterator[tuple[str, str]]:
    """Every query, and the panel or annotation that it is of."""
    for panel in panels(board):
        for target in panel.get("targets", []):
            yield panel["title"], target["expr"]
    for annotation in board["annotations"]["list"]:
        if "expr" in annotation:
            yield annotation["name"], annotation["expr"]


def expanded(text: str, board: Board) -> str:
    """A query with something in the place of each variable; raises KeyError where there is no such variable."""
    known = {one["name"]: "x" for one in board["templating"]["list"]}
    known |= {"__rate_interval": RATE_INTERVAL, "__interval": "77s", "__range": "7777s", "__range_s": "7777"}
    return _VARIABLE.sub(lambda found: known[found[1] or found[2]], text)


def template_datasource_rule(board: Board) -> Iterator[str]:
    """One variable chooses the data source, and has the usual name and label."""
    found = variables(board, "datasource")
    if [(one["name"], one["label"], one["query"]) for one in found] != [("datasource", "Data source", "prometheus")]:
        yield f"the variables for data sources are {found}"


def template_label_promql_rule(board: Board) -> Iterator[str]:
    """Variables ask in a form that Grafana knows, with PromQL that parses."""
    for variable in variables(board, "query"):
        query = variable["query"] if isinstance(variable["query"], str) else variable["query"]["query"]
        found = _LABEL_QUERY.fullmatch(query)
        if found is None or found[1] not in _FUNCTIONS:
            yield f"{variable['name']}: {query}"
        elif _FUNCTIONS[found[1]] is not None and "," in found[2]:
            try:
                parse(expanded(found[2].rsplit(",", 1)[0], board))
            except (PromQLError, KeyError) as problem:
                yield f"{variable['name']}: {query}: {problem}"


def template_on_time_change_reload_rule(board: Board) -> Iterator[str]:
    """Variables follow the time range."""
    yield from (one["name"] for one in variables(board, "query") if one.get("refresh") != 2)


def panel_datasource_rule(board: Board) -> Iterator[str]:
    """Every panel, query, variable and annotation reads the data source that was chosen."""
    for panel in panels(board):
        for one in (panel, *panel.get("targets", [])) if panel["type"] != "text" else ():
            if one.get("datasource") != DATASOURCE:
                yield f"{panel['title']}: {one.get('datasource')}"
    for one in (*variables(board, "query"), *board["annotations"]["list"]):
        builtin = one.get("builtIn") and one["datasource"] == {"type": "grafana", "uid": "-- Grafana --"}
        if one.get("datasource") != DATASOURCE and not builtin:
            yield f"{one['name']}: {one.get('datasource')}"


def panel_title_description_rule(board: Board) -> Iterator[str]:
    """Every panel has a title, and a description that says how to read it."""
    for panel in panels(board):
        if not panel.get("title", "").strip() or not panel.get("description", "").strip():
            yield f"{panel['id']}: {panel.get('title')!r}: {panel.get('description')!r}"


def panel_units_rule(board: Board) -> Iterator[str]:
    """Every panel has a unit that Grafana knows; so has every column that has one of its own."""
    for panel in panels(board):
        if panel["type"] == "text":
            continue
        config = panel["fieldConfig"]
        own = [one["value"] for each in config["overrides"] for one in each["properties"] if one["id"] == "unit"]
        for unit in (config["defaults"].get("unit"), *own):
            if unit not in UNITS:
                yield f"{panel['title']}: {unit}"


def panel_no_targets_rule(board: Board) -> Iterator[str]:
    """Every panel that shows data asks for some."""
    yield from (one["title"] for one in panels(board) if one["type"] != "text" and not one.get("targets"))


def target_promql_rule(board: Board) -> Iterator[str]:
    """Every query is PromQL, with variables that the dashboard has."""
    for title, expr in targets(board):
        try:
            parse(expanded(expr, board))
        except (PromQLError, KeyError) as problem:
            yield f"{title}: {expr}: {problem}"


def target_rate_interval_rule(board: Board) -> Iterator[str]:
    """`rate` follows the time range."""
    for title, expr in targets(board):
        for call, metric, seconds in _ranges(expanded(expr, board)):
            if call in {"rate", "irate"} and f"{seconds}s" != RATE_INTERVAL:
                yield f"{title}: {call}({metric}[{seconds}s])"


def target_counter_agg_rule(board: Board) -> Iterator[str]:
    """Counters are read by `rate`, `irate` or `increase`."""
    for title, expr in targets(board):
        text = expanded(expr, board)
        ranged = [metric for call, metric, _ in _ranges(text) if call in {"rate", "irate", "increase"}]
        metrics = [one.name for one in _nodes(promql_parser.parse(text)) if type(one).__name__ == "VectorSelector"]
        for metric in {one for one in metrics if one and one.endswith("_total")}:
            if metrics.count(metric) != ranged.count(metric):
                yield f"{title}: {metric} in {expr}"


def target_logql_rule(board: Board) -> Iterator[str]:
    """There are no queries for Loki, which have rules of their own."""
    kinds = {one["type"] for panel in panels(board) for one in (panel.get("datasource"),) if one}
    yield from kinds - {"prometheus"}


def uneditable_dashboard(board: Board) -> Iterator[str]:
    """What is generated is not edited where it is shown."""
    if board["editable"]:
        yield "editable"


def _matched(label: str) -> Check:
    def rule(board: Board) -> Iterator[str]:
        for title, expr in targets(board):
            for one in _nodes(promql_parser.parse(expanded(expr, board))):
                if type(one).__name__ == "VectorSelector" and label not in str(one.matchers):
                    yield f"{title}: {expr}"

    return rule


def _variable(label: str) -> Check:
    def rule(board: Board) -> Iterator[str]:
        if label not in {one["name"] for one in variables(board, "query")}:
            yield f"no variable {label}"

    return rule


RULES: dict[str, Check] = {
    "template-datasource-rule": template_datasource_rule,
    "template-job-rule": _variable("job"),
    "template-instance-rule": _variable("instance"),
    "template-label-promql-rule": template_label_promql_rule,
    "template-on-time-change-reload-rule": template_on_time_change_reload_rule,
    "panel-datasource-rule": panel_datasource_rule,
    "panel-title-description-rule": panel_title_description_rule,
    "panel-units-rule": panel_units_rule,
    "panel-no-targets-rule": panel_no_targets_rule,
    "target-logql-rule": target_logql_rule,
    "target-logql-auto-rule": target_logql_rule,
    "target-promql-rule": target_promql_rule,
    "target-rate-interval-rule": target_rate_interval_rule,
    "target-job-rule": _matched("job"),
    "target-instance-rule": _matched("instance"),
    "target-counter-agg-rule": target_counter_agg_rule,
    "uneditable-dashboard": uneditable_dashboard,
}
"""By the linter's own names."""


def broken(rule: str, board: Board) -> list[str]:
    """What breaks a rule, without what is exempt from it."""
    exempt = EXCEPTIONS.get(rule)
    return [one for one in RULES[rule](board) if exempt is None or not re.fullmatch(exempt.pattern, one, re.S)]


def _nodes(node: Any) -> Iterator[Any]:
    """A syntax tree, node by node."""
    yield node
    for name in ("expr", "lhs", "rhs", "param", "vector_selector", "vs"):
        inner = getattr(node, name, None)
        if inner is not None and type(inner).__module__.startswith("promql_parser"):
            yield from _nodes(inner)
    for inner in getattr(node, "args", None) or ():
        yield from _nodes(inner)


def _ranges(text: str) -> Iterator[tuple[str, str, int]]:
    """Each function over a range of a series: its name, the series, and the range in seconds."""
    for node in _nodes(promql_parser.parse(text)):
        for inner in getattr(node, "args", None) or ():
            if type(inner).__name__ == "MatrixSelector":
                yield node.func.name, inner.vector_selector.name, int(inner.range.total_seconds())
