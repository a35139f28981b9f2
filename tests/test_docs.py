"""What the documentation shows is what happens."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from compile import repository

from slogen.cli import main

ROOT = Path(__file__).parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere_and_nothing_is_left_to_fill_in(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text) if "://" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []
    assert re.findall(r"@[A-Z]+@|TODO|FIXME", text) == []


def test_made_pages_are_up_to_date() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "docs.py"), "--check"]
    assert subprocess.run(script, check=False).returncode == 0


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


def _yaml_blocks() -> list[str]:
    text = (ROOT / "docs" / "writing-slos.md").read_text(encoding="utf-8")
    return re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)


HEAD = "apiVersion: slogen/v1\nkind: Service\nmetadata: {name: x}\nspec:\n  slos:\n    - name: y\n"
SLI = "      sli: {type: latency, histogram: a_seconds}\n"
PARTS = {
    "sli:": "      objective: 99\n",
    "objectives:": SLI,
    "alerting:": f"      objective: 99\n{SLI[:-2]}, threshold: 1s}}\n",
}


@pytest.mark.parametrize("block", _yaml_blocks(), ids=lambda block: block.split("\n")[0])
def test_examples_of_the_docs_compile(block: str) -> None:
    """Whole documents as they are, parts of an SLO inside one, what is for another program not at all."""
    if block.startswith(("route:", "receivers:")):
        return
    first = block.split(":", 1)[0] + ":"
    if first in PARTS:
        rest = "" if first == "sli:" and "\nobjectives:" in block else PARTS[first]
        block = HEAD + rest + "".join(f"      {line}\n" for line in block.splitlines())
    whole = HEAD + PARTS["alerting:"]
    with repository(whole if block.startswith(HEAD) else [whole, block]):
        if block.startswith(HEAD):
            Path("slos/spec.yaml").write_text(block, encoding="utf-8")
        _said("build")
