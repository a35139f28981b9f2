"""An SLO in words and figures: what it promises, what its alerts do and when, what it records."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from slogen import low_traffic, naming
from slogen.model import Objective, Severity, Slo
from slogen.prediction import fires_after, lone_failure_traffic, resets_after, spent_when_fired
from slogen.promql.durations import DAY, format_duration
from slogen.rules import Alert, ResourcePlan, SloPlan

STEPS = (Decimal(1), Decimal("0.1"), Decimal("0.01"))
"""Error ratios whose detection is shown."""

NEVER = "perhaps never"

_TEMPLATE = re.compile(r"\{\{ \$labels\.(\w+) \}\}")

Table = list[tuple[str, ...]]


def span(seconds: Decimal | int | None) -> str:
    """A time for people: two units at most, 'never' for None."""
    if seconds is None:
        return "never"
    if seconds < 60:
        return f"{max(round(seconds), 1)}s"
    if seconds < 3600:
        return format_duration(round(seconds))
    return format_duration(round(seconds / 60) * 60)


def percent(ratio: Decimal) -> str:
    """A ratio in percent, without noise."""
    return f"{_short(ratio * 100)}%"


def _short(value: Decimal) -> str:
    rounded = round(value, 4) if value < 1 else round(value, 2)
    return format(rounded.normalize(), "f")


def promise(slo: Slo, objective: Objective) -> str:
    """'p99: 99% of requests under 1s, over 30d.'"""
    name = f"{objective.name}: " if objective.name else ""
    over = f"a calendar {slo.calendar.name}" if slo.calendar else slo.period_name
    each = f", in each {' and '.join(slo.by)}" if slo.by else ""
    return f"{name}{percent(objective.target)} of {objective.indicator.sentence()}, over {over}{each}."


def overrides(objective: Objective) -> Iterator[str]:
    """'99.9% where tenant=~"gold-.*".'"""
    for override in objective.overrides:
        yield f"  {percent(override.target)} where {' and '.join(map(str, override.match))}."


def budget(slo: Slo, objective: Objective) -> str:
    """The error budget as a ratio and as time."""
    outage = span(objective.budget * slo.period)
    what = "events" if objective.indicator.slice_length is None else "the time"
    return f"Error budget: {percent(objective.budget)} of {what}, as much as {outage} of total outage."


def alerts_of(planned: SloPlan, objective: Objective) -> Iterator[Alert]:
    """Burn-rate alerts of one objective."""
    return (alert for alert in planned.alerts() if alert.pairs and alert.objective == objective.name)


def burn_table(planned: SloPlan, objective: Objective) -> Table:
    """Each pair of windows: what it takes, when it fires and resets, what is spent by then."""
    slo, spare = planned.slo, objective.budget
    whose = ("of",) if slo.by else ()
    head = ("severity", *whose, "windows", "burn rate", "errors above")
    rows: Table = [(*head, *(f"fires at {percent(step)}" for step in STEPS), "budget spent", "resets within")]
    for alert in alerts_of(planned, objective):
        for pair in alert.pairs:
            row: tuple[str, ...] = (
                pair.severity.value,
                *((_whose(alert),) if slo.by else ()),
                f"{format_duration(pair.long)} / {format_duration(pair.short)}",
                _short(pair.factor),
                percent(pair.factor * spare),
                *(span(fires_after(pair, spare, step)) for step in STEPS),
                percent(spent_when_fired(pair, slo.period)),
                span(resets_after(pair, spare, STEPS[0])),
            )
            rows += [row] * (row not in rows)
    return rows


def _whose(alert: Alert) -> str:
    return f"each {' and '.join(alert.by)}" if alert.by else "all"


def burn_notes(planned: SloPlan, objective: Objective) -> Iterator[str]:
    """What fitting changed, and what a lone failure does."""
    for alert in alerts_of(planned, objective):
        name = f"{alert.severity} of {_whose(alert)}" if planned.slo.by else str(alert.severity)
        for pair in alert.pairs:
            if pair.note:
                yield f"{name}, {format_duration(pair.long)}: {pair.note}."
        if objective.indicator.slice_length is not None:
            yield f"{name}: needs {alert.guard} bad slices of {span(objective.indicator.slice_length)}."
            continue
        traffic = max(lone_failure_traffic(pair, objective.budget) for pair in alert.pairs)
        yield (
            f"{name}: needs {alert.guard} bad events. Without that, one failure would do below"
            f" {_short(traffic)} events an hour."
        )
        rate = next(level.traffic for level in planned.slo.levels if level.by == alert.by)
        if rate is not None and alert.severity is Severity.PAGE:
            found, false = _outlook(low_traffic.outlook(alert.pairs, alert.guard, objective, rate))
            finds = "may miss a total outage" if found == NEVER else f"finds a total outage within {found} (19 of 20)"
            yield f"{name}: {finds}; false pages a month: {false}."
    if objective.overrides:
        yield "Groups with another objective have windows fitted to that."


RATES = (("30/d", Decimal(30) / DAY), ("30/h", Decimal(30) / 3600), ("1/s", Decimal(1)))
"""Traffic that is shown where a spec declares none."""


def traffic_table(planned: SloPlan, objective: Objective) -> Table:
    """What the page does at several rates of events, as it is and as it would be with that traffic declared."""
    head = ("traffic", "budget", "outage found within", "false pages a month")
    rows: Table = [(*head, "if declared: needs", "in", "found within", "false pages a month")]
    pages = [alert for alert in alerts_of(planned, objective) if alert.severity is Severity.PAGE]
    if objective.indicator.slice_length is not None or any(level.traffic for level in planned.slo.levels):
        return rows
    for alert in pages[:1]:
        for name, rate in RATES:
            now = low_traffic.outlook(alert.pairs, alert.guard, objective, rate)
            then = low_traffic.fitted_outlook(alert, planned.slo, objective, rate)
            rows.append(
                (
                    name,
                    f"{_short(low_traffic.budget_events(objective.target, rate, planned.slo.period))} events",
                    *_outlook(now),
                    f"{then.guard} bad events",
                    " or ".join(format_duration(pair.long) for pair in then.pairs),
                    *_outlook(then),
                )
            )
    return rows


def _outlook(found: low_traffic.Outlook) -> tuple[str, str]:
    rare = found.false < 0.01
    return (
        NEVER if found.found is None else span(Decimal(found.found)),
        "below 0.01" if rare else f"at most {_short(Decimal(found.false).quantize(Decimal('0.01')))}",
    )


def other_table(planned: SloPlan) -> Table:
    """The alerts that are not burn rates."""
    rows: Table = [("severity", "alert", "after", "what it says")]
    for alert in planned.alerts():
        if not alert.pairs:
            summary = _TEMPLATE.sub(r"<\1>", dict(alert.annotations)["summary"])
            rows.append((alert.severity.value, alert.name, format_duration(alert.wait) if alert.wait else "-", summary))
    return rows


def series_table(planned: SloPlan) -> Table:
    """The recorded series."""
    rows: Table = [("every", "series", "for")]
    for group in planned.groups:
        for rule in group.rules:
            if not isinstance(rule, Alert):
                window = f'{{window="{format_duration(rule.window)}"}}' if rule.window else ""
                rows.append((format_duration(group.interval), f"{rule.record}{window}", rule.objective or "all"))
    return rows


def resource_title(planned: ResourcePlan) -> str:
    """Identity, and what is watched."""
    resource = planned.resource
    return f"{naming.slo_id(resource.service, resource.name)}: {resource.source.sentence()}"


def resource_alerts(planned: ResourcePlan) -> Table:
    """The alerts of a resource."""
    rows: Table = [("severity", "alert", "after", "ends after", "what it says")]
    for alert in planned.alerts():
        summary = dict(alert.annotations)["summary"]
        after, ends = (format_duration(time) if time else "-" for time in (alert.wait, alert.hold))
        rows.append((alert.severity.value, alert.name, after, ends, summary))
    return rows


def sign_table(planned: ResourcePlan) -> Table:
    """By what it is told that memory runs out: all of a row at once."""
    rows: Table = [("sign", "in use", "up for", "lines through", "full within", "R2", "and", "for")]
    params = planned.resource.policy.resource_sections.get("memory_exhaustion")
    if params is None or not planned.resource.has(naming.UTILISATION):
        return rows
    for name, sign in params.signs.items():
        fit = f"{sign.fit.least:f} over {format_duration(sign.fit.over)}" if sign.fit else "-"
        through = ", ".join(map(format_duration, sign.lines)) or "-"
        within = format_duration(sign.ahead) if sign.ahead else "-"
        more = [f"{percent(sign.risen)} above yesterday"] if sign.risen else []
        more += ["fuller than yesterday"] if sign.beyond_yesterday else []
        start = (name, f"above {percent(sign.above)}", format_duration(sign.uptime), through, within, fit)
        rows.append((*start, ", ".join(more) or "-", format_duration(sign.lasting)))
    return rows


def resource_series(planned: ResourcePlan) -> Table:
    """The recorded series of a resource."""
    rows: Table = [("every", "series")]
    for group in planned.groups:
        for rule in group.rules:
            if not isinstance(rule, Alert):
                own = tuple(label for label in rule.labels if label not in planned.resource.identity)
                told = "{" + ", ".join(f'{name}="{value}"' for name, value in own) + "}" if own else ""
                rows.append((format_duration(group.interval), f"{rule.record}{told}"))
    return rows


def title(planned: SloPlan) -> str:
    """Identity and the SLO's own words."""
    slo = planned.slo
    about = f": {slo.description}" if slo.description else ""
    return f"{naming.slo_id(slo.service, slo.name)}{about}"
