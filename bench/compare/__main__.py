"""Measures slogen beside its peers, keeps the figures and writes docs/benchmarks.md.

python bench/compare                       everything, for which peers are found
python bench/compare --only truth,cost     some sections
python bench/compare --quick               a look: nothing is kept or written
python bench/compare --docs                the page anew from bench/figures.json
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from pathlib import Path

# This folder is a package and not on the path itself: some of its modules have names that others have too.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from compare import report
from compare.peers import find


def main() -> int:
    """Returns 1 if a section failed."""
    parser = argparse.ArgumentParser(
        prog="python bench/compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", metavar="NAME,NAME", help="sections to measure")
    parser.add_argument("--quick", action="store_true", help="few cases, and nothing is kept")
    parser.add_argument("--docs", action="store_true", help="write the page from the kept figures, measure nothing")
    options = parser.parse_args()
    modules = report.sections()
    chosen = [name for name in options.only.split(",") if name] or list(modules)
    if unknown := [name for name in chosen if name not in modules]:
        parser.error(f"no section is named {', '.join(unknown)}; there are {', '.join(modules)}")
    kept = report.load()
    good = options.docs or _measure(chosen, modules, kept, options.quick)
    if not options.quick:
        report.write(kept, modules)
        report.save(kept)
    return 0 if good else 1


def _measure(chosen: list[str], modules: dict[str, report.Section], kept: report.Kept, quick: bool) -> bool:
    """Measures, prints and keeps, section by section: what fails leaves the others."""
    peers, missing = find()
    print(f"measured: {', '.join(f'{name} {peer.version}' for name, peer in peers.items())}")
    for name, why in missing.items():
        print(f"not measured: {name}: {why}")
    failed = []
    for name in chosen:
        begun = time.monotonic()
        print(f"\n{name} ...", flush=True)
        try:
            figures = modules[name].measure(peers, quick)
        except Exception:
            traceback.print_exc()
            failed.append(name)
            continue
        before = kept.get(name)
        now = report.entry(figures, peers, missing, before)
        print(modules[name].page(now["figures"]))
        if found := report.changes(modules[name], before, now):
            print(report.printed(found))
        print(f"{name} took {time.monotonic() - begun:.0f} s", flush=True)
        if not quick:
            kept[name] = now
            report.save(kept)
    if failed:
        print(f"\nfailed, and keeps its last figures: {', '.join(failed)}")
    return not failed


if __name__ == "__main__":
    sys.exit(main())
