"""How long it takes to compile many SLOs: cold, with nothing to do, and after one file has changed.

Wall and CPU time are those of the command and all processes that it waited for. Memory is measured in a run of its own:
the sum of what all its processes hold (PSS, which counts shared pages once), looked at every 20 ms, or the largest
single one that the kernel tells of afterwards, whichever is more.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from compare._charts import COLOURS, figure, svg
from compare._headlines import Headline
from compare._text import paragraph, table
from compare.peers import SLOGEN, SLOTH, Peer, SloCase

Figures = Mapping[str, Any]

EVERYTHING = "slogen, with unit tests"
SIZES = (1, 100, 1_000, 10_000)
STATES = {"cold": "cold", "noop": "nothing to do", "changed": "one file changed"}
PER_FILE = (1, 10)
PATIENCE = 30
"""Seconds; a tool that would take longer is not measured at that size."""

_RULE = re.compile(rb"^\s*(?:- )?(?:record|alert):\s", re.MULTILINE)
_LAUNCHER = """
import json, os, resource, subprocess, sys, time
def held(session):
    total = 0
    for name in os.listdir('/proc'):
        try:
            if name.isdigit() and os.getsid(int(name)) == session:
                with open(f'/proc/{name}/smaps_rollup') as file:
                    total += sum(int(line.split()[1]) for line in file if line.startswith('Pss:'))
        except OSError:
            pass
    return total
watch = sys.argv[1] == 'watch'
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
begun = time.perf_counter()
child = subprocess.Popen(sys.argv[2:], stdout=2, start_new_session=True)
peak = 0
while watch and child.poll() is None:
    peak = max(peak, held(child.pid))
    time.sleep(0.02)
child.wait()
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({'code': child.returncode, 'wall': time.perf_counter() - begun,
    'cpu': used.ru_utime + used.ru_stime, 'memory': max(peak, used.ru_maxrss) / 1024}))
"""


def measure(peers: Mapping[str, Peer], quick: bool) -> dict[str, Any]:
    """Times in seconds, memory in MiB, by SLOs per file, number of SLOs and tool."""
    found: dict[str, Any] = {}
    skipped: list[str] = []
    paces = {name: _pace(name, peers) for name in [*peers, EVERYTHING]}
    for per_file in PER_FILE:
        found[str(per_file)] = sizes = {}
        for size in (size for size in (SIZES[:2] if quick else SIZES) if size >= per_file):
            with tempfile.TemporaryDirectory(prefix="slogen-compile-") as folder:
                tools = {}
                for name, pace in paces.items():
                    expected = pace(size // per_file)
                    if expected > PATIENCE:
                        told = f"{name} at {size:,} SLOs, {per_file} per file: it would take some {expected:,.0f} s"
                        skipped.append(told)
                        continue
                    tool = _tool(name, peers, Path(folder), size, per_file)
                    tool.clear()
                    try:
                        tool.run()
                    except RuntimeError as failure:
                        reason = str(failure).strip().splitlines()[-1]
                        skipped.append(f"{name} at {size:,} SLOs, {per_file} per file: it fails: {reason[:200]}")
                        continue
                    tools[name] = tool
                sizes[str(size)] = _measured(tools, 3 if size < SIZES[-1] else 1)
    return {"cores": os.cpu_count(), "found": found, "skipped": skipped}


def _pace(name: str, peers: Mapping[str, Peer]) -> Callable[[int], float]:
    """Seconds that so many files will take, by a run with one file and one with eleven."""
    walls = []
    for size in (1, 11):
        with tempfile.TemporaryDirectory(prefix="slogen-compile-") as folder:
            tool = _tool(name, peers, Path(folder), size, 1)
            tool.clear()
            walls.append(tool.run()["wall"])
    return lambda files: walls[0] + (walls[1] - walls[0]) / 10 * (files - 1)


def _tool(name: str, peers: Mapping[str, Peer], folder: Path, size: int, per_file: int) -> _Tool:
    peer = peers[SLOGEN if name == EVERYTHING else name]
    return _Tool(name, peer, folder / re.sub(r"\W+", "-", name), size, per_file)


class _Tool:
    """A tool with specs of its own, an output folder and a cache."""

    def __init__(self, name: str, peer: Peer, folder: Path, size: int, per_file: int) -> None:
        self.folder, self.specs, self.out = folder, folder / "slos", folder / "out"
        self.specs.mkdir(parents=True)
        peer.write_specs(_cases(size, per_file), self.specs, per_file)
        command = peer.command(Path("slos"), Path("out"))
        if name == EVERYTHING:
            at = command.index("--only")
            del command[at : at + 2]
        self.command = command

    def clear(self) -> None:
        """So that the next run is a cold one."""
        for folder in (self.out, self.folder / "cache"):
            shutil.rmtree(folder, ignore_errors=True)
        self.out.mkdir()

    def change(self) -> None:
        """One objective in one file."""
        file = min(path for path in self.specs.glob("*.yaml") if not path.name.startswith("."))
        text = file.read_text(encoding="utf-8")
        old, new = ("99.9", "99.5") if "99.9" in text else ("99.5", "99.9")
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def run(self, watch: bool = False) -> dict[str, float]:
        """Run the command; raises RuntimeError when it fails."""
        environment = {**os.environ, "SLOGEN_CACHE": str(self.folder / "cache")}
        launcher = [sys.executable, "-IS", "-c", _LAUNCHER, "watch" if watch else "time", *self.command]
        done = subprocess.run(launcher, cwd=self.folder, env=environment, capture_output=True, text=True, check=True)
        told: dict[str, float] = json.loads(done.stdout)
        if told["code"]:
            raise RuntimeError(f"{self.command} failed: {done.stderr[-2000:]}")
        return told

    def rules(self) -> int:
        """How many rules it has written."""
        files = (path for path in self.out.rglob("*.y*ml") if "tests" not in path.relative_to(self.out).parts)
        return sum(len(_RULE.findall(path.read_bytes())) for path in files)


def _cases(size: int, per_file: int) -> list[SloCase]:
    cases = []
    for number in range(size):
        service = f"service-{number // per_file:05}"
        matchers = (("job", service), ("path", f"/{number % per_file}"))
        cases.append(SloCase(service, f"requests-{number % per_file}", Decimal("99.9"), matchers=matchers))
    return cases


def _measured(tools: Mapping[str, _Tool], runs: int) -> dict[str, Any]:
    """Medians of each tool; the tools take turns, so that a noisy machine disturbs all alike."""
    times: dict[str, dict[str, list[dict[str, float]]]] = {name: {state: [] for state in STATES} for name in tools}
    rules = {}
    for _ in range(runs):
        for name, tool in tools.items():
            tool.clear()
            times[name]["cold"].append(tool.run())
            rules[name] = tool.rules()
            times[name]["noop"].append(tool.run())
            tool.change()
            times[name]["changed"].append(tool.run())
    found: dict[str, Any] = {}
    for name, tool in tools.items():
        tool.clear()
        found[name] = {
            state: {unit: round(statistics.median(one[unit] for one in some), 3) for unit in ("wall", "cpu")}
            for state, some in times[name].items()
        }
        found[name] |= {"rules": rules[name], "memory": round(tool.run(watch=True)["memory"], 1)}
    return found


def headlines(figures: Figures) -> list[Headline]:
    """Rules per second beside Sloth's, and slogen's own times at a thousand SLOs."""
    found = []
    sizes = figures["found"]["1"]
    for size, tools in sizes.items():
        if int(size) >= 100 and SLOTH in tools:
            ours, theirs = (tools[name]["rules"] / tools[name]["cold"]["wall"] for name in (SLOGEN, SLOTH))
            found.append(Headline(f"rules per second at {int(size):,} SLOs, times Sloth's", ours / theirs, target=0.5))
    if "1000" in sizes:
        for state, most in (("cold", 2.0), ("noop", 0.3), ("changed", 0.4)):
            name = f"1,000 SLOs with unit tests, {STATES[state]}"
            value = sizes["1000"][EVERYTHING][state]["wall"]
            found.append(Headline(name, value, "s", more_is_better=False, target=most))
    if "10000" in sizes:
        value = sizes["10000"][EVERYTHING]["memory"]
        found.append(Headline("memory at 10,000 SLOs", value, "MiB", more_is_better=False, target=400))
    return found


def page(figures: Figures) -> str:
    """The Markdown section."""
    parts = [
        "## How long does it take to compile?",
        paragraph(
            f"Wall time in seconds, CPU time in brackets, on a machine of {figures['cores']} cores: medians of three"
            " runs (one run at 10,000 SLOs), the tools taking turns. *Cold* is without any earlier output or cache;"
            " then the same again with nothing to do; then after one objective in one file has changed. *Memory* is"
            " the most that all processes of a cold run held together. Each tool writes the rules of its own defaults;"
            f" *{EVERYTHING}* is all that `slogen build` writes."
        ),
    ]
    for per_file, sizes in figures["found"].items():
        parts.append(f"**{'One SLO' if per_file == '1' else f'{per_file} SLOs'} in a file:**")
        head = ["SLOs", "tool", "rules", *STATES.values(), "rules per second, cold", "memory, MiB"]
        parts.append(table(head, [row for size, tools in sizes.items() for row in _rows(int(size), tools)]))
    if figures["skipped"]:
        parts.append(paragraph(f"Not measured: {'; '.join(figures['skipped'])}."))
    return "\n\n".join(parts) + "\n"


def _rows(size: int, tools: Mapping[str, Any]) -> list[list[str]]:
    rows = []
    for name, one in tools.items():
        times = [f"{one[state]['wall']:.2f} ({one[state]['cpu']:.2f})" for state in STATES]
        speed = f"{one['rules'] / one['cold']['wall']:,.0f}"
        rows.append([f"{size:,}", name, f"{one['rules']:,}", *times, speed, f"{one['memory']:,.0f}"])
    return rows


def plots(figures: Figures) -> dict[str, str]:
    """Time of a cold run by the number of SLOs."""
    sizes = figures["found"]["1"]
    drawn = figure()
    axes = drawn.subplots()
    for name in dict.fromkeys(name for tools in sizes.values() for name in tools):
        known = [size for size in sizes if name in sizes[size]]
        style: dict[str, Any] = {"color": COLOURS.get(SLOGEN if name == EVERYTHING else name)}
        style |= {"linestyle": ":"} if name == EVERYTHING else {}
        walls = [sizes[size][name]["cold"]["wall"] for size in known]
        axes.plot([int(size) for size in known], walls, marker="o", label=name, **style)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel("SLOs, one in a file")
    axes.set_ylabel("seconds, cold")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return {"compile.svg": svg(drawn)}
