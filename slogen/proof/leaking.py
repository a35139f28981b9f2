"""Pasts of memory that runs out: straight leaks that must be told in time, and what must wake nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import product
from typing import Any

from slogen import naming
from slogen.forecast import EVERY
from slogen.model import Resource
from slogen.promql.durations import DAY, format_duration
from slogen.proof.common import ALL, HOUR, down, near, percent, up
from slogen.proof.pasts import Forecast, Past, Silence, Stretch
from slogen.resource_fields import LIMIT
from slogen.rules import Alert

STEP = 30
"""Seconds between two samples of a resource."""

LATE = 2 * EVERY
"""How much later than its formula an alert may be: two recordings."""

IN_TIME = 600
"""Seconds before the limit is reached by which a leak must be told."""

_APART = 300
_BEGINS = tuple(map(Decimal, ("0.2", "0.5", "0.8")))
_LENGTHS = (*range(HOUR // 2, 3 * HOUR, HOUR // 4), *range(3 * HOUR, DAY + 1, HOUR))
_FLAT, _FULL, _RAMP = Decimal("0.85"), Decimal("0.75"), 600

Signs = Mapping[str, Any]
Leak = tuple[Decimal, int]
"""How much of the limit is in use at the start, and seconds until all of it is."""


def past_of(
    resource: Resource,
    name: str,
    courses: Mapping[str, tuple[Stretch, ...]],
    checks: tuple[Any, ...],
    forecast: Forecast | None = None,
) -> Past:
    """A past in which figures of a resource take these courses, with the limit as it is unless one is given."""
    length = max(sum(one.length for one in several) for several in courses.values())
    limit = {LIMIT: (Stretch(length, errors=ALL),)} if LIMIT in resource.source.stand_ins(resource.workloads) else {}
    found = tuple({**limit, **courses}.items())
    ordered = tuple(sorted(checks, key=lambda check: check.at))
    return Past(name, (), ordered, STEP, forecast=forecast, courses=found)


def exhausted(resource: Resource, alert: Alert, params: Any) -> Iterator[Past]:
    """A leak for each sign, of which that sign speaks first; then what must be silent."""
    for leak in dict.fromkeys(found for name in params.signs if (found := _told_by(name, params.signs))):
        yield _leaks(resource, alert, params.signs, leak)
    lasting = 4 * HOUR
    flat = (Stretch(lasting + EVERY, errors=_FLAT),)
    yield _silent(resource, alert, f"{percent(_FLAT)} in use, for hours", flat, _FLAT)
    if ramp := _quick(params.signs):
        rising = (Stretch(ramp, until=_FULL), Stretch(lasting + EVERY - ramp, errors=_FULL))
        what = f"{percent(_FULL)} in use {format_duration(ramp)} after the start, and then for hours"
        yield _silent(resource, alert, what, rising, _FULL)
    yield from _restarted(resource, alert, params.signs)


def moment(sign: Any, leak: Leak) -> Decimal | None:
    """Seconds after the start at which a sign has lasted; None for one that looks at yesterday, when there was none."""
    if sign.risen is not None:
        return None
    return max(_known(sign, leak), _foreseen(sign, leak)) + up(sign.lasting, EVERY)


def _known(sign: Any, leak: Leak) -> Decimal:
    """Seconds until enough is in use, and was seen."""
    begin, full = leak
    enough: Decimal = (sign.above - begin) * full / (1 - begin)
    recorded = sign.fit.over // 2 if sign.fit is not None else 0
    return max(enough, Decimal(max(sign.uptime, recorded)))


def _foreseen(sign: Any, leak: Leak) -> Decimal:
    """Seconds until the limit is as near as a sign looks: on a straight line every window says the same."""
    return Decimal(leak[1] - sign.ahead)


def _first(signs: Signs, leak: Leak) -> Decimal | None:
    return min((found for sign in signs.values() if (found := moment(sign, leak)) is not None), default=None)


def _told_by(name: str, signs: Signs) -> Leak | None:
    """The shortest leak that a sign tells by itself; best one of which it waits for the limit to be near enough."""
    sign, others = signs[name], {other: one for other, one in signs.items() if other != name}
    found: list[tuple[bool, int, Decimal]] = []
    for leak in product(_BEGINS, _LENGTHS):
        own, other = moment(sign, leak), _first(others, leak)
        if own is None or own < LATE or own + LATE + IN_TIME > leak[1]:
            continue
        if other is None or own + LATE + _APART <= other:
            found.append((_foreseen(sign, leak) < _known(sign, leak) + _APART, leak[1], leak[0]))
    if not found:
        return None
    _, full, begin = min(found)
    return begin, full


def _leaks(resource: Resource, alert: Alert, signs: Signs, leak: Leak) -> Past:
    begin, full = leak
    after = int(_first(signs, leak) or 0)
    restart = up(after, EVERY) + LATE + EVERY
    reached = begin + (1 - begin) * restart / full
    over = restart + alert.hold + LATE
    checks = [
        Silence(down(after - EVERY, EVERY), alert.name, resource.identity, 0),
        Silence(up(after + LATE, EVERY), alert.name, resource.identity, 1),
        Silence(up(over, EVERY), alert.name, resource.identity, 0),
    ]
    if alert.hold > LATE:
        checks.append(Silence(down(restart + alert.hold - EVERY, EVERY), alert.name, resource.identity, 1))
    rest = up(over, EVERY) + EVERY - restart
    rate = ((1 - begin) * HOUR / full).quantize(Decimal("0.001"))
    return past_of(
        resource,
        f"{alert.name}: {percent(rate)} an hour from {percent(begin)}, full after {format_duration(full)}",
        {
            naming.UTILISATION: (Stretch(restart, errors=begin, until=reached), Stretch(rest, errors=begin)),
            naming.UPTIME: _starts(restart, rest),
        },
        tuple(checks),
        Forecast(alert.name, resource.identity, 0, after, restart, alert.hold),
    )


def _starts(*lengths: int) -> tuple[Stretch, ...]:
    """When an instance was started: a second after the beginning, and again after each length but the last."""
    at = (1, *(sum(lengths[: number + 1]) for number in range(len(lengths) - 1)))
    return tuple(Stretch(length, errors=Decimal(start)) for length, start in zip(lengths, at, strict=True))


def _silent(resource: Resource, alert: Alert, what: str, used: tuple[Stretch, ...], level: Decimal) -> Past:
    length = sum(one.length for one in used)
    checks = [Silence(at, alert.name, resource.identity, 0) for at in range(HOUR // 2, length, HOUR // 2)]
    known = near(down(length - 1, EVERY), resource.series(naming.UTILISATION), level, 0.001)
    courses = {naming.UTILISATION: used, naming.UPTIME: _starts(length)}
    return past_of(resource, f"{alert.name}: {what}", courses, (*checks, known))


def _quick(signs: Signs) -> int:
    """How long memory may fill after a start without any sign's having a reason to speak."""
    shortest = (sign.uptime - min(sign.lines) for sign in signs.values() if sign.lines and sign.above < _FULL)
    return down(min((_RAMP, *shortest)), EVERY)


def _restarted(resource: Resource, alert: Alert, signs: Signs) -> Iterator[Past]:
    """A rise too slow to be told, and a restart: two hours later lines are drawn through what was in use since."""
    begin, level, lasting, after = Decimal("0.1"), Decimal("0.25"), 3 * HOUR, 2 * HOUR
    full = 9 * HOUR
    first = _first(signs, (begin, full))
    if first is not None and first <= lasting + LATE:
        return
    end = lasting + after
    checks = [
        Silence(at, alert.name, resource.identity, 0)
        for at in (lasting - EVERY, lasting + EVERY, lasting + HOUR, lasting + HOUR + HOUR // 2, end)
    ]
    bands = (resource.series(naming.FORECAST, (naming.BOUND, bound)) for bound in ("low", "high"))
    courses = {
        naming.UTILISATION: (
            Stretch(lasting, errors=begin, until=begin + (1 - begin) * lasting / full),
            Stretch(after + EVERY, errors=level),
        ),
        naming.UPTIME: _starts(lasting, after + EVERY),
    }
    known = [near(end, one, level, 0.001) for one in bands]
    name = f"{alert.name}: a restart, across which no forecast reads"
    yield past_of(resource, name, courses, (*checks, *known))
