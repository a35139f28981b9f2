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
    every = {one.slo.name: aims(one) for one in planned.slos}
    if every or planned.resources:
        yield summary(planned, [aim for found in every.values() for aim in found])
    for one in planned.slos:
        found = every[one.slo.name]
        yield slo_row(one, found)
        yield from group_rows(one, found)
        yield from breakdown(one, found)
    for resource in planned.resources:
        yield resource_row(resource)
    yield from own(planned)
    yield origin(planned, setting)
