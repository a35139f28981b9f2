"""Charts as SVG text that is the same for the same figures."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

COLOURS = {
    "true": "#444444",
    "slogen": "#0072b2",
    "slogen, traffic declared": "#56b4e9",
    "Sloth": "#e69f00",
    "Pyrra": "#cc79a7",
    "NthLayer": "#009e73",
}
"""Colours that colour-blind readers tell apart."""


def figure(width: float = 8.0, height: float = 3.6) -> Figure:
    """An empty figure, not tied to any window."""
    return Figure(figsize=(width, height), layout="constrained")


def svg(drawn: Figure) -> str:
    """The text of a figure; identifiers do not depend on chance, and no date is written."""
    out = io.StringIO()
    with mpl.rc_context({"svg.hashsalt": "slogen", "svg.fonttype": "none"}):
        drawn.savefig(out, format="svg", metadata={"Date": None})
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines()) + "\n"


def bars(groups: Sequence[str], series: Mapping[str, Sequence[float]], axis: str) -> str:
    """Bars of each series, side by side for each group."""
    drawn = figure()
    axes = drawn.subplots()
    width = 0.8 / len(series)
    for number, (name, values) in enumerate(series.items()):
        at = np.arange(len(groups)) + (number - (len(series) - 1) / 2) * width
        axes.bar(at, values, width, label=name, color=COLOURS.get(name))
    axes.set_xticks(range(len(groups)), groups)
    axes.set_ylabel(axis)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return svg(drawn)
