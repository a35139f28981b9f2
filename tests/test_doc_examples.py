"""Every spec that the documentation shows compiles without a warning, and Prometheus takes what comes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from compile import compiled, rules_of
from harness.promtool import check_rules
from harness.tools import Tools

from slogen.discovery import plugins
from slogen.model import Objective
from slogen.rules import Plan
from slogen.spec.config import OLDEST

DOCS = Path(__file__).parent.parent / "docs"
THEIRS = ("Sloth", "Pyrra")
FILLED_IN = {
    "name": "example",
    "objective": "99",
    "sli": "{type: events, bad: bad_total, total: all_total}",
}
SERVICE = "apiVersion: slogen/v1\nkind: Service\nmetadata: {name: example}\nspec:\n  slos:\n    -\n"


def _blocks(page: str) -> list[tuple[str, str]]:
    """YAML of a page, each with the program that the line before names, or with none."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.findall(
        rf"(?:^({'|'.join((*THEIRS, 'slogen'))}):\n\n)?^```yaml\n(.*?)^```", text, re.MULTILINE | re.DOTALL
    )
    assert len(found) == text.count("```yaml\n")
    return found


def _whole(block: str) -> list[str]:
    """A block as a file: documents as they are, with an SLO for a policy without one; part of an SLO inside one."""
    if not block.startswith("apiVersion:"):
        keys = re.findall(r"^(\w+):", block, re.MULTILINE)
        missing = {key: value for key, value in FILLED_IN.items() if key not in keys}
        if "objectives" in keys:
            del missing["objective"]
        lines = [*(f"{key}: {value}" for key, value in missing.items()), *block.splitlines()]
        return [SERVICE + "".join(f"      {line}\n" for line in lines)]
    if "kind: Service" in block:
        return [block]
    policy = re.search(r"kind: AlertPolicy\nmetadata: \{name: ([\w-]+)\}", block)
    return [block, *_whole(f"alerting: {{policy: {policy[1]}}}" if policy else "window: 28d")]


def _examples() -> Iterator[tuple[str, list[str]]]:
    for package in ("slogen.indicators", "slogen.policies", "slogen.resources", "slogen.resource_policies"):
        for name, module in plugins(package).items():
            yield f"{package}.{name}", [module.EXAMPLE]
    for page in ("writing-slos.md", "migrating.md"):
        ours = [block for program, block in _blocks(page) if program not in THEIRS]
        yield from ((f"{page} {number}", _whole(block)) for number, block in enumerate(ours, 1))


EXAMPLES = dict(_examples())


@pytest.mark.parametrize("spec", EXAMPLES.values(), ids=EXAMPLES)
def test_it_compiles_without_a_warning(spec: list[str]) -> None:
    assert compiled(spec).warnings == ()


@pytest.mark.prometheus
def test_promtool_finds_nothing_to_say(tools: Tools, tmp_path: Path) -> None:
    """All but what is for a newer Prometheus than this one."""
    files = []
    for number, spec in enumerate(spec for spec in EXAMPLES.values() if _version(spec) <= tools.version):
        for path, text in rules_of(spec).items():
            files.append(tmp_path / str(number) / Path(path).name)
            files[-1].parent.mkdir(exist_ok=True)
            files[-1].write_text(text, encoding="utf-8")
    content, said = check_rules(tools, files)
    assert content, said
    assert len(files) >= len(EXAMPLES) - 1


def _version(spec: list[str]) -> tuple[int, int]:
    """The oldest Prometheus that takes what a spec compiles to."""
    declared = re.search(r'version: "(\d+)[.](\d+)"', "\n".join(spec))
    return (int(declared[1]), int(declared[2])) if declared else OLDEST


def _pairs() -> list[tuple[str, str]]:
    blocks = _blocks("migrating.md")
    return [
        (theirs, blocks[number][1])
        for number, (program, theirs) in enumerate(blocks[:-1], 1)
        if program in THEIRS and blocks[number][0] == "slogen"
    ]


def test_each_spec_of_theirs_is_followed_by_one_of_ours() -> None:
    theirs = [block for program, block in _blocks("migrating.md") if program in THEIRS]
    assert [pair[0] for pair in _pairs()] == theirs
    kinds = {"events:", "raw:", "plugin:", "PrometheusServiceLevel", "AlertWindows", "disable: true", "page_alert:"}
    kinds |= {"ratio:", "latency:", "latencyNative:", "bool_gauge:", "grouping:", "absent: false", "severities:"}
    assert {kind for kind in kinds if not any(kind in block for block in theirs)} == set()


@pytest.mark.parametrize(("theirs", "ours"), _pairs())
def test_a_pair_promises_the_same(theirs: str, ours: str) -> None:
    """Objective, period, the metrics that are read, and what pairs of windows spend."""
    yaml.safe_load(theirs)
    planned = compiled(_whole(ours)).plan
    wanted = re.findall(r"(?:objective|target): \"?([\d.]+)", theirs)
    if wanted:
        assert [f"{one.target * 100:f}".rstrip("0").rstrip(".") for one in _objectives(planned)] == wanted
    for window in re.findall(r"(?:window|sloPeriod): (\w+)", theirs):
        days = int(window[:-1]) * {"w": 7, "d": 1}[window[-1]]
        assert {slo.slo.period for service in planned.services for slo in service.slos} == {days * 86400}
    metrics = {re.sub(r"_(count|bucket)$", "", name) for name in re.findall(r"\b(\w+)\{", theirs)}
    assert {name for name in metrics if name not in ours} == set()
    for share, short, long in re.findall(
        r"errorBudgetPercent: ([\d.]+), shortWindow: (\w+), longWindow: (\w+)", theirs
    ):
        assert f"budget: {share}, short: {short}, long: {long}" in ours


def _objectives(plan: Plan) -> list[Objective]:
    return [one for service in plan.services for planned in service.slos for one in planned.slo.objectives]
