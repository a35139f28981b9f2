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
    "recorded for another service": lambda rules: rules.replace('service: "shop"', 'service: "ship"', 1),
    "read of another service": lambda rules: rules.replace(
        'sum_over_time(slo:bad_events:base{service="shop"', 'sum_over_time(slo:bad_events:base{service="ship"'
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


RESOURCES = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: shop}
spec:
  workloads:
    - {kind: Deployment, namespace: shop, name: shop}
  memory:
    - {type: container, alerting: {policy: soon}}
    - {type: jvm, alerting: {policy: soon}}
  saturation:
    - {type: autoscaler, alerting: {policy: soon}}
    - {type: cpu, alerting: {policy: soon}}
---
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: soon}
spec:
  memoryExhaustion:
    hold: 10m
    signs:
      one: {above: 50, uptime: 10m, lines: [10m], ahead: 30m, fit: {over: 10m, least: 0.9}, lasting: 2m}
  oomKilled: {hold: 10m}
  heapLimit: {}
  memoryLimitMissing: {}
  memoryUnwatched: {}
  autoscalerAtMax: {}
  cpuThrottled: {}
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept")


@pytest.fixture
def with_resources(repository: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of a service that has resources and no SLO; what passes is judged once."""
    monkeypatch.setenv("SLOGEN_CACHE", str(kept))
    (repository / "slos" / "shop.yaml").write_text(RESOURCES, encoding="utf-8")
    assert _run("build").exit_code == 0
    return repository


def test_resources_are_told_when_their_formulas_say(with_resources: Path, tools: Tools) -> None:
    found = _judged()
    assert all(past["ok"] for past in found["pasts"]), found
    assert found["untested"] == {}
    assert {past["resource"] for past in found["pasts"]} == {f"shop/{one}" for one in RESOURCE_NAMES}
    named = {past["alert"] for past in found["pasts"]} | {past["past"].partition(":")[0] for past in found["pasts"]}
    assert named - {None} == ALERTS
    leaks = [past for past in found["pasts"] if past["past"].startswith("MemoryExhaustion") and past["alert"]]
    assert len(leaks) == 2
    for past in leaks:
        words = re.search(r"from (\d+)%, full after (?:(\d+)h)?(?:(\d+)m)?$", past["past"])
        assert words is not None
        begin, full = int(words[1]) / 100, 3600 * int(words[2] or 0) + 60 * int(words[3] or 0)
        moment = max(600, full - 1800, full * (0.5 - begin) / (1 - begin)) + 120
        assert past["firesAfterSeconds"]["forecast"] == pytest.approx(moment)
        assert -60 <= past["firesAfterSeconds"]["seen"] - moment <= 120
        assert past["firesAfterSeconds"]["seen"] <= full - 600
        assert past["resetsAfterSeconds"] == {"forecast": 600, "seen": 600}
    folder = with_resources / "generated" / "tests"
    command = [str(tools.promtool), "test", "rules", *sorted(file.name for file in folder.iterdir())]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


RESOURCE_NAMES = ("container", "jvm", "autoscaler", "cpu")
ALERTS = {
    "MemoryExhaustion",
    "MemoryOOMKilled",
    "MemoryHeapLimit",
    "MemoryLimitMissing",
    "MemoryUnwatched",
    "AutoscalerAtMax",
    "CPUThrottled",
}

KINDS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob")


def test_pods_of_each_kind_are_stood_for(repository: Path) -> None:
    """One service for each kind of workload and way of naming its container, and what has no workload at all."""
    entries = "".join(f"    - {{type: {one}, alerting: {{policy: soon}}}}\n" for one in ("container", "process", "go"))
    policy = RESOURCES.partition("---\n")[2]
    for kind, name in [*((kind, "till") for kind in KINDS), ("Job", "twin.2")]:
        for named in ("", ", container: main"):
            workload = f"    - {{kind: {kind}, namespace: ns-{name[:4]}, name: {name}{named}}}\n"
            service = f"{kind.lower()}-{name[:4]}{'-named' if named else ''}"
            text = f"apiVersion: slogen/v1\nkind: Service\nmetadata: {{name: {service}}}\nspec:\n"
            text += f"  workloads:\n{workload}  memory:\n{entries}"
            (repository / "slos" / f"{service}.yaml").write_text(text, encoding="utf-8")
    alone = "    - {type: node, alerting: {policy: soon}}\n"
    for one in ("process", "go"):
        selector = '\'{app=~"till-[0-9]+", job!="a"}\''
        alone += f"    - {{type: {one}, limit: 2Gi, selector: {selector}, alerting: {{policy: soon}}}}\n"
    text = f"apiVersion: slogen/v1\nkind: Service\nmetadata: {{name: shop}}\nspec:\n  memory:\n{alone}---\n{policy}"
    (repository / "slos" / "shop.yaml").write_text(text, encoding="utf-8")
    assert _run("build").exit_code == 0
    found = _judged()
    assert found["untested"] == {}
    assert all(past["ok"] for past in found["pasts"]), found
    assert len({past["resource"] for past in found["pasts"] if not past["standsOn"]}) == 2 * 3 * len(KINDS) + 3
    twins = {past["resource"]: past["standsOn"] for past in found["pasts"] if "-twin" in past["resource"]}
    assert twins == {name: name.replace("-twin", "-till") for name in twins}
    assert len(twins) == 2 * 3


BREAK_RESOURCE: dict[str, tuple[str, str, str]] = {
    "a sign out of reach": (r"(utilisation:ratio\{[^}]*\} > )0\.5", r"\g<1>1.5", "full after"),
    "a sign that looks three times as far": (", 1800\\) > 1", ", 5400) > 1", "full after"),
    "no hold": (r" +keep_firing_for: 10m\n", "", "full after"),
    "one series for all starts": (r"group_left \(start\)", "group_left ()", "a restart"),
    "a limit that does not count": (r"unless on \(", "or on (", "the limit is gone"),
    "a limit of nothing is one": (
        r"( +max by .*container_spec_memory_limit_bytes.*) > 0 <",
        r"\1 <",
        "the limit is gone",
    ),
    "no window of kills": (r"( > 0)(?=\n +and on|\n +\)\n +\)\n +keep)", " >= 0", "is killed later"),
    "any end is a kill": (r'(reason="OOMKilled"\}\)) == 1', r"\1 >= 0", "is killed later"),
    "a heap that may be larger": (r"(heap_limit:ratio\{[^}]*\} >) 0\.8", r"\1 0.9", "the heap may take"),
    "a heap that must be smaller": (r"(heap_limit:ratio\{[^}]*\} >) 0\.8", r"\1 0.7", "the heap may take"),
    "half of the pods": (">= 1\n", ">= 0.5\n", "as many pods as it may"),
    "twice as many periods": (r"(throttled:ratio\{[^}]*\} >) 0\.25", r"\1 0.5", "periods are throttled"),
    "no patience": (r" +for: 30m\n", "", "nothing is there"),
}


@pytest.mark.parametrize("how", BREAK_RESOURCE)
def test_a_wrong_rule_of_a_resource_fails(with_resources: Path, how: str) -> None:
    path, (right, wrong, name) = with_resources / RULES, BREAK_RESOURCE[how]
    broken = re.sub(right, wrong, path.read_text(encoding="utf-8"))
    assert broken != path.read_text(encoding="utf-8")
    path.write_text(broken, encoding="utf-8")
    assert any(name in past["past"] for past in _judged()["pasts"] if not past["ok"])


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
