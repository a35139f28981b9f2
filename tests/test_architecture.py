"""The house rules that a tool can check: imports run down the floors, plug-ins load by discovery, rooms stay small."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

PACKAGE = Path(__file__).parent.parent / "slogen"

FLOORS = [
    {
        "findings",
        "naming",
        "alert_templates",
        "gotemplate",
        "discovery",
        "promql",
        "yamltext",
        "output",
        "digests",
        "verdict",
        "revisions",
        "quantities",
        "live",
        "workers",
        "sandbox",
        "advice",
    },
    {"calendars", "levels", "workloads", "forecast"},
    {
        "source",
        "specfiles",
        "receipt",
        "model",
        "fields",
        "queries",
        "sources",
        "slices",
        "rules",
        "notes",
        "resource_fields",
        "looks",
    },
    {"prediction", "indicators", "resources", "manifests", "own_templates", "rulefiles"},
    {"policies", "resource_policies"},
    {"ladder", "alert_links", "resource_plan", "spec"},
    {"attachments"},
    {
        "presentation",
        "policy_documents",
        "settings",
        "plan",
        "proofreading",
        "groups",
        "low_traffic",
        "resource_specs",
        "scenarios",
        "reach",
    },
    {"explanation"},
    {"difference"},
    {"resolve", "shared"},
    {"proof", "runbooks", "boards"},
    {"targets", "scaffold", "lint"},
    {"pipeline", "manifest_check"},
    {"batches", "linting", "sides"},
    {"building"},
    {"cli", "__main__"},
]


def _floor(room: str) -> int:
    found = [number for number, rooms in enumerate(FLOORS) if room in rooms]
    assert found, f"slogen/{room} has no floor: give it one in FLOORS"
    return found[0]


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "slogen":
            parts = node.module.split(".")[1:]
            yield from [parts[0]] if parts else [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("slogen."))


def _modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py" or path.parent != PACKAGE)


@pytest.mark.parametrize("path", _modules(), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_imports_run_down_the_floors(path: Path) -> None:
    room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    for imported in _imports(path):
        if imported.startswith("__"):
            continue
        assert imported == room or _floor(imported) <= _floor(room), f"{room} imports {imported}, which is above it"


def test_no_circle_between_rooms() -> None:
    arrows: dict[str, set[str]] = {}
    for path in _modules():
        room = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        arrows.setdefault(room, set()).update(
            name for name in _imports(path) if not name.startswith("__") and name != room
        )
    while leaves := {room for room, targets in arrows.items() if not targets & arrows.keys()}:
        for room in leaves:
            del arrows[room]
    assert not arrows, f"rooms import each other in a circle: {sorted(arrows)}"


def test_rooms_are_small() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in _modules()}
    assert median(lengths.values()) < 120
    assert not {str(path.relative_to(PACKAGE)): length for path, length in lengths.items() if length > 350}


NEW_TYPE = '''
from typing import Literal
from slogen import fields
from slogen.model import Reading

class Indicator(fields.Indicator):
    """Counts everything as good."""
    type: Literal["sunny"]

    def reading(self, variants, scope):
        return Reading("vector(1)", ("vector(0)",) * len(variants), None)

    def sentence(self):
        return "days"
'''
SPEC = """
apiVersion: slogen/v1
kind: Service
metadata: {name: weather}
spec:
  slos:
    - {name: sun, objective: 99, sli: {type: sunny}}
"""


def test_a_new_sli_type_is_one_file(tmp_path: Path) -> None:
    plugin = tmp_path / "plugins" / "sunny.py"
    plugin.parent.mkdir()
    plugin.write_text(NEW_TYPE, encoding="utf-8")
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos" / "weather.yaml").write_text(SPEC, encoding="utf-8")
    script = (
        "import slogen.indicators; slogen.indicators.__path__.append('plugins');"
        "from slogen.cli import main; main(['build', '--stdout'])"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert "expr: |-\n          vector(0)" in run.stdout
