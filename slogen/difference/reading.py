"""What an SLI counts, in a form in which two of them can be compared: neither layout nor names of series matter."""

from __future__ import annotations

from functools import lru_cache

from slogen.model import Objective, Scope, Slo
from slogen.promql.tokens import Kind, PromQLError, tokenize

_SCOPE = Scope(interval=240, scrape=30, by=(), total="total", last_seen="last_seen", exact=True)
"""The same for all, so that only the source can differ."""

Words = tuple[str, ...]


@lru_cache(maxsize=4096)
def words(expr: str) -> Words:
    """The tokens of an expression, without layout and comments."""
    try:
        return tuple(token.text for token in tokenize(expr) if token.kind is not Kind.COMMENT)
    except PromQLError:
        return tuple(expr.split())


def total_of(slo: Slo) -> Words:
    """What all events are."""
    indicator = slo.objectives[0].indicator
    return words(indicator.reading((indicator,), _SCOPE).total)


def bad_of(objective: Objective) -> Words:
    """What the bad events of one objective are."""
    return words(objective.indicator.reading((objective.indicator,), _SCOPE).bad[0])


def content_of(slo: Slo) -> object:
    """By what an SLO is known again under another name."""
    return total_of(slo), tuple((one.target, bad_of(one)) for one in slo.objectives), slo.by
