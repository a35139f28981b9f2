"""What docs/benchmarks.md says about the quality of alerts: tables, and sentences made of the figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import mean, median
from typing import Any

from compare._charts import bars
from compare._headlines import Headline
from compare._incidents import ERRORS, FAST_BURN, HISTORY, LOW, OBJECTIVES, SHORT, TRAFFICS, WAVE
from compare._quality_data import (
    PAGE_DUE,
    Figures,
    Row,
    all_false_pages,
    case_of,
    decimal,
    due,
    false_pages,
    in_common,
    middle,
    rows_of,
    timed,
    tools_of,
    traffics_of,
    whole,
)
from compare._text import paragraph, table
from compare._worse import OURS, Notes, worse
from compare.peers import NTHLAYER, PYRRA, SLOGEN, SLOTH
from slogen.promql.durations import DAY


def page(figures: Figures) -> str:
    """The Markdown section."""
    notes = Notes()
    tables = [how(figures, notes) for how in (_pages_due, _tickets_due, _false_pages)]
    details = _details(figures, notes)
    peers = any(tool not in OURS for tool in tools_of(figures))
    legend = notes.text() if peers else "No peer was measured."
    parts = [_how(figures), *tables, legend, _meaning(figures), _left_out(figures), details]
    return "\n\n".join(part for part in parts if part) + "\n"


def _how(figures: Figures) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in figures["versions"].items())
    errors, objectives = (
        ", ".join(f"{value:g}%" for value in map(float, every) if any(row[key] == value for row in rows_of(figures)))
        for key, every in (("error", ERRORS), ("objective", OBJECTIVES))
    )
    traffics = {WAVE: f"{WAVE} (0.01 to 1/s over the day, with errors from the hour of least traffic on)"}
    seeds = {
        traffic: len({row["seed"] for row in rows_of(figures, traffic=traffic)}) for traffic in traffics_of(figures)
    }
    return "\n\n".join(
        [
            "## Do alerts find what they should, and nothing else?",
            paragraph(
                f"""{versions}, each with the burn-rate alerts of its own defaults, evaluated on Prometheus
                {figures["prometheus"]}. A service of {HISTORY // DAY} healthy days has a step of errors ({errors}) at
                a traffic of {", ".join(traffics.get(name, name) for name in seeds)}, and is judged by each of the
                objectives {objectives} in 30 days. The step lasts
                {SHORT // 3600} h where it burns the budget at {FAST_BURN} times the affordable rate or faster, else
                three days, enough for the slowest alert of each tool. Events come by chance (Poisson); histories for
                each case: {", ".join(f"{count} ({traffic})" for traffic, count in seeds.items())}. At 30/h slogen is
                asked twice, once with `expectedTraffic: {LOW}`; the peers' specs cannot say that."""
            ),
            paragraph(
                """Rules are evaluated each minute (Pyrra's 30 s are taken as a minute, slogen's tickets are evaluated
                each four), in the incidents of three days each four minutes. A notification is a time in which any
                page of the SLO fires, two pages at once being one; Alertmanager's grouping and waiting come on top,
                for all alike. What an alert reads is replaced by the rule that records it, evaluated at the same
            instant."""
            ),
        ]
    )


def _by_traffic(
    figures: Figures,
    rows: Sequence[Row],
    notes: Notes,
    columns: Mapping[str, tuple[str, Callable[[Sequence[Row]], float | None], Callable[[float | None], str], float]],
) -> list[list[str]]:
    """A line for each traffic and tool; `columns` has for each a kind, the figure, how it is written, and the slack."""
    lines = []
    for traffic in traffics_of(figures):
        of_tool = {
            tool: [r for r in rows if r["tool"] == tool and r["traffic"] == traffic] for tool in tools_of(figures)
        }
        of_tool = {tool: own for tool, own in of_tool.items() if own}
        values = {name: {tool: how(own) for tool, own in of_tool.items()} for name, (_, how, _, _) in columns.items()}
        for tool, own in of_tool.items():
            cells = []
            for name, (kind, _, written, slack) in columns.items():
                value = values[name][tool]
                why = worse(values[name], tool, kind, traffic, slack)
                cells.append(written(value) + notes.mark(why))
            lines.append([traffic, tool, str(len(own)), *cells])
    return lines


def _median_of(common: set[tuple[Any, ...]], column: str) -> Callable[[Sequence[Row]], float | None]:
    def figure(rows: Sequence[Row]) -> float | None:
        found = [row[column] for row in rows if case_of(row) in common and row[column] is not None]
        return median(found) if found else None

    return figure


def _pages_due(figures: Figures, notes: Notes) -> str:
    rows = due(figures, PAGE_DUE, float("inf"))
    common = in_common(rows, "page")
    lines = _by_traffic(
        figures,
        rows,
        notes,
        {
            "missed": ("missed", lambda own: sum(row["page"] is None for row in own), whole, 0),
            "page": ("page", _median_of(common, "page"), timed, 1),
            "reset": ("reset", _median_of(common, "reset"), timed, 2),
            "notifications": ("notifications", lambda own: mean(row["notifications"] for row in own), decimal, 0),
            "most": ("notifications", lambda own: max(row["notifications"] for row in own), whole, 0),
        },
    )
    head = ["traffic", "tool", "incidents", "no page", "to the page", "reset", "notifications each", "at the most"]
    text = """**A page is due**: incidents that burn the budget 10 times too fast or faster. Times are medians over the
        incidents in which all tools page; the reset is counted from the end of the errors."""
    return f"{paragraph(text)}\n\n{table(head, lines)}"


def _tickets_due(figures: Figures, notes: Notes) -> str:
    rows = due(figures, 1, PAGE_DUE)
    if not rows:
        return ""
    common = in_common(rows, "any")
    lines = _by_traffic(
        figures,
        rows,
        notes,
        {
            "missed": ("missed", lambda own: sum(row["any"] is None for row in own), whole, 0),
            "any": ("any", _median_of(common, "any"), timed, 4),
            "notifications": ("notifications", lambda own: mean(row["notifications"] for row in own), decimal, 0),
        },
    )
    head = ["traffic", "tool", "incidents", "no alert", "to the first alert", "pages each"]
    text = """**A ticket is due**: incidents of three days that burn it 2 to 5 times too fast. Any alert counts,
        ticket or page; a page here wakes somebody for what can wait."""
    return f"{paragraph(text)}\n\n{table(head, lines)}\n\n{paragraph(_inside(figures))}"


def _inside(figures: Figures) -> str:
    rows = due(figures, -1, 1)
    fired = {tool: sum(row["any"] is not None for row in rows if row["tool"] == tool) for tool in tools_of(figures)}
    count = {tool: sum(row["tool"] == tool for row in rows) for tool in fired}
    if not any(fired.values()):
        return f"In the {count[SLOGEN]} incidents that stay inside the objective no tool alerts."
    told = ", ".join(f"{tool} {number} of {count[tool]}" for tool, number in fired.items())
    return f"Incidents that stay inside the objective and yet start an alert: {told}."


def _false_pages(figures: Figures, notes: Notes) -> str:
    lines = []
    for traffic in traffics_of(figures):
        for objective in sorted({row["objective"] for row in figures["background"]}):
            values = false_pages(figures, traffic, objective)
            if not values:
                continue
            cells = []
            for tool in tools_of(figures):
                if tool not in values:
                    cells.append("")
                    continue
                why = worse(values, tool, "notifications", traffic, 0)
                cells.append(decimal(values[tool]) + notes.mark(why))
            days = sum(
                row["days"] for row in rows_of(figures, "background", traffic=traffic, objective=objective, tool=SLOGEN)
            )
            lines.append([traffic, f"{objective:g}%", f"{days:.0f}", *cells])
    head = ["traffic", "objective", "days", *tools_of(figures)]
    text = """**No page is due**: failures by chance that spend 0.3 of the budget, and nothing else happens. Pages in 30
        days:"""
    return f"{paragraph(text)}\n\n{table(head, lines)}"


def _details(figures: Figures, notes: Notes) -> str:
    tables = []
    for traffic in traffics_of(figures):
        tools = [tool for tool in tools_of(figures) if rows_of(figures, traffic=traffic, tool=tool)]
        lines = []
        for objective in map(float, OBJECTIVES):
            for error in map(float, ERRORS):
                rows = rows_of(figures, traffic=traffic, objective=objective, error=error)
                if rows and rows[0]["burn"] > 1:
                    cells = _detail_cells(rows, tools, traffic, notes)
                    lines.append([f"{objective:g}%", f"{error:g}%", f"{rows[0]['burn']:g}", *cells])
        head = ["objective", "errors", "burn rate", *tools]
        tables.append(f"Traffic of {traffic}:\n\n{table(head, lines)}")
    text = """Where a page is due: time to the page / reset / notifications; where a ticket is due: time to the first
        alert / pages. Times are medians over the histories in which it fired, so one that missed some is not to be
        compared."""
    body = "\n\n".join(tables)
    return f"<details>\n<summary>Every case</summary>\n\n{paragraph(text)}\n\n{body}\n\n</details>"


def _detail_cells(rows: Sequence[Row], tools: Sequence[str], traffic: str, notes: Notes) -> list[str]:
    paging = rows[0]["burn"] > PAGE_DUE
    slack = 1.0 if rows[0]["hours"] * 3600 <= SHORT else 4.0
    own = {tool: [row for row in rows if row["tool"] == tool] for tool in tools}
    first = "page" if paging else "any"
    columns: dict[str, dict[str, float | None]] = {
        "missed": {tool: sum(row[first] is None for row in own[tool]) for tool in tools},
        first: {tool: middle(row[first] for row in own[tool]) for tool in tools},
    }
    if paging:
        columns["reset"] = {tool: middle(row["reset"] for row in own[tool]) for tool in tools}
    columns["notifications"] = {tool: mean(row["notifications"] for row in own[tool]) for tool in tools}
    cells = []
    for tool in tools:
        missed = columns["missed"][tool] or 0
        parts = [timed(columns[first][tool])]
        if paging:
            parts.append(timed(columns["reset"][tool]))
        parts.append(decimal(columns["notifications"][tool]))
        text = "all missed" if missed == len(own[tool]) else " / ".join(parts)
        if 0 < missed < len(own[tool]):
            text += f", {missed:g} of {len(own[tool])} missed"
        why: list[str] = []
        for name, values in columns.items():
            if name in ("missed", "notifications") or missed < len(own[tool]):
                limit = 2 * slack if name == "reset" else slack
                why += worse(values, tool, name, traffic, limit)
        cells.append(text + notes.mark(dict.fromkeys(why)))
    return cells


def _meaning(figures: Figures) -> str:
    """Sentences made of the figures."""
    sentences = [*_meaning_of_outage(figures), *_meaning_of_noise(figures), *_meaning_of_notifications(figures)]
    return paragraph("What it means: " + " ".join(sentences)) if sentences else ""


def _meaning_of_outage(figures: Figures) -> list[str]:
    found = {
        tool: middle(
            row["page"] for row in rows_of(figures, tool=tool, objective=90.0, error=100.0, traffic=TRAFFICS[0])
        )
        for tool in tools_of(figures)
    }
    known = {tool: value for tool, value in found.items() if value is not None}
    if len(known) < 2 or SLOGEN not in known:
        return []
    told = ", ".join(f"{tool} {timed(value)}" for tool, value in known.items())
    return [f"A total outage against an objective of 90% pages after: {told}."]


def headlines(figures: Figures) -> list[Headline]:
    """False pages at low traffic, and what total outages there notify."""
    found = [
        Headline(f"false pages in 30 days of four services at {LOW}, {tool}", value, unit="", more_is_better=False)
        for tool, value in all_false_pages(figures, LOW).items()
    ]
    outages = [row for row in due(figures, PAGE_DUE, float("inf")) if row["error"] == 100 and row["traffic"] == LOW]
    for tool in tools_of(figures):
        notified = [row["notifications"] for row in outages if row["tool"] == tool]
        if notified:
            name = f"notifications of a total outage at {LOW}, {tool}"
            found.append(Headline(name, mean(notified), unit="", more_is_better=False))
    return found


def _meaning_of_noise(figures: Figures) -> list[str]:
    out = []
    for traffic in (LOW, WAVE):
        totals = all_false_pages(figures, traffic)
        if any(totals.values()):
            told = ", ".join(f"{tool} {decimal(value)}" for tool, value in totals.items())
            out.append(
                f"Services with a traffic of {traffic}, one for each objective, page by mistake in 30 days: {told}."
            )
    return out


def _meaning_of_notifications(figures: Figures) -> list[str]:
    rows = due(figures, PAGE_DUE, float("inf"))
    outages = [row for row in rows if row["error"] == 100 and row["traffic"] in (LOW, WAVE)]
    partial = [row for row in rows if row["error"] < 100]
    out = []
    for what, some in (("A total outage at 30/h or at night", outages), ("A partial one, over all traffics,", partial)):
        told = [
            f"{tool} {decimal(mean(own))}"
            for tool in (SLOGEN, SLOTH, PYRRA)
            if (own := [row["notifications"] for row in some if row["tool"] == tool])
        ]
        if told:
            out.append(f"{what} notifies this often on average: {', '.join(told)}.")
    return out


def _left_out(figures: Figures) -> str:
    text = """Left out: false tickets in the 30 days (their windows of days are dear on raw counters), restarts and lost
        scrapes (they are in the section on the budget), more than one pod, counters that begin at zero, incidents at
        the busy hour of the diurnal service, and alerts that are not on the burn rate (no data, traffic stopped,
        budget spent, metric absent)."""
    if NTHLAYER in figures["without_alerts"]:
        text += """ NthLayer is not in these tables: its command writes no burn-rate alerts for Prometheus, only a
            spec for Sloth and alerts on what a service depends on."""
    return paragraph(text)


def plots(figures: Figures) -> dict[str, str]:
    """Notifications for an incident, and false pages."""
    traffics, tools = traffics_of(figures), tools_of(figures)
    rows = due(figures, PAGE_DUE, float("inf"))
    notified = {
        tool: [
            mean([r["notifications"] for r in rows if r["tool"] == tool and r["traffic"] == t] or [0]) for t in traffics
        ]
        for tool in tools
    }
    cases = [
        (traffic, objective)
        for traffic in (LOW, WAVE)
        for objective in sorted({row["objective"] for row in figures["background"] if row["traffic"] == traffic})
    ]
    false = {tool: [false_pages(figures, *case).get(tool) or 0.0 for case in cases] for tool in tools}
    return {
        "notifications.svg": bars(traffics, notified, "notifications for one incident"),
        "false-pages.svg": bars([f"{t}, {o:g}%" for t, o in cases], false, "false pages in 30 days"),
    }
