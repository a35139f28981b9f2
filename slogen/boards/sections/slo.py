"""One SLO: its SLI and its budget over time, how fast it burns, its events, its data, and its alerts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import cycle

from slogen import naming
from slogen.boards.aims import Aim
from slogen.boards.model import (
    BLUE,
    GREEN,
    NONE,
    ORANGE,
    PLAIN,
    PURPLE,
    SKY,
    VERMILLION,
    Override,
    Panel,
    Query,
    Row,
    Stat,
    Step,
    TimeSeries,
    Words,
)
from slogen.boards.sections.alerts import alert_timeline
from slogen.explanation import percent, promise
from slogen.model import Severity, Slo
from slogen.promql.build import series
from slogen.promql.durations import DAY, format_duration
from slogen.rules import Pair, SloPlan

_DASHED = {"fill": "dash", "dash": [10, 10]}
_DOTTED = {"fill": "dot", "dash": [0, 4]}
_COLOURS = {Severity.PAGE: VERMILLION, Severity.TICKET: ORANGE}
_WINDOWS = (BLUE, SKY, GREEN, PURPLE)
_GOOD_AND_BAD = (
    Override("bad", (("color", {"mode": "fixed", "fixedColor": VERMILLION}), ("custom.fillOpacity", 90))),
    Override("good", (("color", {"mode": "fixed", "fixedColor": SKY}), ("custom.fillOpacity", 30))),
)
_BAD_APART = (
    _GOOD_AND_BAD[1],
    Override(
        "bad",
        (
            ("color", {"mode": "fixed", "fixedColor": VERMILLION}),
            ("custom.fillOpacity", 0),
            ("custom.lineWidth", 2),
            ("custom.axisPlacement", "right"),
        ),
    ),
)
"""Bad events are so few that they need a scale of their own."""


@lru_cache(maxsize=1024)
def line(name: str, colour: str, *, dashed: bool = False, dotted: bool = False, width: int = 1) -> Override:
    """How the series of a name is drawn."""
    style = (("custom.lineStyle", _DASHED if dashed else _DOTTED),) if dashed or dotted else ()
    fixed = {"mode": "fixed", "fixedColor": colour}
    return Override(name, (("color", fixed), ("custom.lineWidth", width), ("custom.fillOpacity", 0), *style))


def slo_row(planned: SloPlan, found: Sequence[Aim]) -> Row:
    """The panels of one SLO, four for each objective."""
    slo = planned.slo
    panels: list[Panel] = []
    for aim in found:
        if aim.level is slo.level:
            panels += (_sli(aim), _budget(aim), *_burn(aim), _events(aim))
    panels += (alert_timeline(f"{slo.name}: alerts", planned.alerts(), slo.labels_of(), 16, 5), _health(planned))
    targets = ", ".join(f"{one.name} {percent(one.target)}".strip() for one in slo.objectives)
    return Row(f"SLO {slo.name}: {targets} over {_period(slo)}", tuple(panels))


def _period(slo: Slo) -> str:
    return f"a calendar {slo.calendar.name}" if slo.calendar else slo.period_name


def _groups(aim: Aim) -> str:
    """What a panel must say where there are no figures for all groups together."""
    return f" Of the worst {' and '.join(aim.level.by)}: nothing is recorded for all together." if aim.level.by else ""


def _sli(aim: Aim) -> TimeSeries:
    target, budget = aim.objective.target, aim.objective.budget
    if aim.now is not None:
        over, ratio = format_duration(aim.now), f"{aim.burn(aim.now)} * {aim.budget}"
    else:
        bad, total = aim.series(naming.BAD_BASE), aim.level.series(naming.TOTAL_BASE)
        over, ratio = format_duration(aim.slo.cadence.base), f"{bad} / {aim.level.match} ({total} > 0)"
    short, whole = f"over {over}", f"over {_period(aim.slo)}"
    wanted = f"objective {percent(target)}"
    return TimeSeries(
        title=f"{aim.name}: SLI against its objective",
        description=f"{promise(aim.slo, aim.objective)} The share of good events over the last {over}, and of the"
        " period so far. Where the line is in the shaded band, below the dashed objective, the SLI is in breach:"
        f" budget is spent faster than the period allows.{_groups(aim)}",
        unit="percentunit",
        decimals=max(-budget.adjusted(), 1),
        queries=(
            Query(aim.worst("min", f"1 - {ratio}"), short),
            Query(aim.worst("min", f"1 - {aim.series(naming.ERROR_RATIO)}"), whole),
            Query(aim.target, wanted),
        ),
        width=6,
        height=9,
        high=1.0,
        soft_low=max(float(target - budget), 0.0),
        colour=BLUE,
        steps=(Step(None, VERMILLION), Step(float(target), NONE)),
        steps_as="area",
        overrides=(line(short, BLUE, width=2), line(whole, SKY), line(wanted, VERMILLION, dashed=True)),
    )


def _budget(aim: Aim) -> TimeSeries:
    slo = aim.slo
    length = format_duration(-(-(slo.calendar.longest if slo.calendar else slo.period) // 3600) * 3600)
    kind = (
        f"It begins anew with each {slo.calendar.name} (UTC)."
        if slo.calendar
        else "Budget comes back as bad events become older than the period."
    )
    return TimeSeries(
        title=f"{aim.name}: budget left, {slo.period_name}",
        description=f"Error budget left, over its whole period of {length} up to now, whatever time range is chosen"
        f" above. Below the dashed line, at 0%, the objective is broken. {kind} While history is short, only what was"
        f" recorded counts.{_groups(aim)}",
        unit="percentunit",
        queries=(Query(aim.worst("min", f"1 - {aim.series(naming.BUDGET_USED)}"), "budget left"),),
        width=5,
        height=9,
        span=length,
        width_of_lines=2,
        points="auto",
        legend_values=(),
        high=1.0,
        soft_low=0.0,
        fill=15,
        colour=BLUE,
        steps=(Step(None, VERMILLION), Step(0.0, NONE)),
        steps_as="dashed+area",
    )


def _burn(aim: Aim) -> Iterator[TimeSeries]:
    if not aim.windows:
        return
    marks = {f"{pair.severity} {_plain(pair)}x: {_spans(pair)}": pair for pair in _unique(aim.pairs)}
    overrides = list(_drawn(aim))
    overrides += [line(name, _COLOURS[pair.severity], dashed=True) for name, pair in marks.items()]
    listed = "; ".join(marks) if marks else "none of its alerts compares burn rates at this level"
    yield TimeSeries(
        title=f"{aim.name}: burn rate",
        description="How many times as fast as it can afford the objective spends its budget, over each window. An"
        " alert fires while both windows of a pair are above the dashed line of their threshold and enough bad events"
        f" stand behind it: {listed}.{_groups(aim)}",
        unit="suffix:x",
        decimals=1,
        queries=(
            *(Query(aim.worst("max", aim.burn(window)), format_duration(window)) for window in aim.windows),
            *(Query(f"vector({_plain(pair)})", name) for name, pair in marks.items()),
        ),
        width=7,
        height=9,
        low=0.0,
        soft_high=max((float(pair.factor) for pair in marks.values()), default=1.0),
        colour=BLUE,
        overrides=tuple(overrides),
        legend_values=(),
    )


def _drawn(aim: Aim) -> Iterator[Override]:
    """The windows of a pair have one colour; the short one is dotted."""
    colours, seen = cycle(_WINDOWS), set[int]()
    for pair in _unique(aim.pairs):
        colour = next(colours)
        for window, width in ((pair.long, 2), (pair.short, 1)):
            if window not in seen:
                yield line(format_duration(window), colour, dotted=width == 1, width=width)
                seen.add(window)


def _unique(pairs: Sequence[Pair]) -> Iterator[Pair]:
    yield from sorted(dict.fromkeys(pairs), key=lambda pair: (pair.severity is Severity.TICKET, pair.long))


def _spans(pair: Pair) -> str:
    return f"{format_duration(pair.long)} and {format_duration(pair.short)}"


def _plain(pair: Pair) -> str:
    return f"{round(pair.factor, 3).normalize():f}"


def _events(aim: Aim) -> TimeSeries:
    slo, level = aim.slo, aim.level
    sliced = aim.objective.indicator.slice_length is not None
    total, bad = level.series(naming.TOTAL_BASE), aim.series(naming.BAD_BASE)
    every = f" / {slo.cadence.base}" if not sliced else ""
    if level.by:
        function = "avg" if sliced else "sum"
        good, bad = f"{function}({total} - {level.match} {bad})", f"{function}({bad})"
    else:
        good = f"({total} - {level.match} {bad})" if every else f"{total} - {level.match} {bad}"
    what = "time" if sliced else "events"
    told = (
        "Each slice of time, 100% of it good unless its bad part is drawn on top."
        if sliced
        else "Good events per second (the area), and bad ones (the line, with a scale of its own on the right)."
        " Little traffic makes ratios jump: look here before you believe a burn rate."
    )
    return TimeSeries(
        title=f"{aim.name}: good and bad {what}",
        description=f"{told} A gap is time that was not recorded; zero is recorded as zero.",
        unit="percentunit" if sliced else "eps",
        queries=(
            Query(f"clamp_min({good}, 0){every}", "good"),
            Query(f"{bad}{every}", "bad"),
        ),
        width=6,
        height=9,
        low=0.0,
        high=1.0 if sliced else None,
        legend_values=(),
        stacked=sliced,
        fill=60,
        colour=BLUE,
        overrides=_GOOD_AND_BAD if sliced else _BAD_APART,
    )


def _health(planned: SloPlan) -> Stat:
    slo, level = planned.slo, planned.slo.level
    recorded = {(one.record, one.by) for one in planned.recordings()}
    found = [
        (title, naming.at_level(name, prefix), unit, steps, operation)
        for title, name, prefix, unit, steps, operation in (
            ("period recorded", naming.COVERAGE, level.prefix, "percentunit", (Step(None, PLAIN),), "min"),
            ("not recorded", naming.MISSING, level.prefix, "s", _missing(slo), "max"),
            ("source readable", naming.SOURCE_COVERAGE, "slo", "percentunit", _LEAST, "min"),
            ("buckets missing", naming.BUCKETS_MISSING, "slo", "percentunit", _MOST, "max"),
            ("targets up", naming.TARGETS_UP, "slo", "percentunit", _LEAST, "min"),
        )
        if any(naming.at_level(name, prefix) == record for record, _ in recorded)
    ]
    labels = slo.labels_of()
    queries, overrides = [], []
    for title, record, unit, steps, operation in found:
        queries.append(Query(f"{operation}({series(record, labels)})", title))
        overrides.append(_measured(title, unit, steps))
    return Stat(
        title=f"{slo.name}: is the data sound?",
        description="Whether the figures of this SLO can be believed: how much of the period was recorded (less than"
        " all while the SLO is new), how long it was not recorded since it was first seen, how many series of its"
        " source can be read, how many histograms lack the bucket of a threshold, and how many targets answer.",
        unit="percentunit",
        decimals=1,
        queries=tuple(queries),
        width=8,
        height=5,
        size=16,
        steps=(Step(None, PLAIN),),
        words=(Words("no data", PURPLE),),
        overrides=tuple(overrides),
    )


@lru_cache(maxsize=256)
def _measured(title: str, unit: str, steps: tuple[Step, ...]) -> Override:
    marks = {"mode": "absolute", "steps": [{"color": step.colour, "value": step.since} for step in steps]}
    return Override(title, (("unit", unit), ("thresholds", marks)))


_LEAST = (Step(None, VERMILLION), Step(0.9, ORANGE), Step(0.999, PLAIN))
_MOST = (Step(None, PLAIN), Step(0.001, ORANGE))


def _missing(slo: Slo) -> tuple[Step, ...]:
    return Step(None, PLAIN), Step(1800.0, ORANGE), Step(float(min(DAY, slo.period / 10)), VERMILLION)
