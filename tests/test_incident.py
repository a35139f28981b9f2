"""docs/incident.md tells what happens: the page is what its figures say, and the figures are what a replay gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from harness.rules import seconds
from harness.server import Prometheus
from harness.tools import Tools
from incident.exporters import series
from incident.page import page
from incident.replay import ROOT, heard
from incident.timeline import first_words, what
from incident.words import spoken
from incident.world import DEPLOY, HOUR, deaths, happened

from slogen.cli import main

FIGURES: dict[str, Any] = json.loads((ROOT / "bench" / "incident" / "figures.json").read_text(encoding="utf-8"))
SAMPLE = ("container/resource", "heap/resource", "autoscaler/resource")
PAGED, HEAP = "MemoryExhaustion (container, page)", "MemoryHeapLimit (heap, ticket)"


def _rows() -> Mapping[str, Any]:
    return {row["what"]: row for row in FIGURES["timeline"]}


def test_the_page_is_what_the_figures_say() -> None:
    assert (ROOT / "docs" / "incident.md").read_text(encoding="utf-8") == page(FIGURES), "run `make incident`"


def test_what_the_page_says_in_prose_is_so() -> None:
    """Words around the figures that would be wrong if the figures came out otherwise."""
    rows = _rows()
    assert rows[HEAP]["after"] < HOUR / 2 < rows[PAGED]["after"]
    assert rows[PAGED]["lead"] > rows["threshold of 90%"]["lead"] > 0
    assert rows["SLOBudgetBurnPage (page)"]["lead"] < 0
    alarms = {rule["what"]: rule["alarms"] for rule in FIGURES["healthy"]}
    assert {rule for rule, some in alarms.items() if some} == {"naive forecast"}
    assert all(alarm["during"] for alarm in alarms["naive forecast"])
    assert len(alarms["naive forecast"]) > 1


def test_the_manifests_are_told_as_the_command_tells_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for check in FIGURES["manifests"]:
        result = CliRunner().invoke(main, check["command"].split()[1:])
        assert result.output.strip() == check["output"], "run `make incident`"


@pytest.mark.prometheus
def test_a_replay_of_the_memory_rules_gives_the_figures(tools: Tools, tmp_path: Path) -> None:
    """From an hour before the deploy until the first pod has died; and what the page says of the future came true."""
    pods = happened()
    death, victim = deaths(pods)[0]
    assert FIGURES["pods"]["deaths"] == [round(time - DEPLOY) for time, _ in deaths(pods)]
    begin, end = DEPLOY - HOUR, death + HOUR / 4
    with Prometheus(tools, folder=tmp_path) as server:
        voices = heard(server, series(pods, begin, end), begin, end, SAMPLE)
        words = first_words(voices)
        told = spoken(server, [(voice, time) for voice, time in words if voice.own])
    replayed = {what(voice): round(time - DEPLOY) for voice, time in words}
    kept = {name: row["after"] for name, row in _rows().items() if row["who"] in {"slogen", "other"}}
    due = {name: after for name, after in kept.items() if after <= end - DEPLOY and not name.startswith("SLO")}
    assert replayed == pytest.approx(due, abs=61), "run `make incident`"
    said = told["MemoryExhaustion container"]["description"]
    foretold = said.partition(f"{victim.name} is out of memory in ")[2].partition(";")[0].replace(" ", "")
    assert seconds(foretold) == pytest.approx(death - DEPLOY - replayed[PAGED], rel=0.2)
