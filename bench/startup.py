"""How long slogen takes to start and to build the same again, beyond a bare Python.

    python bench/startup.py [--runs 20]

Runs are interleaved and medians are compared, so that a noisy machine disturbs all alike. Exits with 1 when `--version`
takes 60 ms or more, or a build with nothing to do 150 ms or more, beyond `python -c pass`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SLOS = Path(__file__).resolve().parents[1] / "slos"
BOUNDS = {"--version": 60.0, "build, nothing to do": 150.0}


def main() -> int:
    """Measure, print a table, and say whether the bounds hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "slos").symlink_to(SLOS)
        environment = {**os.environ, "SLOGEN_CACHE": f"{folder}/cache"}
        slogen = [sys.executable, "-m", "slogen"]
        uncached = {**environment, "SLOGEN_CACHE": "off"}
        commands = {
            "bare Python": ([sys.executable, "-c", "pass"], environment),
            "--version": ([*slogen, "--version"], environment),
            "build, nothing to do": ([*slogen, "build"], environment),
            "build, without its receipt": ([*slogen, "build"], uncached),
        }
        for command, variables in commands.values():
            subprocess.run(command, cwd=folder, env=variables, check=True, capture_output=True)
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, (command, variables) in commands.items():
                begun = time.perf_counter()
                subprocess.run(command, cwd=folder, env=variables, check=True, capture_output=True)
                times[name].append(1000 * (time.perf_counter() - begun))
    medians = {name: statistics.median(measured) for name, measured in times.items()}
    failed = False
    for name, median in medians.items():
        beyond = median - medians["bare Python"]
        bound = BOUNDS.get(name)
        failed |= bound is not None and beyond >= bound
        shown = f"   bound {bound:.0f} ms" if bound is not None else ""
        print(f"{name:28} median {median:6.0f} ms   beyond bare Python {beyond:6.0f} ms{shown}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
