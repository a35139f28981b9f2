"""The hooks, the action and the jobs that other repositories use, each run for real in a repository of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from compile import service

PROJECT = Path(__file__).parents[2]
LOOSE = 99.5


class GitLabLoader(yaml.SafeLoader):
    """Reads `!reference [job, key]` as the list that it is."""


def _reference(loader: yaml.SafeLoader, node: yaml.SequenceNode) -> tuple[str, ...]:
    return tuple(loader.construct_sequence(node))


GitLabLoader.add_constructor("!reference", _reference)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `pip install` makes of this project as it is now."""
    folder = tmp_path_factory.mktemp("wheel")
    run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(PROJECT)], folder
    )
    return next(folder.glob("*.whl"))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a spec, built and committed."""
    folder = tmp_path / "repository"
    (folder / "slos").mkdir(parents=True)
    write_spec(folder, 99.9)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    slogen(folder, "build")
    commit(folder)
    return folder


def write_spec(folder: Path, objective: float) -> None:
    spec = service("shop", objective=objective, description="Orders that go through.")
    spec["metadata"]["labels"] = {"tier": "low"}
    (folder / "slos/shop.yaml").write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")


def run(command: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Ends the test where the command fails."""
    done = attempt(command, folder, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def attempt(command: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHONPATH"))}
    return subprocess.run(command, cwd=folder, env=environment | more, capture_output=True, text=True, check=False)


def git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false")
    return run(["git", *identity, *arguments], folder).stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "change")
    return git(folder, "rev-parse", "HEAD")


def slogen(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run([sys.executable, "-m", "slogen", *arguments], folder, PYTHONPATH=str(PROJECT))


def test_the_hooks_run_in_a_repository(repository: Path, tmp_path: Path) -> None:
    hooks = tmp_path / "hooks"
    run(["git", "clone", "--quiet", "--no-hardlinks", str(PROJECT), str(hooks)], tmp_path)
    # What is not committed yet is a part of the project too.
    for name in filter(None, git(PROJECT, "ls-files", "--modified", "--others", "--exclude-standard").splitlines()):
        source, target = PROJECT / name, hooks / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_file():
            target.write_bytes(source.read_bytes())
    git(hooks, "add", "--all")
    git(hooks, "commit", "--quiet", "--allow-empty", "--message", "as it is now")
    ids = [hook["id"] for hook in yaml.safe_load((PROJECT / ".pre-commit-hooks.yaml").read_text("utf-8"))]
    config = {
        "repos": [{"repo": str(hooks), "rev": git(hooks, "rev-parse", "HEAD"), "hooks": [{"id": i} for i in ids]}]
    }
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    (repository / "k8s").mkdir()
    (repository / "k8s/pod.yaml").write_text("not: [a manifest", encoding="utf-8")
    git(repository, "add", "--all")

    def told() -> dict[str, str]:
        done = attempt(
            [sys.executable, "-m", "pre_commit", "run", "--all-files", "--color=never"],
            repository,
            PRE_COMMIT_HOME=str(tmp_path / "pre-commit"),
        )
        found = dict(re.findall(r"^(slogen [a-z-]+)\.+(Passed|Failed)$", done.stdout, re.M))
        assert len(found) == len(ids), done.stdout + done.stderr
        return found

    good = told()
    assert good.pop("slogen check-manifests") == "Failed"
    assert set(good.values()) == {"Passed"}
    write_spec(repository, LOOSE)
    git(repository, "add", "--all")
    assert told()["slogen build"] == "Failed"
    (repository / "slos/shop.yaml").write_text("apiVersion: slogen/v1\nkind: Servic\n", encoding="utf-8")
    git(repository, "add", "--all")
    assert {told()[name] for name in ("slogen lint", "slogen validate", "slogen build")} == {"Failed"}


def expanded(text: str, values: Mapping[str, str]) -> str:
    """GitHub's expressions that name a value; others stay, and would fail."""
    return re.sub(r"\$\{\{ ([\w.-]+) \}\}", lambda found: values[found[1]], text)


def test_the_action_annotates_and_sums_up(repository: Path, wheel: Path, tmp_path: Path) -> None:
    action: dict[str, Any] = yaml.safe_load((PROJECT / "action.yml").read_text("utf-8"))
    base = git(repository, "rev-parse", "HEAD")
    write_spec(repository, LOOSE)
    slogen(repository, "build")
    commit(repository)
    values = {f"inputs.{name}": one["default"] for name, one in action["inputs"].items()}
    values["github.event.pull_request.base.sha"] = base
    summary = tmp_path / "summary.md"
    venv = tmp_path / "venv"
    run([sys.executable, "-m", "venv", str(venv)], tmp_path)

    def step(name: str) -> subprocess.CompletedProcess[str]:
        (one,) = (one for one in action["runs"]["steps"] if one.get("name") == name)
        more = {variable: expanded(text, values) for variable, text in one.get("env", {}).items()}
        more |= {"PATH": f"{venv / 'bin'}:{os.environ['PATH']}", "GITHUB_STEP_SUMMARY": str(summary)}
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", one["run"]]
        return attempt(command, repository, GITHUB_ACTION_PATH=str(wheel), **more)

    names = [one["name"] for one in action["runs"]["steps"] if "run" in one]
    assert names == ["Install slogen", "Lint", "Is generated/ up to date?", "What does this change mean?"]
    for name in names:
        done = step(name)
        assert done.returncode == 0, (name, done.stdout, done.stderr)
    told = summary.read_text("utf-8")
    assert "99.9" in told
    assert "99.5" in told
    spec = repository / "slos/shop.yaml"
    spec.write_text(spec.read_text("utf-8").replace("objective: 99.5", "objectiv: 99.5"), encoding="utf-8")
    done = step("Lint")
    assert done.returncode != 0
    assert re.search(r"^::error file=slos/shop\.yaml,line=\d+,col=\d+,", done.stdout, re.M), done.stdout
    assert "objectiv" in summary.read_text("utf-8")
    assert step("Is generated/ up to date?").returncode == 2


def test_the_gitlab_jobs_run(repository: Path, wheel: Path, tmp_path: Path) -> None:
    text = (PROJECT / "ci/slogen.gitlab-ci.yml").read_text("utf-8")
    jobs: dict[str, Any] = yaml.load(text, GitLabLoader)  # noqa: S506  # a SafeLoader of its own
    base = git(repository, "rev-parse", "HEAD")
    write_spec(repository, LOOSE)
    slogen(repository, "build")
    venv = tmp_path / "venv"
    run([sys.executable, "-m", "venv", str(venv)], tmp_path)
    more = {
        **jobs["variables"],
        "SLOGEN_PACKAGE": str(wheel),
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": base,
        "PATH": f"{venv / 'bin'}:{os.environ['PATH']}",
    }

    def lines(lines: list[Any]) -> subprocess.CompletedProcess[str]:
        return attempt(["bash", "-eo", "pipefail", "-c", "\n".join(lines)], repository, **more)

    assert lines(jobs[".slogen"]["before_script"]).returncode == 0
    for name in ("slogen-lint", "slogen-build", "slogen-diff"):
        done = lines(jobs[name]["script"])
        assert done.returncode == 0, (name, done.stdout, done.stderr)
    assert json.loads((repository / "gl-code-quality-report.json").read_text("utf-8")) == []
    assert "99.5" in (repository / "slogen-diff.md").read_text("utf-8")
    (repository / "slos/shop.yaml").write_text("apiVersion: slogen/v1\nkind: Servic\n", encoding="utf-8")
    assert lines(jobs["slogen-lint"]["script"]).returncode == 2
    (told,) = json.loads((repository / "gl-code-quality-report.json").read_text("utf-8"))
    assert (told["location"]["path"], told["location"]["positions"]["begin"]["line"]) == ("slos/shop.yaml", 2)
    assert len(told["fingerprint"]) > 20
