"""The picture: memory of each pod against its limit, and below it who was firing when."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from incident.replay import Voice
from incident.timeline import duration, first_words
from incident.world import DEPLOY, HOUR, LIMIT, REGIONS, ROLLBACK, SETTLEMENT, START, STEP, Pod, deaths

SHOWN = (-8.0, 10.9)
EVERY = 240 // STEP
PAGE, TICKET, OTHER, QUIET = "#116329", "#6fbf84", "#bf8700", "#8c959f"
INK = {PAGE: "#116329", TICKET: "#2a7a41", OTHER: "#7d4e00"}
NEW = dict(zip(REGIONS, ("#0969da", "#8250df"), strict=True))
DEATH = "#cf222e"
TEXT = 119
"""Where text hangs from, percent."""


def draw(pods: list[Pod], voices: Sequence[Voice], path: Path) -> None:
    """Writes the SVG, byte by byte the same for the same figures and the same matplotlib."""
    look: Any = {"svg.hashsalt": "slogen", "font.family": "DejaVu Sans", "font.size": 10.5, "axes.spines.top": False}
    with mpl.rc_context({**look, "axes.spines.right": False}):
        figure = Figure(figsize=(11, 7.6), facecolor="white")
        spoken = [voice for voice, _ in sorted(first_words(voices), key=lambda word: (not word[0].own, word[1]))]
        top, below = figure.subplots(2, 1, sharex=True, height_ratios=[1.65, 1], gridspec_kw={"hspace": 0.07})
        _memory(top, pods)
        _firing(below, spoken, deaths(pods)[0][0])
        _words(top, voices, deaths(pods)[0][0])
        for axes in (top, below):
            for time in (DEPLOY, ROLLBACK):
                axes.axvline(_hour(time), color="black", linewidth=1.2)
            axes.axvline(_hour(deaths(pods)[0][0]), color=DEATH, linewidth=1, linestyle=(0, (4, 3)))
        figure.subplots_adjust(left=0.235, right=0.985, top=0.935, bottom=0.075)
        figure.suptitle(
            "A leak in production: who speaks, and how long before the first pod dies",
            x=0.235,
            y=0.985,
            ha="left",
            weight="bold",
            size=13,
        )
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})


def _memory(axes: Axes, pods: list[Pod]) -> None:
    for pod in pods:
        for life in pod.lives:
            first, last = (max(0, round((time - START) / STEP)) for time in (life.began, life.ended))
            steps = range(first, min(last, len(pod.working_set)), EVERY)
            hours = [_hour(START + step * STEP) for step in steps]
            color = NEW[pod.region] if pod.leaks else QUIET
            axes.plot(hours, [pod.working_set[step] / LIMIT * 100 for step in steps], color=color, linewidth=1.3)
    axes.axhline(100, color="black", linewidth=1, linestyle=(0, (5, 3)))
    axes.axhline(90, color=OTHER, linewidth=0.9, linestyle=":")
    axes.text(SHOWN[0] + 0.1, 101, "container limit, 2Gi", va="bottom")
    axes.text(SHOWN[0] + 0.1, 90.6, "90%", va="bottom", color=INK[OTHER])
    died = [time for time, _ in deaths(pods)]
    axes.plot([_hour(time) for time in died], [100] * len(died), "x", color=DEATH, markersize=9, markeredgewidth=2.4)
    axes.set_ylim(0, 120)
    axes.set_xlim(*SHOWN)
    axes.set_yticks(range(0, 101, 20), [f"{share}%" for share in range(0, 101, 20)])
    axes.set_ylabel("memory of each pod\n(working set, share of its limit)")
    axes.grid(axis="x", color="#eaeef2")
    axes.tick_params(axis="x", length=0)
    for time, text in ((DEPLOY, "deploy"), (ROLLBACK, "rollback")):
        axes.text(_hour(time) + 0.1, TEXT, text, va="top", weight="bold")
    axes.text(_hour(died[0]) + 0.1, TEXT, "first pod\ndies", va="top", color=DEATH, weight="bold")
    night = _hour(START + 24 * HOUR - 3 * HOUR + SETTLEMENT)
    axes.annotate(
        "nightly settlement:\nnothing is wrong",
        (night + 0.6, 60),
        (night + 0.75, 70),
        color="#57606a",
        ha="center",
        arrowprops={"arrowstyle": "-", "color": QUIET},
    )
    shown = [Line2D([], [], color=QUIET, label="the old release")]
    shown += [Line2D([], [], color=color, label=f"the new one, {region}") for region, color in NEW.items()]
    shown += [Line2D([], [], color=DEATH, marker="x", linestyle="", markeredgewidth=2.4, label="a pod is OOM-killed")]
    axes.legend(handles=shown, loc="lower left", frameon=False)


def _words(axes: Axes, voices: Sequence[Voice], death: float) -> None:
    """A mark at each first word before the first death; in words where it is slogen's first page."""
    told = [(voice, time) for voice, time in first_words(voices) if time < death]
    for voice, time in told:
        axes.axvline(_hour(time), color=_color(voice), linewidth=1, linestyle=(0, (1, 2)))
    paged = min((time for voice, time in told if _color(voice) == PAGE), default=None)
    if paged is not None:
        text = f"slogen pages\n{duration(round(death - paged))} before"
        axes.text(_hour(paged) - 0.1, TEXT, text, va="top", ha="right", color=PAGE, weight="bold")


def _firing(axes: Axes, voices: Sequence[Voice], death: float) -> None:
    """A bar for each span in which a rule fired, and how long before or after the first death it first spoke."""
    colors = [_color(voice) for voice in voices]
    for row, (voice, color) in enumerate(zip(voices, colors, strict=True)):
        for first, last in voice.spans:
            if _hour(last) > SHOWN[0]:
                axes.barh(row, max(_hour(last) - _hour(first), 0.05), left=_hour(first), height=0.62, color=color)
            if SHOWN[0] < _hour(first) and last < DEPLOY:
                axes.text(_hour(last) + 0.1, row, "false alarm", va="center", color=INK[color])
        time = next(first for first, _ in voice.spans if first >= DEPLOY)
        lead = round(death - time)
        text = f"{duration(abs(lead))} {'before' if lead > 0 else 'after'}"
        at = _hour(time) if _hour(time) > 1 else 0
        white = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
        axes.text(at - 0.13, row, text, va="center", ha="right", color=INK[color], weight="bold", bbox=white, zorder=5)
    axes.set_yticks(range(len(voices)), [_label(voice) for voice in voices])
    for label, color in zip(axes.get_yticklabels(), colors, strict=True):
        label.set_color(INK[color])
    axes.set_ylim(len(voices) - 0.4, -0.6)
    axes.set_xlabel(
        "hours since the deploy; a bar is a time of firing, its text how long before or after the first death"
    )
    axes.set_xticks(range(-8, 11, 2))
    axes.grid(axis="x", color="#eaeef2")
    axes.set_axisbelow(True)
    axes.tick_params(axis="y", length=0)
    told = {"slogen pages": PAGE, "slogen opens a ticket": TICKET, "rules written by hand": OTHER}
    shown = [Patch(color=color, label=text) for text, color in told.items()]
    axes.legend(handles=shown, loc="upper left", frameon=False, bbox_to_anchor=(0, 0.78))


def _color(voice: Voice) -> str:
    if not voice.own:
        return OTHER
    return PAGE if voice.rule.labels["severity"] == "page" else TICKET


def _label(voice: Voice) -> str:
    about = voice.rule.labels.get("resource")
    return f"{voice.rule.name} ({about})" if about else voice.rule.name


def _hour(time: float) -> float:
    return (time - DEPLOY) / HOUR
