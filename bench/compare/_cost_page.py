"""What docs/benchmarks.md says about cost: tables, whether the targets hold, and two plots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compare._charts import COLOURS, figure, svg
from compare._headlines import Headline
from compare._text import items, paragraph, table
from compare.peers import NTHLAYER, PYRRA, SLOGEN, SLOTH

SECONDS_IN_ALL = "seconds in all"
"""Kept since evaluation is a median: what the counter of the time rose by."""

ALONE = "slogen, burn rates and budget only"
"""slogen without its alerts on the data itself, which no peer has."""

SAMPLES, SECONDS = "samples", "seconds"
UNITS = {SAMPLES: "samples read", SECONDS: "evaluation time"}
Figures = Mapping[str, Any]


@dataclass(frozen=True)
class Target:
    """So many times less than a peer, with so many series; without `times` nothing was set out for."""

    series: str
    peer: str
    unit: str
    times: float | None = None

    @property
    def name(self) -> str:
        """As in tables."""
        return f"{UNITS[self.unit]} with {int(self.series):,} series, {self.peer} to slogen"


TARGETS = (
    Target("100", SLOTH, SAMPLES, 170),
    Target("100", SLOTH, SECONDS, 15),
    Target("100", PYRRA, SAMPLES, 700),
    Target("100", PYRRA, SECONDS, 50),
    Target("100", NTHLAYER, SAMPLES),
    Target("100", NTHLAYER, SECONDS),
    Target("1000", SLOTH, SAMPLES),
    Target("1000", SLOTH, SECONDS, 100),
    Target("1000", PYRRA, SAMPLES),
    Target("1000", PYRRA, SECONDS),
)


def headlines(figures: Figures) -> list[Headline]:
    """How many times less slogen costs, with its default policy."""
    found = []
    for target in TARGETS:
        times = _times(figures, target, SLOGEN)
        if times is not None:
            found.append(Headline(target.name, times, target=target.times))
    return found


def _times(figures: Figures, target: Target, ours: str) -> float | None:
    tools = figures["live"].get(target.series, {})
    if target.peer not in tools:
        return None
    return float(tools[target.peer][target.unit] / tools[ours][target.unit])


def page(figures: Figures) -> str:
    """The Markdown section."""
    minutes = {name: one["minutes"] for name, one in next(iter(figures["live"].values())).items()}
    spans = ", ".join(f"{name} {span:g} min" for name, span in minutes.items())
    parts = [
        "## What does it cost Prometheus?",
        paragraph(
            "The rules of one SLO (99.9%, 30 days), as each tool makes them by default, each on a server of its own "
            f"(Prometheus {figures['prometheus']}), all servers at the same time. They hold the history that the rules "
            "read, scraped each 30 s, and what they would have recorded, and go on scraping, for whole turns of all "
            f"rule groups ({spans}). Samples are what the servers' own counter "
            f"`prometheus_engine_query_samples_total` rose by, per minute. {_evaluation(figures)} "
            "In brackets: how many times as much as slogen's default."
        ),
        _sizes(figures),
        paragraph(
            "*slogen* is what its default policy makes: besides the burn rates and the budget it alerts on data that "
            f"cannot be trusted, which none of the others does so fully. *{ALONE}* is without these alerts, which is "
            "closer to what the others make."
        ),
        _targets(figures),
        paragraph(
            f"**Over windows**: the queries of the same rules one by one, on {figures['curve_series']} series, for "
            "periods of 7 to 90 days; samples and milliseconds of evaluation per minute, without what a rule costs as "
            "such."
        ),
        _windows(figures),
        _left_out(figures),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _sizes(figures: Figures) -> str:
    live = figures["live"]
    head = ["tool"]
    for series in live:
        head += [f"{int(series):,} series: samples", "evaluation"]
    rows = []
    for name in next(iter(live.values())):
        cells = [name]
        for tools in live.values():
            own, base = tools.get(name), tools[SLOGEN]
            cells += [_cell(own[unit], base[unit], unit, name) if own else "-" for unit in (SAMPLES, SECONDS)]
        rows.append(cells)
    return table(head, rows)


def _cell(value: float, base: float, unit: str, name: str) -> str:
    text = f"{value:,.0f}" if unit == SAMPLES else f"{_ms(value)} ms"
    return text if name == SLOGEN else f"{text} ({_ratio(value / base)})"


def _ms(value: float) -> str:
    ms = value * 1000
    return f"{ms:,.0f}" if ms >= 100 else f"{ms:.1f}"


def _ratio(times: float) -> str:
    return f"{times:,.0f}x" if times >= 10 else f"{times:.2f}x"


def _targets(figures: Figures) -> str:
    rows, missed = [], []
    for target in TARGETS:
        times, alone = _times(figures, target, SLOGEN), _times(figures, target, ALONE)
        if times is None or alone is None or target.times is None:
            continue
        holds = times >= target.times
        if not holds:
            missed.append(target)
        verdict = "holds" if holds else "**does not hold**"
        rows.append([target.name, f"{target.times:g}x", _ratio(times), _ratio(alone), verdict])
    if not rows:
        return ""
    head = ["set out for", "at least", "slogen", "burn rates and budget only", "with the default policy"]
    told = "All of these hold." if not missed else f"{len(missed)} of {len(rows)} do not hold in this run."
    return f"{table(head, rows)}\n\n{told}"


def _evaluation(figures: Figures) -> str:
    """How time was measured, for the kept figures too that were measured otherwise before."""
    if any(SECONDS_IN_ALL in one for tools in figures["live"].values() for one in tools.values()):
        return (
            "Evaluation is the time that the server gives for each evaluation of each rule, the median of them, per "
            "minute and added up: a mean would also be that of moments at which two servers wanted one core."
        )
    return "Evaluation is what their counter `prometheus_rule_evaluation_duration_seconds_sum` rose by, per minute."


def _windows(figures: Figures) -> str:
    curve = figures["curve"]
    names = list(dict.fromkeys(name for tools in curve.values() for name in tools))
    rows = []
    for days, tools in curve.items():
        cells = [
            f"{tools[name][SAMPLES]:,.0f}, {_ms(tools[name][SECONDS])} ms" if name in tools else "-" for name in names
        ]
        rows.append([f"{days}d", *cells])
    return table(["period", *names], rows)


def _left_out(figures: Figures) -> str:
    names = next(iter(figures["live"].values()))
    lines = [
        "What subqueries read inside is in no count of samples; it is in the time. slogen has two of them: coverage, "
        "and when an SLO was first seen.",
        "Restarts, changing traffic and an empty history do not change what is read, so the counters just rise.",
    ]
    if SLOTH in names:
        lines.append(
            "Sloth has windows for 28d and 30d. For the other periods it was given a catalogue with those of 30d, as "
            "its users would write one."
        )
    if PYRRA in names:
        lines.append("Pyrra's rules are those of `pyrra generate` without `--generic-rules`, which would add some.")
    if NTHLAYER in names:
        lines.append(
            "NthLayer records the period, but no burn rates and no alerts on them: that makes it cheaper, and reading "
            "the whole period from the source each 30 s dearer. Two of its rules read a histogram, which is not there."
        )
    return "Left out, or different from a plain run:\n\n" + items(lines)


def plots(figures: Figures) -> dict[str, str]:
    """Cost by the number of series, and by the period."""
    live = {int(series): tools for series, tools in figures["live"].items()}
    curve = {int(days): tools for days, tools in figures["curve"].items()}
    return {
        "cost-series.svg": _lines(live, "series of the source", log=True),
        "cost-windows.svg": _lines(curve, "days of the period", log=False),
    }


def _lines(points: Mapping[int, Mapping[str, Mapping[str, float]]], axis: str, log: bool) -> str:
    drawn = figure(9.0, 3.8)
    panels = drawn.subplots(1, 2)
    names = list(dict.fromkeys(name for tools in points.values() for name in tools))
    for panel, unit, scale, label in zip(
        panels, (SAMPLES, SECONDS), (1, 1000), ("samples read per minute", "evaluation per minute, ms"), strict=True
    ):
        for name in names:
            known = [key for key in points if name in points[key]]
            values = [points[key][name][unit] * scale for key in known]
            style = {"color": COLOURS.get(SLOGEN), "linestyle": ":"} if name == ALONE else {"color": COLOURS.get(name)}
            panel.plot(known, values, marker="o", markersize=4, label=name, **style)
        panel.set_yscale("log")
        if log:
            panel.set_xscale("log")
        ticks = [key for key in points if key != 28]  # its label would run into that of 30
        panel.set_xticks(ticks, [f"{key:,}" for key in ticks])
        panel.minorticks_off()
        panel.set_xlabel(axis)
        panel.set_ylabel(label)
        panel.grid(axis="y", color="#dddddd", linewidth=0.6)
        panel.spines[["top", "right"]].set_visible(False)
    handles, labels = panels[0].get_legend_handles_labels()
    drawn.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False, fontsize="small")
    return svg(drawn)
