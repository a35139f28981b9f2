"""Made-up series of good and bad events, for the types that count any two of good, bad and total."""

from __future__ import annotations

from decimal import Decimal

from slogen.model import StandIn
from slogen.promql.selectors import Selector, both_of, summed_counter
from slogen.queries import Query
from slogen.sources import Sourced

Queries = tuple[Query, ...] | None
ONE, NONE = Decimal(1), Decimal(0)


def event_stand_ins(good: Queries, bad: Queries, total: Queries) -> tuple[StandIn, ...]:
    """A series of good and one of bad events; where a part is another metric than the total, one for each of these."""
    goods, bads, totals = (_selectors(queries) for queries in (good, bad, total))
    if goods is None or bads is None or totals is None:
        return ()
    if goods and bads:
        made = [Sourced.stand_in(goods[0], ONE, NONE, *bads), Sourced.stand_in(bads[0], NONE, ONE, *goods)]
    else:
        part, grows = (bads, (NONE, ONE)) if bads else (goods, (ONE, NONE))
        both = next((found for one in part if (found := both_of(one, totals)) is not None), None)
        rest = (ONE - grows[0], ONE - grows[1]) if both is not None else (ONE, ONE)
        made = [Sourced.stand_in(totals[0], *rest, *part), Sourced.stand_in(both or part[0], *grows)]
    stand_ins = tuple(made_one for made_one in made if made_one is not None)
    return stand_ins if len(stand_ins) == len(made) else ()


def _selectors(queries: Queries) -> tuple[Selector, ...] | None:
    """The counters that are read, None where one is read in a way that cannot be made up."""
    found = [query.selector or summed_counter(query.parsed) for query in queries or ()]
    return None if None in found else tuple(selector for selector in found if selector is not None)
