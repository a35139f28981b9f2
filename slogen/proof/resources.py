"""Which pasts prove a resource of a service: each alert that its policy gives it must fire, be silent and end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from slogen import naming
from slogen.forecast import EVERY
from slogen.model import Resource
from slogen.proof.common import ALL, HOUR, NONE, down, percent, up
from slogen.proof.leaking import LATE, exhausted, past_of
from slogen.proof.pasts import Forecast, Past, Silence, Stretch, series_name
from slogen.resource_fields import LIMIT, RESTARTS
from slogen.rules import Alert, ResourcePlan

_KILLS, _RATE = 600, 300
"""Seconds of the windows in which kills are counted and throttled periods are read."""

_HALF, _NEAR = Decimal("0.5"), Decimal("0.01")


def left_out(resource: Resource) -> str:
    """Why a resource has no tests, empty where it has."""
    return "" if resource.source.stand_ins(resource.workloads) else "no series can be made up that it would read"


def pasts(planned: ResourcePlan) -> Iterator[Past]:
    """The pasts of one resource, each with what must be true."""
    resource = planned.resource
    if left_out(resource):
        return
    for alert in planned.alerts():
        if alert.policy in _OF:
            yield from _OF[alert.policy](resource, alert, resource.policy.resource_sections[alert.policy])


def shape(planned: ResourcePlan) -> Any:
    """All that pasts depend on but names and labels of series."""
    resource = planned.resource
    stand_ins = resource.source.stand_ins(resource.workloads)
    return (
        resource.source.type,
        repr(sorted(resource.policy.resource_sections.items())),
        tuple((one.name, one.policy, one.wait, one.hold) for one in planned.alerts()),
        tuple(
            (figure, tuple((one.good, one.bad, one.is_gauge) for one in several))
            for figure, several in stand_ins.items()
        ),
    )


def names(resource: Resource) -> Iterator[str]:
    """Every series that a past may have, as promtool reads it."""
    for several in resource.source.stand_ins(resource.workloads).values():
        yield from map(series_name, several)


def _turns(
    resource: Resource,
    alert: Alert,
    what: str,
    courses: Callable[[int, int, int], Mapping[str, tuple[Stretch, ...]]],
    rise: int = 0,
    fall: int = 0,
) -> Iterator[Past]:
    """Something is well for longer than the alert waits, then not, until it has fired, then well again.

    `courses` are told how long each of the three lasts; the figure crosses the bound `rise` and `fall` seconds late.
    """
    begin = up(alert.wait + rise + LATE, EVERY) + HOUR // 4
    fires = rise + alert.wait
    end = up(begin + fires, EVERY) + LATE + EVERY
    over = up(end + fall + alert.hold, EVERY) + LATE

    def silence(at: int, count: int) -> Silence:
        return Silence(at, alert.name, resource.identity, count)

    checks = [silence(begin - EVERY, 0), silence(up(begin + fires, EVERY) + LATE, 1), silence(over, 0)]
    if fires > LATE:
        checks.append(silence(down(begin + fires - EVERY, EVERY), 0))
    forecast = Forecast(alert.name, resource.identity, begin, fires, end, fall + alert.hold)
    name = f"{alert.name}: {what}"
    yield past_of(resource, name, courses(begin, end - begin, over + EVERY - end), tuple(checks), forecast)


def _of_figure(figure: str, low: Decimal, high: Decimal) -> Callable[[int, int, int], dict[str, tuple[Stretch, ...]]]:
    """The figure lies below the bound, above it, and below it again."""
    return lambda before, during, after: {
        figure: tuple(Stretch(length, 1000, errors) for length, errors in ((before, low), (during, high), (after, low)))
    }


def _heap(resource: Resource, alert: Alert, params: Any) -> Iterator[Past]:
    low, high = params.above - _NEAR, params.above + _NEAR
    what = f"the heap may take {percent(high)} of its container, then {percent(low)}"
    yield from _turns(resource, alert, what, _of_figure(naming.HEAP_LIMIT, low, high))


def _throttled(resource: Resource, alert: Alert, params: Any) -> Iterator[Past]:
    """A rate is a mean of its window, which fills first."""
    low, high = (min(round(params.above * Decimal(share), 3), ALL) for share in ("0.8", "1.6"))
    if low < params.above < high:
        rise = int(_RATE * (params.above - low) / (high - low))
        what = f"{percent(high)} of the periods are throttled, then {percent(low)}"
        yield from _turns(resource, alert, what, _of_figure(naming.THROTTLED, low, high), rise, _RATE - rise)


def _at_max(resource: Resource, alert: Alert, _params: Any) -> Iterator[Past]:
    what = "it runs as many pods as it may, then one less"
    yield from _turns(resource, alert, what, _of_figure(naming.REPLICAS, Decimal("0.9"), ALL))


def _unlimited(resource: Resource, alert: Alert, _params: Any) -> Iterator[Past]:
    if LIMIT in resource.source.stand_ins(resource.workloads):
        yield from _turns(
            resource,
            alert,
            "the limit is gone, then it is there",
            lambda before, during, after: {
                **_running(Stretch(before + during + after, errors=_HALF)),
                LIMIT: (Stretch(before, errors=ALL), Stretch(during, gone=True), Stretch(after, errors=ALL)),
            },
        )


def _running(*used: Stretch) -> dict[str, tuple[Stretch, ...]]:
    started = tuple(Stretch(one.length, errors=ALL, gone=one.gone) for one in used)
    return {naming.UTILISATION: used, naming.UPTIME: started}


def _unwatched(resource: Resource, alert: Alert, _params: Any) -> Iterator[Past]:
    yield from _turns(
        resource,
        alert,
        "nothing is there, then it is",
        lambda before, during, after: _running(
            Stretch(before, errors=_HALF), Stretch(during, gone=True), Stretch(after, errors=_HALF)
        ),
    )


def _killed(resource: Resource, alert: Alert, _params: Any) -> Iterator[Past]:
    """A container ends by itself, and later is killed; counted for as long as the window remembers."""
    ended, killed = HOUR // 2, HOUR + HOUR // 2
    over = killed + _KILLS + alert.hold

    def silence(at: int, count: int) -> Silence:
        return Silence(at, alert.name, resource.identity, count)

    rest = up(over, EVERY) + LATE + EVERY - killed
    yield past_of(
        resource,
        f"{alert.name}: a container ends by itself, and is killed later",
        {
            RESTARTS: (Stretch(ended), Stretch(killed - ended, errors=ALL), Stretch(rest, errors=Decimal(2))),
            naming.OOM_KILLS: (Stretch(killed, errors=NONE), Stretch(rest, errors=ALL)),
        },
        (
            *(silence(at, 0) for at in (ended - EVERY, ended + LATE, ended + _KILLS - LATE, killed - EVERY)),
            silence(killed + LATE, 1),
            silence(down(over - LATE, EVERY), 1),
            silence(up(over, EVERY) + LATE, 0),
        ),
        Forecast(alert.name, resource.identity, killed, 0, killed, _KILLS + alert.hold),
    )


_OF: dict[str, Callable[[Resource, Alert, Any], Iterator[Past]]] = {
    "memory_exhaustion": exhausted,
    "oom_killed": _killed,
    "heap_limit": _heap,
    "memory_limit_missing": _unlimited,
    "memory_unwatched": _unwatched,
    "autoscaler_at_max": _at_max,
    "cpu_throttled": _throttled,
}
