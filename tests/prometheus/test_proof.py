"""`slogen test` on a real promtool: what is built passes, and what is wrong does not."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from harness.tools import Tools

from slogen import naming
from slogen.cli import main

pytestmark = pytest.mark.prometheus

SPEC = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: shop}
spec:
  slos:
    - &slo
      name: availability
      objective: 99
      window: 7d
      alerting: {policy: pages}
      sli: {type: events, bad: 'http_requests_total{job="shop", code=~"5.."}', total: 'http_requests_total{job="shop"}'}
    - name: twin
      objective: 99
      window: 7d
      alerting: {policy: pages}
      sli: {type: events, bad: 'grpc_total{job="shop", code=~"Int.*"}', total: 'grpc_total{job="shop"}'}
---
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: pages}
spec:
  burnRate: {pairs: [{severity: page, budget: 2, long: 1h}]}
  noData: {}
  targetDown: {}
""".replace("    - &slo\n      name", "    - name")
RULES = Path("generated") / naming.rules_file("", "shop")


@pytest.fixture
def repository(tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A repository whose rules are built."""
    monkeypatch.setenv("PROMTOOL", str(tools.promtool))
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos" / "shop.yaml").write_text(SPEC, encoding="utf-8")
    with contextlib.chdir(tmp_path):
        assert _run("build").exit_code == 0
        yield tmp_path


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def _judged(*arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_run("test", "--format", "json", *arguments).stdout)
    return found


@pytest.mark.usefixtures("repository")
def test_what_is_built_passes_and_fires_when_forecast() -> None:
    found = _judged()
    assert all(past["ok"] for past in found["pasts"]), found
    timed = [past for past in found["pasts"] if past["alert"]]
    assert len({past["past"] for past in timed}) == 2
    for past in timed:
        for name in ("firesAfterSeconds", "resetsAfterSeconds"):
            assert -60 <= past[name]["seen"] - past[name]["forecast"] <= 180
    assert {past["standsOn"] for past in found["pasts"] if past["slo"] == "shop/twin"} == {"shop/availability"}


BREAK: dict[str, Callable[[str], str]] = {
    "a factor of three": lambda rules: rules.replace("> 14.4", "> 43.2"),
    "a window twelve times as long": lambda rules: rules.replace("[59s]", "[11m59s]").replace("[2m59s]", "[35m59s]"),
    "errors never seen": lambda rules: re.sub(r"\n +or on \(\)\n +0 \* slo:total_events:base\S+ \S+", "", rules),
    "the interval off by a scrape": lambda rules: rules.replace("[1m30s]", "[1m]"),
    "no guard": lambda rules: rules.replace("> 1.3", "> -1"),
    "never without data": lambda rules: rules.replace(
        "max by (service, slo) (slo:info", "max by (service, slo) (slo:no"
    ),
}


@pytest.mark.parametrize("how", BREAK)
def test_a_wrong_rule_fails(repository: Path, how: str) -> None:
    path = repository / RULES
    broken = BREAK[how](path.read_text(encoding="utf-8"))
    assert broken != path.read_text(encoding="utf-8")
    path.write_text(broken, encoding="utf-8")
    result = _run("test")
    assert result.exit_code == 1
    assert "WRONG" in result.stdout


WRITTEN = """\
      tests:
        - name: a bad deploy
          happens: [{lasting: 2h}, {lasting: 20m, errors: 50, traffic: 20/m}, {lasting: 10m, source: idle}]
          expect: [{alert: SLOBudgetBurnPage, within: 8m}]
          silent: [SLONoData]
        - name: the series vanish
          happens: [{lasting: 1h, source: gone}]
          expect: [SLONoData]
          silent: [SLOBudgetBurnPage, SLOTargetDown]
        - name: the targets are down
          happens: [{lasting: 1h, source: down}]
          expect: [SLOTargetDown]
    - name: twin
"""


@pytest.fixture
def with_tests(repository: Path) -> Path:
    """The same, with tests in the spec."""
    spec = repository / "slos" / "shop.yaml"
    spec.write_text(SPEC.replace("    - name: twin\n", WRITTEN), encoding="utf-8")
    assert _run("build").exit_code == 0
    return spec


def test_tests_of_the_spec_say_when_alerts_fire(with_tests: Path, tools: Tools) -> None:
    found = {past["past"]: past for past in _judged()["pasts"] if past["slo"] == "shop/availability"}
    assert all(past["ok"] for past in found.values()), found
    told = found["a bad deploy"]["told"]
    fires = re.match(r"SLOBudgetBurnPage fires (\d+)m after the trouble begins, for ", told[0])
    # half of all fails, 14.4% of 14 minutes' may: after 4 minutes, and at most two recordings and a scrape later
    assert fires is not None
    assert 4 <= int(fires[1]) <= 7
    assert told[1] == "SLONoData never fires"
    folder = with_tests.parent.parent / "generated" / "tests"
    for file in sorted(folder.iterdir()):
        command = [str(tools.promtool), "test", "rules", file.name]
        run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert run.returncode == 0, run.stdout + run.stderr
    assert "the series vanish" in (folder / "shop.prometheus.tests.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("right", "wrong", "words"),
    [
        (
            "within: 8m",
            "within: 2m",
            r"SLOBudgetBurnPage is to fire within 2m, and fires [4-7]m after the trouble begins",
        ),
        ("expect: [SLOTargetDown]", "expect: [SLONoData]", r"SLONoData is to fire, and never fires"),
        (
            "expect: [SLOTargetDown]",
            "silent: [SLOTargetDown]",
            r"SLOTargetDown is to be silent, and fires 1\dm after the trouble begins, for [45]\d",
        ),
    ],
)
def test_a_wrong_expectation_fails_with_what_was_seen(with_tests: Path, right: str, wrong: str, words: str) -> None:
    text = with_tests.read_text(encoding="utf-8")
    assert right in text
    with_tests.write_text(text.replace(right, wrong, 1), encoding="utf-8")
    result = _run("test")
    assert result.exit_code == 1
    assert re.search(words, result.stdout), result.stdout


def test_an_edited_rule_is_judged_though_another_slo_has_its_shape(repository: Path) -> None:
    path = repository / RULES
    head, mark, tail = path.read_text(encoding="utf-8").partition('  - name: "shop/twin/base"')
    path.write_text(head + mark + tail.replace("> 14.4", "> 43.2"), encoding="utf-8")
    found = _judged()["pasts"]
    assert {past["slo"] for past in found if not past["ok"]} == {"shop/twin"}


def test_the_files_pass_on_promtool_itself(repository: Path, tools: Tools) -> None:
    files = sorted(file.name for file in (repository / "generated" / "tests").iterdir())
    assert files == ["shop.4m.prometheus.tests.yml", "shop.prometheus.tests.yml"]
    command = [str(tools.promtool), "test", "rules", *files]
    run = subprocess.run(command, cwd=repository / "generated" / "tests", capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def test_results_are_kept_by_content(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOGEN_CACHE", str(repository / "cache"))
    assert "kept" not in _run("test").stdout
    assert "(1 kept from before)" in _run("test").stdout
    for kept in (repository / "cache" / "proofs").iterdir():
        kept.write_text("[{]", encoding="utf-8")
    assert "kept" not in _run("test").stdout
    path = repository / RULES
    path.write_text(path.read_text(encoding="utf-8").replace("> 14.4", "> 43.2"), encoding="utf-8")
    assert _run("test").exit_code == 1
    assert _run("test").exit_code == 1


def test_only_what_changed_since_a_revision(repository: Path) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments], cwd=repository, check=True)

    git("init", "--quiet")
    git("add", "-A")
    git("commit", "--quiet", "-m", "a")
    assert _judged("--changed", "HEAD")["pasts"] == []
    spec = repository / "slos" / "shop.yaml"
    spec.write_text(spec.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
    assert _judged("--changed", "HEAD")["pasts"]
    refused = _run("test", "--changed", "no-such-revision")
    assert refused.exit_code == 2
    assert "no-such-revision" in refused.stderr


@pytest.mark.usefixtures("repository")
def test_parts_are_the_whole() -> None:
    names = [{past["slo"] for past in _judged("--shard", f"{part}/2")["pasts"]} for part in (1, 2)]
    assert names[0] | names[1] == {"shop/availability", "shop/twin"}
    assert not names[0] & names[1]


@pytest.mark.usefixtures("repository")
def test_junit_has_a_case_for_each_past() -> None:
    root = ElementTree.fromstring(_run("test", "--format", "junit").stdout.split("\n", 1)[1])  # noqa: S314  # our own
    assert {suite.get("name") for suite in root} == {"shop/availability", "shop/twin"}
    assert all(suite.get("failures") == "0" and len(suite) == int(suite.get("tests", "0")) for suite in root)


def test_unusable_input_is_told(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (repository / RULES).write_text("groups: [{}]\n", encoding="utf-8")
    assert _run("test").exit_code == 2
    (repository / RULES).unlink()
    missing = _run("test")
    assert missing.exit_code == 2
    assert "run slogen build" in missing.stderr
    assert _run("test", "--shard", "3/2").exit_code == 2
    monkeypatch.setenv("PROMTOOL", "/nowhere/promtool")
    refused = _run("test")
    assert refused.exit_code == 2
    assert "PROMTOOL" in refused.stderr
