"""The panels that a team adds in its spec."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from functools import partial

from slogen.boards.model import BLUE, Panel, Query, Row, Stat, Table, TimeSeries
from slogen.model import OwnPanel
from slogen.rules import ServicePlan

_WITHOUT_TIME = ({"id": "organize", "options": {"excludeByName": {"Time": True}}},)


def own(planned: ServicePlan, taken: Container[str]) -> Iterator[Row]:
    """A row, where there are any; `taken` are the titles of the other panels, which must not be there twice."""
    if planned.service.panels:
        panels = tuple(_panel(one, taken) for one in planned.service.panels)
        yield Row("The team's own panels", panels)


def _panel(one: OwnPanel, taken: Container[str]) -> Panel:
    is_table = one.type == "table"
    queries = tuple(Query(expr, legend, instant=is_table, table=is_table) for expr, legend in one.queries)
    kinds: dict[str, Callable[..., Panel]] = {
        "stat": partial(Stat, size=0, names=False),
        "table": Table,
        "timeseries": TimeSeries,
    }
    return kinds[one.type](
        title=f"{one.title} (own)" if one.title in taken else one.title,
        description=one.description,
        unit=one.unit,
        queries=queries,
        width=one.width,
        height=one.height,
        colour=BLUE,
        transformations=_WITHOUT_TIME if is_table else (),
    )
