"""An SLO's groups: the worst of them, never hundreds, and the variables that narrow the panels to some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slogen import naming
from slogen.boards.aims import Aim, narrowed, recent
from slogen.boards.model import (
    BLUE,
    ORANGE,
    VERMILLION,
    YELLOW,
    Override,
    Panel,
    Query,
    Row,
    Step,
    Table,
    TimeSeries,
    Variable,
)
from slogen.promql.build import series
from slogen.promql.durations import format_duration
from slogen.rules import ServicePlan, SloPlan

"""The variable that every board has."""

MOST_ROWS = 20
MOST_LINES = 10


def variables(planned: ServicePlan) -> Iterator[Variable]:
    """A variable for each label that tells groups apart; links of alerts set it."""
    labels = dict.fromkeys(label for one in planned.slos for label in one.slo.by)
    service = ((naming.SERVICE, planned.service.name),)
    for label in labels:
        record = naming.at_level(naming.TOTAL_BASE, naming.GROUP_LEVEL)
        query = f"label_values({series(record, service)}, {label})"
        yield Variable(
            naming.dashboard_variable(label),
            label,
            query,
            f"Groups by {label}; the panels of groups show those that are chosen.",
        )


def group_rows(planned: SloPlan, found: Sequence[Aim]) -> Iterator[Row]:
    """A row for an SLO that has groups."""
    panels: list[Panel] = []
    for aim in found:
        if aim.level.by and aim.now is not None:
            panels += (_table(aim, aim.now), _lines(aim, aim.now))
    if panels:
        by = " and ".join(planned.slo.by)
        yield Row(f"{planned.slo.name} by {by}: worst groups", tuple(panels))


def _chosen(aim: Aim) -> tuple[str, ...]:
    return tuple(f'{label}=~"${naming.dashboard_variable(label)}"' for label in aim.level.by)


def _table(aim: Aim, window: int) -> Table:
    by, chosen = aim.level.by, _chosen(aim)
    over = format_duration(window)

    def of(record: str) -> str:
        return aim.level.aggregate("max", recent(narrowed(aim.series(record), *chosen)))

    burn = aim.level.aggregate("max", recent(aim.burn(window, *chosen)))
    worst = f"topk({MOST_ROWS}, {burn})"
    columns = {
        "Value #A": f"Burn rate ({over})",
        "Value #B": "Budget left",
        "Value #C": "Bad events",
    }
    return Table(
        title=f"{aim.name}: groups that burn fastest",
        description=f"The groups whose budget burns fastest over {over}, the worst first: how many times as fast as"
        f" they can afford, the budget they have left, and their bad events of {aim.slo.period_name}. Choose groups"
        " above, or click on a name to see that one only.",
        unit="short",
        queries=(
            Query(worst, instant=True, table=True),
            Query(f"1 - {of(naming.BUDGET_USED)}\nand {aim.level.match}\n{worst}", instant=True, table=True),
            Query(f"{of(naming.BAD_PERIOD)}\nand {aim.level.match}\n{worst}", instant=True, table=True),
        ),
        width=12,
        height=9,
        sort_by=columns["Value #A"],
        overrides=(
            Override(
                columns["Value #A"],
                (("unit", "suffix:x"), ("decimals", 1), *_coloured((None, BLUE), (1, YELLOW), (6, VERMILLION))),
            ),
            Override(
                columns["Value #B"],
                (("unit", "percentunit"), ("decimals", 1), *_coloured((None, VERMILLION), (0, YELLOW), (0.2, BLUE))),
            ),
            Override(columns["Value #C"], (("unit", "none"), ("decimals", 0))),
            *(Override(label, (("links", [_only(aim, label)]), ("custom.filterable", True))) for label in by),
        ),
        transformations=(
            {"id": "merge", "options": {}},
            {
                "id": "organize",
                "options": {
                    "excludeByName": {"Time": True},
                    "indexByName": {name: number for number, name in enumerate((*by, *columns))},
                    "renameByName": columns,
                },
            },
        ),
    )


def _coloured(*steps: tuple[float | None, str]) -> tuple[tuple[str, object], tuple[str, object]]:
    found = [{"color": colour, "value": since} for since, colour in steps]
    cells = {"type": "color-background", "mode": "basic"}
    return ("thresholds", {"mode": "absolute", "steps": found}), ("custom.cellOptions", cells)


def _only(aim: Aim, label: str) -> dict[str, object]:
    """A link that sets the variable of a label to the value of the row."""
    board = f"/d/{naming.dashboard_uid(aim.slo.service)}/{aim.slo.service}"
    value = f'var-{naming.dashboard_variable(label)}=${{__data.fields["{label}"]:percentencode}}'
    return {"title": f"Only this {label}", "url": f"{board}?${{__url_time_range}}&${{datasource:queryparam}}&{value}"}


def _lines(aim: Aim, window: int) -> TimeSeries:
    burn = aim.burn(window, *_chosen(aim))
    worst = f"topk({MOST_LINES}, max_over_time({burn}[$__range] @ end()))"
    over = format_duration(window)
    return TimeSeries(
        title=f"{aim.name}: burn rate of the worst {MOST_LINES} groups",
        description=f"Burn rate over {over} of the {MOST_LINES} groups that burned fastest at some time in the range."
        " Above the dashed line at 1x a group will not keep its objective.",
        unit="suffix:x",
        decimals=1,
        queries=(Query(f"{burn}\nand {aim.level.match}\n{worst}", " ".join(f"{{{{{one}}}}}" for one in aim.level.by)),),
        width=12,
        height=9,
        low=0.0,
        width_of_lines=2,
        steps=(Step(None, BLUE), Step(1.0, ORANGE), Step(6.0, VERMILLION)),
        steps_as="dashed",
        legend_values=("max", "lastNotNull"),
    )
