"""The one file that belongs to no spec: every build makes the same of it, and none takes it away."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from commands import files, run

from slogen import naming
from slogen.output import source_of

GENERATED = Path("generated")
RULES = GENERATED / naming.INHIBIT_RULES


def spec(name: str, more: str = "") -> str:
    return f"""apiVersion: slogen/v1
kind: Service
metadata: {{name: {name}}}
spec:
  slos:
    - name: availability
      objective: 99.9
      sli: {{type: events, bad: 'x_total{{job="{name}", code="500"}}', total: 'x_total{{job="{name}"}}'}}
{more}"""


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The current folder: two services in two folders, not built yet."""
    monkeypatch.chdir(tmp_path)
    for path, name in (("slos/alpha.yaml", "alpha"), ("slos/payments/beta.yaml", "beta")):
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(spec(name), encoding="utf-8")


def built(*args: str) -> bytes:
    result = run("build", *args)
    assert result.code == 0, result.err
    return RULES.read_bytes()


def test_it_names_no_service_and_mutes_by_labels_only() -> None:
    text = built().decode()
    assert not re.search(r"alpha|beta|availability|severity|slos/", text)
    rules = yaml.safe_load(text)["inhibit_rules"]
    assert len(rules) > 0
    for rule in rules:
        matched = [re.split(r"!?=", one)[0] for key in ("source_matchers", "target_matchers") for one in rule[key]]
        assert set(matched) <= {"alertname", naming.GROUP}
        identities = {naming.SERVICE, naming.SLO, naming.OBJECTIVE}, {naming.SERVICE, naming.RESOURCE}
        assert any(identity <= set(rule["equal"]) for identity in identities)
    assert text.count("\n  # While ") == len(rules)


CONFIG = """apiVersion: slogen/v1
kind: Config
spec: {labels: {severity: urgency}, severities: {page: now, ticket: later}, defaults: {policy: none, window: 7d}}
"""


def test_the_same_bytes_whatever_is_specified_and_asked_for() -> None:
    whole = built()
    RULES.unlink()
    assert built("slos/alpha.yaml") == whole
    Path("slos/alpha.yaml").write_text(spec("omega", "      by: [region, zone]\n"), encoding="utf-8")
    Path("slogen.yaml").write_text(CONFIG, encoding="utf-8")
    assert built() == whole
    Path("slos/alpha.yaml").unlink()
    assert built() == whole


@pytest.mark.parametrize("path", ["slos/payments", "slos/payments/beta.yaml", "slos/alpha.yaml", ".", "slos"])
def test_no_build_removes_it_or_takes_it_for_a_spec(path: str) -> None:
    whole = built()
    Path("slos/payments/gamma.yaml").write_text(spec("gamma"), encoding="utf-8")
    Path("slos/alpha.yaml").write_text(spec("alpha", "      window: 7d\n"), encoding="utf-8")
    assert built(path) == whole
    assert run("build", path, "--check").code == 0


def test_check_and_diff_tell_drift_of_it_in_any_part() -> None:
    whole = built()
    RULES.write_bytes(whole.replace(b"slo_group", b"slo"))
    result = run("build", "slos/alpha.yaml", "--check", "--diff")
    assert result.code == 1
    assert f"{RULES.as_posix()}: differs" in result.err
    assert f"+++ {RULES.as_posix()}\n" in result.out
    RULES.unlink()
    assert f"{RULES.as_posix()}: missing" in run("build", "--check").err
    assert built() == whole


def test_only_and_stdout() -> None:
    assert run("build", "--only", "prometheus").code == 0
    assert not RULES.exists()
    assert run("build", "--only", "prometheus", "--check").code == 0
    whole = built()
    before = files(GENERATED)
    Path("slos/alpha.yaml").unlink()
    assert run("build", "--only", "alertmanager", "slos/payments", "--stdout").out.encode() == whole
    assert built("--only", "alertmanager") == whole
    assert files(GENERATED) == before
    RULES.write_bytes(whole + b"\n")
    assert run("build", "--only", "prometheus").code == 0
    assert RULES.read_bytes() == whole + b"\n"


def test_one_that_is_no_longer_made_is_removed_by_any_build_of_its_target() -> None:
    """As after an upgrade: what no build makes any more belongs to nobody, and every build knows that."""
    whole = built()
    old = RULES.with_name("old-name.yml")
    old.write_bytes(whole)
    assert source_of(whole.decode()) == ""
    run("build", "--only", "prometheus")
    assert old.exists()
    assert f"{old.as_posix()}: no longer made" in run("build", "slos/alpha.yaml", "--check").err
    built("slos/alpha.yaml")
    assert not old.exists()


def test_somebody_else_s_is_left_alone() -> None:
    RULES.parent.mkdir(parents=True)
    RULES.write_text("inhibit_rules: []\n", encoding="utf-8")
    result = run("build")
    assert (result.code, RULES.as_posix() in result.err) == (2, True)
    assert RULES.read_text(encoding="utf-8") == "inhibit_rules: []\n"
