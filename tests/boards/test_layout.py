"""Where panels stand: on the grid, beside each other, under ids and titles of their own."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

import pytest
from compile import service, service_of
from made import LONG, boards_of, every_board, files_of, repository_boards

from slogen import naming

COLUMNS = 24
Box = Mapping[str, int]


def groups(board: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Panels that are seen at the same time: those of the board, and those of each collapsed row when it is opened."""
    yield board["panels"]
    yield from (panel["panels"] for panel in board["panels"] if panel["type"] == "row" and panel["panels"])


def overlap(one: Box, other: Box) -> bool:
    return (
        one["x"] < other["x"] + other["w"]
        and other["x"] < one["x"] + one["w"]
        and one["y"] < other["y"] + other["h"]
        and other["y"] < one["y"] + one["h"]
    )


@pytest.mark.parametrize("name", every_board())
def test_no_panel_lies_on_another_or_off_the_grid(name: str) -> None:
    for panels in groups(every_board()[name]):
        boxes = {panel["title"]: panel["gridPos"] for panel in panels}
        for title, box in boxes.items():
            assert box["x"] >= 0 and box["y"] >= 0 and box["w"] > 0 and box["h"] > 0, title
            assert box["x"] + box["w"] <= COLUMNS, title
        assert not [pair for pair in combinations(boxes, 2) if overlap(boxes[pair[0]], boxes[pair[1]])]


@pytest.mark.parametrize("name", every_board())
def test_ids_and_titles_are_unique_and_letters_too(name: str) -> None:
    board = every_board()[name]
    every = [panel for panels in groups(board) for panel in panels]
    assert every, "an empty dashboard"
    assert not [one for one, number in Counter(panel["id"] for panel in every).items() if number > 1]
    assert not [one for one, number in Counter(panel["title"] for panel in every).items() if number > 1]
    assert all(0 < panel["id"] < 2**31 for panel in every)
    for panel in every:
        letters = [target["refId"] for target in panel.get("targets", [])]
        assert len(set(letters)) == len(letters)
    names = [one["name"] for one in board["templating"]["list"]]
    assert len(set(names)) == len(names)


def test_uids_are_unique_short_and_of_letters_that_grafana_takes() -> None:
    names = [
        "fleet",
        "slo-fleet",
        "a",
        LONG,
        LONG[:36],
        naming.dashboard_uid(LONG).removeprefix("slo-").replace("_", "-"),
    ]
    uids = [naming.dashboard_uid(name) for name in names] + [naming.FLEET_UID]
    assert len(set(uids)) == len(uids)
    uids += [board["uid"] for board in every_board().values()]
    assert not [uid for uid in uids if not re.fullmatch(r"[a-zA-Z0-9_-]{1,40}", uid)]
    own = [board["uid"] for board in repository_boards().values()]
    assert len(set(own)) == len(own) > 10


def test_a_service_may_have_the_name_of_the_fleet() -> None:
    boards = boards_of([service(name="fleet"), service(name="slo-fleet")])
    assert len(boards) == 3 == len({board["uid"] for board in boards.values()})


def test_another_slo_leaves_the_ids_of_the_others_as_they_are() -> None:
    def ids(*names: str) -> dict[str, int]:
        slos = ({"name": name, "objective": 99, "sli": service()["spec"]["slos"][0]["sli"]} for name in names)
        board = boards_of(service_of(*slos))["grafana/dashboards/shop.json"]
        return {panel["title"]: panel["id"] for panels in groups(board) for panel in panels}

    one, two = ids("b"), ids("a", "b")
    assert one.items() <= two.items()
    assert len(two) > len(one)


def test_the_fleet_is_the_same_whatever_services_there_are() -> None:
    fleets = {files_of(spec)[naming.FLEET_FILE].text for spec in (service(), service(name="other", by=["region"]))}
    (fleet,) = fleets
    assert "shop" not in fleet
    assert json.loads(fleet)["uid"] == naming.FLEET_UID
