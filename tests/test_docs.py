"""What the documentation shows is what happens."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from click.testing import CliRunner
from compile import repository

from slogen.cli import main

ROOT = Path(__file__).parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
SCRIPT = ROOT / "scripts" / "docs.py"
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _anchors(page: Path) -> set[str]:
    """Anchors of a page's headings, as they are made of them when it is shown."""
    prose = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere_and_nothing_is_left_to_fill_in(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    astray = []
    for link, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", text):
        there = page.parent / link if link else page
        if "://" in link:
            continue
        if not there.exists() or (anchor and anchor not in _anchors(there)):
            astray.append(f"{link}#{anchor}")
    assert astray == []
    assert re.findall(r"@[A-Z]+@|TODO|FIXME", text) == []


def test_made_pages_are_up_to_date() -> None:
    script = [sys.executable, str(SCRIPT), "--check"]
    run = subprocess.run(script, check=False, capture_output=True, text=True)
    assert run.stderr == ""
    assert run.returncode == 0


def _docs() -> ModuleType:
    """scripts/docs.py as a module."""
    spec = importlib.util.spec_from_file_location("docs", SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DOCSTRING = '"""Rain: some days are wet."""\n'
EXAMPLE = '''
EXAMPLE = """
apiVersion: slogen/v1
kind: Service
metadata: {name: weather}
spec:
  slos:
    - {name: rain, objective: 99, sli: {type: events, bad: wet, total: days}}
"""
'''
POLICY = """
from slogen.fields import Strict

class Params(Strict):
    "Nothing to set."

def alerts(slo, params):
    return ()
"""


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (f"{POLICY}{EXAMPLE}", "slogen/policies/rain.py: no docstring with a first line 'Name: what it is for.'"),
        (f"{DOCSTRING}{POLICY}", "slogen/policies/rain.py: no EXAMPLE, a constant that holds a whole spec file"),
        (
            DOCSTRING + POLICY + EXAMPLE.replace("total", "totals"),
            "slogen/policies/rain.py: EXAMPLE:7:65: unknown key 'totals'",
        ),
        (DOCSTRING + POLICY + EXAMPLE, "slogen/policies/rain.py: EXAMPLE raises no alert of rain"),
    ],
    ids=["no docstring", "no example", "an example that does not compile", "an example of something else"],
)
def test_a_plug_in_that_cannot_be_documented_is_told(tmp_path: Path, code: str, told: str) -> None:
    (tmp_path / "rain.py").write_text(code, encoding="utf-8")
    script = (
        f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r});"
        f"import slogen.policies; slogen.policies.__path__.append({str(tmp_path)!r});"
        "import docs; sys.exit(docs.run(check=True))"
    )
    run = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, text=True)
    assert run.returncode != 0
    assert told in run.stderr


def test_a_default_that_a_description_gets_wrong_is_told() -> None:
    docs = _docs()
    value = {"description": "How long; 15m unless given.", "written": "20m"}
    with pytest.raises(docs.LackingError, match="says '15m unless given', but its default is '20m'"):
        docs._without_default(value, "somewhere")
    assert docs._without_default({**value, "written": "15m"}, "somewhere") == "How long."


def test_the_guide_lists_every_alert_as_it_is() -> None:
    """Section, name, and severity by default, as in the index that is made of the plug-ins."""
    cell = r" *\[?`?([^`|\]]*)`?[^|]*"
    index = (ROOT / "docs" / "policies" / "README.md").read_text(encoding="utf-8")
    made = set()
    for section, alerts, default, severities in re.findall(
        rf"^\|{cell}\|([^|]*)\|{cell}\|([^|]*)\|", index, re.MULTILINE
    ):
        names, kinds = re.findall(r"`(\w+)`", alerts), re.findall(r"page|ticket", severities)
        made |= {
            (name, section, kind if default.strip() == "on" else "off") for name, kind in zip(names, kinds, strict=True)
        }
    guide = "".join((ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("writing-slos", "memory"))
    listed = re.findall(r"^\| `(\w+)` \| \[`(\w+)`\]\(policies/\w+\.md\) \| (\w+) \|", guide, re.MULTILINE)
    assert set(listed) == made
    assert len(listed) == len(made)


def _block(language: str, start: str) -> str:
    (found,) = re.findall(rf"```{language}\n({re.escape(start)}.*?)```", README, re.DOTALL)
    return str(found)


def _said(*command: str, code: int = 0) -> str:
    result = CliRunner().invoke(main, list(command))
    assert result.exit_code == code, result.output
    return result.output


def test_the_readme_shows_what_is_printed() -> None:
    spec = _block("yaml", "# slos/checkout.yaml")
    with repository(spec):
        Path("slos/spec.yaml").rename("slos/checkout.yaml")
        shown = _block("console", "$ slogen explain checkout/availability").split("\n", 1)[1]
        assert _said("explain", "checkout/availability").startswith(shown)
        _said("build")
        assert Path("generated/prometheus/checkout.prometheus.rules.yml").exists()
        text = Path("slos/checkout.yaml").read_text(encoding="utf-8")
        Path("slos/checkout.yaml").write_text(text.replace("objective: 99.9", "objektive: 99.9"), encoding="utf-8")
        shown = _block("console", "$ slogen build\n").split("\n", 1)[1]
        assert _said("build", code=2) == shown
