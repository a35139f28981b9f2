"""Mutated specs through the pipeline, or with rule files through lint: never a traceback, a hang or a crash.

    python bench/fuzz.py [--lint] [--count 10000] [--seed N]     prints figures; exits with 1 when a case fails
    python bench/fuzz.py [--lint] --seed N --case 1234           runs one case here, and prints its files

Cases run in a worker process, so that one that takes the process down is seen; it is told apart by its number, and
the worker is started again behind it. A case that takes longer than two seconds counts as a hang.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path

from random_rules import file as random_file

from slogen import linting
from slogen.cli._lint_formats import rendered
from slogen.cli.lint import FORMATS
from slogen.findings import SpecError
from slogen.pipeline import compile_specs, render

LIMIT = 2.0
BREAKS = (b"\n", b"\r", "\x85".encode(), "\u2028".encode(), "\u2029".encode())
"""Whatever ends a line to somebody."""

FINE = {"built", "refused", "clean", "found"}
START_LIMIT = 30.0

SERVICE = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: shop, owner: team, labels: {tier: critical}}
spec:
  scrapeInterval: 15s
  slos:
    - name: availability
      description: "What fails\\tis bad."
      objective: 99.9
      window: 30d
      sli:
        type: events
        bad:
          - errors_total{job="shop", code=~"5.."}
          - |-
            failures_total{job="shop"}
        total: 'sum(rate(requests_total{job="shop"}[$window]))'
      alerting: {policy: mine, page: {labels: {who: a}, annotations: {note: "{{ $value }}"}}, ticket: {disabled: true}}
    - name: latency
      sli: {type: latency, histogram: 'http_seconds{job="shop"}', good: '{code!~"5.."}', buckets: [300ms, 1s]}
      objectives:
        - {name: p99, threshold: 1s, objective: 99}
        - {name: p90, threshold: 300ms, objective: 90}
    - name: native
      objective: 95
      sli: &native {type: latency, histogram: rpc_seconds, native: true, threshold: 2.5s}
    - {name: again, objective: 90, sli: *native}
"""
POLICY = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: mine}
spec:
  extends: default
  burnRate:
    pairs:
      - {severity: page, budget: 2, long: 1h, short: 5m}
      - {severity: ticket, budget: 10, long: 3d, short: 6h, pinned: true}
    guard: {badEvents: 3}
  gaps: "off"
  noData: {severity: page, wait: 10m}
  sourceCoverage: {minimum: 80}
"""
CONFIG = """\
apiVersion: slogen/v1
kind: Config
spec:
  target: {engine: prometheus, version: "2.53", retention: 90d, queryOffset: 1m}
  defaults: {scrapeInterval: 30s, window: 28d, policy: default, labels: {env: prod}}
  labels: {severity: severity, owner: team}
  severities: {page: critical, ticket: warning}
  links: {dashboard: "https://g/{service}", runbook: "/r/{service}#{anchor}"}
"""
RULES = """\
# slogen:ignore-file rules/record-name names of an older tool, until 2099-01-01
groups:
  - name: api
    interval: 1m
    limit: 10
    rules:
      - record: job:errors:rate5m
        expr: |-
          sum by (job) (rate(errors_total{job="shop", code=~"5.."}[5m]))
          / on (job) (sum by (job) (rate(requests_total[5m])) > 0)
        labels: {team: "a"}
      # slogen:ignore promql/irate only the last two matter
      - alert: Errors
        expr: irate(errors_total{job="shop", code=~"5.."}[5m]) > 1 unless on () absent(up)
        for: 5m
        keep_firing_for: 10m
        labels: {severity: page, team: '{{ $labels.job }}'}
        annotations:
          summary: "Errors of {{ $labels.job | title }} at {{ $value | humanize }}."
          runbook_url: 'https://x/{{ with query "up" }}{{ . | first | value }}{{ end }}'
  - name: more
    rules:
      - {record: "a:b:c", expr: 'histogram_quantile(0.9, sum by (le) (rate(x_bucket[5m])))'}
      - {record: d, expr: max_over_time(rate(x_total[1m])[10m:30s] offset -1m)}
"""
SEEDS = (SERVICE, POLICY, CONFIG, RULES)
NAMES = ("slos/service.yaml", "slos/policy.yaml", "slogen.yaml", "rules/api.yml")

YAML_WORDS = (
    "- ", ": ", "\n", "\n---\n", "\n...\n", "{", "}", "[", "]", ",", "'", '"', "|", ">", "|-\n", "&a ", "*a",
    "*native", "<<: ", "!!str ", "!x ", "? ", "#", "\t", "%", "@", "`", "~", "null", "true", "yes", "0", "-1",
    "1e999", ".nan", "0x10", "9" * 40, "\ufeff", "\u2028", "\x85", "\x00", "\x1b[31m", "é", "\U0001f600", "\r",
    "\r\n", "\\", "\\x", "  ", "{{", "}}", "$window", "<% x %>", "<< x >>",
)  # fmt: skip
SCALARS = (
    "", "null", "true", "-5", "0", "1", "100", "99.9", "1e3", "99.9999999999", "[]", "{}", "[1]", "{a: b}", "''",
    "x", "7s", "1h30m", "100y", "90d", "1d", "999999999d", "0s", "page", "ticket", "off", "default", "none", "mine",
    "shop", "../x", "a/b", "A" * 70, "300ms", "0.5us", "up", "up[5m]", "up offset 5m", "'{a=\"b\"}'", "1 + 1",
    '"{{ $x"', "*native", "2.42", "3.5",
)  # fmt: skip
PROMQL_WORDS = (
    "(", ")", "[", "]", "{", "}", ",", "+", "-", "/", "*", "^", "%", "==", "!=", "=~", "!~", "=", "<", ">", "@",
    ":", "a", "up", "http.x", "sum", "rate", "increase", "histogram_quantile", "by", "without", "on", "ignoring",
    "group_left", "and", "or", "unless", "bool", "offset", "start()", "5m", "0s", "[5m]", "[$window]",
    "[$window:1m]", "$window", "${window}", "1", "1e400", "0x", "Inf", "NaN", '"x"', "'y'", "`z`", '"', "`", '"\\',
    '"\\xff"', "=~\"(\"", '=~"(((((a+)+)+)+)+"', "{a=\"b\"}", "#", "\n", " ", "__name__", "é", "\u00a0", "\x00",
    "9" * 30, "y" * 300, "atan2", "label_replace", "vector(1)", "count_values",
)  # fmt: skip


def _bytes(chance: random.Random, data: bytes) -> bytes:
    """Any bytes at any place."""
    result = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(result) + 1)
        kind = chance.randrange(4)
        if kind == 0:
            result[at:at] = chance.randbytes(chance.randint(1, 4))
        elif kind == 1:
            del result[at : at + chance.randint(1, 30)]
        elif kind == 2 and at < len(result):
            result[at] ^= 1 << chance.randrange(8)
        else:
            result[at:at] = chance.choice(YAML_WORDS).encode() * chance.choice((1, 1, 1, 2, 70, 5000))
    return bytes(result[: chance.randrange(len(result) + 1)] if chance.random() < 0.1 else result)


def _lines(chance: random.Random, data: bytes) -> bytes:
    """Lines gone, doubled, swapped or moved sideways."""
    lines = data.split(b"\n")
    for _ in range(chance.randint(1, 4)):
        at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
        kind = chance.randrange(5)
        if kind == 0 and len(lines) > 1:
            del lines[at]
        elif kind == 1:
            lines[at:at] = [lines[other]] * chance.choice((1, 2, 200))
        elif kind == 2:
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 3:
            lines[at] = b" " * chance.randint(1, 9) + lines[at]
        else:
            lines[at] = lines[at].lstrip()
    return b"\n".join(lines)


def _values(chance: random.Random, data: bytes) -> bytes:
    """Values replaced by others, most of them wrong."""
    text = data.decode("utf-8", "replace")
    for _ in range(chance.randint(1, 5)):
        places = [index for index, char in enumerate(text[:-1]) if char == ":" and text[index + 1] in " \n"]
        if not places:
            break
        at = chance.choice(places) + 1
        ends = [found for mark in ("\n", ",", "}") if (found := text.find(mark, at)) >= 0]
        text = f"{text[:at]} {chance.choice(SCALARS)}{text[min(ends, default=len(text)) :]}"
    return text.encode("utf-8", "replace")


def _expressions(chance: random.Random, data: bytes) -> bytes:
    """An expression of any words, in any style of scalar, where PromQL is wanted."""
    glue = chance.choice(("", " ", " "))
    expression = glue.join(chance.choices(PROMQL_WORDS, k=chance.randint(1, 12))) * chance.choice((1, 1, 1, 1, 300))
    style = chance.randrange(4)
    if style == 0:
        written = json.dumps(expression)
    elif style == 1:
        written = "'" + expression.replace("'", "''") + "'"
    elif style == 2:
        written = "|-\n" + "".join(f"            {line}\n" for line in expression.split("\n"))
    else:
        written = expression
    olds = (
        'errors_total{job="shop", code=~"5.."}', "'http_seconds{job=\"shop\"}'", "'{code!~\"5..\"}'",
        "max_over_time(rate(x_total[1m])[10m:30s] offset -1m)",
    )  # fmt: skip
    there = [old.encode() for old in olds if old.encode() in data]
    return data.replace(chance.choice(there), written.encode("utf-8", "replace"), 1) if there else data


MUTATIONS: tuple[Callable[[random.Random, bytes], bytes], ...] = (_bytes, _lines, _values, _values, _expressions)


def case(seed: int, number: int, lint: bool) -> dict[str, bytes]:
    """Files of one repository, some of them mutated; for lint, most often the rules, half of them by chance alone."""
    chance = random.Random(f"{seed}/{number}")
    files = dict(zip(NAMES, (text.encode() for text in SEEDS), strict=True))
    if lint and chance.random() < 0.7:
        files[NAMES[3]] = random_file(chance)
        if chance.random() < 0.8:
            return files
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        name = chance.choice((*NAMES, NAMES[3], NAMES[3], NAMES[3]) if lint else (NAMES[0], NAMES[0], *NAMES[:3]))
        files[name] = chance.choice(MUTATIONS)(chance, files[name])
    return files


def run(files: dict[str, bytes], lint: bool) -> str:
    """How it ended: `built` or `refused`, for lint `clean`, `found` or `refused`; any exception comes through."""
    with tempfile.TemporaryDirectory(prefix="slogen-fuzz-") as folder, contextlib.chdir(folder):
        for name, data in files.items():
            Path(name).parent.mkdir(exist_ok=True)
            Path(name).write_bytes(data)
        if lint:
            return _lint()
        try:
            artefacts = render(compile_specs([]).plan)
        except SpecError as refusal:
            for finding in refusal.findings:
                assert finding.message and finding.hint, f"no message or hint: {finding}"
                assert finding.place.line >= 1 and finding.place.column >= 1, finding
                assert not finding.message.startswith("Input should"), finding
            return "refused"
        assert all(".." not in Path(artefact.path).parts for artefact in artefacts)
        return "built"


def _lint() -> str:
    outcome = linting.lint(linting.Request((Path("slos"), Path("rules")), today=date(2026, 1, 31)))
    lines = {path: sum(map(path.read_bytes().count, BREAKS)) + 2 for path in map(Path, NAMES)}
    for one in outcome.found:
        finding = one.finding
        assert finding.message and finding.hint, f"no message or hint: {finding}"
        assert 1 <= finding.place.line <= lines.get(Path(finding.place.file), 1), finding
        assert finding.place.column >= 1, finding
    for form in FORMATS:
        assert form == "text" or rendered(form, outcome.found) or not outcome.found
    return "refused" if outcome.is_unusable else "found" if outcome.found else "clean"


def _work(seed: int, first: int, count: int, lint: bool, said: Connection) -> None:
    for number in range(first, count):
        files = case(seed, number, lint)
        said.send((number, "started", ""))
        try:
            said.send((number, run(files, lint), ""))
        except Exception:
            said.send((number, "traceback", traceback.format_exc()))


@dataclass
class Report:
    """How many cases ended how; `failures` are number, kind and what was said."""

    ends: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[int, str, str]] = field(default_factory=list)
    slowest: tuple[float, int] = (0.0, -1)


def fuzz(seed: int, count: int, lint: bool) -> Report:
    """Run `count` cases, each at most two seconds."""
    context, report, number = multiprocessing.get_context("spawn"), Report(), 0
    while number < count:
        listening, saying = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(seed, number, count, lint, saying))
        worker.start()
        saying.close()
        started, limit = time.monotonic(), START_LIMIT
        while number < count:
            try:
                heard = listening.recv() if listening.poll(limit) else (number, "hang", "")
            except EOFError:
                worker.join()
                heard = (number, "crash", f"exit code {worker.exitcode}")
            _, end, said = heard
            if end == "started":
                started, limit = time.monotonic(), LIMIT
                continue
            report.slowest = max(report.slowest, (time.monotonic() - started, number))
            report.ends[end] += 1
            if end not in FINE:
                report.failures.append((number, end, said))
            number += 1
            limit = START_LIMIT
            if end in {"hang", "crash"}:
                break
        worker.kill()
        worker.join()
    return report


def main() -> int:
    """Run the cases and print how they ended."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=int)
    parser.add_argument("--lint", action="store_true", help="lint the files instead of building them")
    arguments = parser.parse_args()
    if arguments.case is not None:
        files = case(arguments.seed, arguments.case, arguments.lint)
        for name, data in files.items():
            print(f"=== {name}\n{data.decode('utf-8', 'backslashreplace')}")
        print(run(files, arguments.lint))
        return 0
    began = time.monotonic()
    report = fuzz(arguments.seed, arguments.count, arguments.lint)
    seconds = time.monotonic() - began
    ends = ", ".join(f"{count} {end}" for end, count in report.ends.most_common())
    print(f"{arguments.count} cases of seed {arguments.seed} in {seconds:.0f} s: {ends}.")
    print(f"slowest: {report.slowest[0]:.2f} s, case {report.slowest[1]}")
    for number, end, said in report.failures[:20]:
        print(f"\ncase {number}: {end}\n{said}")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
