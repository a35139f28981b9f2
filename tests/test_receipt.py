"""A receipt may only ever say that nothing is to be done when that is so."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from compile import repository, service

from slogen import batches, output, pipeline, receipt
from slogen.cli import main
from slogen.digests import digest

RULES = Path("generated/prometheus/shop.prometheus.rules.yml")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SLOGEN_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by each file that is compiled."""
    files: list[str] = []
    original = pipeline.compile_file

    def counted(file: str, *args: Any) -> pipeline.Draft:
        files.append(file)
        return original(file, *args)

    monkeypatch.setattr(batches, "compile_file", counted)
    return files


def build(*options: str) -> Result:
    return CliRunner().invoke(main, ["build", *options], catch_exceptions=False)


def test_the_same_again_compiles_nothing(compiled: list[str]) -> None:
    with repository(service()):
        build()
        again, checked = build(), build("--check")
        # --check is for where nobody looks: it always compiles.
        assert (len(compiled), again.exit_code, checked.exit_code) == (2, 0, 0)
        assert "0 changed" in again.stderr
        assert "0 out of date" in checked.stderr


@pytest.mark.parametrize("change", ["output", "missing", "extra", "spec", "new spec", "config", "program", "options"])
def test_any_change_is_seen(change: str, compiled: list[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
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
        assert compiled[1:].count("slos/spec.yaml") == (change not in {"extra", "new spec"})
        assert build("--check", *options).exit_code == 0
        assert len(list(RULES.parent.iterdir())) == (2 if change == "new spec" else 1)


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"key": 1}', b"\x00", b"\xff\xfe", b"\n"])
def test_a_damaged_receipt_is_no_receipt(damage: bytes, cache: Path, compiled: list[str]) -> None:
    with repository(service()):
        build()
        (file,) = (cache / "receipts").iterdir()
        file.write_bytes(damage)
        assert build().exit_code == 0
        assert len(compiled) == 2


def test_a_receipt_that_was_changed_anywhere_is_no_receipt(cache: Path, compiled: list[str]) -> None:
    """It may say something else then that looks as good, such as another name of a service."""
    with repository(service()):
        build()
        (file,) = (cache / "receipts").iterdir()
        whole = file.read_bytes()
        for number, at in enumerate(range(0, len(whole), 97), 2):
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            assert build().exit_code == 0
            assert len(compiled) == number
            assert file.read_bytes() == whole


def test_a_well_formed_receipt_of_another_shape_is_no_receipt(cache: Path, compiled: list[str]) -> None:
    with repository(service()):
        build()
        (file,) = (cache / "receipts").iterdir()
        kept = json.loads(file.read_bytes().partition(b"\n")[2])
        for number, wrong in enumerate(
            ({}, {**kept, "files": {"slos/spec.yaml": [1]}}, [kept], {**kept, "files": []}), 2
        ):
            body = json.dumps(wrong).encode()
            file.write_bytes(digest(body).encode() + b"\n" + body)
            assert build().exit_code == 0
            assert len(compiled) == number


@pytest.mark.parametrize("change", ["output", "spec", "policy"])
def test_what_changes_during_a_build_is_seen_by_the_next(change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spec or policy saved after it was read, or an output edited after it was written."""
    policy = {
        "apiVersion": "slogen/v1",
        "kind": "AlertPolicy",
        "metadata": {"name": "own"},
        "spec": {"extends": "default"},
    }
    with repository(service()):
        Path("slos/policy.yaml").write_text(json.dumps(policy))
        original = output.Staging.commit

        def meddled(*args: Any) -> None:
            original(*args)
            match change:
                case "output":
                    RULES.write_text(RULES.read_text().replace("14.4", "15.5"))
                case "spec":
                    Path("slos/spec.yaml").write_text(Path("slos/spec.yaml").read_text().replace("99.9", "99.5"))
                case "policy":
                    Path("slos/policy.yaml").write_text(json.dumps({**policy, "spec": {"extends": "none"}}))

        monkeypatch.setattr(output.Staging, "commit", meddled)
        build()
        monkeypatch.setattr(output.Staging, "commit", original)
        assert build().exit_code == 0
        assert build("--check").exit_code == 0


def test_only_what_changed_is_compiled(compiled: list[str]) -> None:
    with repository(service()):
        text = Path("slos/spec.yaml").read_text()
        for name in ("a", "b", "c"):
            Path(f"slos/{name}.yaml").write_text(text.replace("name: shop", f"name: {name}"))
        build()
        compiled.clear()
        Path("slos/b.yaml").write_text(text.replace("name: shop", "name: b").replace("99.9", "99.5"))
        Path("slos/c.yaml").unlink()
        assert "3 services" in (said := build().stderr)
        assert "10 changed" in said, "rules, two files of tests, a dashboard and a runbook, once new and once removed"
        assert compiled == ["slos/b.yaml"]


def test_off_means_off(compiled: list[str], cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_builds_at_once_leave_a_sound_receipt(compiled: list[str]) -> None:
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
