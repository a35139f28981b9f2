"""How often predictive memory alerts page for nothing, and how long before a leak kills; exits 1 if a target is missed.

Run: python bench/memory [--seeds 200] [--json] | --tune | --validate | --promql | --cost

Read patterns.py (the pods), policy.py (the rules as data), terms.py (what a rule can compare) and history.py (the
arithmetic); docs/memory-measurements.md reads the tables. Seeds 0 to 199 are reported; tuning starts at seed 10000.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from memory import tables, tuning
from memory.patterns import JVM, LEAK_FREE, LEAKS
from memory.policy import PAGE, TICKET


def main() -> int:
    """Prints what was asked for."""
    parser = argparse.ArgumentParser(prog="python bench/memory", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=200, help="pods of each family (default: 200)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--json", action="store_true", help="the figures as JSON")
    parser.add_argument("--tune", action="store_true", help="what other parameters would do, on seeds of their own")
    parser.add_argument("--validate", action="store_true", help="compare with a real Prometheus, a pod of each family")
    parser.add_argument("--promql", action="store_true", help="the rules that are measured")
    parser.add_argument("--cost", action="store_true", help="what the rules read on a real Prometheus")
    options = parser.parse_args()
    if options.cost:
        from memory import cost  # noqa: PLC0415 -- only this and --validate need the harness

        samples, seconds, rules = cost.measure()
        print(f"{rules} rules, per container and minute: {samples:,.0f} samples, {seconds * 1000:.2f} ms of evaluation")
        return 0
    if options.promql:
        for policy in (PAGE, TICKET):
            for one in policy.any_of:
                print(f"# {policy.name} {one.name}: for {one.hold}s, keep_firing_for {one.keep}s\n{one.promql()}\n")
        return 0
    if options.tune:
        tuning.explore(range(tuning.FIRST, tuning.FIRST + options.seeds))
        return 0
    if options.validate:
        from memory import validation  # noqa: PLC0415 -- only this needs the harness

        return validation.run(options.first)
    report = tables.measure(range(options.first, options.first + options.seeds))
    if options.json:
        print(json.dumps(tables.as_json(report), indent=1))
    else:
        print(f"{options.seeds} pods of each family; pages (tickets) per pod-week without a leak\n")
        for families in (LEAK_FREE, JVM):
            print(tables.false_pages(report, tables.PAGES, families), "\n")
        print(tables.false_pages(report, tables.TICKETS, (*LEAK_FREE, *JVM)), "\n")
        print("Leaks that were found before the kill, and minutes of lead: least / 5th percentile / median\n")
        print(tables.warnings(report, tables.PAGES, LEAKS), "\n")
        print(tables.warnings(report, tables.TICKETS, LEAKS[4:]), "\n")
        for name, (text, holds) in tables.targets(report).items():
            print(f"{'holds' if holds else 'MISSED':7}{name}: {text}")
    return 0 if all(holds for _, holds in tables.targets(report).values()) else 1


if __name__ == "__main__":
    sys.exit(main())
