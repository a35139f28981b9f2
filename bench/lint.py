"""How long `slogen lint` takes beside `promtool check rules`, which only parses, on the same files.

    python bench/lint.py [--services 1000] [--runs 5]

Makes services with 20 rules each, on average, and lints what they compile to: a quarter, a half, all of them. Runs are
interleaved, so that a noisy machine disturbs all alike; the median of the ratios of neighbours counts. pint is measured
too where it is on PATH, on at most 850 rules, as it takes minutes for thousands. Exits with 1 when all takes 3 s or
more, or more than 3 times as long as promtool, or 500 MB, or when time grows faster than the number of rules.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS, RATIO, MEGABYTES = 3.0, 3.0, 500
GROWTH = 1.25
"""Seconds per rule for all of them, against those for a quarter."""

PINT_RULES = 850
SERVICE = """\
apiVersion: slogen/v1
kind: Service
metadata: {{name: {name}, owner: team-{team}, description: Serves requests.}}
spec:
  slos:
    - name: availability
      objective: {objective}
      sli:
        type: events
        bad: 'http_requests_total{{job="{name}", code=~"5.."}}'
        total: 'http_requests_total{{job="{name}"}}'
      alerting: {{policy: {policy}}}
"""
POLICY = """\
apiVersion: slogen/v1
kind: AlertPolicy
metadata: {name: few}
spec: {extends: default, sourceCoverage: off, trafficStopped: off, targetDown: off, noData: off, gaps: off}
"""
OBJECTIVES = ("99", "99.5", "99.9", "99.95")


@dataclass(frozen=True)
class Run:
    """Seconds on the clock, those of all cores, and MB at the most, of all processes together."""

    seconds: float
    cpu: float
    megabytes: float


def main() -> int:
    """Measure, print a table, and say whether the bounds hold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    if shutil.which("promtool") is None:
        print("promtool is not on PATH", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        rules = farm(Path(folder), options.services)
        return report(Path(folder), rules, options.runs)


def farm(folder: Path, services: int) -> list[Path]:
    """Files of rules, one for each service."""
    (folder / "slos").mkdir()
    for number in range(services):
        name, objective = f"service-{number:04d}", OBJECTIVES[number % len(OBJECTIVES)]
        policy = ("few", "none")[number % 2]
        spec = SERVICE.format(name=name, team=number % 40, objective=objective, policy=policy)
        (folder / "slos" / f"{name}.yaml").write_text(spec, encoding="utf-8")
    (folder / "slos" / "policy.yaml").write_text(POLICY, encoding="utf-8")
    subprocess.run([sys.executable, "-m", "slogen", "build", "--only", "prometheus"], cwd=folder, check=True)
    return sorted((folder / "generated" / "prometheus").glob("*.yml"))


def report(folder: Path, files: Sequence[Path], runs: int) -> int:
    """The figures of each size, and the number of bounds that do not hold."""
    per_rule, wrong = [], []
    print(f"{'rules':>7} {'slogen':>9} {'promtool':>9} {'ratio':>6} {'of CPU':>6} {'us/rule':>8} {'MB':>5}")
    for share in (4, 2, 1):
        part = lay_out(folder / f"part-{share}", files[: len(files) // share])
        rules = sum(file.read_text().count("        expr:") for file in part.glob("*.yml"))
        pairs = [(linted(part), checked(part)) for _ in range(runs)]
        seconds = statistics.median(ours.seconds for ours, _ in pairs)
        ratio = statistics.median(ours.seconds / theirs.seconds for ours, theirs in pairs)
        theirs = statistics.median(theirs.seconds for _, theirs in pairs)
        megabytes = max(ours.megabytes for ours, _ in pairs)
        per_rule.append(seconds / rules)
        cpu = statistics.median(ours.cpu / theirs.cpu for ours, theirs in pairs)
        beside = f"{seconds:7.2f} s {theirs:7.2f} s {ratio:6.2f} {cpu:6.2f}"
        print(f"{rules:7} {beside} {1e6 * seconds / rules:8.1f} {megabytes:5.0f}")
    for name, value, most in (
        ("seconds", seconds, SECONDS),
        ("times promtool", ratio, RATIO),
        ("MB", megabytes, MEGABYTES),
        ("times the seconds per rule of a quarter", per_rule[-1] / per_rule[0], GROWTH),
    ):
        if value > most:
            wrong.append(f"{value:.2f} {name}, at most {most} are wanted")
    both = statistics.median(run([sys.executable, "-m", "slogen", "lint"], folder).seconds for _ in range(runs))
    print(f"with the specs of all services: {both:.2f} s")
    pint(folder, files)
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0


def lay_out(part: Path, files: Sequence[Path]) -> Path:
    """A folder that holds these files and nothing else."""
    part.mkdir()
    for file in files:
        (part / file.name).hardlink_to(file)
    return part


def linted(part: Path) -> Run:
    """`slogen lint` on a folder, which finds nothing worse than what is for information."""
    return run([sys.executable, "-m", "slogen", "lint", str(part)], part.parent)


def checked(part: Path) -> Run:
    """`promtool check rules` on its files."""
    return run(["promtool", "check", "rules", *sorted(map(str, part.glob("*.yml")))], part.parent)


def pint(folder: Path, files: Sequence[Path]) -> None:
    """What pint takes for a few of the rules, if it is there."""
    if shutil.which("pint") is None:
        return
    few, rules = [], 0
    for file in files:
        rules += file.read_text().count("        expr:")
        if rules > PINT_RULES:
            break
        few.append(file)
    part = lay_out(folder / "part-pint", few)
    ours, theirs = linted(part), run(["pint", "--offline", "--no-color", "lint", str(part)], folder, fails=True)
    print(f"{len(few)} files: slogen {ours.seconds:.2f} s, pint --offline {theirs.seconds:.2f} s")


def run(command: Sequence[str], folder: Path, fails: bool = False) -> Run:
    """One run, in a process group whose memory is sampled; an exit code other than 0 is a mistake of the bench."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0.0
    while process.poll() is None:
        most = max(most, memory(process.pid))
        time.sleep(0.02)
    seconds = time.perf_counter() - start
    if process.returncode and not fails:
        raise RuntimeError(f"{command[:4]} exits with {process.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(seconds, cpu, most)


def memory(parent: int) -> float:
    """MB of a process and of its children: what is shared is shared out (PSS)."""
    total = 0
    for pid in (parent, *children(parent)):
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def children(parent: int) -> list[int]:
    """Processes that a process started."""
    try:
        tasks = os.listdir(f"/proc/{parent}/task")  # noqa: PTH208  # of /proc
        texts = (Path(f"/proc/{parent}/task/{task}/children").read_text(encoding="utf-8") for task in tasks)
        return [int(pid) for text in texts for pid in text.split()]
    except OSError:
        return []


if __name__ == "__main__":
    sys.exit(main())
