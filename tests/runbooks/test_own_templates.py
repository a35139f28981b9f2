"""Teams' templates: they extend slogen's, and can neither hang, nor eat the memory, nor reach what is not theirs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from compile import compiled, repository, service, service_of

from slogen import sandbox
from slogen.batches import BATCH, WORTH
from slogen.building import Order, build
from slogen.findings import Finding, SpecError
from slogen.model import Setting
from slogen.own_templates import Renderer, renderer
from slogen.pipeline import compile_specs, render
from slogen.runbooks.markdown import QUOTING
from slogen.targets import runbooks

FOLDER = str(Path(runbooks.__file__).parent)
EXTENDS = '<% extends "slogen/runbook.md.j2" %>\n'


@pytest.fixture(params=["forked", "spawned"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to a child process: that of Linux, and that of other systems."""
    monkeypatch.setattr(sandbox, "FORKS", request.param == "forked")
    return str(request.param)


def made(**templates: str) -> Renderer:
    texts = {name.replace("__", "/") + ".md.j2": text for name, text in templates.items()}
    return renderer(Setting(templates=texts, template_folder="ours"), FOLDER, QUOTING)


def failure(text: str, **more: str) -> Finding:
    with pytest.raises(SpecError) as refused:
        made(runbook=text, **more)("runbook.md.j2", service="shop")
    (finding,) = refused.value.findings
    return finding


def page(templates: Mapping[str, str], **spec: Any) -> str:
    with repository(service_of(*service()["spec"]["slos"], **spec), {"templates": "ours"}):
        Path("ours").mkdir()
        for name, text in templates.items():
            Path("ours", name).parent.mkdir(parents=True, exist_ok=True)
            Path("ours", name).write_text(text, encoding="utf-8")
        (file,) = render(compile_specs([]).plan, ["runbooks"])
        return file.text


def test_a_block_is_replaced_and_the_rest_stays(way: str) -> None:
    own = EXTENDS + "<% block causes %>\nAsk << page.owner >> of << section.alert >>.\n\n<% endblock %>\n"
    found, usual = page({"runbook.md.j2": own}), page({})
    assert "Ask team of SLOBudgetBurnPage." in found
    assert "**Likely causes.**" not in found
    assert found.splitlines()[0] == usual.splitlines()[0]
    assert [line for line in found.splitlines() if line.startswith("<a id")] == [
        line for line in usual.splitlines() if line.startswith("<a id")
    ]


def test_a_template_that_changes_nothing_gives_the_same_page(way: str) -> None:
    assert page({"runbook.md.j2": EXTENDS}) == page({})


def test_every_block_can_be_replaced() -> None:
    text = Path(FOLDER, "runbook.md.j2").read_text(encoding="utf-8")
    names = [line.split()[2] for line in text.splitlines() if line.startswith("<% block ")]
    documented = (Path(FOLDER).parents[1] / "docs" / "runbooks.md").read_text(encoding="utf-8")
    for name in names:
        assert f"| `{name}` |" in documented
        own = f"{EXTENDS}<% block {name} %>\nHere I am.\n<% endblock %>\n"
        assert "Here I am." in page({"runbook.md.j2": own}, runbook="x")


def test_values_are_quoted_as_in_slogens_own() -> None:
    assert made(runbook="<< service >>")("runbook.md.j2", service="*a* <b>") == "\\*a\\* \\<b\\>"


def test_what_a_block_printed_is_not_quoted_again() -> None:
    own = "<% macro big(text) %>**<< text >>**<% endmacro %>" + EXTENDS
    own += "<% block causes %><< big('a*b & <c>') >>\n<< super() >><% endblock %>\n"
    usual = page({})
    causes = usual[usual.index("**Likely causes.**") : usual.index("**How to roll back.**")]
    found = page({"runbook.md.j2": own})
    assert f"**a\\*b \\& \\<c\\>**\n\n{causes}" in found


def test_included_templates_are_found(way: str) -> None:
    render_it = made(runbook='<% include "parts/head.md.j2" %> of << service >>', parts__head="Head")
    assert render_it("runbook.md.j2", service="shop") == "Head of shop"


ENDLESS = "<% for a in range(99999) %><% for b in range(99999) %><% endfor %>\n<% endfor %>"


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("\n<< ''.__class__ >>", 2, "__class__"),
        ("\n<< ''['__class__'] >>", 2, "__class__"),
        ("\n<< ''|attr('__class__') >>", 2, "No filter named 'attr'"),
        ("\n<< '{0.__class__}'.format('') >>", 2, "__class__"),
        ("<< self.__init__.__globals__ >>", 1, "__init__"),
        ("<< range.__self__ >>", 1, "__self__"),
        ("<< {}.update({1: 2}) >>", 1, "update"),
        ("<< lipsum() >>", 1, "lipsum"),
        ("\n\n<< servise >>", 3, "'servise' is undefined"),
        ("\n<< 1 | foo >>", 2, "foo"),
        ("a\n<% include '../../../etc/passwd' %>", 2, "there is no template '../../../etc/passwd'"),
        ("a\n<% include '/etc/passwd' %>", 2, "there is no template '/etc/passwd'"),
        ("a\n<< 'a' * 10 ** 9 >>", 2, "memory"),
        ("<< 'a' | center(10 ** 10) >>", 1, "memory"),
        ("<< '%1000000000d' % 1 >>", 1, "memory"),
        ("<< ('a' * 1000) | replace('a', 'b' * 1000) | replace('b', 'c' * 1000) >>", 1, "memory"),
        ("<< range(10 ** 9) >>", 1, "range"),
        ("<% for a in range(99999) %><< 'a' * 100 >><% endfor %>", 1, "4 MiB"),
        ("<% macro f() %><< f() >><% endmacro %>\n<< f() >>", None, "without end"),
        ('<% extends "runbook.md.j2" %>', 1, "without end"),
        ("a\n<% for %>", 2, "Expected"),
    ],
)
def test_what_a_template_may_not_do_is_told_at_its_line(text: str, line: int | None, told: str) -> None:
    found = failure(text)
    assert told in found.message
    assert found.place.file == "ours/runbook.md.j2"
    assert line is None or found.place.line == line
    assert found.hint


def test_the_line_is_that_of_the_template_to_blame(way: str) -> None:
    found = failure('a\n<% include "parts/x.md.j2" %>', parts__x="\n\n<< gone >>")
    assert (found.place.file, found.place.line) == ("ours/parts/x.md.j2", 3)


def test_a_template_that_slogens_own_includes_is_blamed_itself() -> None:
    """Also where the error shows in slogen's, for which the team has no file."""
    ours = {"page.md.j2": '<% include "part.md.j2" %>\n<< missing >>'}
    for text, line in (("\n<< gone >>", 2), ("fine", 1)):
        task = sandbox.Task(
            "page.md.j2", {**ours, "part.md.j2": text}, {"part.md.j2": "ours/part.md.j2"}, QUOTING, ({},)
        )
        with pytest.raises(SpecError) as refused:
            sandbox.rendered(task)
        assert str(refused.value.findings[0].place) == f"ours/part.md.j2:{line}:1"


def test_a_template_cannot_hang(way: str) -> None:
    begun = time.monotonic()
    found = failure(ENDLESS)
    assert "longer than" in found.message
    assert found.place.line == 1
    assert time.monotonic() - begun < sandbox.PATIENCE


def test_a_hang_that_python_does_not_notice_ends_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", 1)
    found = failure("<< (3 ** (10 ** 8)) % 7 if service else 1 >>")
    assert found.place.file == "ours/runbook.md.j2"
    assert "too long" in found.message or "memory" in found.message or "longer" in found.message


def test_several_texts_are_rendered_in_their_order() -> None:
    found = made(runbook="<< number >>").many("runbook.md.j2", ({"number": one} for one in range(200)))
    assert found == [str(one) for one in range(200)]


def test_no_child_is_left_behind() -> None:
    script = """
import os, sys
sys.path.insert(0, "tests/runbooks")
from test_own_templates import failure, made
made(runbook="x")("runbook.md.j2")
failure("<< gone >>")
try:
    os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    print("none")
"""
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{root / 'tests'}"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=root, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "none\n", done.stderr


def test_unused_and_broken_templates_are_findings() -> None:
    with repository(service(), {"templates": "ours"}):
        Path("ours").mkdir()
        Path("ours/runbok.md.j2").write_text("x", encoding="utf-8")
        Path("ours/used.md.j2").write_text("x", encoding="utf-8")
        Path("ours/runbook.md.j2").write_text('<% include "used.md.j2" %>', encoding="utf-8")
        (warning,) = compile_specs([]).warnings
        assert (warning.code, str(warning.place)) == ("template/unused", "ours/runbok.md.j2:1:1")
        assert warning.hint == "did you mean runbook.md.j2?"
        Path("ours/slogen").mkdir()
        Path("ours/slogen/x.j2").write_text("a\n<% if %>", encoding="utf-8")
        with pytest.raises(SpecError) as refused:
            compile_specs([])
        assert {(one.code, str(one.place)) for one in refused.value.findings} == {
            ("template/syntax", "ours/slogen/x.j2:2:1"),
            ("template/name", "ours/slogen/x.j2:1:1"),
        }


def test_rules_cannot_be_replaced() -> None:
    with repository(service(), {"templates": "ours"}):
        Path("ours").mkdir()
        Path("ours/prometheus.rules.yml.j2").write_text("x", encoding="utf-8")
        compiled_it = compile_specs([])
        assert [one.code for one in compiled_it.warnings] == ["template/unused"]
        assert "expr:" in render(compiled_it.plan, ["prometheus"])[0].text


@pytest.fixture
def many() -> Iterator[Path]:
    """So many specs that several processes build them."""
    config = {"templates": "ours"}
    with repository(service(), config) as folder:
        room = f"# {'x' * 100}\n" * (BATCH // 500)
        for number in range(4 * (BATCH + WORTH) // len(room)):
            spec = yaml.safe_dump(service(name=f"shop-{number}"))
            Path(f"slos/shop-{number}.yaml").write_text(room + spec, encoding="utf-8")
        Path("ours").mkdir()
        yield folder


def test_a_build_in_many_processes_uses_them(many: Path) -> None:
    Path("ours/runbook.md.j2").write_text(f"{EXTENDS}<% block end %>\nThe end.\n<% endblock %>", encoding="utf-8")
    order = Order((), None, Path("generated"), ("runbooks",))
    build(order)
    texts = [path.read_text(encoding="utf-8") for path in Path("generated/runbooks").iterdir()]
    assert len(texts) > 40
    assert all(text.endswith("The end.\n") for text in texts)
    Path("ours/runbook.md.j2").write_text(f"{EXTENDS}<% block end %>\n<< gone >>\n<% endblock %>", encoding="utf-8")
    with pytest.raises(SpecError) as refused:
        build(order)
    assert {str(one.place) for one in refused.value.findings} == {"ours/runbook.md.j2:3:1"}
    assert texts == [path.read_text(encoding="utf-8") for path in Path("generated/runbooks").iterdir()]


def test_the_command_tells_it_as_any_finding() -> None:
    with repository(service(), {"templates": "ours"}):
        Path("ours").mkdir()
        Path("ours/runbook.md.j2").write_text("<< gone >>", encoding="utf-8")
        command = [sys.executable, "-m", "slogen", "build"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        assert run.returncode == 2
        assert "ours/runbook.md.j2:1:1: error: 'gone' is undefined" in run.stdout + run.stderr
        assert "Traceback" not in run.stderr


def test_without_templates_nothing_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("slogen.own_templates.rendered", None)
    assert compiled(service()).plan
    assert page({}).startswith("<!-- Generated by slogen")
    assert page({"other.md.j2": "x"}).startswith("<!-- Generated by slogen")
