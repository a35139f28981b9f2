"""What other parameters of the page would do: one number at a time, on seeds that are not reported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from memory.history import STEP
from memory.patterns import LEAK_FREE, LEAKS, histories
from memory.policy import PAGE, Condition, Policy
from memory.score import episodes, leads
from memory.terms import Above, Fit, Forecast, Ratio, Unseen, Uptime

FIRST = 10_000


def explore(seeds: Sequence[int]) -> None:
    """Prints a line for each neighbour of the policy: false pages per pod-week, and the least lead of each leak."""
    pods = [(family, histories(family, seeds)) for family in (*LEAK_FREE, *LEAKS)]
    print(f"{'changed':44}  pages | least lead: " + "  ".join(family.name for family in LEAKS))
    for name, policy in neighbours():
        pages, least = [], []
        for family, history in pods:
            fires = policy.fires(history)
            if family in LEAKS:
                least.append(np.nan_to_num(leads(history, fires).lead, nan=-1.0).min())
            else:
                pages.append(episodes(fires).mean())
        print(f"{name:44} {np.mean(pages):6.3f} | " + "  ".join(f"{lead:5.0f}" for lead in least), flush=True)


def neighbours() -> Iterator[tuple[str, Policy]]:
    """The policy, without each of its comparisons, and with each number a little smaller and larger."""
    yield "as it is", PAGE
    for condition in PAGE.any_of:
        others = tuple(one for one in PAGE.any_of if one != condition)
        yield f"{condition.name}: left out", Policy("", others)
        for name, changed in _changes(condition):
            yield f"{condition.name}: {name}", Policy("", (*others, changed))


def _changes(condition: Condition) -> Iterator[tuple[str, Condition]]:
    horizons = {one.term.ahead for one in condition.all_of if isinstance(one, Above) and isinstance(one.term, Forecast)}
    for ahead in horizons:
        for times in (0.75, 1.25):
            other = int(ahead * times) // STEP * STEP
            changed = tuple(_ahead(one, other) for one in condition.all_of)
            yield f"horizon {other // 60} min", replace(condition, all_of=changed)
    for one in condition.all_of:
        rest = tuple(other for other in condition.all_of if other != one)
        if isinstance(one, Unseen):
            yield "yesterday is not asked", replace(condition, all_of=rest)
        elif isinstance(one.term, Ratio | Fit | Uptime):
            for bound in _around(one):
                yield (
                    f"{type(one.term).__name__} > {bound:g}",
                    replace(condition, all_of=(*rest, Above(one.term, bound))),
                )
    for hold in (0, 2 * condition.hold):
        yield f"for {hold // 60} min", replace(condition, hold=hold)


def _ahead(one: Above | Unseen, ahead: int) -> Above | Unseen:
    if isinstance(one, Above) and isinstance(one.term, Forecast):
        return Above(Forecast(one.term.window, ahead), one.bound)
    return one


def _around(one: Above) -> tuple[float, ...]:
    if isinstance(one.term, Uptime):
        return one.bound * 0.75, one.bound * 1.25
    if isinstance(one.term, Fit):
        return 0.0, one.bound - 0.1, (1 + one.bound) / 2
    return one.bound - 0.1, one.bound + 0.03
