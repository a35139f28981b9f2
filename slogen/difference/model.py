"""One change of meaning, as a value: what it is about, how dangerous it is, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Danger(IntEnum):
    """How much a change deserves a second look, the worst first."""

    HIGH = 0
    MEDIUM = 1
    LOW = 2

    @property
    def word(self) -> str:
        """`high`."""
        return self.name.lower()


class Kind(StrEnum):
    """What sort of change it is, in the order in which changes of equal danger are told."""

    BUDGET_LOOSENED = "budget loosened"
    SLO_REMOVED = "removed"
    ALERT_REMOVED = "alert removed"
    ALERT_WEAKER = "alert weaker"
    HISTORY_LOST = "history lost"
    RESOURCE_REMOVED = "resource removed"
    ALERT_LATER = "alert later"
    SLI = "sli changed"
    WINDOW = "window changed"
    GROUPS = "groups changed"
    RESOURCE = "resource changed"
    CONFIG = "configuration changed"
    POLICY = "policy changed"
    ALERT = "alert changed"
    ROUTING = "routing changed"
    TRAFFIC = "traffic changed"
    RULES = "rules changed"
    RENAMED = "renamed"
    BUDGET_TIGHTENED = "budget tightened"
    ALERT_EARLIER = "alert earlier"
    ALERT_ADDED = "alert added"
    ADDED = "added"
    TESTS = "tests changed"
    WORDS = "words changed"
    COST = "cost changed"

    @property
    def is_meaning(self) -> bool:
        """Whether what is promised, alerted or recorded is another; words and cost by themselves are not."""
        return self not in {Kind.WORDS, Kind.COST}


@dataclass(frozen=True, slots=True)
class Change:
    """One change; `service` is empty for the whole repository, `slo` (or resource) for a service as a whole.

    `before` and `after` hold the two values where there are some; `mixed` is for how many seconds from the deployment
    on figures hold both, 0 where they do not.
    """

    service: str
    slo: str
    kind: Kind
    danger: Danger
    sentence: str
    before: str = ""
    after: str = ""
    objective: str = ""
    mixed: int = 0


def in_order(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Grouped by service, the service with the worst change first and so within it; what concerns all stands first."""
    ranks = {kind: number for number, kind in enumerate(Kind)}

    def rank(change: Change) -> tuple[int, int]:
        return change.danger, ranks[change.kind]

    worst: dict[str, tuple[int, int]] = {}
    for change in changes:
        worst[change.service] = min(rank(change), worst.get(change.service, rank(change)))
    return tuple(
        sorted(
            dict.fromkeys(changes),
            key=lambda one: (one.service != "", worst[one.service], one.service, rank(one), one.slo, one.sentence),
        )
    )
