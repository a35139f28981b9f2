"""The kept figures, what became of them, and the page that is made of them.

bench/figures.json has for each section its figures, the date, the versions of the tools and the machine. What was not
measured this time keeps the figures it had, with their date.
"""

from __future__ import annotations

import datetime
import importlib
import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from compare._headlines import Headline
from compare._text import items, paragraph, table
from compare.peers import PROGRAMS, WANTED, Peer

FOLDER = Path(__file__).parent
ROOT = FOLDER.parents[1]
FIGURES = FOLDER.parent / "figures.json"
PAGE = ROOT / "docs" / "benchmarks.md"
IMAGES = ROOT / "docs" / "images"
PREFIX = "bench-"
WORSE = 1.1
"""A headline is marked when it is this many times worse than before."""

SOURCES = {
    "Sloth": "the release page of `slok/sloth` on GitHub",
    "Pyrra": "the release page of `pyrra-dev/pyrra` on GitHub",
    "NthLayer": "`pip install nthlayer-generate`, in an environment of its own",
}
Kept = dict[str, Any]


class Section(Protocol):
    """A module of this folder that measures something; `headlines(figures)` may be there or not."""

    __doc__: str | None

    def measure(self, peers: Mapping[str, Peer], quick: bool) -> dict[str, Any]:
        """The figures, as JSON has them."""

    def page(self, figures: Mapping[str, Any]) -> str:
        """Its part of the page."""

    def plots(self, figures: Mapping[str, Any]) -> dict[str, str]:
        """File name to SVG."""


def sections() -> dict[str, Section]:
    """Every module here that measures, by name."""
    names = sorted(path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_"))
    modules = {name: importlib.import_module(f"compare.{name}") for name in names}
    return {name: cast(Section, module) for name, module in modules.items() if hasattr(module, "measure")}


def load() -> Kept:
    """What is kept, by section."""
    kept: Kept = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    return kept


def save(kept: Kept) -> None:
    """Keeps it."""
    FIGURES.write_text(json.dumps(kept, indent=1, sort_keys=False) + "\n", encoding="utf-8")


def entry(
    figures: dict[str, Any],
    peers: Mapping[str, Peer],
    missing: Mapping[str, str],
    before: Mapping[str, Any] | None,
) -> Kept:
    """A section as it is kept: what was measured now, and of missing peers what was measured before."""
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    measured = figures.get("versions", {name: peer.version for name, peer in peers.items()})
    tools = {name: {"version": version, "date": today} for name, version in measured.items()}
    old = {} if before is None else {name: one for name, one in before["tools"].items() if name in missing}
    return {
        "date": today,
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "tools": tools | old,
        "missing": {name: why for name, why in missing.items() if name not in old},
        "plots": [] if before is None else before["plots"],
        "figures": figures if before is None or not old else merged(before["figures"], figures, frozenset(old)),
    }


def merged(before: Any, now: Any, names: frozenset[str]) -> Any:
    """`now`, and of these tools what was there before: keys that are a tool's name, and rows whose `tool` it is."""
    if isinstance(before, dict) and isinstance(now, dict):
        old = {key: value for key, value in before.items() if key in names and key not in now}
        found = old | {key: merged(before.get(key), value, names) for key, value in now.items()}
        order = [key for key in before if key in found] if old else []
        return {key: found[key] for key in dict.fromkeys([*order, *found])}
    if isinstance(before, list) and isinstance(now, list):
        if any(isinstance(row, dict) and "tool" in row for row in now):
            return now + [row for row in before if row.get("tool") in names]
        if len(before) == len(now):
            return [merged(old, new, names) for old, new in zip(before, now, strict=True)]
    return now


def headlines(section: Section, kept: Mapping[str, Any] | None) -> list[Headline]:
    """The figures by which a section is known."""
    give = getattr(section, "headlines", None)
    return list(give(kept["figures"])) if give is not None and kept is not None else []


@dataclass(frozen=True)
class Change:
    """A headline before and now."""

    now: Headline
    before: float | None

    @property
    def worse(self) -> bool:
        """By more than a tenth."""
        return self.before is not None and self.now.worse(self.before) > WORSE

    def row(self) -> list[str]:
        """As in the table."""
        if self.before is None:
            return [self.now.name, "-", self.now.shown(), "new"]
        ratio = f"{self.now.value / self.before:.2f}" if self.before else "-"
        return [self.now.name, self.now.shown(self.before), self.now.shown(), ratio + (" WORSE" if self.worse else "")]


def changes(section: Section, before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> list[Change]:
    """Each headline now, with what it was."""
    was = {one.name: one.value for one in headlines(section, before)}
    return [Change(one, was.get(one.name)) for one in headlines(section, now)]


def printed(found: Iterable[Change]) -> str:
    """The changes as a table for the terminal."""
    rows = [["figure", "before", "now", "ratio"], *(one.row() for one in found)]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def page(kept: Kept, modules: Mapping[str, Section]) -> str:
    """docs/benchmarks.md: nothing in it but what is kept."""
    parts = [
        "<!-- Made by `make bench` from bench/figures.json: do not edit. -->",
        "# Benchmarks",
        paragraph(
            "slogen beside the tools that do something like it: "
            + ", ".join(f"{name} {version}" for name, version in WANTED.items())
            + ". Each gets the same SLOs, written in its own format, and makes rules by its own defaults."
        ),
        _short(kept, modules),
    ]
    for name, module in modules.items():
        if name not in kept:
            title = (module.__doc__ or name).partition("\n")[0]
            parts += [f"## {title.rstrip('.')}", "Not measured yet."]
            continue
        parts += [module.page(kept[name]["figures"]).strip(), *_images(kept[name]), _when(kept[name])]
    return "\n\n".join([*parts, _how()]) + "\n"


def _short(kept: Kept, modules: Mapping[str, Section]) -> str:
    found = [one for name, module in modules.items() for one in headlines(module, kept.get(name))]
    rows = [[one.name, one.shown(), _target(one)] for one in found]
    if not rows:
        return "Nothing is measured yet."
    missed = [one.name for one in found if not one.holds]
    told = (
        "Every target that was set out for holds."
        if not missed
        else f"What was set out for and does not hold: {'; '.join(missed)}."
    )
    return f"{table(['in short', 'measured', 'set out for'], rows)}\n\n{paragraph(told)}"


def _target(one: Headline) -> str:
    if one.target is None:
        return ""
    text = f"{'at least' if one.more_is_better else 'at most'} {one.shown(one.target)}"
    return text if one.holds else f"**{text}**"


def _images(kept: Mapping[str, Any]) -> list[str]:
    """Every plot of a section, below its text."""
    return [f"![{Path(name).stem.replace('-', ' ')}](images/{PREFIX}{name})" for name in kept["plots"]]


def _when(kept: Mapping[str, Any]) -> str:
    machine, now, later = kept["machine"], [], []
    for name, tool in kept["tools"].items():
        if tool["date"] == kept["date"]:
            now.append(f"{name} {tool['version']}")
        else:
            later.append(f"{name} {tool['version']} was not there then and is of {tool['date']}")
    text = f"Measured on {kept['date']}, {machine['cores']} cores, Python {machine['python']}: {', '.join(now)}."
    text += "".join(f" {one}." for one in later)
    text += "".join(f" {name}: not measured: {why}." for name, why in kept["missing"].items())
    return paragraph(text)


def _how() -> str:
    variables = ", ".join(f"`{name.upper()}`" for name in PROGRAMS)
    return "\n\n".join(
        [
            "## Run it",
            "```sh\nmake bench                      # everything, on a quiet machine\n"
            "make bench ARGS='--only cost'   # one section\n"
            "make bench ARGS=--quick         # a look; keeps nothing\n"
            "make bench-docs                 # this page anew from the kept figures\n```",
            paragraph(
                "The peers are no part of this project, and it holds no recipe for building them. Get them where their "
                f"users do, and put them on PATH or name the programs in {variables}:"
            ),
            items(f"{name} {version}: {SOURCES[name]}" for name, version in WANTED.items()),
            paragraph(
                "A peer that is not there, or has another version, is named, and its last figures are kept with their "
                "date. The figures are in `bench/figures.json`; `make bench` prints how each figure that opens this "
                "page changed, and marks what is worse by more than a tenth. Seconds depend on the machine and on what "
                "else it does; ratios are what to compare. Servers are the pinned Prometheus 3.x, which Go builds "
                "the first time."
            ),
        ]
    )


def write(kept: Kept, modules: Mapping[str, Section]) -> None:
    """The page and its images; images of the past go."""
    images: dict[str, str] = {}
    for name, module in modules.items():
        if name in kept:
            drawn = module.plots(kept[name]["figures"])
            kept[name]["plots"] = list(drawn)
            images |= {f"{PREFIX}{file}": svg for file, svg in drawn.items()}
    IMAGES.mkdir(parents=True, exist_ok=True)
    for old in IMAGES.glob(f"{PREFIX}*.svg"):
        if old.name not in images:
            old.unlink()
    for file, svg in images.items():
        (IMAGES / file).write_text(svg, encoding="utf-8")
    PAGE.write_text(page(kept, modules), encoding="utf-8")
