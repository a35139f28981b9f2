"""`slogen check-manifests` as a shell sees it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from commands import run, spawn

ROOT = Path(__file__).parents[2]
BEFORE = (ROOT / "examples" / "payments" / "before.yaml").read_text(encoding="utf-8")
AFTER = (ROOT / "examples" / "payments" / "after.yaml").read_text(encoding="utf-8")
WARNED = AFTER.replace("maxReplicas: 12", "maxReplicas: 3")


@pytest.fixture(autouse=True)
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with the mended manifests."""
    monkeypatch.chdir(tmp_path)
    Path("k8s").mkdir()
    Path("k8s/after.yaml").write_text(AFTER, encoding="utf-8")


def test_exit_codes() -> None:
    Path("before.yaml").write_text(BEFORE, encoding="utf-8")
    Path("warned.yaml").write_text(WARNED, encoding="utf-8")
    Path("broken.yaml").write_text("kind: [", encoding="utf-8")
    assert run("check-manifests", "k8s").code == 0
    assert run("check-manifests", "before.yaml").code == 1
    assert run("check-manifests", "warned.yaml").code == 0
    assert run("check-manifests", "warned.yaml", "--strict").code == 1
    assert run("check-manifests", "broken.yaml", "before.yaml").code == 2
    assert run("check-manifests", "nowhere.yaml").code == 2
    assert run("check-manifests").code == 2
    assert run("check-manifests", "k8s", "--config", "nowhere.yaml").code == 2


def test_text_tells_places_and_a_summary() -> None:
    Path("before.yaml").write_text(BEFORE, encoding="utf-8")
    result = run("check-manifests", "before.yaml")
    assert result.out == ""
    assert "before.yaml:21:32: error: container 'app': the JVM's heap" in result.err
    assert result.err.endswith("2 errors, 5 warnings, 1 info\n1 workload with 1 container checked.\n")


def test_standard_input_is_read_beside_files() -> None:
    script = f"import io; sys.stdin = io.TextIOWrapper(io.BytesIO({BEFORE!r}.encode()))"
    result = spawn("check-manifests", "-", "k8s", before=script)
    assert result.code == 1
    assert "<stdin>:21:32: error:" in result.err
    assert "2 workloads with 2 containers checked." in result.err


def test_json_is_a_list_of_findings() -> None:
    Path("before.yaml").write_text(BEFORE, encoding="utf-8")
    findings = json.loads(run("check-manifests", "before.yaml", "--format", "json").out)
    heap = next(one for one in findings if one["code"] == "manifest/jvm-heap")
    assert (heap["severity"], heap["file"], heap["line"], heap["column"]) == ("error", "before.yaml", 21, 32)
    assert heap["message"] and heap["hint"]
    assert json.loads(run("check-manifests", "k8s", "--format", "json").out) == []


def test_github_gets_annotations_the_worst_first_and_no_more_than_it_shows() -> None:
    many = "\n---\n".join(BEFORE.replace("name: payments", f"name: p{number}") for number in range(8))
    Path("a,b.yaml").write_text(many, encoding="utf-8")
    lines = run("check-manifests", "a,b.yaml", "--format", "github").out.splitlines()
    annotation = re.compile(r"::(\w+) file=a%2Cb\.yaml,line=\d+,col=\d+,title=manifest/[a-z-]+::.+%0A.+")
    annotated = [match[1] for line in lines if (match := annotation.fullmatch(line))]
    assert annotated == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 8
    assert len(lines) == 8 * 8
    assert any("100%25 of the limit" in line for line in lines)


def test_text_cannot_write_to_the_terminal() -> None:
    Path("k8s/after.yaml").write_text(AFTER.replace("name: payments\n", 'name: "\\e[31mp\\n"\n'), encoding="utf-8")
    for form in ("text", "github"):
        result = run("check-manifests", "k8s", "--format", form)
        assert "\x1b" not in result.out + result.err


def git(*command: str) -> None:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *command], check=True, capture_output=True)


SPEC = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: payments}
spec:
  workloads: [{kind: Deployment, namespace: shop, name: payments}]
  slos: [{name: a, objective: 99.9, sli: {type: events, bad: errors_total, total: all_total}}]
"""


def test_changed_tells_what_lies_in_files_that_differ() -> None:
    Path("k8s/old.yaml").write_text(BEFORE.replace("name: payments", "name: old"), encoding="utf-8")
    Path("slos").mkdir()
    missing = ", {kind: Deployment, namespace: shop, name: missing}]"
    Path("slos/payments.yaml").write_text(SPEC.replace("]\n  slos", missing + "\n  slos"), encoding="utf-8")
    git("init", "-q", "-b", "main")
    git("add", ".")
    git("commit", "-q", "-m", "first")
    command = ("check-manifests", "k8s", "--changed", "HEAD")
    assert run("check-manifests", "k8s").code == 1
    assert run(*command).code == 0

    Path("k8s/new.yaml").write_text(BEFORE, encoding="utf-8")
    result = run(*command)
    assert result.code == 1
    assert "k8s/new.yaml:21:32: error:" in result.err
    assert "k8s/old.yaml" not in result.err
    assert "spec-workload" not in result.err

    Path("k8s/new.yaml").unlink()
    Path("k8s/after.yaml").unlink()
    result = run(*command)
    assert result.code == 1
    assert "slos/payments.yaml:5:57: error: service 'payments' runs as Deployment shop/payments" in result.err
    assert run("check-manifests", "k8s", "--changed", "nothing").code == 2


def test_one_file_does_not_say_what_else_there_is() -> None:
    Path("slos").mkdir()
    Path("slos/payments.yaml").write_text(SPEC.replace("name: payments}]", "name: other}]"), encoding="utf-8")
    assert "spec-workload" not in run("check-manifests", "k8s/after.yaml").err
    for arguments in (["k8s"], ["k8s/after.yaml", "--specs", "slos"]):
        result = run("check-manifests", *arguments)
        assert (result.code, "[manifest/spec-workload]" in result.err) == (1, True)


def test_unsound_specs_are_unusable_input() -> None:
    Path("slos").mkdir()
    Path("slos/payments.yaml").write_text(SPEC.replace("kind: Deployment", "kind: Deploymint"), encoding="utf-8")
    result = run("check-manifests", "k8s")
    assert result.code == 2
    assert "slos/payments.yaml:5:" in result.err


def test_the_page_shows_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    page = (ROOT / "docs" / "manifests.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```console\n\$ slogen (.*?)\n(.*?)```", page, re.DOTALL)
    assert run(*shown[0].split()).err == shown[1]
    monkeypatch.chdir(Path("k8s").resolve().parent)


def test_the_page_s_documents_are_sound() -> None:
    page = (ROOT / "docs" / "manifests.md").read_text(encoding="utf-8")
    spec, config = re.findall(r"```yaml\n(apiVersion.*?)```", page, re.DOTALL)
    Path("slos").mkdir()
    Path("slos/payments.yaml").write_text(spec, encoding="utf-8")
    Path("slogen.yaml").write_text(config, encoding="utf-8")
    result = run("check-manifests", "k8s", "--strict")
    assert "exemption-unused" in result.err
    assert result.err.count("warning") == 2
