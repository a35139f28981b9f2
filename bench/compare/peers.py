"""The tools that are compared: slogen, Sloth, Pyrra and NthLayer, each with its own specs for the same SLOs.

The peers are not part of this project. Get them from where their users do, and put them on PATH or name the programs in
the variables SLOTH, PYRRA and NTHLAYER:

- Sloth: https://github.com/slok/sloth/releases (v0.16.0)
- Pyrra: https://github.com/pyrra-dev/pyrra/releases (v0.10.1)
- NthLayer: `pip install nthlayer-generate==2.1.2`, in an environment of its own

`python bench/compare/peers.py` says which of them are found. A peer of another version is not measured: figures are
about one version. Every tool gets the rules of its own defaults; a page's severity is `page`, a ticket's `ticket` where
the spec can say so.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

import yaml

from slogen import __version__

SLOGEN, SLOTH, PYRRA, NTHLAYER = "slogen", "Sloth", "Pyrra", "NthLayer"
PROGRAMS = {SLOTH: "sloth", PYRRA: "pyrra", NTHLAYER: "nthlayer-generate"}
WANTED = {SLOTH: "0.16.0", PYRRA: "0.10.1", NTHLAYER: "2.1.2"}
_VERSION_ARGUMENT = {SLOTH: "version", PYRRA: "--version", NTHLAYER: "--version"}
_PRINTED = re.compile(r"v?(\d+\.\d+\.\d+)")
CONFIG = ".slogen.yaml"
"""slogen's configuration, beside the specs; a hidden file is no spec."""

TIMEOUT = 600.0


@dataclass(frozen=True)
class SloCase:
    """A neutral description of an SLO on events: the share of a counter's events that are not bad.

    `expected_traffic` is what slogen's spec can declare, e.g. `30/h`; the peers have no such field.
    """

    service: str
    name: str
    objective: Decimal
    window: str = "30d"
    metric: str = "http_requests_total"
    matchers: tuple[tuple[str, str], ...] = ()
    bad: str = 'code=~"5.."'
    expected_traffic: str | None = None

    @property
    def total_selector(self) -> str:
        """All events."""
        return f"{self.metric}{{{','.join(self._equal())}}}" if self.matchers else self.metric

    @property
    def bad_selector(self) -> str:
        """Bad events."""
        return f"{self.metric}{{{','.join([*self._equal(), self.bad])}}}"

    def _equal(self) -> list[str]:
        return [f'{name}="{value}"' for name, value in self.matchers]


class Peer(Protocol):
    """A tool that compiles specs into rule files."""

    @property
    def name(self) -> str:
        """What it is called in tables."""

    @property
    def version(self) -> str:
        """Its version, as in 0.16.0."""

    def write_specs(self, slos: Sequence[SloCase], folder: Path, per_file: int = 1) -> None:
        """Writes specs of this tool for the SLOs, at most `per_file` of them in a file where its format has several.

        A file of Sloth and of NthLayer is about one service, one of Pyrra about one SLO. slogen and NthLayer want a
        service in one piece, so there a file can hold more than `per_file`.
        """

    def command(self, specs: Path, out: Path) -> list[str]:
        """The command that compiles a folder of specs into rule files; `out` is an existing folder."""

    def rules(self, slos: Sequence[SloCase]) -> list[str]:
        """The texts of the rule files for these SLOs, made in a temporary folder."""


class _Tool:
    """What all tools share: the command is run on a folder of specs, and leaves rule files in another."""

    def __init__(self, name: str, version: str, program: Sequence[str]) -> None:
        self.name = name
        self.version = version
        self.program = list(program)

    def write_specs(self, slos: Sequence[SloCase], folder: Path, per_file: int = 1) -> None:
        """See Peer."""
        raise NotImplementedError

    def command(self, specs: Path, out: Path) -> list[str]:
        """See Peer."""
        raise NotImplementedError

    def rules(self, slos: Sequence[SloCase]) -> list[str]:
        """See Peer."""
        with tempfile.TemporaryDirectory(prefix="slogen-peer-") as folder:
            specs, out = Path(folder) / "specs", Path(folder) / "out"
            specs.mkdir()
            out.mkdir()
            self.write_specs(slos, specs)
            done = subprocess.run(
                self.command(specs, out), capture_output=True, text=True, check=False, timeout=TIMEOUT, cwd=folder
            )
            files = sorted(path for path in out.rglob("*") if path.suffix in (".yaml", ".yml") and path.is_file())
            if done.returncode or not files:
                raise RuntimeError(f"{self.name} failed: {done.stdout}{done.stderr}")
            return [file.read_text(encoding="utf-8") for file in files]


class Slogen(_Tool):
    """slogen itself, by the interpreter that runs this."""

    def __init__(self) -> None:
        super().__init__(SLOGEN, __version__, [sys.executable, "-m", "slogen"])

    def write_specs(self, slos: Sequence[SloCase], folder: Path, per_file: int = 1) -> None:
        """One document per service; files hold whole services."""
        config = {"apiVersion": "slogen/v1", "kind": "Config", "spec": {"target": {"version": "2.42"}}}
        _write(folder / CONFIG, config)
        full: list[dict[str, Any]] = []
        held = number = 0
        for service, own in _by_service(slos):
            if full and held + len(own) > per_file:
                _write(folder / f"specs-{number:05}.yaml", *full)
                full, held, number = [], 0, number + 1
            full.append(
                {
                    "apiVersion": "slogen/v1",
                    "kind": "Service",
                    "metadata": {"name": service, "owner": "team"},
                    "spec": {"slos": [_slogen_slo(slo) for slo in own]},
                }
            )
            held += len(own)
        _write(folder / f"specs-{number:05}.yaml", *full)

    def command(self, specs: Path, out: Path) -> list[str]:
        """Rule files only, as the peers write nothing else."""
        return [
            *self.program,
            *("build", str(specs), "--config", str(specs / CONFIG)),
            *("--output", str(out), "--only", "prometheus"),
        ]


class Sloth(_Tool):
    """Sloth's command line."""

    def write_specs(self, slos: Sequence[SloCase], folder: Path, per_file: int = 1) -> None:
        """A file is one document about one service."""
        for service, own in _by_service(slos):
            for number, some in enumerate(_chunks(own, per_file)):
                _write(
                    folder / f"{service}-{number:05}.yaml",
                    {"version": "prometheus/v1", "service": service, "slos": [_sloth_slo(slo) for slo in some]},
                )

    def command(self, specs: Path, out: Path) -> list[str]:
        """One run for all files."""
        return [*self.program, "generate", "--no-log", "-i", str(specs), "-o", str(out)]


class Pyrra(_Tool):
    """Pyrra's generator without its server and UI."""

    def write_specs(self, slos: Sequence[SloCase], folder: Path, per_file: int = 1) -> None:
        """A file is one SLO, whatever `per_file` says: Pyrra reads one document of a file."""
        del per_file
        for slo in slos:
            ratio = {"errors": {"metric": slo.bad_selector}, "total": {"metric": slo.total_selector}}
            name = f"{slo.service}-{slo.name}"
            _write(
                folder / f"{name}.yaml",
                {
                    "apiVersion": "pyrra.dev/v1alpha1",
                    "kind": "ServiceLevelObjective",
                    "metadata": {"name": name, "namespace": "monitoring"},
                    "spec": {"target": str(slo.objective), "window": slo.window, "indicator": {"ratio": ratio}},
                },
            )

    def command(self, specs: Path, out: Path) -> list[str]:
        """One run for all files."""
        files = ["--config-files", str(specs / "*.yaml"), "--prometheus-folder", str(out)]
        return [*self.program, "generate", "--log-level=error", *files]


class NthLayer(_Tool):
    """NthLayer's recording rules; it writes no alerts on an SLO's budget for Prometheus.

    Its rules read `http_requests_total{service="...", status!~"5.."}` whatever the spec says: there is no field for a
    metric, for matchers or for what is bad. The kind of SLO is told by its name, which must contain `availability`.
    """

    def write_specs(self, slos: Sequence[SloCase], folder: Path, per_file: int = 1) -> None:
        """A file is one service."""
        del per_file
        for service, own in _by_service(slos):
            head = {"name": service, "team": "team", "tier": "standard", "type": "api"}
            _write(folder / f"{service}.yaml", {"service": head, "resources": [_nthlayer_slo(slo) for slo in own]})

    def command(self, specs: Path, out: Path) -> list[str]:
        """One run for each file: the command takes a single one."""
        each = '"$0" generate-recording-rules "$file" --output "$2/$(basename "$file")" || exit 1'
        return ["sh", "-c", f'for file in "$1"/*.yaml; do {each}; done', *self.program, str(specs), str(out)]


def _slogen_slo(slo: SloCase) -> dict[str, Any]:
    traffic = {} if slo.expected_traffic is None else {"expectedTraffic": slo.expected_traffic}
    return {
        "name": slo.name,
        "objective": float(slo.objective),
        "window": slo.window,
        **traffic,
        "sli": {"type": "events", "bad": slo.bad_selector, "total": slo.total_selector},
    }


def _sloth_slo(slo: SloCase) -> dict[str, Any]:
    window = "[{{.window}}]"
    return {
        "name": slo.name,
        "objective": float(slo.objective),
        "sli": {
            "events": {
                "error_query": f"sum(rate({slo.bad_selector}{window}))",
                "total_query": f"sum(rate({slo.total_selector}{window}))",
            }
        },
        "alerting": {
            "name": "ErrorBudgetBurn",
            "page_alert": {"labels": {"severity": "page"}},
            "ticket_alert": {"labels": {"severity": "ticket"}},
        },
    }


def _nthlayer_slo(slo: SloCase) -> dict[str, Any]:
    name = slo.name if "availability" in slo.name else f"{slo.name}-availability"
    spec = {"objective": float(slo.objective), "window": slo.window, "indicator": {"type": "availability"}}
    return {"kind": "SLO", "name": name, "spec": spec}


def _by_service(slos: Iterable[SloCase]) -> Iterator[tuple[str, list[SloCase]]]:
    """The SLOs of each service, by name."""
    for service, own in groupby(sorted(slos, key=lambda slo: slo.service), key=lambda slo: slo.service):
        yield service, list(own)


def _chunks(slos: Sequence[SloCase], size: int) -> Iterator[Sequence[SloCase]]:
    for start in range(0, len(slos), size):
        yield slos[start : start + size]


def _write(path: Path, *documents: dict[str, Any]) -> None:
    text = "---\n".join(yaml.safe_dump(document, sort_keys=False) for document in documents)
    path.write_text(text, encoding="utf-8")


def find() -> tuple[dict[str, Peer], dict[str, str]]:
    """The tools that are there, and why each of the others is not measured."""
    found: dict[str, Peer] = {SLOGEN: Slogen()}
    missing: dict[str, str] = {}
    kinds: dict[str, type[_Tool]] = {SLOTH: Sloth, PYRRA: Pyrra, NTHLAYER: NthLayer}
    for name, kind in kinds.items():
        variable = name.upper()
        program = shutil.which(os.environ.get(variable) or PROGRAMS[name])
        if program is None:
            given = os.environ.get(variable)
            absent = f"`{PROGRAMS[name]}` is not on PATH and {variable} is not set"
            missing[name] = f"{variable}={given} is no program" if given else absent
        elif (version := _version(program, _VERSION_ARGUMENT[name])) != WANTED[name]:
            missing[name] = f"version {version or 'unknown'} was found, {WANTED[name]} is wanted"
        else:
            found[name] = kind(name, version, [program])
    return found, missing


def _version(program: str, argument: str) -> str | None:
    try:
        done = subprocess.run([program, argument], capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    printed = _PRINTED.search(done.stdout) or _PRINTED.search(done.stderr)
    return printed[1] if printed else None


def main() -> None:
    """Says what is there."""
    found, missing = find()
    for peer in found.values():
        print(f"{peer.name} {peer.version}")
    for name, why in missing.items():
        print(f"{name}: not measured: {why}")


if __name__ == "__main__":
    main()
