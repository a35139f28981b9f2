"""A receipt may only ever say that nothing is to be done when that is so."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from compile import repository, service

from slogen import receipt
from slogen.cli import main

RULES = Path("generated/prometheus/shop.prometheus.rules.yml")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLOGEN_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Grows by one with each build that really compiles."""
    from slogen import pipeline  # noqa: PLC0415

    calls: list[bool] = []
    original = pipeline.compile_specs

    def counted(*args: Any) -> pipeline.Compiled:
        calls.append(True)
        return original(*args)

    monkeypatch.setattr(pipeline, "compile_specs", counted)
    return calls


def build(*options: str) -> Result:
    return CliRunner().invoke(main, ["build", *options], catch_exceptions=False)


def test_the_same_again_compiles_nothing(compiled: list[bool]) -> None:
    with repository(service()):
        build()
        again, checked = build(), build("--check")
        # --check is for where nobody looks: it always compiles.
        assert (len(compiled), again.exit_code, checked.exit_code) == (2, 0, 0)
        assert "0 changed" in again.stderr
        assert "0 out of date" in checked.stderr


@pytest.mark.parametrize("change", ["output", "missing", "extra", "spec", "new spec", "config", "program", "options"])
def test_any_change_is_seen(change: str, compiled: list[bool], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with repository(service()):
        build()
        options = []
        match change:
            case "output":
                RULES.write_text(RULES.read_text().replace("14.4", "15.5"))
            case "missing":
                RULES.unlink()
            case "extra":
                RULES.with_name("old.prometheus.rules.yml").write_text(RULES.read_text())
            case "spec":
                Path("slos/spec.yaml").write_text(Path("slos/spec.yaml").read_text().replace("99.9", "99.5"))
            case "new spec":
                Path("slos/other.yaml").write_text(
                    Path("slos/spec.yaml").read_text().replace("name: shop", "name: other")
                )
            case "config":
                Path("slogen.yaml").write_text("apiVersion: slogen/v1\nkind: Config\nspec: {severities: {page: now}}\n")
            case "program":
                monkeypatch.setattr(receipt, "_program", lambda: [Path("slos/spec.yaml")])
            case "options":
                options = ["--only", "prometheus"]
        assert build(*options).exit_code == 0
        assert len(compiled) == 2
        assert build("--check", *options).exit_code == 0
        assert len(list(RULES.parent.iterdir())) == (2 if change == "new spec" else 1)


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"key": 1}', "\x00"])
def test_a_damaged_receipt_is_no_receipt(damage: str, cache: Path, compiled: list[bool]) -> None:
    with repository(service()):
        build()
        (file,) = (cache / "receipts").iterdir()
        file.write_text(damage)
        assert build().exit_code == 0
        assert len(compiled) == 2


def test_what_changes_during_a_build_is_not_remembered(compiled: list[bool], monkeypatch: pytest.MonkeyPatch) -> None:
    """A spec saved, or an output edited, while a build runs: the next build must look again."""
    from slogen import output  # noqa: PLC0415

    with repository(service()):
        original = output.write

        def meddled(*args: Any) -> None:
            original(*args)
            RULES.write_text(RULES.read_text().replace("14.4", "15.5"))

        monkeypatch.setattr(output, "write", meddled)
        build()
        monkeypatch.setattr(output, "write", original)
        assert "1 changed" in build().stderr
        assert len(compiled) == 2


def test_off_means_off(compiled: list[bool], cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLOGEN_CACHE", "off")
    with repository(service()):
        build()
        build()
        assert len(compiled) == 2
    assert not list(cache.iterdir())


def test_warnings_are_told_every_time() -> None:
    with repository(service(), {"target": {"retention": "15d"}}):
        assert "warning" in build().stderr
        assert "warning" in build().stderr


def test_builds_at_once_leave_a_sound_receipt(compiled: list[bool]) -> None:
    with repository(service()):
        threads = [threading.Thread(target=build) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        build()
        count = len(compiled)
        assert build().exit_code == 0
        assert len(compiled) == count
