"""The dashboard of one service, as on-call opens it."""

from __future__ import annotations

from collections.abc import Iterator

from slogen import naming
from slogen.boards.aims import aims
from slogen.boards.model import Board, Row
from slogen.boards.sections.about import description, links, marks, origin
from slogen.boards.sections.breakdown import breakdown
from slogen.boards.sections.groups import group_rows, variables
from slogen.boards.sections.memory import resource_row
from slogen.boards.sections.own import own
from slogen.boards.sections.slo import slo_row
from slogen.boards.sections.summary import summary
from slogen.model import Setting
from slogen.rules import ServicePlan

TAG = "slo"


def service_board(planned: ServicePlan, setting: Setting) -> Board:
    """Whether all is well, then each SLO, then memory and saturation, then the team's own panels."""
    service = planned.service
    return Board(
        uid=naming.dashboard_uid(service.name),
        title=f"{service.name} SLOs",
        description=description(service),
        tags=(TAG, "slogen"),
        rows=tuple(_rows(planned, setting)),
        variables=tuple(variables(planned)),
        annotations=tuple(marks(service, setting)),
        links=tuple(links(service, setting)),
    )


def _rows(planned: ServicePlan, setting: Setting) -> Iterator[Row]:
    rows = list(_generated(planned))
    yield from rows
    yield from own(planned, {panel.title for row in rows for panel in row.panels})
    yield origin(planned, setting)


def _generated(planned: ServicePlan) -> Iterator[Row]:
    every = [(one, aims(one)) for one in planned.slos]
    if every or planned.resources:
        yield summary(planned, [aim for _, found in every for aim in found])
    for one, found in every:
        yield slo_row(one, found)
        yield from group_rows(one, found)
        yield from breakdown(one, found)
    for resource in planned.resources:
        yield resource_row(resource)
