"""Habits of rules that people write: those that are right are not told, and their wrong neighbours are."""

from __future__ import annotations

import pytest

from slogen.linting import lint_texts

ALERT = """\
groups:
  - name: g
    rules:
      - alert: A
        expr: {expr}
        labels: {{severity: page}}
        annotations:
          summary: '{summary}'
"""


def _codes(expr: str, summary: str = "x") -> list[str]:
    return [one.finding.code for one in lint_texts({"rules.yml": ALERT.format(expr=expr, summary=summary)})]


@pytest.mark.parametrize(
    ("right", "wrong", "code"),
    [
        ("vector(1)", "up", "rules/alert-always"),
        ("1", "vector(time())", "rules/alert-always"),
        (
            "up * on (pod) group_left (node) topk by (pod) (1, pod_info) > 1",
            "topk by (pod) (1, pod_restarts) > 1",
            "promql/topk-recorded",
        ),
        (
            "up * on (pod) group_left (node) topk by (pod) (1, pod_info) > 1",
            "up * on (pod) group_left (node) topk by (pod) (2, pod_info) > 1",
            "promql/topk-recorded",
        ),
        (
            "min without (to) (rate(a_total[5m]) / rate(b_total[5m])) > 1",
            "avg without (to) (rate(a_total[5m]) / rate(b_total[5m])) > 1",
            "promql/division-inside",
        ),
        (
            "(disk_total - disk_used) / disk_total < 0.1 and disk_total > 0",
            "errors_total / 60 > 1",
            "promql/counter-rate",
        ),
        ("disk_free / (disk_total * factor) < 0.1", "errors_total / requests_total > 0.1", "promql/counter-rate"),
    ],
)
def test_what_is_right_is_not_told_and_its_neighbour_is(right: str, wrong: str, code: str) -> None:
    assert _codes(right) == []
    assert set(_codes(wrong)) == {code}


@pytest.mark.parametrize(
    ("summary", "count"),
    [
        ("{{ $labels.job }} is down", 0),
        ("{{ $labels.pod }} of {{- $labels.zone -}}", 2),
        ("costs $labels.pod of nothing", 0),
        ("{{/* $labels.pod */}}fine", 0),
        ("{{ if $labels.pod }}{{ end }}", 0),
        ("a {{ $labels.severity }} of {{ $labels.alertname }}", 2),
    ],
)
def test_labels_of_templates_are_those_of_the_expression(summary: str, count: int) -> None:
    assert _codes("sum by (job) (up) < 1", summary) == ["rules/template-label"] * count


def test_labels_of_groups_make_different_alerts_and_series() -> None:
    rules = "    rules: [{alert: A, expr: up == 0}, {record: 'a:b:c', expr: sum(up)}]\n"
    one, other = f"  - name: a\n    labels: {{zone: a}}\n{rules}", f"  - name: b\n    labels: {{zone: b}}\n{rules}"
    same = other.replace("zone: b", "zone: a")

    def codes(text: str) -> list[str]:
        return sorted(one.finding.code for one in lint_texts({"rules.yml": f"groups:\n{text}"}, version=(3, 15)))

    assert codes(one + other) == []
    assert codes(one + same) == ["rules/alert-twice", "rules/recorded-twice"]


def test_a_hint_for_a_file_of_rules_holds_nothing_of_specs() -> None:
    found = lint_texts({"rules.yml": ALERT.format(expr="rate(up) > 1", summary="x")})
    assert [one.finding.code for one in found] == ["rulefile/promql"]
    assert "$window" not in (found[0].finding.hint or "")


@pytest.mark.parametrize("mark", ["\x85", "\u2028", "\u2029"])
def test_a_comment_that_ends_sooner_for_prometheus_is_told(mark: str) -> None:
    text = ALERT.format(expr="up < 1", summary=f"fine {mark} here")
    assert [one.finding.code for one in lint_texts({"rules.yml": text})] == []
    found = lint_texts({"rules.yml": f"# a {mark} b\n{text}"})
    assert [(one.finding.code, one.finding.place.column) for one in found] == [("rulefile/line-break", 5)]


@pytest.mark.parametrize("expr", [" + on (a) ".join(["x"] * 490), " + ".join(["x_total"] * 490), "-" * 490 + "x"])
def test_a_long_expression_is_judged(expr: str) -> None:
    assert "rules/alert-always" in _codes(expr, "{{ $labels.pod }}")
