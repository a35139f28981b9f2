"""`slogen lint` as a shell sees it: what it prints, what it exits with, what it leaves on disk."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import run
from jsonschema import Draft202012Validator

from slogen.cli._finding_formats import MOST_ANNOTATIONS
from slogen.discovery import codes
from slogen.lint.checking import RULES as RULES_PACKAGE

RULES = """\
groups:
  - name: api
    rules:
      - record: job:requests:rate45s
        expr: |-
          sum by (job) (
            rate(http_requests_total{code=~"500"}[45s])
          )
      - alert: Broken
        expr: "sum(rate(a_total[5m]) > 0"
"""
SPEC = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: payments}
spec:
  slos:
    - {name: a, objective: 99.9, sli: {type: events, bad: 'requests_total{code="500"}', total: requests_total}}
"""
USED = {"promql/range-short", "promql/regex-plain", "rulefile/promql", "slo/owner-missing"}
"""Rules that these tests are about; all others are off, so that they may come and go."""


def configure(severities: Mapping[str, str]) -> None:
    wanted = {**{code: "off" for code in codes(RULES_PACKAGE) if code not in USED}, **severities}
    spec = {"lint": {"severities": wanted}}
    document = {"apiVersion": "slogen/v1", "kind": "Config", "spec": spec}
    Path("slogen.yaml").write_text(json.dumps(document), encoding="utf-8")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rules.yml").write_text(RULES, encoding="utf-8")
    configure({})


def git(*args: str) -> None:
    subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@b.c", *args], check=True, capture_output=True)


def test_text_shows_the_line_and_what_is_meant() -> None:
    found = run("lint", "rules.yml")
    assert found.code == 1
    assert found.out == (
        "rules.yml:7:42: info: 'code=~' with a value that is no pattern [promql/regex-plain]\n"
        '  7 |             rate(http_requests_total{code=~"500"}[45s])\n'
        "    |                                          ^^\n"
        "    write code=\n"
        "rules.yml:7:51: warning: rate() over 45s often finds a single sample: targets are scraped every 30s"
        " [promql/range-short]\n"
        '  7 |             rate(http_requests_total{code=~"500"}[45s])\n'
        "    |                                                   ^^^\n"
        "    write [1m] or more\n"
        "rules.yml:10:19: error: '(' is never closed [rulefile/promql]\n"
        '  10 |         expr: "sum(rate(a_total[5m]) > 0"\n'
        "     |                   ^\n"
        "    add ')' where it ends\n"
        "1 error, 1 warning, 1 info\n"
    )
    assert found.err == "0 services and 2 rules in 1 file of rules linted.\n"


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        ((), 1, 3),
        (("--fail-on", "never"), 0, 3),
        (("--min-severity", "error"), 1, 1),
        (("--min-severity", "error", "--fail-on", "info"), 1, 1),
    ],
)
def test_what_it_exits_with(options: tuple[str, ...], code: int, told: int) -> None:
    found = run("lint", "rules.yml", "--format", "json", *options)
    assert (found.code, len(json.loads(found.out))) == (code, told)


def test_severities_below_fail_on_exit_with_0() -> None:
    Path("rules.yml").write_text(RULES.replace("45s]", "5m]").partition("      - alert")[0], encoding="utf-8")
    assert run("lint", "rules.yml").code == 0
    assert run("lint", "rules.yml", "--fail-on", "info").code == 1


def test_specs_and_rules_are_both_looked_at_by_default_and_the_config_weighs() -> None:
    configure({"promql/range-short": "off", "slo/owner-missing": "error"})
    for name, text in {"slos/payments.yaml": SPEC, "generated/prometheus/x.yml": RULES}.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    found = run("lint", "--format", "json")
    told = {(one["file"], one["line"], one["code"], one["severity"]) for one in json.loads(found.out)}
    assert told == {
        ("generated/prometheus/x.yml", 7, "promql/regex-plain", "info"),
        ("generated/prometheus/x.yml", 10, "rulefile/promql", "error"),
        ("slos/payments.yaml", 3, "slo/owner-missing", "error"),
    }
    assert found.err == "1 service and 2 rules in 1 file of rules linted.\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("groups: [", "yaml/syntax"),
        (SPEC.replace("99.9", "999"), "spec/objective"),
        ("a: b", "lint/nothing"),
    ],
)
def test_what_cannot_be_read_exits_with_2(text: str, code: str) -> None:
    Path("x.yaml").write_text(text, encoding="utf-8")
    found = run("lint", "x.yaml", "--format", "json")
    assert (found.code, [one["code"] for one in json.loads(found.out)]) == (2, [code])


def test_nothing_there_exits_with_2() -> None:
    found = run("lint")
    assert found.code == 2
    assert "lint/nothing" in found.out or "yaml/unreadable" in found.out


def test_a_baseline_hides_what_was_there_and_no_more() -> None:
    accepted = run("lint", "rules.yml", "--baseline", "known.json", "--write-baseline")
    assert (accepted.code, accepted.out, accepted.err) == (0, "", "3 findings accepted in known.json.\n")
    assert run("lint", "rules.yml", "--baseline", "known.json").code == 0
    more = RULES.replace("groups:\n", "# moved down\ngroups:\n") + "      - {record: b, expr: 'rate(b_total[1s])'}\n"
    Path("rules.yml").write_text(more, encoding="utf-8")
    found = run("lint", "rules.yml", "--baseline", "known.json")
    assert found.code == 1
    assert [line for line in found.out.splitlines() if "[promql" in line] == [
        "rules.yml:12:41: warning: rate() over 1s often finds a single sample: targets are scraped every 30s"
        " [promql/range-short]"
    ]
    assert "3 in the baseline" in found.err
    Path("rules.yml").write_text(RULES.replace("45s]", "5m]"), encoding="utf-8")
    assert "2 in the baseline (1 of it mended)" in run("lint", "rules.yml", "--baseline", "known.json").err


@pytest.mark.parametrize("text", [None, "{", "[]", '{"version": 9, "findings": []}', '{"version": 1, "findings": [1]}'])
def test_a_broken_baseline_is_told(text: str | None) -> None:
    if text is not None:
        Path("known.json").write_text(text, encoding="utf-8")
    found = run("lint", "rules.yml", "--baseline", "known.json")
    assert found.code == 2
    assert "[lint/baseline]" in found.err


def test_changed_tells_only_of_files_that_differ() -> None:
    Path("other.yml").write_text(RULES.replace("job:", "x:"), encoding="utf-8")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    assert run("lint", ".", "--changed", "HEAD").code == 0
    Path("other.yml").write_text(RULES.replace("job:", "y:"), encoding="utf-8")
    found = run("lint", ".", "--changed", "HEAD", "--format", "json")
    assert {one["file"] for one in json.loads(found.out)} == {"other.yml"}
    assert run("lint", ".", "--changed", "nowhere").code == 2


def test_fix_mends_what_is_certain_and_leaves_generated_files_alone() -> None:
    header = "# Generated by slogen from slos/x.yaml: do not edit, change that file and run `slogen build`.\n"
    Path("made.yml").write_text(header + RULES.replace("job:", "z:"), encoding="utf-8")
    windows = "\ufeff" + RULES.replace("job:", "w:").replace("\n", "\r\n")
    Path("windows.yml").write_bytes(windows.encode())
    found = run("lint", ".", "--fix")
    assert found.code == 1
    assert "2 findings mended" in found.err
    assert Path("rules.yml").read_text(encoding="utf-8") == RULES.replace('=~"500"', '="500"')
    assert Path("windows.yml").read_bytes().decode() == windows.replace('=~"500"', '="500"')
    assert Path("made.yml").read_text(encoding="utf-8") == header + RULES.replace("job:", "z:")


def test_explain_tells_what_a_code_means() -> None:
    found = run("lint", "--explain", "promql/range-short")
    assert found.code == 0
    assert "A rate looks at two scrapes at least." in found.out
    assert "# slogen:ignore promql/range-short" in found.out
    listed = [line.split()[:2] for line in run("lint", "--explain", "all").out.splitlines()]
    assert ["promql/range-short", "warning"] in listed
    wrong = run("lint", "--explain", "promql/short-range")
    assert wrong.code == 2
    assert "did you mean" in wrong.err


def _sarif_schema() -> Draft202012Validator:
    text = (Path(__file__).parent / "sarif-part.schema.json").read_text(encoding="utf-8")
    return Draft202012Validator(json.loads(text))


def test_sarif() -> None:
    found = json.loads(run("lint", "rules.yml", "--format", "sarif").out)
    schema = _sarif_schema()
    schema.validate(found)
    (sarif_run,) = found["runs"]
    ids = [rule["id"] for rule in sarif_run["tool"]["driver"]["rules"]]
    first = sarif_run["results"][0]
    assert [ids[one["ruleIndex"]] for one in sarif_run["results"]] == [one["ruleId"] for one in sarif_run["results"]]
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "rules.yml"
    region = first["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 7, "startColumn": 42, "endLine": 7, "endColumn": 44}
    prints = [one["partialFingerprints"]["slogen/v1"] for one in sarif_run["results"]]
    Path("rules.yml").write_text(f"\n\n{RULES}", encoding="utf-8")
    again = json.loads(run("lint", "rules.yml", "--format", "sarif").out)["runs"][0]["results"]
    assert [one["partialFingerprints"]["slogen/v1"] for one in again] == prints
    assert len(set(prints)) == 3
    del first["message"]
    assert not schema.is_valid(found)


def test_formats_of_ci() -> None:
    github = run("lint", "rules.yml", "--format", "github").out.splitlines()
    assert github[0].startswith("::error file=rules.yml,line=10,col=19,title=rulefile/promql::'(' is never closed")
    gitlab = json.loads(run("lint", "rules.yml", "--format", "gitlab").out)
    assert [one["severity"] for one in gitlab] == ["info", "major", "critical"]
    assert gitlab[0]["location"] == {"path": "rules.yml", "positions": {"begin": {"line": 7, "column": 42}}}
    assert {"description", "check_name", "fingerprint"} <= gitlab[0].keys()
    junit = ElementTree.fromstring(run("lint", "rules.yml", "--format", "junit").out)  # noqa: S314
    assert (junit.attrib["tests"], junit.attrib["failures"]) == ("3", "2")
    cases = junit.findall("./testsuite/testcase")
    assert [case.find("failure") is not None for case in cases] == [False, True, True]
    assert cases[0].attrib["classname"] == "api/job:requests:rate45s"
    markdown = run("lint", "rules.yml", "--format", "markdown").out
    assert markdown.startswith("### slogen lint: 1 error, 1 warning, 1 info\n")
    assert "| error | `rules.yml:10` |" in markdown


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github", "gitlab", "junit", "markdown"])
def test_formats_with_nothing_to_tell(form: str) -> None:
    Path("rules.yml").write_text("groups:\n  - name: a\n    rules: []\n", encoding="utf-8")
    found = run("lint", "rules.yml", "--format", form)
    assert found.code == 0
    if form in ("json", "sarif", "gitlab"):
        json.loads(found.out)
    if form == "junit":
        ElementTree.fromstring(found.out)  # noqa: S314


def test_many_findings_fit_into_what_github_shows() -> None:
    rules = "".join(f"      - {{record: a{number}, expr: 'rate(b_total[1s])'}}\n" for number in range(30))
    Path("rules.yml").write_text(f"groups:\n  - name: a\n    rules:\n{rules}", encoding="utf-8")
    lines = run("lint", "rules.yml", "--format", "github").out.splitlines()
    assert sum(line.startswith("::") for line in lines) == MOST_ANNOTATIONS
    assert len(lines) == 30


def test_a_baseline_replaces_no_other_file() -> None:
    refused = run("lint", "rules.yml", "--baseline", "rules.yml", "--write-baseline")
    assert refused.code == 2
    assert "name another file" in refused.out + refused.err
    assert Path("rules.yml").read_text(encoding="utf-8") == RULES
    assert run("lint", "rules.yml", "--baseline", "known.json", "--write-baseline").code == 0
    assert run("lint", "rules.yml", "--baseline", "known.json", "--write-baseline").code == 0


def test_a_file_that_is_none_of_alertmanager_is_told() -> None:
    Path("am.yml").write_text("receivers: []\n", encoding="utf-8")
    found = run("lint", "rules.yml", "--alertmanager", "am.yml")
    assert found.code == 2
    assert "no configuration of Alertmanager" in found.out
