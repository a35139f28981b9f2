"""The replay: raw series in a real Prometheus, slogen's own rules over them, and when each alert fired."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from harness.alerts import evaluate_alert
from harness.backfill import SeriesData
from harness.rules import Rule, load_rules
from harness.server import Prometheus
from harness.staged import phases, record

from slogen.pipeline import compile_specs, render

ROOT = Path(__file__).resolve().parents[2]
SPEC = Path("slos/payments.yaml")
OTHERS = Path(__file__).with_name("others.rules.yml")


@dataclass(frozen=True)
class Voice:
    """One alerting rule, and the spans (unix seconds, first and last evaluation) in which it fired for anything."""

    rule: Rule
    phase: float
    own: bool
    annotations: Mapping[str, str]
    spans: tuple[tuple[float, float], ...]

    @property
    def name(self) -> str:
        """`MemoryExhaustion container`: the alert, and what of the service it is about."""
        about = self.rule.labels.get("resource", "")
        return f"{self.rule.name} {about}".strip()

    def word_after(self, time: float) -> float | None:
        """When it first began to fire at or after that time."""
        return next((first for first, _ in self.spans if first >= time), None)

    def spoke(self, begin: float, end: float) -> list[tuple[float, float]]:
        """Spans that began in [begin, end)."""
        return [span for span in self.spans if begin <= span[0] < end]


def rules() -> str:
    """What slogen compiles from the service's spec."""
    with contextlib.chdir(ROOT):
        (file,) = render(compile_specs([SPEC]).plan, ["prometheus"])
    return file.text


def heard(
    server: Prometheus, series: list[SeriesData], begin: float, end: float, groups: tuple[str, ...] = ()
) -> list[Voice]:
    """Records and judges every rule of the spec, or of groups whose names end so, and the rules of others."""
    text = rules()
    compiled = [rule for rule in load_rules(text) if rule.group.endswith(groups or ("",))]
    offsets = phases(load_rules(text))
    chosen = {rule.group for rule in compiled}
    record(server, text, begin, end, only=lambda rule: rule.group in chosen, extra=series)
    told = _annotations(text)
    voices = []
    for rule in [*compiled, *load_rules(OTHERS.read_text(encoding="utf-8"))]:
        if rule.is_alert:
            phase = offsets.get(rule.group, 17.0)
            fired = evaluate_alert(server, rule, begin, end, phase=phase)
            spans = _merged([(one.first, one.last) for one in fired], rule.interval)
            voices.append(Voice(rule, phase, rule.group in offsets, told.get((rule.group, rule.name), {}), spans))
    return voices


def _annotations(text: str) -> dict[tuple[str, str], dict[str, str]]:
    """The templates of each alert, by its group and name."""
    return {
        (group["name"], rule["alert"]): rule.get("annotations", {})
        for group in yaml.safe_load(text)["groups"]
        for rule in group["rules"]
        if "alert" in rule
    }


def _merged(spans: list[tuple[float, float]], step: float) -> tuple[tuple[float, float], ...]:
    """Spans of several series of one rule as spans of the rule."""
    out: list[tuple[float, float]] = []
    for first, last in sorted(spans):
        if out and first <= out[-1][1] + step + 0.5:
            out[-1] = out[-1][0], max(out[-1][1], last)
        else:
            out.append((first, last))
    return tuple(out)
