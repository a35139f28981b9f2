"""What slogen writes, Prometheus takes: any text, any policy, any period, on each version."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml
from compile import rules_of, service_of
from harness.promtool import check_rules
from harness.tools import Tools

from slogen.promql.quoting import quote

pytestmark = pytest.mark.prometheus

NASTY = [
    "p99 > 300ms # see", "no", "{{ $labels.x }}", "<< x >>", "a: b", "'", '"', "\\", "\n", " x ", "\t", "\x7f",
    "\u2028", "\ufeff", "😀",
]  # fmt: skip


def _check(tools: Tools, tmp_path: Path, *slos: dict[str, object]) -> list[dict[str, object]]:
    files = []
    for path, text in rules_of(service_of(*slos)).items():
        file = tmp_path / Path(path).name
        file.write_text(text, encoding="utf-8")
        files.append(file)
    ok, output = check_rules(tools, files)
    assert ok, output
    groups = yaml.load(files[0].read_text(encoding="utf-8"), yaml.CSafeLoader)["groups"]  # CSafeLoader is safe
    return [rule for group in groups for rule in group["rules"]]


def test_any_text(tools: Tools, tmp_path: Path) -> None:
    rng = random.Random(1)
    texts = NASTY + ["".join(chr(rng.randrange(1, 0x2FFF)) for _ in range(12)) for _ in range(40)]
    slos = [
        {
            "name": f"s{number}",
            "description": text,
            "objective": 99.9,
            "sli": {"type": "events", "bad": f"bad{{job={quote(text)}}}", "total": f"total{{job={quote(text)}}}"},
            "alerting": {"labels": {"note": text}},
        }
        for number, text in enumerate(texts)
    ]
    assert len(_check(tools, tmp_path, *slos)) > len(texts) * 20


@pytest.mark.parametrize("window", ["7d", "28d", "30d", "90d"])
def test_every_type_period_and_objective(tools: Tools, tmp_path: Path, window: str) -> None:
    latency = {"type": "latency", "histogram": 'request_duration_seconds{job="x"}', "good": '{code!~"5.."}'}
    thresholds = [
        {"name": "p99", "threshold": "1s", "objective": 99},
        {"name": "p90", "threshold": "300ms", "objective": 90},
    ]
    expression = 'sum(rate(x_total{job="a"}[$window])) # per second'
    counters = {"type": "events", "bad": "c_total", "total": "a_total"}
    parts = {"type": "events", "good": ["a_total", "b_total"], "bad": "c_total"}
    halves = {"type": "events", "good": expression.replace("x_total", "good_total"), "total": expression}
    slos: list[dict[str, object]] = [
        {"name": "classic", "window": window, "sli": latency, "objectives": thresholds},
        {"name": "native", "window": window, "sli": {**latency, "native": True}, "objectives": thresholds},
        {"name": "good-total", "objective": 30, "sli": halves},
        {"name": "good-bad", "objective": 99.99, "window": window, "sli": parts},
        {"name": "tickets", "objective": 80, "sli": counters, "alerting": {"policy": "tickets-only"}},
        {"name": "quiet", "objective": 99, "sli": counters, "alerting": {"policy": "none"}},
    ]
    rules = _check(tools, tmp_path, *slos)
    pages = {str(rule["labels"]) for rule in rules if rule.get("alert") == "SLOBudgetBurnPage"}
    assert len(pages) == 6
