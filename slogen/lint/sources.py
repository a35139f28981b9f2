"""What an SLO reads, as far as its spec names counters."""

from __future__ import annotations

from typing import Any

from slogen.promql.selectors import Selector, selectors_in
from slogen.queries import Query


def selectors(indicator: Any, part: str) -> list[Selector]:
    """Counters of a part (good, bad, total) by their selectors; expressions are left out."""
    queries = getattr(indicator, part, None) or ()
    listed = queries if isinstance(queries, tuple | list) else (queries,)
    return [one.selector for one in listed if isinstance(one, Query) and one.selector is not None]


def read_by(indicator: Any, part: str) -> list[Selector]:
    """Every selector that a part reads, those inside of expressions too."""
    queries = getattr(indicator, part, None) or ()
    listed = queries if isinstance(queries, tuple | list) else (queries,)
    return [selector for one in listed if isinstance(one, Query) for selector in selectors_in(one.parsed)]


def metrics(indicator: Any, part: str) -> set[str]:
    """Metrics of the counters of a part."""
    return {selector.metric for selector in selectors(indicator, part)}
