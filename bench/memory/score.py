"""What a policy is worth: pages without a leak, and how long before a kill the first page comes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from memory.history import STEP, Bools, Floats, History

MERGE = 15
"""Minutes: a pause of firing up to this long is one page, for every policy alike."""


def episodes(fires: Bools) -> Floats:
    """Pages of each pod."""
    column = np.broadcast_to(np.arange(fires.shape[1]), fires.shape)
    last = np.maximum.accumulate(np.where(fires, column, -MERGE - 2), axis=1)
    before = np.concatenate([np.full((len(fires), 1), -MERGE - 2), last[:, :-1]], axis=1)
    out: Floats = (fires & (column - before - 1 > MERGE)).sum(axis=1).astype(np.float64)
    return out


@dataclass(frozen=True)
class Leads:
    """Of each pod: minutes from the first page to the first kill (NaN: none came), and minutes it lived."""

    lead: Floats
    lived: Floats


def leads(history: History, fires: Bools) -> Leads:
    """The first container of each pod."""
    first = np.minimum.accumulate(history.age >= 0, axis=1)
    lived = first.sum(axis=1).astype(np.float64)
    warned = fires & first
    at = np.where(warned.any(axis=1), warned.argmax(axis=1), np.nan)
    return Leads((lived - at) * STEP / 60, lived)
