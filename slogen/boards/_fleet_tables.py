"""Tables of the dashboard of all services: what fires, every SLO, whose data are bad, whose memory runs out."""

from __future__ import annotations

from typing import Any

from slogen import naming
from slogen.boards import _fleet_queries as asked
from slogen.boards._fleet_queries import FleetQueries
from slogen.boards.model import BLUE, ORANGE, SKY, VERMILLION, Override, Query, Step, Table, Words
from slogen.model import Setting, Severity

BURN_STEPS = (Step(None, BLUE), Step(1, ORANGE), Step(6, VERMILLION))
_LEFT_STEPS = (Step(None, VERMILLION), Step(0.000001, ORANGE), Step(0.25, BLUE))
_STATES = (
    Words("within budget", BLUE, value="0"),
    Words("no data", SKY, value=str(asked.NO_DATA)),
    Words("burning", ORANGE, value=str(asked.BURNING)),
    Words("spent", VERMILLION, value=str(asked.SPENT)),
)
_TIME_STEPS = (Step(None, VERMILLION), Step(86400, ORANGE), Step(604800, BLUE))
_WHEN = (Words("spent", VERMILLION, value="0"), Words("not at this pace", "text", low=1e11, high=1e13))


def alerts(queries: FleetQueries, setting: Setting) -> Table:
    pages, tickets = (setting.severity_values[one] for one in (Severity.PAGE, Severity.TICKET))
    severity = setting.severity_label.capitalize()
    colours = (Words(pages, VERMILLION, value=pages), Words(tickets, ORANGE, value=tickets))
    return Table(
        title="Firing now",
        description="Alerts on SLOs, memory and saturation that fire, the newest first. A service's name leads to its"
        " dashboard.",
        unit="short",
        queries=(Query(queries.alerts(), instant=True, table=True),),
        width=14,
        height=13,
        no_value="none",
        sort_by="Since",
        overrides=(
            _link(),
            _hidden(),
            _of(severity, words=colours, width=90),
            _of("Since", unit="dateTimeFromNow", width=130),
        ),
        transformations=_columns(
            {
                setting.severity_label: severity,
                "Value": "Since",
                naming.SERVICE: "Service",
                "alertname": "Alert",
                naming.SLO: "SLO",
                naming.OBJECTIVE: "Objective",
                naming.GROUP: "Group",
                naming.RESOURCE: "Resource",
                setting.owner_label: "Owner",
            }
        ),
    )


def every_slo(queries: FleetQueries, setting: Setting) -> Table:
    labels = {
        naming.SERVICE: "Service",
        naming.SLO: "SLO",
        naming.OBJECTIVE: "Name",
        "Value #B": "State",
        "Value #C": "Budget left",
        "Value #D": "Burn rate",
        "Value #E": "Exhausted in",
        naming.WINDOW: "Worst window",
        "Value #F": "Worst rate",
        "Value #G": "Objective",
        naming.PERIOD: "Period",
        setting.owner_label: "Owner",
        asked.TIER: "Tier",
    }
    columns = (
        queries.table_info(),
        queries.table_state(),
        queries.table_left(),
        queries.table_burn_rate(),
        queries.table_exhaustion(),
        queries.table_worst(),
        queries.table_objective(),
    )
    return Table(
        title="Every SLO",
        description="A row for each objective of each SLO; click a head to sort by it. Budget left: below zero, more"
        " was used than there was. Burn rate: over the last hour; 1 uses exactly the budget in its period. Worst"
        " window: the window with the highest burn rate, and how high. Exhausted in: if it burns on as it did in the"
        " last hour.",
        unit="short",
        queries=tuple(Query(expr, instant=True, table=True) for expr in columns),
        height=18,
        width=24,
        filterable=True,
        sort_by="State",
        overrides=(
            _link(),
            _hidden(),
            _of("State", words=_STATES, align="left", width=110),
            _of("Budget left", _LEFT_STEPS, unit="percentunit", decimals=1, width=110),
            _of("Burn rate", BURN_STEPS, unit="suffix:x", decimals=1, width=100),
            _of("Exhausted in", _TIME_STEPS, _WHEN, unit="s", decimals=1, width=130),
            _of("Worst window", width=140),
            _of("Worst rate", BURN_STEPS, unit="suffix:x", decimals=1, width=105),
            _of("Objective", unit="percentunit", decimals=3, width=105),
            *(_of(name, width=85) for name in ("Name", "Period", "Tier")),
        ),
        transformations=({"id": "merge", "options": {}}, *_columns(labels, "Value #A")),
    )


def problems(queries: FleetQueries) -> Table:
    return Table(
        title="Data that cannot be trusted",
        description="SLOs whose source is not there or cannot be read in full, and the share that is. Their budgets"
        " miss what was not read. Empty is good.",
        unit="percentunit",
        decimals=1,
        queries=(Query(queries.problems(), instant=True, table=True),),
        width=12,
        height=9,
        no_value="all data can be read",
        sort_by="Share",
        descending=False,
        overrides=(
            _link(),
            _hidden(),
        ),
        transformations=_columns({naming.SERVICE: "Service", naming.SLO: "SLO", "problem": "What", "Value": "Share"}),
    )


def memory(queries: FleetQueries) -> Table:
    return Table(
        title="Memory used up next",
        description="The ten instances whose memory reaches its limit first, if it goes on as in the last hours; those"
        " whose use follows no line are not here. Services without an SLO have no owner and no tier, and are always"
        " here.",
        unit="s",
        queries=(Query(queries.memory(), instant=True, table=True),),
        width=12,
        height=9,
        no_value="none",
        sort_by="Left",
        descending=False,
        overrides=(
            _link(),
            _hidden(),
            _of(
                "Left", (Step(None, VERMILLION), Step(7200, ORANGE), Step(86400, BLUE)), unit="s", decimals=1, width=110
            ),
        ),
        transformations=_columns(
            {
                naming.SERVICE: "Service",
                "Value": "Left",
                naming.RESOURCE: "Resource",
                "pod": "Pod",
                "container": "Container",
                "namespace": "Namespace",
                "instance": "Instance",
                "job": "Job",
            },
            naming.START,
        ),
    )


def _columns(names: dict[str, str], *hidden: str) -> tuple[Any, ...]:
    """The columns that a table shows, in their order and under these names."""
    out = ("Time", "__name__", *hidden)
    return (
        {
            "id": "organize",
            "options": {
                "excludeByName": dict.fromkeys(out, True),
                "indexByName": {name: place for place, name in enumerate((*names, asked.BOARD))},
                "renameByName": names,
            },
        },
    )


def _link() -> Override:
    """The service's name leads to its dashboard."""
    link = {"title": "Dashboard of ${__value.text}", "url": f"${{__data.fields.{asked.BOARD}}}"}
    return Override("Service", (("links", [link]),))


def _hidden() -> Override:
    """The path of the dashboard is there for links only."""
    return Override(asked.BOARD, (("custom.hidden", True),))


def _of(name: str, steps: tuple[Step, ...] = (), words: tuple[Words, ...] = (), **properties: Any) -> Override:
    """A column's own unit, decimals, width (pixels), words for some of its values, and colours from some values on."""
    told = [(f"custom.{name}" if name in {"align", "width"} else name, value) for name, value in properties.items()]
    if steps:
        found = [{"value": step.since, "color": step.colour} for step in steps]
        told.append(("thresholds", {"mode": "absolute", "steps": found}))
    if words:
        told.append(("mappings", [_mapping(one, number) for number, one in enumerate(words)]))
    if steps or words:
        told.append(("custom.cellOptions", {"type": "color-text"}))
    return Override(name, tuple(told))


def _mapping(one: Words, number: int) -> dict[str, Any]:
    result = {"text": one.text, **({"color": one.colour} if one.colour else {}), "index": number}
    if one.value is not None:
        return {"type": "value", "options": {one.value: result}}
    return {"type": "range", "options": {"from": one.low, "to": one.high, "result": result}}
