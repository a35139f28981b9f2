"""Former names that a spec gives now, or gave before: what was recorded under them counts, or counts no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from slogen.difference.model import Change, Danger, Kind
from slogen.difference.wording import told


def past_changes(
    change: Change, whose: str, before: Sequence[str], after: Sequence[str], name: str, period: str
) -> Iterator[Change]:
    """Besides a rename that is told by itself: `name` is what it was called on the old side."""
    if dropped := [one for one in before if one not in after]:
        sentence = (
            f"{whose}formerly names {told(dropped)} no more: what was recorded under that name counts no more"
            f" (nothing is lost when that is longer ago than {period})"
        )
        yield replace(
            change, kind=Kind.HISTORY_LOST, danger=Danger.MEDIUM, sentence=sentence, before=told(dropped), after=""
        )
    if gained := [one for one in after if one not in before and one != name]:
        sentence = f"{whose}what was recorded under the name {told(gained)} counts too"
        yield replace(change, kind=Kind.RENAMED, danger=Danger.MEDIUM, sentence=sentence, before="", after=told(gained))
