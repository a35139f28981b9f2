"""What live rules ask of a server, and of which part of a spec."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slogen.lint.subject import SloSubject
from slogen.promql.selectors import Selector, selectors_in
from slogen.queries import Query

Step = str | int


def read(slo: SloSubject) -> Iterator[tuple[tuple[Step, ...], Selector]]:
    """Every selector that an SLO reads, with the steps to where it is written."""
    written = slo.data.get("sli", {}) if isinstance(slo.data, dict) else {}
    indicator: Any = slo.slo.objectives[0].indicator
    for name in type(indicator).model_fields if hasattr(type(indicator), "model_fields") else ():
        value = getattr(indicator, name)
        listed = value if isinstance(value, tuple) else (value,)
        for number, query in enumerate(listed):
            if isinstance(query, Query) and name != "target":
                steps = ("sli", name, number) if isinstance(written.get(name), list) else ("sli", name)
                for selector in [query.selector] if query.selector else selectors_in(query.parsed):
                    yield steps, selector


def series_of(slo: SloSubject, selector: Selector) -> Selector:
    """The series behind a selector as it is written: of a classic histogram, its count."""
    indicator: Any = slo.slo.objectives[0].indicator
    if slo.slo.objectives[0].indicator.type == "latency" and not getattr(indicator, "native", False):
        return selector.renamed(f"{selector.metric}_count")
    return selector
