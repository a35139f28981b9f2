from __future__ import annotations

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import WITHOUT_PRIVILEGE, Result, files, run, spawn
from harness.tools import Tools

from slogen.cli import main

GENERATED = Path("generated")
A, B, C = (
    f"prometheus/{path}.prometheus.rules.yml" for path in ("alpha", "payments/beta", "payments/eu/gamma")
)  # fmt: skip
ALL = {
    "alertmanager/inhibit-rules.yml",
    "grafana/dashboards/slo_fleet.json",
    "grafana/provisioning/dashboards/slogen.yaml",
}
EACH = 5
"""Files of a service: rules, two files of tests, a dashboard and a runbook."""

"""The one file of no service's."""


def spec(name: str, objective: str = "99.9", extra: str = "") -> str:
    return f"""apiVersion: slogen/v1
kind: Service
metadata: {{name: {name}, owner: team, description: Größe ☃}}
spec:
  slos:
    - name: availability
      objective: {objective}
      sli: {{type: events, bad: 'x_total{{job="{name}", code="500"}}', total: 'x_total{{job="{name}"}}'}}
{extra}"""


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder: a repository of three services, in two folders and a subfolder, not built yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLOGEN_CACHE", str(tmp_path_factory.mktemp("cache")))
    write("slos/alpha.yaml", spec("alpha"))
    write("slos/payments/beta.yaml", spec("beta"))
    write("slos/payments/eu/gamma.yml", spec("gamma"))
    return tmp_path


def whole(*rules: str) -> set[str]:
    """Every file of services with these rules, and what the repository has anyway."""
    services = [rule.removeprefix("prometheus/").removesuffix(".prometheus.rules.yml") for rule in rules]
    tests = {f"tests/{name}{every}.prometheus.tests.yml" for name in services for every in ("", ".4m")}
    boards = {f"grafana/dashboards/{name}.json" for name in services}
    return {*rules, *tests, *boards, *(f"runbooks/{name}.md" for name in services), *ALL}


def built(*args: str) -> dict[str, bytes]:
    result = run("build", *args)
    assert result.code == 0, result.err
    return files(GENERATED)


def change_all() -> None:
    """So that the next build has every file to write, and one to remove."""
    for path, name in (("slos/alpha.yaml", "alpha"), ("slos/payments/beta.yaml", "beta")):
        write(path, spec(name, "99.5"))
    Path("slos/payments/eu/gamma.yml").unlink()


class TestOutput:
    def test_folders_are_mirrored(self) -> None:
        assert built().keys() == whole(A, B, C)

    def test_a_second_build_changes_nothing(self) -> None:
        built()
        before = {path: (GENERATED / path).stat().st_mtime_ns for path in (A, B, C)}
        result = run("build")
        assert "0 changed" in result.err
        assert {path: (GENERATED / path).stat().st_mtime_ns for path in (A, B, C)} == before

    def test_another_output_folder(self) -> None:
        assert run("build", "-o", "out/rules").code == 0
        assert files(Path("out/rules")).keys() == whole(A, B, C)
        assert not GENERATED.exists()

    def test_adding_a_service_changes_no_file_of_another(self) -> None:
        before = built()
        times = {path: (GENERATED / path).stat().st_mtime_ns for path in before}
        write("slos/payments/delta.yaml", spec("delta"))
        write("slos/aaa.yaml", spec("aaa"))
        after = built()
        assert {path: after[path] for path in before} == before
        assert {path: (GENERATED / path).stat().st_mtime_ns for path in before} == times
        assert len(after) == len(before) + 2 * EACH

    def test_the_same_bytes_whatever_the_machine(self, repository: Path) -> None:
        texts = set()
        for number, settings in enumerate(
            (
                {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC"},
                {"PYTHONHASHSEED": "1", "LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"},
                {"PYTHONHASHSEED": "2", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
            )
        ):
            assert spawn("build", "-o", f"out{number}", **settings).code == 0
            texts.add(json.dumps({path: text.decode() for path, text in files(repository / f"out{number}").items()}))
        assert len(texts) == 1

    def test_no_byte_depends_on_the_order_of_the_folder(self) -> None:
        before = built()
        for path in ("slos/alpha.yaml", "slos/payments/beta.yaml"):
            text = Path(path).read_text(encoding="utf-8")
            Path(path).unlink()
            write(path, text)
        assert built() == before

    def test_the_summary_counts(self) -> None:
        assert "3 services" in (err := run("build").err)
        count = 3 * EACH + len(ALL)
        assert f"{count} files, {count} changed" in err


class TestStdout:
    def test_writes_nothing(self) -> None:
        result = run("build", "--stdout")
        assert result.code == 0
        assert not GENERATED.exists()

    def test_prints_what_would_be_written(self) -> None:
        printed = run("build", "slos/alpha.yaml", "--only", "prometheus", "--stdout").out
        assert printed.encode() == built()[A]

    def test_prints_utf8_whatever_the_locale(self) -> None:
        result = spawn("build", "slos/alpha.yaml", "--stdout", LC_ALL="C", PYTHONUTF8="0")
        assert "Größe ☃" in result.out

    def test_several_files_are_several_documents(self) -> None:
        printed = run("build", "--stdout").out
        assert printed.count("\n---\n") == 10, "three for each service, and two for all"


class TestOnly:
    def test_one_target(self) -> None:
        assert built("--only", "prometheus").keys() == {A, B, C}

    def test_an_unknown_target(self) -> None:
        result = run("build", "--only", "prometeus")
        assert result.code == 2
        assert "prometheus" in result.err
        assert not GENERATED.exists()

    def test_what_other_targets_wrote_is_kept(self) -> None:
        built()
        other = GENERATED / "other" / "alpha.yml"
        other.parent.mkdir()
        shutil.copy(GENERATED / A, other)
        built("--only", "prometheus")
        assert other.exists()
        built()
        assert not other.exists()


class TestCheckAndDiff:
    def test_check_of_what_was_never_built(self) -> None:
        result = run("build", "--check")
        assert result.code == 1
        assert f"generated/{A}: missing" in result.err
        assert not GENERATED.exists()

    def test_check_of_what_is_up_to_date(self) -> None:
        built()
        assert run("build", "--check").code == 0

    def test_check_names_each_file_and_writes_nothing(self) -> None:
        before = built()
        change_all()
        write("slos/new.yaml", spec("new"))
        result = run("build", "--check")
        assert result.code == 1
        for line in (f"{A}: differs", f"{C}: no longer made", "prometheus/new.prometheus.rules.yml: missing"):
            assert f"generated/{line}" in result.err
        assert files(GENERATED) == before

    @pytest.mark.parametrize("edit", [b"\n# mine\n", b"\r", b"\xff\xfe", b" "])
    def test_check_finds_an_edit_by_hand(self, edit: bytes) -> None:
        before = built()
        (GENERATED / A).write_bytes(before[A] + edit)
        assert run("build", "--check").code == 1
        assert spawn("build", "--check", "--diff", LC_ALL="C", PYTHONUTF8="0").code == 1
        assert built() == before

    def test_diff_prints_and_writes(self) -> None:
        before = built()
        change_all()
        result = run("build", "--diff")
        assert result.code == 0
        assert f"--- generated/{A}\n+++ generated/{A}\n" in result.out
        assert "-          / 0.001\n+          / 0.005\n" in result.out
        assert f"--- generated/{C}\n+++ /dev/null\n" in result.out
        assert files(GENERATED) != before

    def test_diff_of_nothing_is_nothing(self) -> None:
        built()
        assert run("build", "--diff").out == ""

    def test_diff_and_check_write_nothing(self) -> None:
        before = built()
        change_all()
        result = run("build", "--diff", "--check")
        assert (result.code, "+++" in result.out) == (1, True)
        assert files(GENERATED) == before

    def test_the_diff_is_a_patch(self) -> None:
        built()
        shutil.copytree(GENERATED, "old/generated")
        change_all()
        printed = run("build", "--diff").out
        if (patch := shutil.which("patch")) is None:
            pytest.fail("patch is not on PATH")
        subprocess.run([patch, "-p0", "-E", "-d", "old"], input=printed.encode(), check=True, capture_output=True)
        assert files(Path("old/generated")) == files(GENERATED)


SHORT_RETENTION = "apiVersion: slogen/v1\nkind: Config\nspec: {target: {retention: 7d}}\n"
"""Every SLO gets a warning by it."""


class TestExitCodes:
    def test_a_warning_still_writes(self) -> None:
        write("slogen.yaml", SHORT_RETENTION)
        result = run("build")
        assert (result.code, "warning" in result.err) == (0, True)
        assert files(GENERATED).keys() == whole(A, B, C)

    def test_a_warning_with_strict_writes_and_exits_with_1(self) -> None:
        write("slogen.yaml", SHORT_RETENTION)
        assert run("build", "--strict").code == 1
        assert files(GENERATED).keys() == whole(A, B, C)

    def test_an_error_leaves_the_old_output_untouched(self) -> None:
        before = built()
        change_all()
        write("slos/bad.yaml", spec("bad", "100", "  colour: red\n"))
        result = run("build")
        assert result.code == 2
        assert "slos/bad.yaml:7:18: error" in result.err
        assert "slos/bad.yaml:9:3: error" in result.err
        assert files(GENERATED) == before

    @pytest.mark.parametrize("option", ["--check", "--diff", "--stdout"])
    def test_an_error_beats_every_option(self, option: str) -> None:
        write("slos/bad.yaml", "kind: [")
        result = run("build", option)
        assert (result.code, result.out) == (2, "")

    def test_no_specs_at_all(self) -> None:
        before = built()
        shutil.rmtree("slos")
        Path("slos").mkdir()
        result = run("build")
        assert (result.code, "slogen init" in result.err) == (2, True)
        assert files(GENERATED) == before

    @pytest.mark.parametrize("args", [["nowhere.yaml"], ["--config", "nowhere.yaml"], ["-o", "slos/alpha.yaml"]])
    def test_a_path_that_does_not_serve(self, args: list[str]) -> None:
        result = run("build", *args)
        assert result.code == 2
        assert args[-1] in result.err
        assert not GENERATED.exists()

    def test_an_unexpected_failure_keeps_its_traceback(self) -> None:
        before = "import slogen.batches\nslogen.batches.compile_file = lambda *_: 1 / 0"
        result = spawn("build", before=before)
        assert result.code == 1
        assert "Traceback" in result.err
        assert "ZeroDivisionError" in result.err


class TestOtherPeoplesFiles:
    def test_one_in_the_way_is_not_overwritten(self) -> None:
        write(f"generated/{B}", "groups: []\n")
        result = run("build")
        assert (result.code, f"generated/{B}" in result.err) == (2, True)
        assert files(GENERATED) == {B: b"groups: []\n"}

    def test_a_folder_in_the_way(self) -> None:
        before = built()
        (GENERATED / B).unlink()
        (GENERATED / B).mkdir()
        change_all()
        result = run("build")
        assert (result.code, f"generated/{B}" in result.err) == (2, True)
        assert files(GENERATED) == {path: text for path, text in before.items() if path != B}

    def test_a_file_where_a_folder_is_wanted(self) -> None:
        write("generated/prometheus/payments", "mine\n")
        assert run("build").code == 2
        assert files(GENERATED) == {"prometheus/payments": b"mine\n"}

    def test_those_beside_are_never_removed(self) -> None:
        others = {
            "README.md": b"mine",
            "prometheus/mine.rules.yml": b"groups: []\n",
            "prometheus/payments/eu/.keep": b"",
            "prometheus/bytes.yml": b"\xff\xfe\x00",
            "prometheus/quoting.md": b"see\n# Generated by slogen from slos/x.yaml: do not edit",
        }
        for path, data in others.items():
            write(f"generated/{path}", "")
            (GENERATED / path).write_bytes(data)
        built()
        change_all()
        assert built().keys() == whole(A, B) | others.keys()
        assert {path: (GENERATED / path).read_bytes() for path in others} == others

    def test_a_link_out_of_the_folder_is_not_followed(self, repository: Path) -> None:
        built()
        outside = repository / "outside"
        shutil.move(GENERATED / "prometheus", outside)
        (GENERATED / "prometheus").symlink_to(outside)
        before = files(outside)
        change_all()
        assert run("build").code == 2
        assert files(outside) == before


class TestPruning:
    def test_a_removed_spec(self) -> None:
        built()
        Path("slos/payments/eu/gamma.yml").unlink()
        assert built().keys() == whole(A, B)
        assert not (GENERATED / "prometheus/payments/eu").exists()

    def test_a_renamed_service(self) -> None:
        built()
        write("slos/alpha.yaml", spec("omega"))
        assert built().keys() == whole("prometheus/omega.prometheus.rules.yml", B, C)

    def test_a_moved_spec(self) -> None:
        built()
        Path("slos/alpha.yaml").rename("slos/payments/alpha.yaml")
        assert built().keys() == whole("prometheus/payments/alpha.prometheus.rules.yml", B, C)

    def test_a_partial_build_removes_nothing_else(self) -> None:
        before = built()
        write("slos/alpha.yaml", spec("alpha", "99.5"))
        write("slos/payments/beta.yaml", spec("beta", "99.5"))
        Path("slos/payments/eu/gamma.yml").unlink()
        after = built("slos/alpha.yaml")
        assert after[A] != before[A]
        assert {path: after[path] for path in (B, C)} == {path: before[path] for path in (B, C)}

    def test_a_partial_build_of_a_folder_removes_what_is_gone_there(self) -> None:
        built()
        Path("slos/payments/eu/gamma.yml").unlink()
        Path("slos/alpha.yaml").unlink()
        assert built("slos/payments").keys() == whole(A, B)

    def test_a_partial_check_looks_at_its_part_only(self) -> None:
        built()
        write("slos/payments/beta.yaml", spec("beta", "99.5"))
        assert run("build", "--check", "slos/alpha.yaml").code == 0
        assert run("build", "--check", "slos/payments").code == 1

    def test_a_partial_build_still_sees_the_whole_repository(self) -> None:
        write("slos/payments/twin.yaml", spec("alpha"))
        result = run("build", "slos/alpha.yaml")
        assert (result.code, "two services are named 'alpha'" in result.err) == (2, True)

    @pytest.mark.parametrize("path", [".", "{here}/slos", "slos/../slos", "./slos", "slos/"])
    def test_a_path_may_be_written_otherwise(self, path: str, repository: Path) -> None:
        before = built()
        assert built(path.format(here=repository)) == before
        Path("slos/alpha.yaml").unlink()
        assert built(path.format(here=repository)).keys() == whole(B, C)


LIMIT = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))"
SLOW = """
import os, time
def hook(event, args):
    if event == "os.rename":
        time.sleep(0.01)
import sys
sys.addaudithook(hook)
"""
FAULTS = """
import errno, os, signal
deed, at, folder = sys.argv.pop(1), int(sys.argv.pop(1)), os.path.abspath("generated")
seen = 0
def hook(event, args):
    global seen
    writes = event in ("os.rename", "os.remove", "os.mkdir", "os.rmdir")
    if not writes and event == "open":
        writes = isinstance(args[2], int) and bool(args[2] & (os.O_WRONLY | os.O_RDWR))
    if writes and isinstance(args[0], (str, bytes, os.PathLike)):
        path = os.path.abspath(os.fsdecode(args[0]))
        if path.startswith(folder):
            seen += 1
            if deed == "count":
                print(event, file=sys.stderr)
            elif seen == at and deed == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            elif seen == at and deed == "stuck" and event == "os.rename":
                raise OSError(errno.EIO, "Input/output error", path)
            elif seen >= at and deed == "full" and event in ("open", "os.mkdir"):
                raise OSError(errno.ENOSPC, "No space left on device", path)
sys.addaudithook(hook)
"""


def spawn_faulty(deed: str, at: int) -> Result:
    """A build that meets `deed` at its change number `at` (from 1) to the output folder."""
    script = f"import sys\n{FAULTS}\nfrom slogen.cli import main\nmain(prog_name='slogen')"
    command = [sys.executable, "-c", script, deed, str(at), "build"]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60, text=True)
    return Result(done.returncode, done.stdout, done.stderr)


def is_step(word: str) -> bool:
    """Whether a word that a counting build printed is a change of the output folder."""
    return word in {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"}


def prepared(tmp: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Old output in generated/, kept in `tmp` too, with specs that have changed since; old and new files."""
    old = built()
    shutil.copytree(GENERATED, tmp / "kept")
    change_all()
    run("build", "-o", "new")
    return old, files(Path("new"))


def restore(tmp: Path) -> None:
    shutil.rmtree(GENERATED)
    shutil.copytree(tmp / "kept", GENERATED)


def outputs() -> dict[str, bytes]:
    """What others would load: no glob matches files that are being written."""
    return {path: text for path, text in files(GENERATED).items() if not path.endswith(".slogen-tmp")}


class TestDisasters:
    def test_a_read_only_folder(self, repository: Path) -> None:
        old, _ = prepared(repository)
        for folder in [GENERATED, *(path for path in GENERATED.rglob("*") if path.is_dir())]:
            folder.chmod(0o555)
        try:
            result = spawn("build", before=WITHOUT_PRIVILEGE)
        finally:
            for folder in [GENERATED, *(path for path in GENERATED.rglob("*") if path.is_dir())]:
                folder.chmod(0o755)
        assert (result.code, "Permission denied" in result.err) == (2, True), result.err
        assert files(GENERATED) == old

    def test_an_output_that_cannot_be_read(self, repository: Path) -> None:
        old, _ = prepared(repository)
        (GENERATED / A).chmod(0)
        result = spawn("build", before=WITHOUT_PRIVILEGE)
        (GENERATED / A).chmod(0o644)
        assert (result.code, f"generated/{A}" in result.err) == (2, True), result.err
        assert files(GENERATED) == old

    def test_a_file_that_cannot_be_written_to_its_end(self, repository: Path) -> None:
        old, _ = prepared(repository)
        result = spawn("build", before=LIMIT)
        assert (result.code, "cannot write: File too large" in result.err) == (2, True), result.err
        assert files(GENERATED) == old

    def test_a_disk_that_fills_up_at_any_step(self, repository: Path) -> None:
        old, _ = prepared(repository)
        steps = [event for event in spawn_faulty("count", 0).err.split() if event in {"open", "os.mkdir"}]
        assert len(steps) >= 2
        for at in range(1, len(steps) + 1):
            restore(repository)
            result = spawn_faulty("full", at)
            assert (result.code, "No space left on device" in result.err) == (2, True), result.err
            assert files(GENERATED) == old

    def test_a_file_that_cannot_be_put_in_its_place(self, repository: Path) -> None:
        """What is told about the old output is true, and nothing half-written stays behind."""
        old, new = prepared(repository)
        steps = spawn_faulty("count", 0).err.split()
        renames = [at for at, event in enumerate((step for step in steps if is_step(step)), 1) if event == "os.rename"]
        assert len(renames) == 2 * EACH
        for at in renames:
            restore(repository)
            result = spawn_faulty("stuck", at)
            assert (result.code, "Input/output error" in result.err) == (2, True), result.err
            found = files(GENERATED)
            assert found.keys() == old.keys()
            assert all(text in (old[path], new.get(path)) for path, text in found.items())
            assert ("the old output is as it was" in result.err) == (found == old)

    def test_a_process_killed_at_any_step(self, repository: Path) -> None:
        """Each file is old or new, and the next build mends the rest; `kill -9` leaves no time to clean up."""
        old, new = prepared(repository)
        steps = [step for step in spawn_faulty("count", 0).err.split() if is_step(step)]
        assert len(steps) >= 5, steps
        for at in range(1, len(steps) + 1):
            restore(repository)
            assert spawn_faulty("kill", at).code == -signal.SIGKILL
            found = outputs()
            assert found.keys() <= old.keys() | new.keys()
            assert {path: text for path, text in found.items() if text not in (old.get(path), new.get(path))} == {}
            assert new.keys() <= found.keys()
            built()
            assert outputs() == new

    def test_a_process_killed_at_any_moment(self, repository: Path) -> None:
        """The same with a clock instead of steps, and many files."""
        for number in range(40):
            write(f"slos/many/m{number}.yaml", spec(f"m{number}"))
        old, _ = prepared(repository)
        for number in range(40):
            write(f"slos/many/m{number}.yaml", spec(f"m{number}", "99"))
        run("build", "-o", "new")
        new = files(Path("new"))
        script = f"{SLOW}\nfrom slogen.cli import main\nmain(prog_name='slogen')"
        with subprocess.Popen([sys.executable, "-c", script, "build"], stderr=subprocess.DEVNULL) as process:
            deadline = time.monotonic() + 30
            while outputs() == old and time.monotonic() < deadline:
                time.sleep(0.005)
            process.kill()
        found = outputs()
        changed = [path for path in new if found.get(path) != old.get(path)]
        assert 0 < len(changed) < len(new), "killed too late or too early"
        assert all(found[path] in (old.get(path), new[path]) for path in new)

    def test_what_a_killed_build_left_is_swept_later(self) -> None:
        built()
        left = (GENERATED / A).with_name(".alpha.prometheus.rules.yml.1.slogen-tmp")
        left.write_text("half", encoding="utf-8")
        built()
        assert left.exists(), "it may be another build's, which runs now"
        os.utime(left, (0, 0))
        write("slos/alpha.yaml", spec("alpha", "99.5"))
        assert built().keys() == whole(A, B, C)


class TestTerminal:
    @pytest.mark.parametrize(("settings", "wanted"), [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True)])
    def test_colour_on_a_terminal_only_and_not_with_no_color(self, settings: dict[str, str], wanted: bool) -> None:
        built()
        change_all()
        write("slogen.yaml", SHORT_RETENTION)
        environment = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
        printed = on_terminal(["build", "--diff", "--check"], {**environment, **settings})
        assert "warning" in printed
        assert "+++" in printed
        assert ("\x1b[" in printed) is wanted

    def test_no_colour_in_a_pipe(self) -> None:
        built()
        change_all()
        write("slogen.yaml", SHORT_RETENTION)
        result = spawn("build", "--diff", "--check")
        assert "\x1b[" not in result.out + result.err


def on_terminal(args: list[str], environment: dict[str, str]) -> str:
    """What slogen prints where both of its outputs are a terminal."""
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "slogen", *args]
    printed = b""
    with subprocess.Popen(command, stdout=terminal, stderr=terminal, stdin=terminal, env=environment) as process:
        os.close(terminal)
        while process.poll() is None or select.select([controller], [], [], 0)[0]:
            if select.select([controller], [], [], 0.05)[0]:
                try:
                    printed += os.read(controller, 65536)
                except OSError:
                    break
    os.close(controller)
    return printed.decode("utf-8")


class TestHelp:
    @pytest.mark.parametrize("name", main.list_commands(main.make_context("slogen", [], resilient_parsing=True)))
    def test_every_command_has_an_example(self, name: str) -> None:
        result = run(name, "--help")
        assert result.code == 0
        assert "\n  Example:\n    slogen " in result.out
        assert f"slogen {name}" in result.out.split("Example:")[1]

    def test_the_group_has_one_too(self) -> None:
        assert "Example:\n    slogen " in run("--help").out

    def test_a_misspelt_command(self) -> None:
        result = run("biuld")
        assert (result.code, "Did you mean 'build'?" in result.err) == (2, True)


@pytest.mark.prometheus
class TestPromtool:
    def test_prometheus_loads_the_folder_by_glob(self, tools: Tools) -> None:
        """One glob for each folder: Prometheus takes a wildcard in a path's last part only."""
        built()
        folders = ("", "payments/", "payments/eu/")
        globs = [f"generated/prometheus/{folder}*.yml" for folder in folders]
        write("prometheus.yml", f"rule_files: {json.dumps(globs)}\n")
        command = [str(tools.promtool), "check", "config", "--lint=all", "--lint-fatal", "prometheus.yml"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("rules found") == 3

    def test_the_help_s_pipe_into_promtool(self, tools: Tools) -> None:
        """The line that `slogen build --help` shows, with the promtool under test."""
        (line,) = (line for line in run("build", "--help").out.splitlines() if "| promtool" in line)
        slogen, promtool = line.strip().split(" | ")
        write("slos/checkout.yaml", spec("checkout"))
        printed = run(*slogen.split()[1:]).out
        command = [str(tools.promtool), *promtool.split()[1:]]
        done = subprocess.run(command, input=printed, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
