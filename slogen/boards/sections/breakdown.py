"""Who is hurt: what contributes most to an SLO's bad events, by labels of its source that are not recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from slogen.boards.aims import Aim
from slogen.boards.model import VERMILLION, BarGauge, Query, Row
from slogen.promql.build import grouped
from slogen.promql.durations import format_duration
from slogen.promql.tokens import Kind, tokenize
from slogen.rules import SloPlan

MOST = 10
_LEAST_WINDOW = 3600


def breakdown(planned: SloPlan, found: Sequence[Aim]) -> Iterator[Row]:
    """A row for an SLO that has `breakdown`; the only panels that read the source itself."""
    slo = planned.slo
    panels = tuple(
        _contributors(aim, label)
        for aim in found
        if aim.level is slo.level
        for label in aim.objective.indicator.breakdown_labels
    )
    if panels:
        yield Row(f"SLO {slo.name}: who is hurt", panels)


def _contributors(aim: Aim, label: str) -> BarGauge:
    window = max(aim.now or _LEAST_WINDOW, _LEAST_WINDOW)
    over = format_duration(window)
    contributors = without_variables(aim.objective.indicator.contributors(label, window, aim.slo.cadence.scrape))
    sliced = aim.objective.indicator.slice_length is not None
    return BarGauge(
        title=f"{aim.name}: bad {'slices' if sliced else 'events'} by {label}, last {over}",
        description=f"The {MOST} values of {label} with the most bad {'slices' if sliced else 'events'} in the {over}"
        " before the end of the time range. They are read from the source itself, as nothing is recorded by this"
        " label. No bars mean that nothing was bad, or that the source is gone: the panels above tell which.",
        unit="none",
        decimals=0,
        queries=(Query(f"sort_desc(topk({MOST}, {grouped(contributors)} > 0))", f"{{{{{label}}}}}", instant=True),),
        width=12,
        height=8,
        low=0.0,
        colour=VERMILLION,
        no_value="nothing bad",
    )


def without_variables(expr: str) -> str:
    """PromQL that means the same, with texts in which Grafana finds no variables: `$region`, `[[region]]`."""
    told, end = "", 0
    for token in tokenize(expr):
        text = token.text
        if token.kind is Kind.STRING and not text.startswith("`"):
            text = text.replace("$", "\\x24").replace("[[", "[\\x5b")
        told, end = told + expr[end : token.start] + text, token.end
    return told + expr[end:]
