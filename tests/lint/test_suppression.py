"""Comments that say that a finding is meant: what they cover, and when they are told of themselves."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from slogen.linting import Request, lint, lint_texts

TODAY = date(2026, 6, 30)
HEAD = "groups:\n"


def rule(name: str) -> str:
    head = f"      - record: job:{name}:rate\n        expr: |-\n          rate(a_total[1s])\n"
    return f"{head}        labels:\n          b: c\n"


def group(name: str, *rules: str) -> str:
    return f"  - name: {name}\n    rules:\n{''.join(rules)}"


def codes(text: str, today: date = TODAY) -> list[tuple[str, int]]:
    found = [one.finding for one in lint_texts({"rules.yml": text}, today=today)]
    return [(one.code, one.place.line) for one in found if one.code in MEANT or one.code.startswith("lint/")]


SHORT = "promql/range-short"
MEANT = {SHORT, "promql/regex-plain", "slo/owner-missing"}
IGNORE = f"# slogen:ignore {SHORT} it is meant"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (HEAD + group("g", rule("x"), rule("y")), [6, 11]),
        (HEAD + group("g", f"      {IGNORE}\n", rule("x"), rule("y")), [12]),
        (HEAD + group("g", f"      {IGNORE}\n\n      # more\n", rule("x"), rule("y")), [14]),
        (HEAD + group("g", rule("x").replace("|-\n", f"|- {IGNORE}\n"), rule("y")), [11]),
        (HEAD + group("g", rule("x").replace("expr: |-\n", f"expr: |-\n          {IGNORE}\n"), rule("y")), [12]),
        (HEAD + group("g", rule("x").replace("x:rate", f"x:rate {IGNORE}"), rule("y")), [11]),
        (HEAD + group("g", rule("x").replace("labels:", f"labels: {IGNORE}"), rule("y")), [6, 11]),
        (HEAD + f"  {IGNORE}\n" + group("g", rule("x"), rule("y")) + group("h", rule("z")), [19]),
        (HEAD + group("g", rule("x")).replace("rules:", f"rules: {IGNORE}") + group("h", rule("z")), [13]),
        (IGNORE + "\n" + HEAD + group("g", rule("x")), []),
        (HEAD + group("g", rule("x")) + IGNORE.replace("ignore", "ignore-file") + "\n", []),
        (HEAD + group("g", rule("x").replace("record: job", f"{IGNORE}\n        record: job")), []),
    ],
)
def test_what_a_comment_covers(text: str, left: list[int]) -> None:
    assert [line for code, line in codes(text) if code == SHORT] == left


def test_a_comment_with_a_day_wakes_after_it() -> None:
    text = HEAD + group("g", f"      # slogen:ignore {SHORT} until 2026-06-30 the exporter is slow\n", rule("x"))
    assert codes(text) == []
    assert codes(text, date(2026, 7, 1)) == [("lint/ignore-over", 4), (SHORT, 7)]


def test_a_comment_in_a_spec_covers_an_slo() -> None:
    spec = "apiVersion: slogen/v1\nkind: Service\n{}metadata: {{name: a}}\nspec:\n  slos:\n"
    spec += "    - {{name: b, objective: 99.9, sli: {{type: events, bad: 'd_total{{e=\"f\"}}', total: d_total}}}}\n"
    ignore = "# slogen:ignore slo/owner-missing nobody does\n"
    for comment, told in (("", ["slo/owner-missing"]), (ignore, [])):
        found = [one.finding.code for one in lint_texts({"a.yaml": spec.format(comment)}, today=TODAY)]
        assert [code for code in found if code in MEANT or code.startswith("lint/")] == told


def test_several_codes() -> None:
    text = HEAD + group("g", f"      # slogen:ignore {SHORT}, promql/regex-plain it is meant\n", rule("x"))
    assert codes(text) == [("lint/ignore-unused", 4)]
    assert codes(text.replace("a_total", 'a_total{x=~"y"}')) == []


def test_what_is_off_needs_no_comment_and_is_not_told_to_be_unused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = f"apiVersion: slogen/v1\nkind: Config\nspec: {{lint: {{severities: {{{SHORT}: off}}}}}}\n"
    Path("slogen.yaml").write_text(config, encoding="utf-8")
    Path("rules.yml").write_text(HEAD + group("g", f"      {IGNORE}\n", rule("x")), encoding="utf-8")
    found = [one.finding.code for one in lint(Request((Path("rules.yml"),), today=TODAY)).found]
    assert not [code for code in found if code == SHORT or code.startswith("lint/")]
