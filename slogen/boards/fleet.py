"""The dashboard of all services: are we all right, and where to look first.

It names no service and reads recorded series only, so it is the same whatever specs there are.
"""

from __future__ import annotations

from slogen import naming
from slogen.boards import _fleet_queries as asked
from slogen.boards._fleet_queries import FleetQueries
from slogen.boards._fleet_tables import BURN_STEPS, alerts, every_slo, memory, problems
from slogen.boards.model import (
    BLUE,
    ORANGE,
    VERMILLION,
    BarGauge,
    Board,
    Link,
    Override,
    Panel,
    Query,
    Row,
    Stat,
    Step,
    TimeSeries,
    Variable,
)
from slogen.model import Setting, Severity


def fleet_board(setting: Setting) -> Board:
    """The dashboard."""
    queries = FleetQueries(setting)
    rows = (
        Row("", (*_counts(queries), alerts(queries, setting), _burners(queries))),
        Row("All SLOs", (every_slo(queries, setting),)),
        Row("Data and memory", (problems(queries), memory(queries))),
        Row("Over time", tuple(_trends(queries))),
    )
    return Board(
        uid=naming.FLEET_UID,
        title="SLOs of all services",
        description="Which SLOs are in trouble, whose they are, and whether their data can be trusted.",
        tags=("slogen", "slo"),
        rows=rows,
        variables=tuple(_variables(setting)),
        time="now-24h",
    )


def _variables(setting: Setting) -> list[Variable]:
    info, owner = naming.INFO, setting.owner_label
    by_owner = f'{owner}=~"${asked.OWNER_VARIABLE}"'
    by_tier = f'{by_owner}, {asked.TIER}=~"${asked.TIER_VARIABLE}"'
    return [
        Variable(asked.OWNER_VARIABLE, "Owner", f"label_values({info}, {owner})"),
        Variable(asked.TIER_VARIABLE, "Tier", f"label_values({info}{{{by_owner}}}, {asked.TIER})"),
        Variable(asked.SERVICE_VARIABLE, "Service", f"label_values({info}{{{by_tier}}}, {naming.SERVICE})"),
        Variable(
            asked.SEARCH_VARIABLE, "Search", "", "Part of the name of a service or an SLO, for the tables.", "textbox"
        ),
    ]


def _counts(queries: FleetQueries) -> list[Panel]:
    pages, tickets = (queries.firing(one) for one in (Severity.PAGE, Severity.TICKET))
    told = (
        ("All", "SLOs", queries.slos(), "", "SLOs that the filters leave. One with several objectives counts once."),
        ("Budget spent", "SLOs", queries.spent(), VERMILLION, "SLOs that have used up the budget of an objective."),
        (
            "Burning", "SLOs", queries.burning(), ORANGE,
            "SLOs that used budget faster in the last hour than it would last for their period: burn rate above 1.",
        ),
        ("Pages", "firing", pages, VERMILLION, "Alerts that page and fire now."),
        ("Tickets", "firing", tickets, ORANGE, "Alerts that open a ticket and fire now."),
        (
            "Without data", "SLOs", queries.silent(), ORANGE,
            "SLOs for which nothing was recorded in the last five minutes: how they do is not known.",
        ),
        (
            "Badly read", "SLOs", queries.badly_read(), ORANGE,
            "SLOs of which less than 99% of the source's series can be read: their figures are too low.",
        ),
        (
            "Memory", "at risk", queries.memory_at_risk(), ORANGE,
            "Instances whose memory is used up within two hours, if it goes on as in the last hours.",
        ),
    )  # fmt: skip
    return [
        Stat(
            title=title,
            description=description,
            unit="short",
            decimals=0,
            queries=(Query(expr, what, instant=True),),
            width=3,
            height=4,
            size=30,
            steps=(Step(None, BLUE), Step(1, bad)) if bad else (Step(None, BLUE),),
        )
        for title, what, expr, bad, description in told
    ]


def _burners(queries: FleetQueries) -> BarGauge:
    return BarGauge(
        title="Top burners",
        description="The ten objectives that used their budget fastest in the last hour. At a burn rate of 1 a budget"
        " lasts exactly its period; at 14.4 a budget of 30 days is gone in two days.",
        unit="suffix:x",
        decimals=1,
        low=0,
        queries=(Query(queries.top_burners(), "{{service}} / {{slo}} {{objective}}", instant=True),),
        width=10,
        height=13,
        steps=BURN_STEPS,
        data_links=(Link("Dashboard of the service", f"${{__field.labels.{asked.BOARD}}}", keep_time=True),),
    )


def _trends(queries: FleetQueries) -> list[Panel]:
    told = (
        (
            "Firing alerts",
            "Alerts that fired at each time, by severity.",
            (("pages", queries.firing(Severity.PAGE)), ("tickets", queries.firing(Severity.TICKET))),
        ),
        (
            "Budgets spent",
            "SLOs that had used all their error budget at each time.",
            (("SLOs without budget", queries.spent()),),
        ),
        (
            "SLOs without data",
            "SLOs for which nothing was recorded at each time, and those of which less than 99% could be read.",
            (("without data", queries.silent()), ("badly read", queries.badly_read())),
        ),
    )
    colours = (VERMILLION, ORANGE)
    return [
        TimeSeries(
            title=f"{title}, over time",
            description=description,
            unit="short",
            decimals=0,
            soft_low=0,
            soft_high=5,
            queries=tuple(Query(expr, legend) for legend, expr in lines),
            interval="15m",
            overrides=tuple(
                Override(legend, (("color", {"fixedColor": colour, "mode": "fixed"}),))
                for (legend, _), colour in zip(lines, colours, strict=False)
            ),
        )
        for title, description, lines in told
    ]
