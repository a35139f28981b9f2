"""The top row: are we all right? Four panels, each of which lists every objective by its name, in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from slogen import naming
from slogen.boards.aims import Aim, narrowed, per_objective
from slogen.boards.model import BLUE, GREY, NO_DATA, PURPLE, VERMILLION, YELLOW, Query, Row, Stat, Step, Words
from slogen.model import Severity
from slogen.promql.build import series
from slogen.promql.durations import DAY, format_duration
from slogen.promql.quoting import quote
from slogen.rules import ResourcePlan, ServicePlan

_MATCH = f"on ({naming.SLO}, {naming.OBJECTIVE})"
_LEGEND = f"{{{{{naming.SLO}}}}} {{{{{naming.OBJECTIVE}}}}}"
_NOTHING = (Words(NO_DATA, PURPLE),)


def summary(planned: ServicePlan, found: Sequence[Aim]) -> Row:
    """Budget left, burn rate, time to exhaustion and firing alerts of every objective."""
    service = planned.service.name
    tops = [aim for aim in found if aim.level is aim.slo.level]
    names = max(len(tops), len({aim.slo.name for aim in tops}) + len(planned.resources))
    height = min(max(4, 2 + names), 24)
    info = _info(service)
    if not tops:
        return Row("", (_firing(planned, info, height),))
    left, burning = f"1 - {_worst(_selectors(tops, naming.BUDGET_USED))}", list(_burn_selectors(tops))
    panels = [
        Stat(
            title="Budget left",
            description="Error budget that is left of each objective's period. 100% is untouched; at 0% the objective"
            " is broken, and it says 'spent'. A new SLO has spent only what its time so far can have spent.",
            unit="percentunit",
            decimals=1,
            queries=(Query(_or_nothing(left, info), _LEGEND),),
            steps=(Step(None, VERMILLION), Step(0.0, YELLOW), Step(0.2, BLUE)),
            words=(*_NOTHING, Words("spent", VERMILLION, high=0.0)),
            width=6,
            coloured="background_solid",
            height=height,
        )
    ]
    if burning:
        rate, told = _worst(burning), _told(tops)
        panels += [
            Stat(
                title="Burn rate now",
                description=f"How many times as fast as it can afford each objective spends its budget, over {told}."
                " 1x spends exactly the budget in the period; above 1x it will not last.",
                unit="suffix:x",
                decimals=1,
                queries=(Query(_or_nothing(rate, info), _LEGEND),),
                steps=(Step(None, BLUE), Step(1.0, YELLOW), Step(_page_factor(tops), VERMILLION)),
                words=_NOTHING,
                width=6,
                coloured="background_solid",
                height=height,
            ),
            Stat(
                title="Time to exhaustion",
                description="How long the budget lasts at the burn rate now (the panel to the left): the period times"
                " the budget left, over the burn rate. 'over 30d' says that it outlasts the period; 'spent', that"
                " nothing is left.",
                unit="s",
                decimals=1,
                queries=(Query(_or_nothing("\nor\n".join(_exhaustion(tops, rate)), info), _LEGEND),),
                steps=(Step(None, VERMILLION), Step(float(DAY), YELLOW), Step(float(3 * DAY), BLUE)),
                words=(
                    *_NOTHING,
                    *(
                        Words(f"over {format_duration(period)}", BLUE, value=str(period))
                        for period in sorted({aim.slo.period for aim in tops})
                    ),
                    Words("spent", VERMILLION, high=0.0),
                ),
                width=6,
                coloured="background_solid",
                height=height,
            ),
        ]
    panels.append(_firing(planned, info, height))
    return Row("", tuple(panels))


def _info(service: str) -> str:
    return per_objective("max", series(naming.INFO, ((naming.SERVICE, service),)))


def _or_nothing(expr: str, info: str) -> str:
    """No number for an objective of which there is no figure: it is listed, and says that there is no data."""
    return f"{expr}\nor {_MATCH}\n{info} * NaN"


def _worst(selectors: Iterable[str]) -> str:
    """One value for each objective: that of the worst group, where only groups are recorded."""
    return per_objective("max", " or ".join(selectors))


def _burn_selectors(tops: Sequence[Aim]) -> Iterator[str]:
    windows = sorted({aim.now for aim in tops if aim.now is not None})
    for window in windows:
        chosen = [aim for aim in tops if aim.now == window]
        label = f"{naming.WINDOW}={quote(format_duration(window))}"
        yield from (narrowed(one, label) for one in _selectors(chosen, naming.BURN_RATE, tops))


def _selectors(chosen: Sequence[Aim], record: str, tops: Sequence[Aim] = ()) -> Iterator[str]:
    """Selectors of a series of the chosen objectives, as few as there can be."""
    for prefix in sorted({aim.level.prefix for aim in chosen}):
        own = [aim for aim in chosen if aim.level.prefix == prefix]
        every = [aim for aim in (tops or chosen) if aim.level.prefix == prefix]
        whole = series(naming.at_level(record, prefix), ((naming.SERVICE, own[0].slo.service),))
        if len(own) == len(every):
            yield whole
            continue
        slos: dict[str, list[Aim]] = {}
        for aim in own:
            slos.setdefault(aim.slo.name, []).append(aim)
        complete = [name for name, aims in slos.items() if len(aims) == len(aims[0].slo.objectives)]
        if complete:
            match = "=~" if len(complete) > 1 else "="
            yield narrowed(whole, f'{naming.SLO}{match}"{"|".join(complete)}"')
        yield from (
            narrowed(whole, f"{naming.SLO}={quote(name)}", f"{naming.OBJECTIVE}={quote(aim.objective.name)}")
            for name, aims in slos.items()
            if name not in complete
            for aim in aims
        )


def _exhaustion(tops: Sequence[Aim], rate: str) -> Iterator[str]:
    """Period times the budget left over the burn rate, at most the period; nothing burning is no division by zero."""
    for period in sorted({aim.slo.period for aim in tops}):
        chosen = [aim for aim in tops if aim.slo.period == period and aim.now is not None]
        if chosen:
            used = _worst(_selectors(chosen, naming.BUDGET_USED, tops))
            yield f"clamp_max({period} * clamp_min(1 - {used}, 0)\n/ {_MATCH} clamp_min({rate}, 1e-9), {period})"


def _told(tops: Sequence[Aim]) -> str:
    windows = sorted({aim.now for aim in tops if aim.now is not None})
    if len(windows) == 1:
        return f"the last {format_duration(windows[0])}"
    return ", ".join(
        f"the last {format_duration(window)} ({', '.join(aim.name for aim in tops if aim.now == window)})"
        for window in windows
    )


def _page_factor(tops: Sequence[Aim]) -> float:
    """The burn rate from which on somebody is called, at the earliest."""
    pages = [float(pair.factor) for aim in tops for pair in aim.pairs if pair.severity is Severity.PAGE]
    return min(pages, default=6.0)


def _firing(planned: ServicePlan, info: str, height: int) -> Stat:
    fires = (("alertstate", "firing"), (naming.SERVICE, planned.service.name))
    about_slos = narrowed(series("ALERTS", fires), f'{naming.SLO}!=""')
    by_slo = f"count by ({naming.SLO}, {naming.OBJECTIVE}) ({about_slos})"
    queries = [Query(f"{by_slo}\nor {_MATCH}\n0 * {info}", _LEGEND)] if planned.slos else []
    for kind, own in _kinds(planned):
        figures = dict.fromkeys(one.resource.figures[0].record for one in own)
        service = ((naming.SERVICE, planned.service.name),)
        seen = f"count by ({naming.RESOURCE}) ({' or '.join(series(record, service) for record in figures)})"
        names = "|".join(one.resource.name for one in own)
        alerts = narrowed(series("ALERTS", fires), f'{naming.RESOURCE}=~"{names}"')
        expr = f"count by ({naming.RESOURCE}) ({alerts})\nor on ({naming.RESOURCE})\n0 * {seen}"
        queries.append(Query(expr, f"{kind} {{{{{naming.RESOURCE}}}}}"))
    return Stat(
        title="Alerts firing",
        description="How many alerts fire of each objective, and of memory and saturation. An alert on an SLO as a"
        " whole counts by the SLO's name alone. 'none' is zero; 'no data' says that nothing is recorded.",
        unit="short",
        decimals=0,
        queries=tuple(queries),
        steps=(Step(None, BLUE), Step(1.0, VERMILLION)),
        words=(*_NOTHING, Words("none", GREY, value="0")),
        width=6,
        coloured="background_solid",
        height=height,
    )


def _kinds(planned: ServicePlan) -> Iterator[tuple[str, list[ResourcePlan]]]:
    for kind, is_memory in (("memory", True), ("saturation", False)):
        if own := [one for one in planned.resources if one.resource.has(naming.UTILISATION) is is_memory]:
            yield kind, own
