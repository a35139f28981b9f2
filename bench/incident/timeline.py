"""The timeline: who said what, how long after the deploy, and how long before the first pod died."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from incident.replay import Voice
from incident.world import DEPLOY, HOUR, ROLLBACK, ROUTINE, SETTLEMENT, START, WATCHED, Pod, deaths

SAID_BY_OTHERS = {
    "threshold of 90%": "A container uses more than 90% of its limit, for 5m.",
    "naive forecast": "One line through the last hour reaches the limit within 4h, for 5m.",
    "OOM alert": "A container was OOM-killed.",
}
_RELEASE = "The new release begins to roll out: -Xmx2g in a container that is limited to 2Gi."
_NEAR = 2 * HOUR


@dataclass(frozen=True)
class Row:
    """One line; `lead` are the seconds before the first death of a pod, below zero after it."""

    after: int
    who: str
    what: str
    says: str
    lead: int | None = None


def figures(pods: list[Pod], voices: Sequence[Voice], words: Mapping[str, Mapping[str, str]], manifests: Any) -> Any:
    """Everything that is told of the incident, as JSON."""
    return {
        "pods": {"count": sum(pod.leaks for pod in pods), "deaths": [round(time - DEPLOY) for time, _ in deaths(pods)]},
        "rollback": round(ROLLBACK - DEPLOY),
        "timeline": [asdict(row) for row in _rows(pods, voices, words)],
        "healthy": [
            {"who": _who(voice), "what": what(voice), "alarms": [_when(span) for span in voice.spoke(WATCHED, DEPLOY)]}
            for voice in voices
            if not voice.own or voice.word_after(WATCHED) is not None
        ],
        "silent": sorted({voice.rule.name for voice in voices if voice.own and voice.word_after(WATCHED) is None}),
        "descriptions": {
            voice.name: words[voice.name]["description"]
            for voice, time in first_words(voices)
            if voice.own and time < deaths(pods)[0][0]
        },
        "manifests": manifests,
    }


def first_words(voices: Sequence[Voice]) -> list[tuple[Voice, float]]:
    """Each rule that spoke after the deploy, and when it first did."""
    found = [(voice, voice.word_after(DEPLOY)) for voice in voices]
    return [(voice, time) for voice, time in found if time is not None]


def _rows(pods: list[Pod], voices: Sequence[Voice], words: Mapping[str, Mapping[str, str]]) -> list[Row]:
    died = deaths(pods)
    first, last = died[0][0], died[-1][0]
    rows = [Row(0, "the team", "deploy", _RELEASE)]
    for voice, time in first_words(voices):
        says = words[voice.name]["summary"] if voice.own else SAID_BY_OTHERS[voice.rule.name]
        rows.append(Row(round(time - DEPLOY), _who(voice), what(voice), says, round(first - time)))
    rows.append(Row(round(first - DEPLOY), "the kernel", "first pod dies", f"OOMKilled in {died[0][1].region}.", 0))
    killed = f"OOMKilled in {died[-1][1].region}; all {len(died)} have been by now."
    rows.append(Row(round(last - DEPLOY), "the kernel", "last pod dies", killed, round(first - last)))
    rows.append(Row(round(ROLLBACK - DEPLOY), "the team", "rollback", "The release before is rolled out again."))
    return sorted(rows, key=lambda row: row.after)


def _who(voice: Voice) -> str:
    return "slogen" if voice.own else "other"


def what(voice: Voice) -> str:
    """`MemoryExhaustion (container, page)`: the alert, what of the service it is about, and how loud it is."""
    about = ", ".join(voice.rule.labels[label] for label in ("resource", "severity") if label in voice.rule.labels)
    return f"{voice.rule.name} ({about})" if voice.own else voice.rule.name


def _when(span: tuple[float, float]) -> dict[str, Any]:
    """When an alarm began, and what was going on then that is no incident."""
    since = span[0]
    clock = (since - START + 3 * HOUR) % (24 * HOUR)
    during = ""
    if ROUTINE <= since < ROUTINE + _NEAR:
        during = "a routine deploy"
    elif SETTLEMENT <= clock < SETTLEMENT + _NEAR:
        during = "the nightly settlement"
    return {"at": round(clock), "seconds": round(span[1] - span[0]), "during": during}


def duration(seconds: int) -> str:
    """`6h46m`, to the whole minute."""
    sign, minutes = ("-" if seconds < -29 else ""), round(abs(seconds) / 60)
    hours, rest = divmod(minutes, 60)
    return f"{sign}{hours}h{rest:02}m" if hours else f"{sign}{rest}m"


def lead(row: Mapping[str, Any]) -> str:
    """`6h46m before`, `2m after`, or nothing."""
    if not row["lead"]:
        return ""
    return f"{duration(abs(row['lead']))} {'before' if row['lead'] > 0 else 'after'}"
