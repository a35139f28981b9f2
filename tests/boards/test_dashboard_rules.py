"""Every rule of grafana/dashboard-linter holds for every dashboard, but for the exceptions that the docs list too."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

import pytest
from dashboard_rules import EXCEPTIONS, RATE_INTERVAL, RULES, Board, broken, expanded, panels, targets
from made import ROOT, every_board

from slogen.promql.parsing import parse


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("name", every_board())
def test_every_dashboard_keeps_the_rules(name: str, rule: str) -> None:
    assert not broken(rule, every_board()[name])


@pytest.mark.parametrize("rule", EXCEPTIONS)
def test_the_docs_list_each_exception_with_its_reason(rule: str) -> None:
    page = (ROOT / "docs" / "dashboards.md").read_text(encoding="utf-8")
    one = EXCEPTIONS[rule]
    assert f"| `{rule}` | {one.where} | {one.reason} |" in page
    assert any(any(RULES[rule](board)) for board in every_board().values()), "every dashboard keeps it: no exception"


@pytest.mark.parametrize("name", every_board())
def test_every_panel_says_what_is_not_there(name: str) -> None:
    for panel in panels(every_board()[name]):
        if panel["type"] != "text":
            assert panel["fieldConfig"]["defaults"]["noValue"], panel["title"]


@pytest.mark.parametrize("name", every_board())
def test_every_query_is_promql_with_values_of_any_kind(name: str) -> None:
    board = every_board()[name]
    for _, expr in targets(board):
        parse(expanded(expr, board))


def fleet() -> Any:
    return copy.deepcopy(next(board for path, board in every_board().items() if "fleet" in path))


def change(*path: str | int, to: Any) -> Any:
    def changed(board: Any) -> None:
        for step in path[:-1]:
            board = board[step]
        board[path[-1]] = to

    return changed


EXPR = ("panels", 0, "targets", 0, "expr")
BROKEN: dict[str, list[Any]] = {
    "template-datasource-rule": [change("templating", "list", 0, "name", to="ds"), change("templating", "list", to=[])],
    "template-label-promql-rule": [
        change("templating", "list", 1, "query", to="label_values(up{, job)"),
        change("templating", "list", 1, "query", to="values(up, job)"),
        change("templating", "list", 1, "query", to='label_values(up{a="$b"}, job)'),
    ],
    "template-on-time-change-reload-rule": [change("templating", "list", 1, "refresh", to=1)],
    "panel-datasource-rule": [
        change("panels", 0, "datasource", to={"type": "prometheus", "uid": "abc"}),
        change("panels", 0, "targets", 0, "datasource", to=None),
        change("templating", "list", 1, "datasource", to=None),
    ],
    "panel-title-description-rule": [change("panels", 0, "title", to=" "), change("panels", 0, "description", to="")],
    "panel-units-rule": [change("panels", 0, "fieldConfig", "defaults", "unit", to="parsecs")],
    "panel-no-targets-rule": [change("panels", 0, "targets", to=[])],
    "target-logql-rule": [change("panels", 0, "datasource", to={"type": "loki", "uid": "${datasource}"})],
    "target-promql-rule": [change(*EXPR, to="sum("), change(*EXPR, to='up{job="$nothing"}'), change(*EXPR, to="")],
    "target-rate-interval-rule": [change(*EXPR, to="sum(rate(x_total[5m]))")],
    "target-counter-agg-rule": [change(*EXPR, to="sum(x_total)"), change(*EXPR, to="max_over_time(x_total[5m])")],
    "uneditable-dashboard": [change("editable", to=True)],
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_rule_finds_what_breaks_it(rule: str) -> None:
    assert not broken(rule, fleet())
    for worsen in BROKEN[rule]:
        board: Board = fleet()
        worsen(board)
        assert broken(rule, board)


def test_each_rule_was_seen_to_fail() -> None:
    exempt = {name for name, one in EXCEPTIONS.items() if one.pattern == ".*"}
    assert RULES.keys() - exempt - BROKEN.keys() == {"target-logql-auto-rule"}, "the same as target-logql-rule"


def test_text_of_a_source_is_no_variable_to_grafana() -> None:
    """Its label has the value `a"b\\[[region]]$region`, and the dashboard has a variable of that name."""
    board = next(board for name, board in every_board().items() if name.startswith("hostile text"))
    (query,) = (expr for title, expr in targets(board) if "bad events by path" in title)
    assert "region" in {one["name"] for one in board["templating"]["list"]}
    assert expanded(query, board).replace(RATE_INTERVAL, "$__rate_interval") == query
    (value,) = {json.loads(f'"{_plain(text)}"') for text in re.findall(r'path="((?:[^"\\]|\\.)*)"', query)}
    assert value == 'a"b\\[[region]]$region'


def _plain(text: str) -> str:
    """What Prometheus reads in a quoted text, in JSON's way of writing it."""
    return text.replace("\\x", "\\u00")
