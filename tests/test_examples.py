"""The project's own slos/, generated/ and schemas/: sound, up to date, and what Prometheus takes."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml
from harness.promtool import check_rules
from harness.tools import Tools

from slogen.output import changes
from slogen.pipeline import compile_specs, render
from slogen.spec.schema import spec_schema

ROOT = Path(__file__).parent.parent
SPECS = [ROOT / "slogen.yaml", *sorted((ROOT / "slos").rglob("*.yaml"))]
SCHEMA = ROOT / "schemas" / "slogen.schema.json"
RULES = sorted((ROOT / "generated" / "prometheus").rglob("*.yml"))


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_there_are_examples() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in SPECS}
    assert {"slos/checkout.yaml", "slos/prometheus.yaml", "slos/node-exporter.yaml"} <= names
    assert any(path.parent.name != "slos" for path in SPECS[1:]), "one in a folder of its own"
    assert RULES


def test_they_are_sound_without_a_warning() -> None:
    assert compile_specs([]).warnings == ()


def test_generated_is_up_to_date() -> None:
    compiled = compile_specs([])
    drift = changes(render(compiled.plan), ROOT / "generated", compiled.owns)
    assert [change.path for change in drift] == [], "run `make build`"


def test_the_schema_is_up_to_date() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == spec_schema(), "run `make docs`"


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_editors_find_the_schema_and_it_admits_the_spec(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    named = text.splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == SCHEMA
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    for document in yaml.safe_load_all(text):
        jsonschema.validate(document, schema, cls=jsonschema.Draft202012Validator)


@pytest.mark.prometheus
def test_promtool_finds_nothing_to_say(tools: Tools) -> None:
    content, said = check_rules(tools, RULES)
    assert content, said


@pytest.mark.prometheus
def test_prometheus_loads_them_by_glob(tools: Tools, tmp_path: Path) -> None:
    """One glob for each folder: Prometheus takes a wildcard in a path's last part only."""
    shutil.copytree(ROOT / "generated", tmp_path / "generated")
    folders = sorted({path.parent.relative_to(ROOT).as_posix() for path in RULES})
    config = {"rule_files": [f"{folder}/*.yml" for folder in folders]}
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command = [str(tools.promtool), "check", "config", "--lint=all", "--lint-fatal", str(tmp_path / "prometheus.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("rules found") == len(RULES)
