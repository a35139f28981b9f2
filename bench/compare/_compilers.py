"""A tool's rules for one SLO where its defaults do not do: other periods for Sloth, fewer alerts for slogen."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from compare.peers import CONFIG, SLOTH, TIMEOUT, Peer, SloCase
from slogen.policy_documents import builtin

KEPT = ("extends", "burnRate", "budgetSpent")
_SLOTH_HAS = ("28d", "30d")


def compiled(peer: Peer, case: SloCase, *, alone: bool = False) -> list[str]:
    """The texts of its rule files; `alone` is for slogen: burn rates and the budget, no alert on the data."""
    with tempfile.TemporaryDirectory(prefix="slogen-peer-") as folder:
        specs, out, windows = (Path(folder) / name for name in ("specs", "out", "windows"))
        for made in (specs, out, windows):
            made.mkdir()
        peer.write_specs([case], specs)
        command = peer.command(specs, out)
        if alone:
            _only_kept(specs)
        if peer.name == SLOTH:
            command += ["--default-slo-period", case.window]
            if case.window not in _SLOTH_HAS:
                _write(windows / "windows.yaml", _catalogue(case.window))
                command += ["--slo-period-windows-path", str(windows)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT, cwd=folder)
        files = sorted(path for path in out.rglob("*.y*ml") if path.is_file())
        if done.returncode or not files:
            raise RuntimeError(f"{peer.name} failed: {done.stdout}{done.stderr}")
        return [file.read_text(encoding="utf-8") for file in files]


def _only_kept(specs: Path) -> None:
    default = builtin()["default"].model.spec.model_dump(by_alias=True, exclude_unset=True)
    sections = {name: "off" for name in default if name not in KEPT}
    policy = {"kind": "AlertPolicy", "metadata": {"name": "alone"}, "spec": {"extends": "default", **sections}}
    _write(specs / "policy.yaml", {"apiVersion": "slogen/v1", **policy})
    config = yaml.safe_load((specs / CONFIG).read_text(encoding="utf-8"))
    config["spec"]["defaults"] = {"policy": "alone"}
    _write(specs / CONFIG, config)


def _catalogue(period: str) -> dict[str, Any]:
    """The windows that Sloth has for 30d, as a catalogue of its users' own for another period."""

    def pair(budget: float, short: str, long: str) -> dict[str, object]:
        return {"errorBudgetPercent": budget, "shortWindow": short, "longWindow": long}

    page = {"quick": pair(2, "5m", "1h"), "slow": pair(5, "30m", "6h")}
    ticket = {"quick": pair(10, "2h", "1d"), "slow": pair(10, "6h", "3d")}
    spec = {"sloPeriod": period, "page": page, "ticket": ticket}
    return {"apiVersion": "sloth.slok.dev/v1", "kind": "AlertWindows", "spec": spec}


def _write(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(dict(document), sort_keys=False), encoding="utf-8")
