"""A wheel, installed where there is no source: it works from any folder."""

from __future__ import annotations

import email
import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
Command = Path


def shell(*command: str | Path, cwd: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["SLOGEN_CACHE"] = "off"
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this tree. The build needs hatchling, which is among the dev extras."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    shell(*pip, "wheel", "--no-deps", "--no-build-isolation", "--no-index", "-w", folder, ROOT, cwd=folder)
    (built,) = folder.glob("slogen-*.whl")
    return built


@pytest.fixture(scope="module")
def slogen(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Command:
    """The command in a new environment. Its dependencies are those of this one, so that no index is needed."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False, symlinks=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(programs / "python")]
    shell(*pip, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    (site,) = folder.glob("lib/python*/site-packages")
    # A folder named by a .pth file is searched, but .pth files in it are not read: the editable slogen stays hidden.
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    return programs / "slogen"


def test_the_command_runs_the_wheel_s_code(slogen: Command, tmp_path: Path) -> None:
    script = "import slogen; print(slogen.__file__)"
    found = shell(slogen.parent / "python", "-c", script, cwd=tmp_path).strip()
    assert Path(found).is_relative_to(slogen.parent.parent)


def test_a_repository_from_nothing(slogen: Command, tmp_path: Path) -> None:
    shell(slogen, "init", cwd=tmp_path)
    shell(slogen, "validate", "--strict", cwd=tmp_path)
    shell(slogen, "build", cwd=tmp_path)
    shell(slogen, "build", "--check", cwd=tmp_path)
    shell(slogen, "explain", "example/availability", cwd=tmp_path)
    schema = shell(slogen, "schema", cwd=tmp_path)
    assert schema == (tmp_path / "schemas" / "slogen.schema.json").read_text(encoding="utf-8")
    assert schema == (ROOT / "schemas" / "slogen.schema.json").read_text(encoding="utf-8")
    assert "slo:budget_used:period" in (tmp_path / "generated/prometheus/example.prometheus.rules.yml").read_text()


def test_it_compiles_the_project_s_specs_to_the_same_bytes(slogen: Command, tmp_path: Path) -> None:
    shell(slogen, "build", "-o", tmp_path / "out", cwd=ROOT)
    generated = {path.relative_to(ROOT / "generated"): path for path in (ROOT / "generated").rglob("*.yml")}
    built = {path.relative_to(tmp_path / "out"): path for path in (tmp_path / "out").rglob("*.yml")}
    assert built.keys() == generated.keys()
    assert all(built[path].read_bytes() == generated[path].read_bytes() for path in built)


def test_the_version(slogen: Command, wheel: Path, tmp_path: Path) -> None:
    version = wheel.name.split("-")[1]
    assert version in shell(slogen, "--version", cwd=tmp_path)
    assert version in shell(slogen.parent / "python", "-m", "slogen", "--version", cwd=tmp_path)


def test_what_is_in_the_wheel(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
        (metadata,) = (name for name in inside if name.endswith(".dist-info/METADATA"))
        message = email.message_from_bytes(archive.read(metadata))
    packaged = {path.relative_to(ROOT).as_posix() for path in (ROOT / "slogen").rglob("*") if path.is_file()}
    packaged = {path for path in packaged if "__pycache__" not in path}
    assert {name for name in inside if ".dist-info/" not in name} == packaged
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in inside)
    lines = [line for line in message.get_all("Requires-Dist", []) if "extra" not in line]
    needed = {found[0] for line in lines if (found := re.match(r"[\w-]+", line))}
    assert needed == {"click", "jinja2", "promql-parser", "pydantic", "pyyaml"}
