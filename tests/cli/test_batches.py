"""Many specs are compiled in batches by several processes; nobody may be able to tell by the result."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import files, run

from slogen import batches, pipeline, workers

OUTPUT = Path("generated")
COUNT = 24


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a repository of many services, each a batch of its own that is worth a process."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLOGEN_CACHE", "off")
    monkeypatch.setattr(batches, "BATCH", 1)
    monkeypatch.setattr(batches, "WORTH", 1)
    monkeypatch.setattr(workers, "cores", lambda: 3)
    Path("slos").mkdir()
    for number in range(COUNT):
        write(number)
    return tmp_path


def write(number: int, objective: str = "99.9") -> None:
    Path(f"slos/s{number:02}.yaml").write_text(f"""apiVersion: slogen/v1
kind: Service
metadata: {{name: s{number:02}}}
spec:
  slos:
    - {{name: a, objective: {objective}, sli: {{type: events, bad: 'x_total{{code="500"}}', total: x_total}}}}
""")


def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "cores", lambda: 1)


@pytest.mark.parametrize("start", ["fork", "spawn"])
def test_several_processes_write_what_one_does(start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "START", start)
    several = run("build", "-o", "several")
    monkeypatch.setattr(batches, "BATCH", 1 << 20)
    alone(monkeypatch)
    assert run("build", "-o", "one") == several
    assert files(Path("several")) == files(Path("one")) != {}


def test_processes_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "START", "fork")
    monkeypatch.setattr(workers, "_work", _process)
    with pytest.raises(AttributeError, match="'int' object"):
        run("build")


def _process(_: object) -> int:
    return os.getpid()


@pytest.mark.parametrize("at", [0, 1, COUNT - 1])
def test_an_error_in_any_batch_writes_nothing(at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    run("build")
    before = files(OUTPUT)
    for number in range(COUNT):
        write(number, "99.5")
    write(at, "100")
    several = run("build")
    assert (several.code, files(OUTPUT)) == (2, before)
    assert run("build", "-o", "new/folder").code == 2
    assert not Path("new").exists()
    alone(monkeypatch)
    assert run("build") == several


def test_every_error_is_told_once_and_in_order() -> None:
    for number in (20, 3, 11):
        write(number, "100")
    told = [line for line in run("build").err.splitlines() if ": error: " in line]
    assert [line.split(":")[0] for line in told] == [f"slos/s{number:02}.yaml" for number in (3, 11, 20)]


def test_two_names_in_different_batches() -> None:
    Path("slos/twin.yaml").write_text(Path("slos/s05.yaml").read_text())
    result = run("build")
    assert (result.code, "two services are named 's05', the other at slos/s05.yaml:3:" in result.err) == (2, True)
    assert not OUTPUT.exists()


def test_an_unexpected_failure_in_a_worker_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "START", "fork")
    original = pipeline.compile_file

    def broken(file: str, *args: object) -> object:
        return 1 // 0 if "s09" in file else original(file, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(batches, "compile_file", broken)
    with pytest.raises(ZeroDivisionError) as caught:
        run("build")
    assert "in broken" in str(caught.value.__cause__)
    assert not OUTPUT.exists()


SLOW = """
import time
from slogen import batches, pipeline, workers
batches.BATCH = batches.WORTH = 1
workers.cores = lambda: 3
original = pipeline.compile_file
def slow(*args):
    time.sleep(0.5)
    return original(*args)
batches.compile_file = slow
from slogen.cli import main
main(prog_name='slogen')
"""


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGKILL])
def test_a_build_that_is_stopped(sent: signal.Signals) -> None:
    """Ctrl-C leaves nothing; after a kill the workers end, and what they staged is not loaded by anybody."""
    run("build")
    before = files(OUTPUT)
    for number in range(COUNT):
        write(number, "99.5")
    command = [sys.executable, "-c", SLOW, "build"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True) as process:
        deadline = time.monotonic() + 30
        while len(files(OUTPUT)) < len(before) + 10 and time.monotonic() < deadline:
            time.sleep(0.01)  # the first three are staged by the build itself, before it has workers
        os.killpg(process.pid, sent) if sent is signal.SIGINT else process.send_signal(sent)
        told = process.communicate(timeout=30)[1]
    if sent is signal.SIGINT:
        assert (process.returncode, told.strip()) == (1, "Aborted!")
        assert files(OUTPUT) == before
    assert {path: text for path, text in files(OUTPUT).items() if not path.endswith(".slogen-tmp")} == before
    assert not _alive(process.pid)


def _alive(group: int) -> bool:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True
