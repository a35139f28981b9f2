"""Each lint rule finds its bad example and nothing in its good one, points into it, and is one file."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest

from slogen.discovery import codes
from slogen.findings import Severity
from slogen.lint.checking import RULES, rules
from slogen.lint.fixing import mended
from slogen.lint.limits import Limits
from slogen.lint.problems import Found
from slogen.linting import example_findings, texts
from slogen.spec.lint import LintLimits


@pytest.mark.parametrize(("code", "module"), rules().items(), ids=list(rules()))
def test_a_rule_finds_its_bad_example_and_nobody_anything_in_its_good_one(code: str, module: ModuleType) -> None:
    found = example_findings(module.BAD)
    assert {one.finding.code for one in found} - getattr(module, "ALSO", set()) == {code}, found
    for one in found:
        lines = texts(module.BAD)[one.finding.place.file].splitlines()
        assert lines[one.finding.place.line - 1][one.finding.place.column - 1 :].strip(), one
        assert one.end is None or one.end > one.finding.place
        assert one.finding.message and one.finding.hint
        assert not one.finding.message.endswith(".")
    assert [str(one.finding) for one in example_findings(module.GOOD)] == []
    assert isinstance(module.SEVERITY, Severity)


@pytest.mark.parametrize(("code", "module"), rules().items(), ids=list(rules()))
def test_a_mended_example_is_not_told_again(code: str, module: ModuleType) -> None:
    found = [one for one in example_findings(module.BAD) if one.edits]
    given: Mapping[str, str] = texts(module.BAD)
    now = {
        file: mended(text, [edit for one in found for edit in one.edits if edit.file == file])
        for file, text in given.items()
    }
    again: list[Found] = [one for one in example_findings(now) if one.finding.code == code and one.edits]
    assert not again
    assert not found or now != given


def test_the_configuration_knows_every_rule_and_limit() -> None:
    assert codes(RULES) == sorted(rules())
    assert set(LintLimits.model_fields) == set(Limits.__dataclass_fields__)
    built, configured = Limits(), LintLimits()
    assert {name: getattr(built, name) for name in LintLimits.model_fields} == dict(configured)


NEW_RULE = '''
"""Names: an alert has a name in capitals."""
from slogen.findings import Severity
from slogen.lint.subject import Context

SEVERITY = Severity.ERROR

def check_rule(rule, context):
    if rule.rule.is_alert and rule.rule.name.value.islower():
        yield rule.problem("a quiet name", "shout", rule.rule.name)
'''
FILE = "groups:\n  - name: g\n    rules:\n      - alert: quiet\n        expr: up == 0\n"


def test_a_new_rule_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "alert_name.py").write_text(NEW_RULE, encoding="utf-8")
    (tmp_path / "rules.yml").write_text(FILE, encoding="utf-8")
    script = (
        "import slogen.lint.rules.rules; slogen.lint.rules.rules.__path__.append('plugins');"
        "from slogen.cli import main; main(['lint', 'rules.yml'])"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stderr
    assert "rules.yml:4:16: error: a quiet name [rules/alert-name]" in run.stdout
