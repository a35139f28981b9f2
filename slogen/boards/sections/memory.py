"""Memory and other resources that run out: what is in use and where it leads, from what is recorded of each type."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from slogen import naming
from slogen.boards.model import (
    BLUE,
    COLUMNS,
    ORANGE,
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
from slogen.model import Resource
from slogen.promql.build import aggregate
from slogen.rules import ResourcePlan

MOST = 10
_HORIZON = 12 * 3600
"""Seconds to exhaustion from which on it is no longer told."""


_LOW = (
    ("custom.lineStyle", {"fill": "dash", "dash": [4, 6]}),
    ("custom.hideFrom", {"legend": True, "tooltip": False, "viz": False}),
)
"""The lower line has the colour of the higher one, and needs no line of the legend."""

_FULL = (Step(None, BLUE), Step(0.8, ORANGE), Step(1.0, VERMILLION))


def resource_row(planned: ResourcePlan) -> Row:
    """The panels of one resource."""
    resource = planned.resource
    panels = [panel for record, make in _PANELS if resource.has(record) for panel in make(resource)]
    width = COLUMNS - _taken(panels)
    panels.append(alert_timeline(f"{resource.name}: alerts", planned.alerts(), resource.identity, width, 8))
    kind = "Memory" if resource.has(naming.UTILISATION) else "Saturation"
    return Row(f"{kind} {resource.name}: {resource.source.sentence()}", tuple(panels))


def _taken(panels: list[Panel]) -> int:
    """Columns that the last line of panels has taken, if there is room for another."""
    used = 0
    for panel in panels:
        used = used + panel.width if used + panel.width <= COLUMNS else panel.width
    return used if used <= 16 else 0


def _legend(resource: Resource) -> str:
    return " ".join(f"{{{{{label}}}}}" for label in resource.by if label != "namespace") or "{{namespace}}"


def _each(resource: Resource, operation: str, expr: str) -> str:
    """One series for each instance; one that has restarted has the same name."""
    return aggregate(operation, resource.by, expr)


def _worst(resource: Resource, record: str, *labels: tuple[str, str]) -> str:
    """The instances that are, or were at some time in the range, the worst."""
    selector = resource.series(record, *labels)
    top = _each(resource, "max", f"max_over_time({selector}[$__range] @ end())")
    return f"{_each(resource, 'max', selector)}\nand on ({', '.join(resource.by)})\ntopk({MOST}, {top})"


def _use(resource: Resource) -> Iterator[Panel]:
    yield TimeSeries(
        title=f"{resource.name}: in use, of the limit",
        description=f"{resource.source.sentence().capitalize()}: the {MOST} instances with the highest figure in the"
        " time range. At 100%, the dashed line, an instance is killed or stops.",
        unit="percentunit",
        queries=(Query(_worst(resource, naming.UTILISATION), _legend(resource)),),
        low=0.0,
        soft_high=1.0,
        width_of_lines=2,
        steps=_FULL,
        steps_as="dashed",
        legend_values=("max", "lastNotNull"),
    )


def _forecast(resource: Resource) -> Iterator[Panel]:
    by = f"on ({', '.join(resource.by)})"
    low, high = (resource.series(naming.FORECAST, (naming.BOUND, bound)) for bound in ("low", "high"))
    top = _each(resource, "max", f"max_over_time({high}[$__range] @ end())")
    yield TimeSeries(
        title=f"{resource.name}: where it leads in 2 hours",
        description="What will be in use two hours after the time at which it is drawn, by straight lines through the"
        " last hour and the last three: the lower and the higher of the two (not an interval of confidence), for the"
        " three instances that it is highest for. Young instances have none yet.",
        unit="percentunit",
        queries=(
            Query(f"{_each(resource, 'max', high)}\nand {by}\ntopk(3, {top})", f"{_legend(resource)} high"),
            Query(f"{_each(resource, 'min', low)}\nand {by}\ntopk(3, {top})", f"{_legend(resource)} low"),
        ),
        low=0.0,
        soft_high=1.0,
        width_of_lines=2,
        steps=_FULL,
        steps_as="dashed",
        overrides=(Override("/ low$/", _LOW, "byRegexp"),),
        no_value="no instance is old enough",
        legend_values=(),
    )


def _exhaustion(resource: Resource) -> Iterator[Panel]:
    left = _each(resource, "min", f"clamp_max({resource.series(naming.EXHAUSTION)}, {_HORIZON})")
    seen = _each(resource, "max", resource.series(naming.UTILISATION))
    every = f"{left}\nor on ({', '.join(resource.by)})\n0 * {seen} + {_HORIZON}"
    yield Stat(
        title=f"{resource.name}: time to exhaustion",
        description="How long until the limit, for the five instances that are soonest there, where a line explains the"
        " last 1, 3 or 9 hours well and rises. 'over 12h' says that it is later, or that nothing rises.",
        unit="s",
        decimals=1,
        queries=(Query(f"bottomk(5, {every})", _legend(resource)),),
        steps=(Step(None, VERMILLION), Step(7200.0, ORANGE), Step(6 * 3600.0, BLUE)),
        words=(Words("no data"), Words("over 12h", BLUE, value=str(_HORIZON))),
    )


def _restarts(resource: Resource) -> Iterator[Panel]:
    starts = _each(resource, "count", f"count_over_time({resource.series(naming.UTILISATION)}[1h])")
    queries = [Query(f"topk({MOST}, {starts} - 1)", f"restarts {_legend(resource)}")]
    if resource.has(naming.OOM_KILLS):
        zero = f"0 * {_each(resource, 'max', resource.series(naming.UTILISATION))}"
        kills = _each(resource, "max", resource.series(naming.OOM_KILLS))
        expr = f"{kills}\nor on ({', '.join(resource.by)})\n{zero}"
        queries.append(Query(f"topk({MOST}, {expr})", f"OOM kills {_legend(resource)}"))
    yield TimeSeries(
        title=f"{resource.name}: restarts{' and OOM kills' if len(queries) > 1 else ''}",
        description="Starts of each instance in the last hour after its first one"
        f"{', and kills for want of memory in the last 10 minutes' if len(queries) > 1 else ''}. Zero is well; no line"
        " says that there are no instances.",
        unit="short",
        decimals=0,
        queries=tuple(queries),
        low=0.0,
        soft_high=2.0,
        colour=BLUE,
        overrides=(Override("/^OOM/", (("color", {"mode": "fixed", "fixedColor": VERMILLION}),), "byRegexp"),),
        legend_values=(),
    )


def _heap(resource: Resource) -> Iterator[Panel]:
    yield Stat(
        title=f"{resource.name}: heap's share of the container",
        description="The most that the heap may grow to, of the limit of its container. Near or above 100% the"
        " container is killed before the heap is full.",
        unit="percentunit",
        queries=(Query(f"topk(5, {_each(resource, 'max', resource.series(naming.HEAP_LIMIT))})", _legend(resource)),),
        steps=(Step(None, BLUE), Step(0.8, ORANGE), Step(1.0, VERMILLION)),
        words=(Words("no data"),),
    )


def _share(title: str, said: str, record: str, steps: tuple[Step, ...]) -> Callable[[Resource], Iterator[Panel]]:
    def make(resource: Resource) -> Iterator[Panel]:
        yield TimeSeries(
            title=f"{resource.name}: {title}",
            description=said,
            unit="percentunit",
            queries=(Query(_worst(resource, record), _legend(resource)),),
            low=0.0,
            soft_high=1.0,
            width_of_lines=2,
            steps=steps,
            steps_as="dashed",
            legend_values=("max", "lastNotNull"),
        )

    return make


_PANELS: tuple[tuple[str, Callable[[Resource], Iterator[Panel]]], ...] = (
    (naming.UTILISATION, _use),
    (naming.FORECAST, _forecast),
    (naming.EXHAUSTION, _exhaustion),
    (naming.UPTIME, _restarts),
    (naming.HEAP_LIMIT, _heap),
    (
        naming.REPLICAS,
        _share(
            "replicas, of the most that there may be",
            "How near its maximum each autoscaler runs. At 100%, the dashed line, it cannot add another pod.",
            naming.REPLICAS,
            _FULL,
        ),
    ),
    (
        naming.THROTTLED,
        _share(
            "CPU periods in which it was throttled",
            f"The share of the kernel's periods in which a container had used up its CPU limit and waited: the {MOST}"
            " containers that waited most. Above a quarter, the dashed line, requests wait with it.",
            naming.THROTTLED,
            (Step(None, BLUE), Step(0.25, ORANGE)),
        ),
    ),
)
"""What is shown of each series that a type records."""
