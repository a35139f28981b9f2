"""Dashboards on a real Prometheus: every query has an answer, and the figures are true.

Services of every shape have a past of three days, some of two hours, calm or in trouble (tests/scenes.py); what their
rules record of it is on the server. The truth is computed from what was made up, second by second.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from compile import repository
from harness import boards, synthetic
from harness.api import ApiError
from harness.boards import ALL, View
from harness.server import Prometheus
from harness.tools import Tools
from scenes import DAY, HOUR, Scene, play

from slogen.pipeline import compile_specs, render

pytestmark = pytest.mark.prometheus

END = synthetic.MIDNIGHT + 4 * DAY + 15 * HOUR
SHOWN = 6 * HOUR
PAST = 3.3 * DAY
CALM = Scene("calm", END - PAST, END)
ABLAZE = Scene("ablaze", END - PAST, END, burning=True)
NEWBORN = Scene("newborn", END - 2 * HOUR, END, lean=True)
SCENES = (CALM, ABLAZE, NEWBORN)
FLEET = "slo-fleet"
VIEWS: Mapping[str, Mapping[str, str | tuple[str, ...]]] = {
    "all groups": {"region": ALL},
    "one group": {"region": "eu"},
    "two groups": {"region": ("eu", "us")},
}


@dataclass(frozen=True)
class World:
    """The server and the dashboards by file name, as Grafana loads them."""

    server: Prometheus
    boards: Mapping[str, dict[str, Any]]


@pytest.fixture(scope="module")
def world(tools: Tools) -> Iterator[World]:
    with repository([scene.spec() for scene in SCENES]):
        plan = compile_specs([]).plan
        rules = [file.text for file in render(plan, ["prometheus"])]
        files = [file for file in render(plan, ["grafana"]) if file.path.endswith(".json")]
    with Prometheus(tools) as server:
        play(server, SCENES, rules, SHOWN + HOUR)
        yield World(server, {Path(file.path).stem: json.loads(file.text) for file in files})


NOTHING: dict[str, str] = {}
"""Queries that rightly find nothing, as patterns of dashboard and query, and why."""


@pytest.mark.parametrize("chosen", VIEWS.values(), ids=list(VIEWS))
def test_every_query_has_an_answer(world: World, chosen: Mapping[str, str | tuple[str, ...]]) -> None:
    view, asked, wrong, used = View(END - SHOWN, END, chosen), 0, [], set()
    for name, board in world.boards.items():
        for target in boards.targets(board):
            asked += 1
            known = {pattern for pattern in NOTHING if fnmatch.fnmatch(f"{name}: {target}", pattern)}
            try:
                found = bool(boards.ask(world.server, board, target, view))
            except ApiError as failure:
                wrong.append(f"{name}: {target}: {failure}")
                continue
            used |= known if not found else set()
            if not found and not known:
                wrong.append(f"{name}: {target}: no data: {target.expr}")
        wrong += [
            f"{name}: variable {one['name']} offers nothing"
            for one in boards.variables(board)
            if one["type"] in ("query", "custom") and not boards.options(world.server, board, one, view)
        ]
    assert asked
    assert not wrong, "\n".join(wrong)
    assert used == NOTHING.keys(), "reasons that are no longer wanted"
