"""Every dashboard is what Grafana publishes as one, and its schema here is that of the pinned release."""

from __future__ import annotations

import copy
import importlib
import json
import subprocess
import sys
import warnings
from typing import Any

import pytest
from jsonschema import Draft7Validator
from made import ROOT, every_board

SCHEMA = json.loads((ROOT / "schemas" / "grafana-dashboard.schema.json").read_text(encoding="utf-8"))
VALIDATOR = Draft7Validator(SCHEMA)


def test_the_schema_is_that_of_the_pinned_models() -> None:
    Draft7Validator.check_schema(SCHEMA)
    done = subprocess.run(
        [sys.executable, "scripts/dashboard_schema.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", every_board())
def test_every_dashboard_is_valid(name: str) -> None:
    told = [
        f"{'/'.join(map(str, one.absolute_path))}: {one.message}" for one in VALIDATOR.iter_errors(every_board()[name])
    ]
    assert not told


@pytest.mark.parametrize("name", every_board())
def test_the_sdk_reads_every_dashboard_and_loses_nothing(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        models = importlib.import_module("grafana_foundation_sdk.models.dashboard")
        importlib.import_module("grafana_foundation_sdk.cog.plugins").register_default_plugins()
    encoder = importlib.import_module("grafana_foundation_sdk.cog.encoder")
    board = every_board()[name]
    back = json.loads(json.dumps(models.Dashboard.from_json(copy.deepcopy(board)), cls=encoder.JSONEncoder))
    assert not list(_lost(board, back, ""))


def _lost(told: Any, back: Any, path: str) -> Any:
    """Where a value is not the same after reading and writing; what the models add is their affair."""
    if isinstance(told, dict) and isinstance(back, dict):
        for key, value in told.items():
            if key in back:
                yield from _lost(value, back[key], f"{path}/{key}")
            elif value is not None:
                yield f"{path}/{key}"
    elif isinstance(told, list) and isinstance(back, list) and len(told) == len(back):
        for number, (one, other) in enumerate(zip(told, back, strict=True)):
            yield from _lost(one, other, f"{path}/{number}")
    elif told != back:
        yield f"{path}: {told!r} is {back!r}"


WRONG: dict[str, Any] = {
    "an unknown key": lambda board: board.update(panles=[]),
    "a text for a number": lambda board: board["panels"][0]["gridPos"].update(w="3"),
    "an unknown kind of panel": lambda board: board["panels"][0].update(type="statt"),
    "an option of another kind": lambda board: board["panels"][0]["options"].update(showHeader=True),
    "an unknown key of a query": lambda board: board["panels"][0]["targets"][0].update(expression="up"),
    "no schema version": lambda board: board.pop("schemaVersion"),
}


@pytest.mark.parametrize("name", WRONG)
def test_the_schema_finds(name: str) -> None:
    board = copy.deepcopy(next(board for path, board in every_board().items() if "fleet" in path))
    assert VALIDATOR.is_valid(board)
    WRONG[name](board)
    assert not VALIDATOR.is_valid(board)
