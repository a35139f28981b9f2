"""Every mistake that a person can make is answered with its place, a sentence and a hint, and nothing is written.

In a case, ▶ stands before each character that a finding must point at.
"""

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from commands import WITHOUT_PRIVILEGE, files, spawn

from slogen.cli import main

Files = dict[str, str]

MARK = "▶"
SECONDS = 2
FINDING = re.compile(r"(?P<place>\S+:\d+:\d+): (?P<severity>error|warning): (?P<message>.+) \[(?P<code>[a-z0-9/-]+)\]")

EVENTS = """\
apiVersion: slogen/v1
kind: Service
metadata:
  name: shop
  owner: team
spec:
  slos:
    - name: availability
      objective: 99.9
      window: 30d
      sli:
        type: events
        bad: errors_total{job="shop"}
        total: requests_total{job="shop"}
"""
LATENCY = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: shop}
spec:
  slos:
    - name: latency
      objective: 99
      sli:
        type: latency
        histogram: http_seconds{job="shop"}
        threshold: 300ms
"""
PROBE = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: shop}
spec:
  slos:
    - name: reachable
      objective: 99
      sli: {type: probe, targets: 'up{job="a"}', expected: 3}
"""
POLICY = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: mine}
spec:
  burnRate:
    pairs:
      - {severity: page, budget: 2, long: 28d, short: 56h, pinned: true}
"""
CONFIG = "apiVersion: slogen/v1\nkind: Config\nspec:\n  target: {retention: 15d}\n"


def changed(old: str, new: str, spec: str = EVENTS) -> Files:
    assert spec.count(old) == 1
    return {"slos/shop.yaml": spec.replace(old, new)}


def bad(query: str) -> Files:
    return changed('bad: errors_total{job="shop"}', f"bad: {query}")


def latency(old: str, new: str) -> Files:
    return changed(old, new, LATENCY)


def slo(*lines: str) -> Files:
    return changed("      window: 30d\n", "".join(f"      {line}\n" for line in lines))


GROUPED = EVENTS.replace("window: 30d", "by: [region]")
HEAD = EVENTS.partition("slos:")[0]
LABELS = "labels: {▶slo: a, ▶severity: b, ▶owner: c, ▶window: d, ▶alertname: e, ▶__f: g, ▶h-i: j, k: ▶1}"
TWICE = EVENTS.split("slos:\n")[1].replace("name: ", "name: ▶")
MERGES = "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n}\n  ▶<<: [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 5))
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)


def reaching(spec: str, policy: str) -> str:
    """A spec whose only SLO has the default policy but for one section."""
    head = "apiVersion: slogen/v1\nkind: AlertPolicy\nmetadata: {name: mine}\nspec:\n  extends: default\n"
    return f"{spec}      alerting: {{policy: {MARK}mine}}\n---\n{head}  {policy}\n"


def written(body: str) -> Files:
    return slo(f"tests: [{{name: a, {body}}}]")


CASES: dict[str, tuple[Files, list[str]]] = {
    "unknown key": (changed("objective:", "▶objectve:"), ["spec/unknown-key"]),
    "unknown key, nothing like it": (changed("owner:", "▶zebra:"), ["spec/unknown-key"]),
    "unknown key in the SLI": (changed("        total:", "        ▶totl:"), ["spec/unknown-key"]),
    "unknown key in a policy": (
        {"slos/p.yaml": POLICY.replace("    pairs:", "    ▶pair: 1\n    pairs:"), "slos/shop.yaml": EVENTS},
        ["spec/unknown-key"],
    ),
    "missing key": (changed("  name: shop\n  owner", "  ▶owner"), ["spec/missing"]),
    "duplicate key": (changed("window: 30d\n", "window: 30d\n      ▶window: 7d\n"), ["yaml/duplicate-key"]),
    "text for a number": (changed("99.9", "▶'99.9'"), ["spec/objective"]),
    "number for text": (changed("owner: team", "owner: ▶12"), ["spec/type"]),
    "text for a list": (changed("slos:\n", "slos: ▶none\n  ▶x:\n"), ["spec/type", "spec/unknown-key"]),
    "mapping for a list": ({"slos/a.yaml": HEAD + "slos: ▶{name: a}\n"}, ["spec/type"]),
    "text for a mapping": ({"slos/a.yaml": HEAD + "slos: [▶a]\n"}, ["spec/type"]),
    "nothing for a list": ({"slos/a.yaml": HEAD + "▶slos:\n"}, ["spec/type"]),
    "empty list": ({"slos/a.yaml": HEAD + "slos: ▶[]\n"}, ["spec/empty"]),
    "guard beyond the slices of its window": (
        {"slos/shop.yaml": reaching(PROBE, "burnRate: {guard: {badEvents: 361}}")},
        ["policy/cannot-fire"],
    ),
    "spent budget beyond the slices of the period": (
        {"slos/shop.yaml": reaching(PROBE, "budgetSpent: {badEvents: 50000}\n  budgetNearlySpent: off")},
        ["policy/cannot-fire"],
    ),
    "test, unknown alert": (
        written("happens: [{lasting: 1h}], expect: [▶SLOBudgetBurnPaeg, {alert: ▶Zebra}], silent: [▶SLOPage]"),
        ["test/unknown-alert"] * 3,
    ),
    "test, unknown objective": (
        written("happens: [{lasting: 1h}], expect: [{alert: SLOBudgetBurnPage, objective: ▶p99}]"),
        ["test/unknown-objective"],
    ),
    "test, unknown key": (
        written("happens: [{lasting: 1h, ▶erors: 1}], silent: [SLONoData]"),
        ["spec/unknown-key"],
    ),
    "test, errors": (
        written("happens: [{lasting: 1h, errors: ▶101}, {lasting: 1h, errors: ▶-1}, {lasting: 1h, errors: ▶5%}],"
        " silent: [SLONoData]"),
        ["test/errors"] * 3,
    ),
    "test, too long": (written("happens: ▶[{lasting: 23h}, {lasting: 2h}], silent: [SLONoData]"), ["test/length"]),
    "test, no time": (written("happens: [{lasting: ▶0s}], silent: [SLONoData]"), ["spec/duration"]),
    "test, nothing happens": (written("happens: ▶[], silent: [SLONoData]"), ["spec/limit"]),
    "test, nothing expected": (
        slo("tests: [▶{name: a, happens: [{lasting: 1h}], expect: []}]"),
        ["test/empty"],
    ),
    "test, contradiction": (
        written("happens: [{lasting: 1h}], expect: [SLONoData], silent: [▶SLONoData]"),
        ["test/contradiction"],
    ),
    "test, silent within": (
        written("happens: [{lasting: 1h}], silent: [{alert: SLONoData, within: ▶1h}]"),
        ["test/within"],
    ),
    "test, no such group": (
        written("happens: [{lasting: 1h}], silent: [SLONoData], group: {region: ▶eu}"),
        ["test/group"],
    ),
    "test, twice": (
        slo("tests:", "- &t {name: ▶a, happens: [{lasting: 1h}], silent: [SLONoData]}", "- *t"),
        ["spec/duplicate-name"],
    ),
    "test, traffic of time": (
        {
            "slos/a.yaml": f"{PROBE}      tests:\n"
            "        - {name: a, happens: [{lasting: 1h, traffic: ▶1/s}], silent: [SLONoData]}\n"
        },
        ["spec/traffic"],
    ),
    "unknown kind": (changed("Service", "▶service"), ["spec/document"]),
    "no kind": (changed("kind: Service\n", ""), ["spec/document"]),
    "other version": (changed("slogen/v1", "▶slogen/v9"), ["spec/document"]),
    "unknown SLI type": (changed("events", "▶event"), ["sli/type"]),
    "one of three": (changed('        bad: errors_total{job="shop"}\n', ""), ["sli/two-of-three"]),
    "objective 100": (changed("99.9", "▶100"), ["spec/objective"]),
    "objective as a ratio": (changed("99.9", "▶0.999"), ["spec/objective"]),
    "bad is total": (changed('errors_total{job="shop"}', '▶requests_total{job="shop"}'), ["sli/same"]),
    "template, unknown variable": (
        slo("alerting: {annotations: {a: ▶'{{ $label.slo }}'}}"),
        ["spec/annotation"],
    ),
    "template, unknown function": (
        slo("alerting: {annotations: {a: ▶'{{ $value | humanise }}'}}"),
        ["spec/annotation"],
    ),
    "template, left open": (slo("alerting: {annotations: {a: ▶'{{ $value'}}"), ["spec/annotation"]),
    "short window, not shorter": (
        {
            "slos/p.yaml": POLICY.replace("long: 28d, short: 56h, pinned: true", "long: 1h, short: 2h"),
            **slo("alerting: {policy: ▶mine}"),
        },
        ["policy/short-window"],
    ),
    "objective 0": (changed("99.9", "▶0"), ["spec/objective"]),
    "objective -1": (changed("99.9", "▶-1"), ["spec/objective"]),
    "objective 99.9%": (changed("99.9", "▶99.9%"), ["spec/objective"]),
    "objective in quotes": (changed("99.9", '▶"99.9"'), ["spec/objective"]),
    "duration in words": (changed("30d", "▶a month"), ["spec/duration"]),
    "duration without a unit": (changed("30d", "▶30"), ["spec/duration"]),
    "duration of zero": (changed("30d", "▶0d"), ["spec/duration"]),
    "duration, units in disorder": (changed("30d", "▶1h30d"), ["spec/duration"]),
    "duration of a lifetime": (changed("30d", "▶80y"), ["spec/duration"]),
    "duration, too many digits": (changed("30d", f"▶{'9' * 500}d"), ["spec/duration"]),
    "period of an hour": (changed("30d", "▶1h"), ["spec/window"]),
    "pinned window beyond the period": (
        {"slos/p.yaml": POLICY, **slo("window: 7d", "alerting: {policy: ▶mine}")},
        ["policy/window-beyond-period"],
    ),
    "unknown policy": (slo("alerting: {policy: ▶defualt}"), ["policy/unknown"]),
    "unknown policy extended": (
        {"slos/p.yaml": POLICY.replace("spec:\n", "spec:\n  extends: ▶other\n"), **slo("alerting: {policy: mine}")},
        ["policy/extends"],
    ),
    "group label twice": (slo("by: [region, ▶region]"), ["spec/group-label"]),
    "group label of a histogram": (slo("by: {labels: [▶le]}"), ["spec/group-label"]),
    "group label of slogen's": (slo("by: [▶service]"), ["spec/identity-label"]),
    "group label that alerts have": (slo("by: [▶zone]", "alerting: {labels: {zone: a}}"), ["spec/group-label"]),
    "group label that an expression loses": (
        changed("type: events\n        bad: e", "▶type: events\n        bad: sum(rate(e[$window])) #", GROUPED),
        ["sli/group-label"],
    ),
    "no group labels": (slo("by: {labels: ▶[]}"), ["spec/limit"]),
    "groups without labels, mistyped": (slo("by: ▶{▶label: [region]}"), ["spec/missing", "spec/unknown-key"]),
    "too few groups": (slo("by: {labels: [region], maxGroups: ▶0}"), ["spec/limit"]),
    "override without groups": (slo("overrides: ▶[{match: {tenant: a}, objective: 99}]"), ["spec/overrides"]),
    "override of another label": (
        slo("by: [region]", "overrides: [{match: {tenant: ▶a}, objective: 99}]"),
        ["spec/overrides"],
    ),
    "override of everything": (slo("by: [region]", "overrides: [{match: ▶{}, objective: 99}]"), ["spec/limit"]),
    "override, broken pattern": (
        slo("by: [region]", "overrides: [{match: {region: ▶'a('}, objective: 99}]"),
        ["spec/pattern"],
    ),
    "scope without groups": (slo("alerting: {ticket: {scope: ▶group}}"), ["spec/scope"]),
    "scope that is not recorded": (
        slo("by: {labels: [region], overall: false}", "alerting: {page: {scope: ▶both}}"),
        ["spec/scope"],
    ),
    "calendar year": (changed("30d", "{calendar: ▶year}"), ["spec/literal-error"]),
    "calendar period as a length": (changed("30d", "▶month"), ["spec/window"]),
    "traffic in words": (slo("expectedTraffic: ▶thirty a day"), ["spec/traffic"]),
    "traffic of none": (slo("expectedTraffic: ▶0/s"), ["spec/traffic"]),
    "target that is no selector": (
        changed('total: requests_total{job="shop"}', 'total: requests_total{job="shop"}\n        target: ▶up == 1'),
        ["promql/selector-wanted"],
    ),
    "target that is not up": (
        changed('total: requests_total{job="shop"}', 'total: requests_total{job="shop"}\n        target: ▶no'),
        ["sli/target"],
    ),
    "groups as text": (slo("by: ▶region"), ["spec/type"]),
    "percent as a ratio": (
        {"slos/p.yaml": POLICY.replace("spec:\n", "spec:\n  targetDown: {minimum: ▶0.9}\n"), "slos/a.yaml": EVENTS},
        ["spec/percent"],
    ),
    "traffic of slices": (
        changed("objective: 99\n", "objective: 99\n      by: {labels: [region], expectedTraffic: ▶1/d}\n", PROBE),
        ["spec/traffic"],
    ),
    "group label of Prometheus'": (slo("by: [▶alertstate]"), ["spec/identity-label"]),
    "group label that a function loses": (
        {"slos/a.yaml": PROBE.replace("targets: 'up{job=\"a\"}', expected: 3", "gauge: 'vector(1)', above: 0").replace(
            "type: probe", "type: threshold").replace("sli: {", "by: [region]\n      sli: ▶{")},
        ["sli/group-label"],
    ),
    "override that never counts": (
        slo("by: [r]", "overrides:", "  - {match: {r: a.*}, objective: 99}", "  - {match: ▶{r: a.*}, objective: 98}"),
        ["spec/overrides"],
    ),
    "traffic of what is not recorded": (
        slo("by: {labels: [region], overall: false}", "expectedTraffic: ▶30/d"),
        ["spec/traffic"],
    ),
    "traffic of a group beyond that of all": (
        slo("by: {labels: [region], expectedTraffic: ▶100/s}", "expectedTraffic: 1/s"),
        ["spec/traffic"],
    ),
    "pinned pair that cannot fire for some groups": (
        {
            "slos/p.yaml": POLICY.replace("long: 28d, short: 56h", "long: 1h, short: 5m"),
            **slo(
                "by: [region]",
                "overrides: [{match: {region: a}, objective: 80}]",
                "alerting: {policy: ▶mine, page: {scope: group}}",
            ),
        },
        ["policy/cannot-fire"],
    ),
    "nearly spent, at all of it": (
        {
            "slos/p.yaml": POLICY.partition("spec:")[0] + "spec: {extends: default, budgetNearlySpent: {used: 100}}\n",
            **slo("alerting: {policy: ▶mine}"),
        },
        ["policy/cannot-fire"],
    ),
    "PromQL, plain": (bad("sum(rate(errors_total[$window]) ▶foo)"), ["promql/syntax"]),
    "PromQL, plain over two lines": (bad("sum(\n          rate(x[$window]) ▶foo)"), ["promql/syntax"]),
    "PromQL, single quotes": (bad("'sum(rate(x{a=''b'',job=▶shop}[$window]))'"), ["promql/syntax"]),
    "PromQL, double quotes": (bad('"sum(rate(x{job=\\"shop\\"}[$window]) ▶foo)"'), ["promql/syntax"]),
    "PromQL, literal block": (
        bad("|-\n          sum(\n            ▶raet(x[$window])\n          )"),
        ["promql/syntax"],
    ),
    "PromQL, folded block": (bad(">\n          sum(\n          rate(x[$window])\n          ▶foo)"), ["promql/syntax"]),
    "PromQL in a list": (bad("[a_total, 'sum▶(b_total']"), ["promql/syntax"]),
    "PromQL in matchers": (latency("threshold", "good: '{code!~▶5xx}'\n        threshold"), ["promql/syntax"]),
    "PromQL, regular expression": (bad("x{a=~▶\"(\"}"), ["promql/syntax"]),
    "no PromQL": (bad("▶12"), ["promql/type"]),
    "empty PromQL": (bad("'▶'"), ["promql/syntax"]),
    "number for a counter": (bad("▶1 + 1"), ["promql/type"]),
    "selector unquoted": (bad('▶{job="shop"}'), ["yaml/syntax"]),
    "selector without metric": (bad("'▶{job=\"shop\"}'"), ["promql/no-metric"]),
    "expression for a selector": (
        latency('http_seconds{job="shop"}', "▶sum(rate(http_seconds[$window]))"),
        ["promql/selector-wanted"],
    ),
    "selector for an expression": (bad("▶sum(errors_total)"), ["promql/no-window"]),
    "range for an expression": (bad("errors_total▶[5m]"), ["promql/range"]),
    "increase on top": (bad("sum(▶increase(errors_total[$window]))"), ["promql/increase"]),
    "no $window": (bad("sum(rate(errors_total[▶5m]))"), ["promql/no-window"]),
    "offset": (bad("errors_total ▶offset 5m"), ["promql/modifier"]),
    "@": (bad("sum(rate(errors_total[$window] ▶@ 5))"), ["promql/modifier"]),
    "offset of a histogram": (latency('"shop"}', '"shop"} ▶offset 1h'), ["promql/modifier"]),
    "labels": (
        changed("owner: team", LABELS),
        [*["spec/identity-label"] * 5, *["spec/label-name"] * 2, "spec/type"],
    ),
    "labels of an SLO": (
        slo("alerting: {labels: {▶service: a}, page: {labels: {▶severity: b}}}"),
        ["spec/identity-label"] * 2,
    ),
    "two services of one name": (
        {"slos/a.yaml": EVENTS, "slos/b/b.yaml": EVENTS.replace("shop\n", "▶shop\n")},
        ["spec/duplicate-name"],
    ),
    "two SLOs of one name": ({"slos/a.yaml": EVENTS + TWICE}, ["spec/duplicate-name"]),
    "threshold that is no bucket": (
        latency("300ms", "▶300ms\n        buckets: [100ms, 500ms]"),
        ["sli/bucket"],
    ),
    "threshold of an objective that is no bucket": (
        {
            "slos/a.yaml": LATENCY.replace(
                "objective: 99\n",
                "objectives:\n        - {name: a, objective: 9, threshold: 1s}\n"
                "        - {name: b, objective: 9, threshold: ▶2s}\n",
            ).replace("threshold: 300ms", "buckets: [1s]")
        },
        ["sli/bucket"],
    ),
    "threshold without a unit": (latency("300ms", "▶300"), ["spec/threshold"]),
    "unit that cannot be told": (latency("http_seconds", "▶http_latency"), ["sli/unit"]),
    "scrape interval": (slo("scrapeInterval: ▶7s"), ["spec/scrape-interval"]),
    "scrape interval of the service": (
        changed("spec:\n", "spec:\n  scrapeInterval: ▶10m\n"),
        ["spec/scrape-interval"],
    ),
    "name that leaves the folder": (changed("name: shop", "name: ▶../../etc/shop"), ["spec/name"]),
    "name that is a path": (changed("name: shop", "name: ▶/etc/shop"), ["spec/name"]),
    "name of two words": (changed("name: shop", "name: ▶The Shop"), ["spec/name"]),
    "name too long": (changed("name: shop", f"name: ▶{'a' * 64}"), ["spec/name"]),
    "name that is a number": (changed("name: shop", "name: ▶7"), ["spec/name"]),
    "tab": (changed("      window", "▶\twindow"), ["yaml/tab"]),
    "wrong indentation": (changed("      window", "     ▶window"), ["yaml/syntax"]),
    "template without quotes": (changed("team", "▶{{ team }}"), ["yaml/syntax"]),
    "quote never closed": (changed("team", "▶'team"), ["yaml/syntax"]),
    "configuration": (
        {
            "slogen.yaml": "apiVersion: slogen/v1\nkind: Config\nspec:\n"
            "  target: {version: ▶2.4, retention: ▶15x, engine: ▶thanos}\n  defaults: {policy: ▶mine}\n",
            "slos/a.yaml": EVENTS,
        },
        ["config/version", "spec/duration", "spec/literal-error", "policy/unknown"],
    ),
    "merge-key alias bomb": ({"slos/a.yaml": MERGES}, ["yaml/merge-key"] * 4),
    "ten mistakes": (
        {
            "slos/a.yaml": """\
apiVersion: slogen/v1
kind: Service
metadata:
  name: ▶My Shop
  labels: {▶slo: x}
spec:
  scrapeInterval: ▶7s
  slos:
    - name: availability
      objective: ▶100
      windw: 7d
      alerting: {policy: ▶defualt}
      sli:
        type: events
        bad: errors_total ▶offset 5m
        total: sum(▶increase(requests_total[$window]))
    - name: ▶availability
      objective: 99
      window: ▶7 days
      sli:
        type: latency
        histogram: ▶http_latency
        threshold: ▶300
""".replace("windw", "▶windw"),
        },
        [
            "spec/name", "spec/identity-label", "spec/scrape-interval", "spec/objective", "spec/unknown-key",
            "policy/unknown", "promql/modifier", "promql/increase", "spec/duplicate-name", "spec/duration",
            "sli/unit", "spec/threshold",
        ],
    ),
}  # fmt: skip
UNMARKED = {"no kind": "1:1", "one of three": "12:9"}


def clean(files: Files) -> Files:
    return {name: text.replace(MARK, "") for name, text in files.items()}


def places(files: Files) -> list[str]:
    """Where the marks stand."""
    found = []
    for name, text in sorted(files.items()):
        for number, line in enumerate(text.split("\n"), 1):
            parts = line.split(MARK)[:-1]
            found += [f"{name}:{number}:{len(''.join(parts[: n + 1])) + 1}" for n in range(len(parts))]
    return found


@contextlib.contextmanager
def repository(folder: Path, files: Files) -> Iterator[None]:
    """The current folder, with output of an earlier build."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    rules = folder / "generated" / "prometheus" / "shop.prometheus.rules.yml"
    rules.parent.mkdir(parents=True)
    rules.write_text("# Generated by slogen from slos/shop.yaml: old\n", encoding="utf-8")
    with contextlib.chdir(folder):
        before = content(folder)
        yield
        assert content(folder) == before


def content(folder: Path) -> dict[str, object]:
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() and path.stat().st_size < 1_000_000 else None
        for path in folder.rglob("*")
    }


def findings(output: str) -> list[tuple[str, str]]:
    """Place and code of every finding, each of which must come with a sentence and a hint."""
    lines = output.splitlines()
    assert re.fullmatch(r"\d+ errors?(, \d+ warnings?)?", lines[-1]), output
    assert len(lines) % 2 == 1, f"a finding without a hint:\n{output}"
    found = []
    for line, hint in zip(lines[:-1:2], lines[1::2], strict=True):
        match = FINDING.fullmatch(line)
        assert match, line
        assert re.fullmatch(r" {4}\S.{5,}", hint), f"no hint: {line}"
        assert not re.search(r"[Tt]uple|[Ii]nput should|pydantic|None|Traceback|dict", match["message"]), line
        found.append((match["place"], match["code"]))
    return found


def build() -> list[tuple[str, str]]:
    started = time.process_time()
    result = CliRunner().invoke(main, ["build"], catch_exceptions=False)
    assert time.process_time() - started < SECONDS
    assert result.exit_code == 2, result.output
    return findings(result.output)


@pytest.mark.parametrize(("files", "codes"), CASES.values(), ids=CASES)
def test_mistakes_are_told_at_their_place(
    files: Files, codes: list[str], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    where = UNMARKED.get(request.node.callspec.id)
    wanted = places(files) if where is None else [f"{next(iter(files))}:{where}"]
    with repository(tmp_path, clean(files)):
        assert build() == list(zip(wanted, codes, strict=True))


TORTURE: dict[str, tuple[bytes, str, str]] = {
    "empty file": (b"", "1:1", "yaml/empty"),
    "only a comment": (b"# nothing\n", "1:1", "yaml/empty"),
    "not a mapping": (b"hello\n", "1:1", "spec/document"),
    "Latin-1": (EVENTS.replace("team", "té").encode("latin-1"), "5:11", "yaml/not-utf8"),
    "UTF-16": (EVENTS.encode("utf-16"), "1:1", "yaml/not-utf8"),
    "zero byte": (EVENTS.replace("team", "te\0am").encode(), "5:12", "yaml/control-character"),
    "tabs throughout": (EVENTS.replace("  ", "\t").encode(), "4:1", "yaml/tab"),
    "alias bomb": (LAUGHS.encode(), "5:45", "yaml/too-many-nodes"),
    "100,000 brackets": (b"[" * 100_000, "1:65", "yaml/too-deep"),
    "100,000 braces": (b"{a: " * 100_000, "1:257", "yaml/too-deep"),
    "100,000 lists": (b"- " * 100_000 + b"a", "1:129", "yaml/too-deep"),
    "1,300 mappings": (b"".join(b" " * n + b"a:\n" for n in range(1300)), "65:65", "yaml/too-deep"),
    "10,000 parentheses": (
        EVENTS.replace("errors_total", "(" * 10_000 + "a" + ")" * 10_000).encode(),
        "13:14",
        "promql/syntax",
    ),
    "3,000 parentheses": (
        EVENTS.replace('errors_total{job="shop"}', "(" * 3_000 + "a" + ")" * 3_000).encode(),
        "13:214",
        "promql/syntax",
    ),
    "3,000 signs": (
        EVENTS.replace('errors_total{job="shop"}', f"'{'-' * 3_000}a'").encode(),
        "13:515",
        "promql/syntax",
    ),
    "a line of a million characters": (EVENTS.encode() + b"9" * 1_000_000, "15:1", "yaml/syntax"),
    "a million spaces in PromQL": (
        EVENTS.replace('errors_total{job="shop"}', f"'{' ' * 1_000_000}('").encode(),
        "13:1000015",
        "promql/syntax",
    ),
    "50 MB": (b"#" * 50_000_000, "1:1", "yaml/too-large"),
    "50 MB of keys": (b"".join(b"key%d: 1\n" % n for n in range(4_000_000)), "1:1", "yaml/too-large"),
}


@pytest.mark.parametrize(("data", "where", "code"), TORTURE.values(), ids=TORTURE)
def test_torture(data: bytes, where: str, code: str, tmp_path: Path) -> None:
    path = tmp_path / "slos" / "shop.yaml"
    path.parent.mkdir()
    path.write_bytes(data)
    with repository(tmp_path, {}):
        assert build() == [(f"slos/shop.yaml:{where}", code)]


def _folder(path: Path) -> None:
    path.mkdir()


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere.yaml")


def _circle(path: Path) -> None:
    path.symlink_to(path.name)


def _pipe(path: Path) -> None:
    os.mkfifo(path)


@pytest.mark.parametrize("make", [_folder, _dangling, _circle, _pipe])
def test_unreadable_files(make: Callable[[Path], None], tmp_path: Path) -> None:
    (tmp_path / "slos").mkdir()
    make(tmp_path / "slos" / "a.yaml")
    with repository(tmp_path, {"slos/shop.yaml": EVENTS}):
        assert build() == [("slos/a.yaml:1:1", "yaml/unreadable")]


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    with repository(tmp_path, {"slos/shop.yaml": EVENTS, "slos/a.yaml": EVENTS}):
        Path("slos/a.yaml").chmod(0)
        old = files(Path("generated"))
        result = spawn("build", before=WITHOUT_PRIVILEGE)
        assert (result.code, "slos/a.yaml:1:1: error: " in result.err) == (2, True), result.err
        assert files(Path("generated")) == old


def test_no_specs(tmp_path: Path) -> None:
    with repository(tmp_path, {}):
        assert build() == [("slos:1:1", "yaml/unreadable")]
        Path("slos").mkdir()
        assert build() == [("slos:1:1", "spec/none")]
        Path("slos").rmdir()


def test_period_beyond_retention_is_a_warning(tmp_path: Path) -> None:
    with repository(tmp_path, {"slos/shop.yaml": EVENTS, "slogen.yaml": CONFIG}):
        result = CliRunner().invoke(main, ["build", "--stdout"], catch_exceptions=False)
        assert result.exit_code == 0
        assert "slos/shop.yaml:10:15: warning: the period 30d is longer than the retention, 15d" in result.stderr


@pytest.mark.parametrize(
    ("traffic", "policy", "told"),
    [
        ("1/d", "burnRate: {guard: {badEvents: 5}}", "SLOBudgetBurnPage waits for 5 bad events, and there are 1 by"),
        ("30/d", "burnRate: {guard: {badEvents: 5}}", ""),
        ("30/d", "budgetSpent: {badEvents: 901}", "SLOBudgetSpent waits for 901 bad events, and there are 900 by"),
        ("30/d", "budgetSpent: {badEvents: 900}\n  budgetNearlySpent: off", ""),
        (
            "2/d",
            "burnRate: {pairs: [{severity: ticket, budget: 2, long: 1h}], guard: {badEvents: 70}}",
            "70 bad events",
        ),
        ("2/d", "burnRate: {pairs: [{severity: ticket, budget: 2, long: 1h}], guard: {badEvents: 9}}", ""),
    ],
)
def test_an_alert_that_the_expected_traffic_cannot_fire_is_a_warning(
    traffic: str, policy: str, told: str, tmp_path: Path
) -> None:
    spec = EVENTS.replace("objective: 99.9", f"objective: 90\n      expectedTraffic: {traffic}")
    with repository(tmp_path, {"slos/shop.yaml": reaching(spec, policy).replace(MARK, "")}):
        result = CliRunner().invoke(main, ["validate"], catch_exceptions=False)
    assert result.exit_code == 0
    assert ("policy/cannot-fire" in result.stderr) == bool(told), result.stderr
    assert told in result.stderr


def test_control_characters_of_a_spec_do_not_reach_the_terminal(tmp_path: Path) -> None:
    with repository(tmp_path, changed("owner:", r'"▶\e[31mowner\n":'.replace(MARK, ""))):
        assert build() == [("slos/shop.yaml:5:3", "spec/unknown-key")]
        assert "\x1b" not in CliRunner().invoke(main, ["build"], color=True).stderr.replace("\x1b[0m", "").replace(
            "\x1b[1m", ""
        ).replace("\x1b[31m\x1b[1m", "")


@pytest.mark.parametrize("name", ["10,000 parentheses", "100,000 brackets", "alias bomb", "50 MB"])
def test_the_process_survives(name: str, tmp_path: Path) -> None:
    data, where, code = TORTURE[name]
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos" / "shop.yaml").write_bytes(data)
    with repository(tmp_path, {}):
        run = subprocess.run([sys.executable, "-m", "slogen", "build"], capture_output=True, text=True, check=False)
    assert run.returncode == 2, run.stderr
    assert findings(run.stderr) == [(f"slos/shop.yaml:{where}", code)]
