"""Wrong rules must fail: breaks the generated rules in many small ways, and shows which break `slogen test` notices.

Run: python bench/mutations.py [PATH ...] [--most 12]

Each mutant changes one place of one rule. It is judged by the pasts of its SLO or resource until one of them fails; a
mutant that all of them pass survives. Specs are those of PATH, by default a service with an SLO for each way of
counting and one container.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

from slogen.output import changes, write
from slogen.pipeline import compile_specs, render
from slogen.proof.running import run
from slogen.proof.session import Proof, proofs

SPECS = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: mutants}
spec:
  slos:
    - name: events
      objective: 99.9
      sli: {type: events, bad: 'http_requests_total{job="a", code=~"5.."}', total: 'http_requests_total{job="a"}'}
    - name: latency
      objective: 99
      sli: {type: latency, histogram: 'http_seconds{job="a"}', threshold: 300ms}
    - name: regions
      objective: 99.5
      by: [region]
      sli: {type: events, good: 'ok_total{job="a"}', total: 'all_total{job="a"}'}
  workloads:
    - {kind: Deployment, namespace: shop, name: mutants, container: app}
  memory:
    - {type: container}
"""

Rule = dict[str, Any]
Operator = Callable[[Rule], Iterator[str]]
"""Every expression that a rule could have instead."""


def _each(pattern: str, new: str | Callable[[re.Match[str]], str], expr: str) -> Iterator[str]:
    for found in re.finditer(pattern, expr):
        replaced = new(found) if callable(new) else found.expand(new)
        yield expr[: found.start()] + replaced + expr[found.end() :]


def _is_burn(rule: Rule) -> bool:
    return str(rule.get("alert", "")).startswith("SLOBudgetBurn")


def factor_times_three(rule: Rule) -> Iterator[str]:
    """A pair waits for thrice the burn rate."""
    if _is_burn(rule):
        pattern = r"(burn_rate:window\{[^}]*\}) > ([0-9.]+)(?=\n)"
        yield from _each(pattern, lambda found: f"{found[1]} > {float(found[2]) * 3:g}", rule["expr"])


def sign_turned(rule: Rule) -> Iterator[str]:
    """An alert's comparison the other way round."""
    if _is_burn(rule):
        yield from _each(r" > (?=[0-9.]+\n)", " < ", rule["expr"])


def and_to_or(rule: Rule) -> Iterator[str]:
    """One condition in place of both."""
    if _is_burn(rule):
        yield from _each(r"\band (?=on)", "or ", rule["expr"])


def guard_out_of_reach(rule: Rule) -> Iterator[str]:
    """Bad events that never come together."""
    if _is_burn(rule):
        yield from _each(r"(bad_events:window\{[^}]*\}) > [0-9.]+", r"\1 > 1e12", rule["expr"])


def guard_gone(rule: Rule) -> Iterator[str]:
    """No bad event needed."""
    if _is_burn(rule):
        yield from _each(r"(bad_events:window\{[^}]*\}) > [0-9.]+", r"\1 >= 0", rule["expr"])


def short_window_long(rule: Rule) -> Iterator[str]:
    """A window recorded over twelve times its length."""
    window = rule.get("labels", {}).get("window", "")
    if rule.get("record", "").endswith("burn_rate:window") and window in {"5m", "30m", "2h"}:
        long = {"5m": "59m59s", "30m": "5h59m59s", "2h": "23h59m59s"}[window]
        yield re.sub(r"\[[0-9a-z]+\]", f"[{long}]", rule["expr"])


def zero_fill_dropped(rule: Rule) -> Iterator[str]:
    """Errors that were never seen are no data."""
    if rule.get("record", "").endswith(("bad_events:base", "bad_events:ledger")):
        yield from _each(r"\nor on \([a-z]*\)\n *0 \* \S+", "", rule["expr"])


def sum_to_average(rule: Rule) -> Iterator[str]:
    """A mean where a sum is meant."""
    yield from _each(r"sum_over_time", "avg_over_time", rule["expr"])


def interval_off_by_a_scrape(rule: Rule) -> Iterator[str]:
    """Ranges that lack the scrape they overlap by, or an interval that is a scrape longer."""
    if rule.get("record", "").endswith((":base",)):
        yield re.sub(r"\[1m30s\]", "[1m]", rule["expr"], count=1)
        yield from _each(r"\b60 \* ", "90 * ", rule["expr"])


def _of_sign(rule: Rule, pattern: str, new: Callable[[re.Match[str]], str]) -> Iterator[str]:
    """Signs that look no further back than what is in use now; pasts are shorter than the others look."""
    if rule.get("record") == "memory:at_risk:sign" and "offset 1d" not in rule["expr"]:
        yield from _each(pattern, new, rule["expr"])


def sign_out_of_reach(rule: Rule) -> Iterator[str]:
    """A sign that wants more than all of the memory in use."""
    yield from _of_sign(rule, r"(utilisation:ratio\{[^}]*\} > )0\.[0-9]+", lambda found: f"{found[1]}1.5")


def sign_looks_less_far(rule: Rule) -> Iterator[str]:
    """Lines that are drawn a third as far."""
    yield from _of_sign(rule, r", ([0-9]+)\) > 1", lambda found: f", {int(found[1]) // 3}) > 1")


def start_forgotten(rule: Rule) -> Iterator[str]:
    """One series for all starts of an instance."""
    if rule.get("record") == "memory:utilisation:ratio":
        yield from _each(r"group_left \(start\)", "group_left ()", rule["expr"])


OPERATORS: tuple[Operator, ...] = (
    factor_times_three,
    sign_turned,
    and_to_or,
    guard_out_of_reach,
    guard_gone,
    short_window_long,
    zero_fill_dropped,
    sum_to_average,
    interval_off_by_a_scrape,
    sign_out_of_reach,
    sign_looks_less_far,
    start_forgotten,
)


@dataclass(frozen=True)
class Mutant:
    """A proof by rules of which one is changed."""

    operator: str
    where: str
    proof: Proof
    groups: list[dict[str, Any]]


def mutants(proof: Proof) -> Iterator[Mutant]:
    """Every change of every operator that differs from the rule."""
    for operator in OPERATORS:
        for g, group in enumerate(proof.groups):
            for r, rule in enumerate(group["rules"]):
                for n, expr in enumerate(dict.fromkeys(operator(dict(rule)))):
                    if expr == rule["expr"]:
                        continue
                    groups = [dict(one) for one in proof.groups]
                    rules = list(group["rules"])
                    rules[r] = {**rule, "expr": expr}
                    groups[g] = {**group, "rules": rules}
                    name = rule.get("record") or rule["alert"]
                    window = rule.get("labels", {}).get("window", "")
                    yield Mutant(operator.__name__, f"{proof.name} {name} {window} #{n + 1}", proof, groups)


def killed_by(promtool: Path, mutant: Mutant) -> str:
    """The past that fails, empty where none does."""
    for past in sorted(mutant.proof.pasts, key=lambda past: (past.slow, past.length)):
        if run(promtool, mutant.proof.subject, mutant.groups, past).wrong:
            return past.name
    return ""


def _proofs(paths: Sequence[Path]) -> list[Proof]:
    with tempfile.TemporaryDirectory(prefix="slogen-mutants-") as folder:
        output = Path(folder, "generated")
        if not paths:
            spec = Path(folder, "mutants.yaml")
            spec.write_text(SPECS, encoding="utf-8")
            paths = [spec]
        plan = compile_specs([Path(os.path.relpath(path)) for path in paths]).plan
        artefacts = render(plan, ["prometheus"])
        write(changes(artefacts, output, lambda _: True, ()), output)
        return list(proofs(plan, output))


def main() -> int:
    """Print the table; 1 where a mutant survives."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="specs (default: a service of its own)")
    parser.add_argument("--most", type=int, default=10**9, help="mutants of each operator and SLO, at the most")
    given = parser.parse_args()
    promtool = which(os.environ.get("PROMTOOL") or "promtool")
    if promtool is None:
        parser.error("there is no promtool on PATH, nor in PROMTOOL")
    every, taken = [], Counter[tuple[str, str]]()
    for proof in _proofs(given.paths):
        for mutant in mutants(proof):
            taken[mutant.operator, proof.name] += 1
            if taken[mutant.operator, proof.name] <= given.most:
                every.append(mutant)
    started = time.monotonic()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        found = list(pool.map(lambda mutant: killed_by(Path(promtool), mutant), every))
    count, killed = Counter(mutant.operator for mutant in every), Counter[str]()
    for mutant, by in zip(every, found, strict=True):
        killed[mutant.operator] += bool(by)
    print(f"{'mutation':26}{'mutants':>9}{'killed':>9}{'survive':>9}")
    for name, total in count.items():
        print(f"{name:26}{total:9}{killed[name]:9}{total - killed[name]:9}")
    print(f"{'all':26}{len(every):9}{sum(killed.values()):9}{len(every) - sum(killed.values()):9}")
    print(f"\n{time.monotonic() - started:.0f} s")
    for mutant, by in zip(every, found, strict=True):
        if not by:
            print(f"survives: {mutant.operator} in {mutant.where}")
    return int(not all(found))


if __name__ == "__main__":
    sys.exit(main())
