"""Files that specs name are read as specs are: inside the repository, of a bounded size, and seen when they change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from compile import EVENTS, compiled, repository, service, service_of

from slogen import batches, pipeline
from slogen.attachments import LARGEST, MOST_TEMPLATES
from slogen.cli import main
from slogen.findings import SpecError
from slogen.pipeline import compile_specs

NOTES = Path("docs/notes.md")
SPEC = service_of({"name": "availability", "objective": 99.9, "sli": EVENTS, "runbook": {"file": "../docs/notes.md"}})


def wrong(make: Callable[[], object]) -> list[str]:
    with pytest.raises(SpecError) as failure:
        make()
    return [f"{one.place.file}:{one.place.line}: {one.message}" for one in failure.value.findings]


def test_notes_are_read_from_the_spec_and_from_files() -> None:
    spec = service_of(
        {"name": "availability", "objective": 99.9, "sli": EVENTS, "runbook": {"file": "../docs/notes.md"}},
        {"name": "other", "objective": 99.9, "sli": EVENTS, "runbook": "Ask *us*.\n"},
        runbook={"file": "../docs/notes.md"},
    )
    with repository(spec):
        NOTES.parent.mkdir()
        NOTES.write_bytes(b"\xef\xbb\xbfLook at the queue.\r\n\r\nThen drain it.\r\n")
        (planned,) = compile_specs([]).plan.services
    told = "Look at the queue.\n\nThen drain it."
    assert planned.service.runbook == told
    assert [slo.runbook for slo in planned.service.slos] == [told, "Ask *us*."]


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: None, "there is no file docs/notes.md"),
        (folder, "there is no file docs/notes.md"),
        (lambda path: path.write_bytes(b"x" * (LARGEST + 1)), "docs/notes.md is larger than 128 KiB"),
        (lambda path: path.write_bytes(b"caf\xe9"), "docs/notes.md: byte 3 is not UTF-8"),
        (lambda path: path.symlink_to("/etc/hostname"), "docs/notes.md lies outside of the repository"),
    ],
    ids=["missing", "folder", "large", "not UTF-8", "outside"],
)
def test_a_file_that_cannot_be_used_is_told_where_it_is_named(make: Callable[[Path], Any], message: str) -> None:
    with repository(SPEC):
        NOTES.parent.mkdir()
        make(NOTES)
        assert wrong(lambda: compile_specs([])) == [f"slos/spec.yaml:15: {message}"]


def test_paths_that_lead_out_of_the_repository() -> None:
    spec = service("shop", runbook={"file": "../../secret.md"})
    assert [text.partition(": ")[2] for text in wrong(lambda: compiled(spec))] == [
        "../secret.md lies outside of the repository"
    ]
    absolute = service("shop", runbook={"file": "/etc/hostname"})
    assert "is no path in this repository" in wrong(lambda: compiled(absolute))[0]


def test_templates_are_read_by_name_below_their_folder() -> None:
    with repository(service(), {"templates": "ours"}):
        assert wrong(lambda: compile_specs([])) == ["slogen.yaml:4: there is no folder ours"]
        for name in ("runbook.md.j2", "grafana/stat.json.j2", "README.md", ".hidden.j2"):
            Path("ours", name).parent.mkdir(exist_ok=True, parents=True)
            Path("ours", name).write_text(name, encoding="utf-8")
        names = ("grafana/stat.json.j2", "runbook.md.j2")
        assert compile_specs([]).plan.setting.templates == {name: name for name in names}
        for number in range(MOST_TEMPLATES):
            Path("ours", f"{number}.j2").touch()
        assert wrong(lambda: compile_specs([])) == ["slogen.yaml:4: 52 templates, and 50 are the most"]


def build() -> Result:
    return CliRunner().invoke(main, ["build"], catch_exceptions=False)


@pytest.mark.parametrize("edit", ["notes", "template", "new template", "none"])
def test_a_build_sees_that_they_changed(edit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOGEN_CACHE", str(tmp_path))
    seen: list[str] = []
    with repository(SPEC, {"templates": "ours"}):
        for path in (NOTES, Path("ours/a.j2")):
            path.parent.mkdir()
            path.write_text("one", encoding="utf-8")
        assert build().exit_code == 0
        changed = {"notes": NOTES, "template": Path("ours/a.j2"), "new template": Path("ours/b.j2")}.get(edit)
        if changed is not None:
            changed.write_text("two", encoding="utf-8")
        original = pipeline.compile_file

        def counted(file: str, *args: Any) -> pipeline.Draft:
            seen.append(file)
            return original(file, *args)

        monkeypatch.setattr(batches, "compile_file", counted)
        assert build().exit_code == 0
    wanted = {"notes": ["slos/spec.yaml"], "none": []}
    assert seen == wanted.get(edit, ["slogen.yaml", "slos/spec.yaml"])


def test_owners_breakdowns_and_panels_that_cannot_be_meant() -> None:
    sli = {**EVENTS, "breakdown": ["route", "route"]}
    panel = {
        "title": "Queue",
        "description": "How long.",
        "unit": "short",
        "queries": ["queue{x='$y'}[$__rate_interval]"],
    }
    spec = service_of({"name": "a", "objective": 99.9, "sli": sli}, panels=[panel, panel])
    spec["metadata"]["owner"] = "teem"
    with pytest.raises(SpecError) as failure:
        compiled(spec, {"owners": {"team": {"channel": "#team"}}})
    assert sorted((one.code, one.message, one.hint) for one in failure.value.findings) == [
        ("sli/breakdown", "the label 'route' is there twice", "leave one out"),
        ("spec/duplicate-name", "two panels are titled 'Queue'", "rename one"),
        ("spec/owner", "no owner is named 'teem': the runbook cannot say whom to call", "did you mean 'team'?"),
    ]
    lost = {
        "type": "events",
        "bad": "sum by (code) (rate(x[$window]))",
        "total": "sum(rate(x[$window]))",
        "breakdown": ["code"],
    }
    (text,) = wrong(lambda: compiled(service("shop", sli=lost)))
    assert "'sum(rate(x[$window]))' aggregates the label 'code' away" in text
