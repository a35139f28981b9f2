from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from commands import files, run, spawn
from harness.promtool import check_rules
from harness.tools import Tools

WRITTEN = {
    ".github/workflows/slogen.yml",
    "schemas/slogen.schema.json",
    "slogen.yaml",
    "slos/README.md",
    "slos/example.yaml",
}


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLOGEN_CACHE", str(tmp_path_factory.mktemp("cache")))
    return tmp_path


def test_writes_a_scaffold_and_says_so() -> None:
    result = run("init")
    assert result.code == 0
    assert files(Path()).keys() == WRITTEN
    for path in WRITTEN:
        assert f"wrote {path}\n" in result.out


def test_build_works_at_once_and_without_a_warning() -> None:
    run("init")
    assert run("validate", "--strict").code == 0
    assert run("build", "--strict").code == 0
    assert run("build", "--check").code == 0
    assert Path("generated/prometheus/example.prometheus.rules.yml").exists()


def test_another_folder_is_made() -> None:
    result = run("init", "deep/reliability")
    assert result.code == 0
    assert files(Path("deep/reliability")).keys() == WRITTEN
    assert "deep/reliability" in result.out


def test_an_existing_file_is_left_alone() -> None:
    Path("slogen.yaml").write_text("mine", encoding="utf-8")
    Path("schemas").mkdir()
    Path("schemas/slogen.schema.json").symlink_to("nowhere")
    result = run("init")
    assert result.code == 0
    assert Path("slogen.yaml").read_text(encoding="utf-8") == "mine"
    assert Path("schemas/slogen.schema.json").is_symlink()
    for path in ("slogen.yaml", "schemas/slogen.schema.json"):
        assert f"left alone {path}: it exists\n" in result.out
    assert "wrote slos/example.yaml\n" in result.out


def test_a_second_time_it_changes_nothing() -> None:
    run("init")
    before = files(Path())
    result = run("init")
    assert (result.code, "wrote" in result.out) == (0, False)
    assert files(Path()) == before


def test_no_example_among_specs_that_are_there() -> None:
    run("init")
    Path("slos/example.yaml").rename("slos/mine.yml")
    result = run("init")
    assert "left alone slos/example.yaml: slos/ holds specs already\n" in result.out
    assert not Path("slos/example.yaml").exists()


def test_the_schema_is_this_version_s() -> None:
    run("init")
    assert Path("schemas/slogen.schema.json").read_text(encoding="utf-8") == run("schema").out


def test_specs_name_the_schema() -> None:
    run("init")
    for path in (Path("slogen.yaml"), Path("slos/example.yaml")):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        schema = first.removeprefix("# yaml-language-server: $schema=")
        assert json.loads((path.parent / schema).read_text(encoding="utf-8"))["$id"] == "slogen.schema.json"


def test_the_workflow_checks_drift_with_this_version() -> None:
    run("init")
    workflow = yaml.safe_load(Path(".github/workflows/slogen.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["slogen"]
    commands = [step["run"] for step in job["steps"] if "run" in step]
    assert job["env"]["SLOGEN"] == ""
    assert any(command.startswith("slogen build --check") for command in commands)
    assert any("promtool check rules" in command for command in commands)


@pytest.mark.prometheus
def test_the_workflow_s_checks_pass_and_find_drift(tools: Tools, tmp_path: Path) -> None:
    """The steps after the installations, as the runner's shell would run them."""
    run("init")
    run("build")
    workflow = yaml.safe_load(Path(".github/workflows/slogen.yml").read_text(encoding="utf-8"))
    steps = [step["run"] for step in workflow["jobs"]["slogen"]["steps"] if "run" in step]
    checks = [step for step in steps if not step.startswith(("python -m pip", "sudo"))]
    assert len(checks) == 3
    path = os.pathsep.join([str(tools.promtool.parent), str(Path(sys.executable).parent), os.environ["PATH"]])

    def codes() -> list[int]:
        shell = ["bash", "-e", "-c"]
        environment = {**os.environ, "PATH": path}
        return [
            subprocess.run([*shell, check], check=False, capture_output=True, env=environment).returncode
            for check in checks
        ]

    assert codes() == [0, 0, 0]
    generated = tmp_path / "generated/prometheus/example.prometheus.rules.yml"
    generated.write_text(generated.read_text(encoding="utf-8").replace("sum(", "summ(", 1), encoding="utf-8")
    Path("schemas/slogen.schema.json").write_text("{}", encoding="utf-8")
    assert codes() == [1, 1, 1]


@pytest.mark.prometheus
def test_promtool_takes_the_rules(tools: Tools) -> None:
    run("init")
    run("build")
    content, said = check_rules(tools, Path("generated/prometheus").rglob("*.yml"))
    assert content, said


@pytest.mark.parametrize("folder", ["occupied", "occupied/deeper"])
def test_a_folder_that_cannot_be(folder: str) -> None:
    Path("occupied").write_text("mine", encoding="utf-8")
    result = run("init", folder)
    assert (result.code, "occupied" in result.err) == (2, True)
    assert files(Path()) == {"occupied": b"mine"}


def test_a_full_disk_leaves_no_half_scaffold() -> None:
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))"
    result = spawn("init", before=limit)
    assert (result.code, "cannot write" in result.err) == (2, True)
    assert files(Path()) == {}
