"""What slogen says of a file of rules is what `promtool check rules` says, file by file, and at the right place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from corpus import CORPUS, PAGE, SCHEMA, VERSIONS, Case, cases, found, judged, page, schema_takes, validator
from harness.tools import Tools
from jsonschema import Draft7Validator

from slogen.source import parse_bytes
from slogen.yamltext.dialect import FOREIGN

ROOT = Path(__file__).resolve().parents[2]
CASES = cases()


def test_the_table_names_every_file() -> None:
    assert sorted(case.path for case in CASES) == sorted(CORPUS.glob("*/*.yml"))
    assert len(CASES) >= 400
    wrong = [case.name for case in CASES if case.loads((3, 15)) != (case.path.parent.name == "valid")]
    assert not wrong, "in the wrong folder"


@pytest.mark.parametrize("version", VERSIONS, ids=str)
def test_every_mistake_is_told_at_its_place_and_nothing_else(version: tuple[int, int]) -> None:
    said = {case.name: sorted(found(case, version)) for case in CASES}
    assert said == {case.name: sorted(mark.shown() for mark in case.marks_at(version)) for case in CASES}


@pytest.mark.prometheus
def test_promtool_agrees(tools: Tools) -> None:
    verdicts = judged(tools.promtool, (case.path for case in CASES))
    assert len(verdicts) == len(CASES)
    ours = {case.name: all(" ~" in one for one in found(case, tools.version)) for case in CASES}
    differ = {case.name for case in CASES if verdicts[case.path] != ours[case.name]}
    assert differ == {case.name for case in CASES if case.differs}


def test_the_schema_is_one() -> None:
    Draft7Validator.check_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_the_schema_refuses_nothing_that_prometheus_takes() -> None:
    assert [case.name for case in CASES if case.loads((3, 15)) and not schema_takes(case)] == []


def test_the_schema_takes_what_slogen_writes() -> None:
    files = sorted((ROOT / "generated" / "prometheus").rglob("*.rules.yml"))
    assert files
    for path in files:
        for document in parse_bytes(path.read_bytes(), path.name, FOREIGN)[0]:
            validator().validate(document.data)


SEEN_BY_THE_SCHEMA = {
    "rulefile/unknown-field", "rulefile/type", "rulefile/duration", "rulefile/kind", "rulefile/expr-missing",
    "rulefile/group-name", "rulefile/label-name", "rulefile/annotation-name", "rulefile/record-name",
    "rulefile/alert-only",
}  # fmt: skip
BEYOND_IT = {
    "duration-a-block", "duration-longer-than-can-be-counted", "duration-more-digits-than-can-be-counted",
    "duration-zero-as-a-fraction", "duration-block", "limit-not-a-number", "limit-a-number-tagged-as-text",
    "promql", "rule-expr-blank",
}  # fmt: skip


def _is_for_the_schema(case: Case) -> bool:
    codes = {mark.code for mark in case.marks_at((3, 15)) if not mark.is_warning}
    return bool(codes & SEEN_BY_THE_SCHEMA) and not any(code.startswith("yaml/") for code in codes)


def test_the_schema_finds_what_a_schema_can_say() -> None:
    missed = {case.path.stem for case in CASES if _is_for_the_schema(case) and schema_takes(case)}
    assert missed <= BEYOND_IT


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python bench/corpus.py --docs"
