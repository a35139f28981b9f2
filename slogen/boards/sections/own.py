"""The panels that a team adds in its spec."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from slogen.boards.model import BLUE, Panel, Query, Row, Stat, Table, TimeSeries
from slogen.model import OwnPanel
from slogen.rules import ServicePlan

_WITHOUT_TIME = ({"id": "organize", "options": {"excludeByName": {"Time": True}}},)


def own(planned: ServicePlan) -> Iterator[Row]:
    """A row, where there are any."""
    if planned.service.panels:
        yield Row(f"{planned.service.name}: the team's own panels", tuple(map(_panel, planned.service.panels)))


def _panel(one: OwnPanel) -> Panel:
    is_table = one.type == "table"
    queries = tuple(Query(expr, legend, instant=is_table, table=is_table) for expr, legend in one.queries)
    kinds: dict[str, Callable[..., Panel]] = {
        "stat": partial(Stat, size=0, names=False),
        "table": Table,
        "timeseries": TimeSeries,
    }
    return kinds[one.type](
        title=one.title,
        description=one.description,
        unit=one.unit,
        queries=queries,
        width=one.width,
        height=one.height,
        colour=BLUE,
        transformations=_WITHOUT_TIME if is_table else (),
    )
