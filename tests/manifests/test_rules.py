"""Each rule finds what its bad example shows and nothing in its good one, and is one file."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from slogen.findings import Severity
from slogen.manifests.checking import rule_names, rules

ROOT = Path(__file__).parents[2]
RULES = rules()


def _docs() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs", ROOT / "scripts" / "docs.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DOCS = _docs()


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_finds_its_bad_example_and_not_its_good_one(rule: ModuleType) -> None:
    (problem,) = DOCS.problems(rule, rule.BAD)
    lines = rule.BAD.strip().splitlines()
    assert lines[problem.place.line - 1][problem.place.column - 1 :].strip()
    assert problem.message and problem.hint
    assert DOCS.problems(rule, rule.GOOD) == []
    assert isinstance(rule.SEVERITY, Severity)


def test_the_configuration_knows_every_rule() -> None:
    assert rule_names() == list(RULES)


NEW_RULE = '''
"""Tags: an image has a tag."""
from slogen.findings import Severity
from slogen.manifests.house import in_container

SEVERITY = Severity.ERROR

def check(cluster, limits):
    for workload, container in cluster.containers():
        if ":" not in container.image:
            yield in_container(workload, container, container.spot.place("image"), "which version?", "write a tag")
'''


def test_a_new_rule_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "image_tag.py").write_text(NEW_RULE, encoding="utf-8")
    manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - {name: b, image: c}\n"
    (tmp_path / "pod.yaml").write_text(manifest, encoding="utf-8")
    script = (
        "import slogen.manifests.rules; slogen.manifests.rules.__path__.append('plugins');"
        "from slogen.cli import main; main(['check-manifests', 'pod.yaml'])"
    )
    run = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "pod.yaml:6:22: error: container 'b': which version? [manifest/image-tag]" in run.stderr
