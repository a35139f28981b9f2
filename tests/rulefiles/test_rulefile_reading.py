"""Files of rules: what is in them, and where."""

from __future__ import annotations

import pytest

from slogen.findings import Severity
from slogen.rulefiles.model import RuleFile
from slogen.rulefiles.reading import read_rules
from slogen.rulefiles.validity import problems
from slogen.yamltext.characters import characters
from slogen.yamltext.text import Node

RULES = """\
groups:
  - name: api
    interval: 60s
    limit: 5
    query_offset: 1m
    labels: {team: core}
    rules:
      # slogen:ignore alert/some-code on purpose
      - record: job:errors:rate5m
        expr: |-
          sum by (job) (
            rate(errors_total[5m])
          )
        labels:
          tier: 1
      - alert: "Errors"
        expr: "job:errors:rate5m{job=\\"api\\"} > 0.05" # slogen:ignore promql/x y
        for: 5m
        keep_firing_for: 10m
        annotations:
          summary: 'it''s # slogen:not-a-comment'
"""


def read(text: str) -> RuleFile:
    found = read_rules(text.encode(), "rules.yml")
    assert not found.findings
    return found.file


def where(text: str, needle: str) -> tuple[int, int]:
    before = text[: text.index(needle)]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def test_everything_is_there_with_its_place() -> None:
    (group,) = read(RULES).groups
    assert (group.name.value, group.resource, group.labels["team"].value) == ("api", "", "core")
    assert [one and one.value for one in (group.interval, group.limit, group.query_offset)] == ["60s", "5", "1m"]
    recording, alert = group.rules
    assert (recording.kind, recording.name.value, recording.group) == ("record", "job:errors:rate5m", "api")
    assert recording.expr.value == "sum by (job) (\n  rate(errors_total[5m])\n)"
    assert {name: one.value for name, one in recording.labels.items()} == {"tier": "1"}
    assert (recording.wait, recording.hold, recording.annotations) == (None, None, {})
    assert alert.is_alert and alert.wait and alert.hold
    assert (alert.wait.value, alert.hold.value) == ("5m", "10m")
    assert alert.annotations["summary"].value == "it's # slogen:not-a-comment"
    places = {
        "- record": recording.place,
        "|-": recording.expr.place,
        "errors_total[": recording.expr.at(recording.expr.value.index("errors_total")),
        "tier": recording.labels["tier"].key_place,
        "1\n": recording.labels["tier"].place,
        'api\\"': alert.expr.at(alert.expr.value.index("api")),
        "> 0.05": alert.expr.at(alert.expr.value.index("> 0.05")),
        "# slogen:not": alert.annotations["summary"].at(alert.annotations["summary"].value.index("#")),
    }
    for needle, place in places.items():
        line, column = where(RULES, needle)
        assert (place.line, place.column) == (line, column + 2 * needle.startswith("- ")), needle


def test_comments_for_slogen_are_told_from_text_in_quotes() -> None:
    found = read(RULES)
    assert [(one.text, one.is_alone) for one in found.comments] == [
        ("slogen:ignore alert/some-code on purpose", True),
        ("slogen:ignore promql/x y", False),
    ]
    assert [found.source.text[one.start] for one in found.comments] == ["#", "#"]


@pytest.mark.parametrize("is_listed", [False, True])
def test_objects_of_kubernetes(is_listed: bool) -> None:
    one = "kind: PrometheusRule\nmetadata: {name: api, namespace: shop}\nspec:\n"
    one += "  groups: [{name: g, rules: [{record: a, expr: b}]}]\n"
    text = "kind: List\nitems:\n  - " + one.replace("\n", "\n    ") if is_listed else f"kind: ConfigMap\n---\n{one}"
    (group,) = read(text).groups
    assert (group.resource, group.name.value, group.rules[0].expr.value) == ("shop/api", "g", "b")
    place = group.rules[0].expr.place
    assert (place.line, place.column) == where(text, "b}")


def test_an_alias_stands_where_its_text_does() -> None:
    text = "groups:\n- name: g\n  rules:\n  - {record: a, expr: &e up == 0}\n  - {record: b, expr: *e}\n"
    first, second = read(text).groups[0].rules
    assert second.expr.value == "up == 0"
    assert first.expr.at(3) == second.expr.at(3)
    assert (second.expr.at(3).line, second.expr.at(3).column) == where(text, "== 0")


@pytest.mark.parametrize(
    "text",
    [
        "groups: [1, {rules: 3}, {name: [], rules: [4, {}, {record: [], expr: {}}]}, {name: g, rules: {a: b}}]",
        "groups: {name: 3}",
        "- groups",
        "kind: PrometheusRule\nspec: 3",
        "kind: List\nitems: [3, {kind: PrometheusRule}]",
        "",
    ],
)
def test_shapes_that_mean_nothing_are_left_out(text: str) -> None:
    assert not [rule for _, rule in read(text).rules()]


def test_what_is_empty_is_at_its_key() -> None:
    text = "groups:\n- rules:\n  - alert: A\n    for:\n    labels: {b: }\n"
    (group,) = read(text).groups
    (rule,) = group.rules
    assert rule.wait and (rule.wait.value, rule.wait.place) == ("", rule.wait.key_place)
    assert (rule.wait.place.line, rule.expr.value, rule.expr.place) == (4, "", rule.place)
    assert rule.labels["b"].value == ""
    assert group.name.value == ""


@pytest.mark.parametrize(
    "written",
    [
        "|-\n{m}a\n{m}  b\n{m}c",
        "|\n{m}a\n\n{m}b\n",
        "|2-\n{m}  a",
        "| # why\n{m}a\n{m}b",
        ">-\n{m}a\n{m}b\n\n{m}c",
        "a b",
        "a\n{m}b",
        "'a b'",
        "'it''s'",
        '"a b"',
        '"a\\tb\\"c"',
        "&x a b",
        "!!str a",
        "  a",
        "|-\n\n{m}a",
    ],
)
def test_places_are_found_quickly_as_they_are_slowly(written: str) -> None:
    for line_break in ("\n", "\r\n"):
        text = f"groups:\n- name: g\n  rules:\n  - record: a\n    expr: {written.replace('{m}', ' ' * 6)}\n"
        expr = read(text.replace("\n", line_break)).groups[0].rules[0].expr
        slow = characters(expr.source.text, Node(expr.start, expr.end, expr.style), expr.value)
        assert [expr.character(offset) for offset in range(len(expr.value))] == slow[: len(expr.value)]


def test_what_is_no_yaml_is_told() -> None:
    found = read_rules(b"groups:\n- name: g\n  rules: [\n---\ngroups:\n- {name: h, rules: []}\n", "rules.yml")
    assert [one.code for one in found.findings] == ["yaml/syntax"]
    assert [group.name.value for group in found.file.groups] == ["h"]


@pytest.mark.parametrize("text", ["- groups\n", "kind: PrometheusRule\nspec: {groups: 1}\n", "groups: [[rules]]\n"])
def test_what_has_another_shape_is_told(text: str) -> None:
    found = list(problems(read_rules(text.encode(), "rules.yml")))
    assert found
    assert {one.severity for one in found} == {Severity.ERROR}
