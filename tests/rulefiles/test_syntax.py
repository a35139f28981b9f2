"""Templates and expressions are taken and refused as Prometheus of each version takes and refuses them.

Each line of templates.txt and expressions.txt begins with the verdicts, + or -: of 2.42 and 3.15 on templates, of 2.42,
2.53 and 3.15 on expressions. promtool is held against them too.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from corpus import judged
from harness.tools import Tools

from slogen.alert_templates import find_problem
from slogen.rulefiles.expressions import expression_problem

HERE = Path(__file__).parent
NEWEST = (3, 15)
KNOWN = {'{a=~"[a--b]"}', "sum(up) by (a:b)", "anchored", "smoothed"}
"""Where the parser library and Prometheus differ: docs/lint-corpus.md says so."""


def _verdicts(name: str, versions: tuple[tuple[int, int], ...]) -> dict[tuple[int, int], dict[str, bool]]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    pairs = [line.split("\t", 1) for line in lines]
    texts = {text.replace("␤", "\n"): signs for signs, text in pairs}
    return {
        version: {text: signs[number] == "+" for text, signs in texts.items()}
        for number, version in enumerate(versions)
    }


TEMPLATES = _verdicts("templates.txt", ((2, 42), NEWEST))
EXPRESSIONS = _verdicts("expressions.txt", ((2, 42), (2, 53), NEWEST))


@pytest.mark.parametrize("version", TEMPLATES, ids=str)
def test_templates(version: tuple[int, int]) -> None:
    assert {text: find_problem(text, version) is None for text in TEMPLATES[version]} == TEMPLATES[version]


@pytest.mark.parametrize("version", EXPRESSIONS, ids=str)
def test_expressions(version: tuple[int, int]) -> None:
    said = {text: expression_problem(text, version) is None for text in EXPRESSIONS[version]}
    assert {text for text, taken in EXPRESSIONS[version].items() if said[text] != taken} <= KNOWN


def test_problems_point_into_the_text_and_say_what_to_write() -> None:
    for text in TEMPLATES[NEWEST]:
        problem = find_problem(text, NEWEST)
        assert problem is None or (0 <= problem.offset <= len(text) and problem.message and problem.hint), text
    for text in EXPRESSIONS[NEWEST]:
        told = expression_problem(text, NEWEST)
        assert told is None or (0 <= told.offset <= len(text) and told.message), text


@pytest.mark.prometheus
@pytest.mark.parametrize("kind", ["templates", "expressions"])
def test_promtool_agrees(kind: str, tools: Tools, tmp_path: Path) -> None:
    known = TEMPLATES if kind == "templates" else EXPRESSIONS
    verdicts = known[max(version for version in known if version <= tools.version)]
    files = {}
    for number, text in enumerate(verdicts):
        rule = {"alert": "A", "expr": "up", "annotations": {"x": text}} if kind == "templates" else None
        rule = rule or {"record": "a", "expr": text}
        files[text] = tmp_path / f"{number}.yml"
        files[text].write_text(json.dumps({"groups": [{"name": "g", "rules": [rule]}]}), encoding="utf-8")
    taken = judged(tools.promtool, files.values())
    assert {text: taken[file] for text, file in files.items()} == verdicts
