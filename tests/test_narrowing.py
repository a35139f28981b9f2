"""What a past is judged by: the rules that its questions mean, said shorter only where nothing can change by it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from compile import rules_text, service_of, slo_plan

from slogen import naming
from slogen.proof.narrowing import behind, reworded, wording

SLI = {"type": "latency", "histogram": 'request_seconds{job="shop"}'}
SPEC = service_of(
    {
        "name": "latency",
        "window": "30d",
        "objectives": [
            {"name": "p99", "objective": 99, "threshold": "1s"},
            {"name": "p90", "objective": 90, "threshold": "500ms"},
        ],
        "sli": SLI,
    }
)
SLO = slo_plan(SPEC).slo
IDENTITY = f'service="{SLO.service}", slo="{SLO.name}"'
ASKED = [f'count(ALERTS{{alertname="SLOBudgetBurnPage", alertstate="firing", {IDENTITY}, objective="p90"}})']


def _groups() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(rules_text(SPEC))["groups"]
    return found


def _made(groups: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    rules = [rule for group in groups for rule in group["rules"]]
    return {
        (rule.get("record") or rule["alert"], rule["labels"].get("objective", ""), rule["labels"].get("window", ""))
        for rule in rules
    }


def test_a_question_means_the_rules_of_its_objective_and_windows() -> None:
    made = _made(behind(_groups(), ASKED, ()))
    assert {objective for _, objective, _ in made} == {"", "p90"}
    assert {name for name, _, _ in made} >= {"SLOBudgetBurnPage", naming.BURN_RATE, naming.TOTAL_BASE, naming.BAD_BASE}
    few = _made(behind(_groups(), ASKED, ("1h", "5m")))
    assert {window for _, _, window in few} <= {"", "1h", "5m"}


def test_a_selector_that_says_less_means_more() -> None:
    both = behind(_groups(), [f"sum({naming.BAD_LEDGER})"], ())
    assert {objective for _, objective, _ in _made(both)} == {"", "p99", "p90"}
    assert not behind(_groups(), [f"{naming.BAD_LEDGER}x{{{IDENTITY}}}", f'{naming.BAD_LEDGER}{{slo="other"}}'], ())


def test_rules_are_said_shorter_and_back() -> None:
    groups = behind(_groups(), ASKED, ())
    said = wording(SLO, groups, ASKED)
    assert said is not None
    short = reworded(groups, said)
    assert IDENTITY not in str(short)
    assert all(rule["labels"].keys().isdisjoint({"service"}) for group in short for rule in group["rules"])
    texts = [[rule["expr"] for group in several for rule in group["rules"]] for several in (groups, short)]
    assert texts[0] == [said.restored(text) for text in texts[1]]
    assert sum(map(len, texts[1])) < 0.9 * sum(map(len, texts[0]))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (IDENTITY, f'service="{SLO.service}"'),
        (IDENTITY, 'service="another", slo="latency"'),
        ("sum(", 'sum without ("service") ('),
        ("sum(", 'label_replace({__name__="x"}, "a", "$1", "service", "(.*)") + sum('),
    ],
)
def test_rules_that_tell_the_two_labels_apart_stay_as_they_are(old: str, new: str) -> None:
    groups = behind(_groups(), ASKED, ())
    rule = next(rule for group in groups for rule in group["rules"] if old in rule["expr"])
    rule["expr"] = rule["expr"].replace(old, new, 1)
    assert wording(SLO, groups, ASKED) is None


def test_a_rule_with_another_label_stays_as_it_is() -> None:
    groups = behind(_groups(), ASKED, ())
    groups[0]["rules"][0]["labels"] = {**groups[0]["rules"][0]["labels"], "service": "another"}
    assert wording(SLO, groups, ASKED) is None
