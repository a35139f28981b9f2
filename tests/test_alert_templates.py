"""What is said of a template agrees with what Prometheus does with it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from harness.promtool import check_rules
from harness.tools import Tools

from slogen.alert_templates import template_problem

GOOD = [
    "plain text", "{{ $value | humanize }}", "{{ $labels.job }}", "{{- $labels.job -}}", '{{ "a}}" }}', '{{ "{{" }}',
    '{{ with query `up{a="b"}` }}{{ . | first | value }}{{ else }}no{{ end }}', "{{/* said */}}", "{{ -1.5 }}",
    '{{ range $i, $x := query "up" }}{{ $x.Labels.job }}{{ end }}', '{{ printf "%.2f" $value }}',
    "{{ $x := 1 }}{{ $x }}",
    '{{ if eq $labels.a "b" }}x{{ else if gt $value 1.5 }}y{{ end }}',
    "{{ $externalLabels.cluster }}{{ $externalURL }}",
]  # fmt: skip
BAD = [
    "{{ $value", "a }}{{ b", "{{ end }}", "{{ if $value }}x", "{{ ( }}", "{{ }}", "{{ $value + 1 }}",
    "{{ $label.job }}", "{{ $value | humanise }}", "{{ else }}", "{{ $value * 100 }}",
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_good_templates_pass(text: str) -> None:
    assert template_problem(text) is None


@pytest.mark.parametrize("text", BAD)
def test_bad_templates_are_told(text: str) -> None:
    problem = template_problem(text)
    assert problem is not None
    assert all(problem)


@pytest.mark.prometheus
def test_prometheus_agrees(tools: Tools, tmp_path: Path) -> None:
    def accepts(numbered: tuple[int, str]) -> bool:
        number, text = numbered
        rule = {"alert": "A", "expr": "up == 0", "annotations": {"summary": text}}
        file = tmp_path / f"{number}.yml"
        file.write_text(yaml.safe_dump({"groups": [{"name": "g", "rules": [rule]}]}), encoding="utf-8")
        return check_rules(tools, [file], lint=False)[0]

    with ThreadPoolExecutor(2) as pool:
        accepted = dict(zip([*GOOD, *BAD], pool.map(accepts, enumerate([*GOOD, *BAD])), strict=True))
    assert {text for text, fine in accepted.items() if fine} == set(GOOD)
