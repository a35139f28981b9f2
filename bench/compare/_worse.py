"""Where slogen is worse than a peer, and why: marks in the tables of alert quality, and their legend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from compare._incidents import LOW, WAVE
from compare._text import items
from compare.peers import PYRRA, SLOGEN, SLOTH

DECLARED = f"{SLOGEN}, traffic declared"
OURS = (SLOGEN, DECLARED)
EQUAL = 0.005
REASONS = {
    "minute": (
        "One evaluation: slogen sums the events of whole minutes (of four minutes for tickets), so an alert can "
        "start or end that much later."
    ),
    "guard": (
        "slogen wants two bad events behind an alert where a peer fires at the first: this is what keeps a lone "
        "failure from paging. Where no second one comes, there is no alert."
    ),
    "declared": (
        "With `expectedTraffic` slogen waits for as many bad events as chance does not bring, and for longer windows: "
        "the price of the false pages that it does not send."
    ),
    "factor": (
        "Pyrra warns at twice the affordable rate over a day, slogen and Sloth at three times, and all at once that "
        "rate over days: where the burn rate is two to five, Pyrra's warning comes first."
    ),
    "hold": (
        "Where few events are expected, slogen's short window reaches further back, and a page is held while there are "
        "no events that could tell that the trouble is over."
    ),
    "ended": "The other tool's page was not firing, by chance or by its `for`, when the errors ended.",
    "chance": (
        "The error rate is near a factor or few errors fall into the short window, so chance starts and ends the page. "
        "slogen's pairs do that as Sloth's do; Pyrra's factors of 7 and 14 and its `for` of 2 and 16 minutes leave out "
        "some of it, or most, at a burn rate below 7."
    ),
    "none": "Not explained by the design.",
}


@dataclass
class Notes:
    """Marks of cells in which slogen is worse than a peer, and why."""

    used: list[str] = field(default_factory=list)

    def mark(self, reasons: Iterable[str]) -> str:
        """What is written behind the figure."""
        letters = []
        for reason in reasons:
            if reason not in self.used:
                self.used.append(reason)
            letters.append(f"[{chr(ord('a') + self.used.index(reason))}]")
        return "".join(f" {letter}" for letter in letters)

    def text(self) -> str:
        """The legend."""
        if not self.used:
            return "In no column slogen is worse than a peer."
        lines = [f"[{chr(ord('a') + number)}] {REASONS[reason]}" for number, reason in enumerate(self.used)]
        return "Where slogen is worse than the best of the peers, and why:\n\n" + items(lines)


def worse(values: Mapping[str, float | None], tool: str, column: str, traffic: str, slack: float) -> list[str]:
    """Why a figure of slogen is worse (larger, or missing) than the best of the peers; empty if it is not."""
    own = values[tool]
    peers = {name: value for name, value in values.items() if name not in OURS and value is not None}
    if tool not in OURS or not peers:
        return []
    best = min(peers, key=lambda name: peers[name])
    if own is not None and own <= peers[best] + EQUAL:
        return []
    if column == "notifications":
        return ["chance"]
    if column == "reset":
        return [_later_reset(own or 0.0, peers, best, traffic, slack)]
    if column != "missed" and own is not None and own - peers[best] <= slack + EQUAL:
        return ["minute"]
    reasons = []
    like_sloth = column != "missed" and own is not None and SLOTH in peers and own - peers[SLOTH] <= slack + EQUAL
    if traffic in (LOW, WAVE) and not like_sloth:
        reasons.append("declared" if tool == DECLARED else "guard")
    if column == "any" and best == PYRRA:
        reasons.append("factor")
    return reasons or ["none"]


def _later_reset(own: float, peers: Mapping[str, float], best: str, traffic: str, slack: float) -> str:
    if own - peers[best] <= slack + EQUAL:
        return "minute"
    if SLOTH in peers and own - peers[SLOTH] <= slack + EQUAL:
        return "ended"
    return "hold" if traffic in (LOW, WAVE) else "none"
