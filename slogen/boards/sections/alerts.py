"""When the alerts of an SLO or a resource were pending and fired, with a link to what the runbook says of each."""

from __future__ import annotations

from collections.abc import Iterable

from slogen import naming
from slogen.boards.aims import narrowed
from slogen.boards.model import GREY, ORANGE, VERMILLION, Link, Query, StateTimeline, Words
from slogen.model import Labels
from slogen.promql.build import series
from slogen.rules import Alert

_FIRING, _PENDING = 2, 1


def alert_timeline(title: str, alerts: Iterable[Alert], identity: Labels, width: int, height: int) -> StateTimeline:
    """A line for each alert that was pending or fired, and one that says that none does."""
    found = list(alerts)
    about = dict(identity)
    by = f"alertname, {naming.OBJECTIVE}" if naming.SLO in about else "alertname"
    firing, pending = (narrowed(series("ALERTS", identity), f'alertstate="{state}"') for state in ("firing", "pending"))
    quiet = f"{naming.INFO}{firing[firing.index('{') : firing.rindex(', ')]}}}"
    worst = f"{_FIRING} * max({firing})\nor on ()\n{_PENDING} * max({pending})"
    if naming.SLO in about:
        worst += f"\nor on ()\n0 * max({quiet})"
    else:
        worst += "\nor on ()\nvector(0)"
    each = f"{_FIRING} * max by ({by}) ({firing})\nor ignoring (alertstate)\n{_PENDING} * max by ({by}) ({pending})"
    names = ", ".join(dict.fromkeys(alert.name for alert in found))
    return StateTimeline(
        title=title,
        description="Which alerts were pending (they wait for a while before they fire) and which fired, in the time"
        " range. The first line is the worst of all; when nothing is wrong, it is the only one, and says 'quiet'."
        f" Alerts that there are: {names or 'none'}. The title's menu links to what the runbook says of each.",
        unit="short",
        queries=(
            Query(worst, "all alerts"),
            Query(
                each,
                f"{{{{alertname}}}} {{{{{naming.OBJECTIVE}}}}}" if naming.SLO in about else "{{alertname}}",
            ),
        ),
        width=width,
        height=height,
        colour=GREY,
        words=(
            Words("quiet", GREY, value="0"),
            Words("pending", ORANGE, value=str(_PENDING)),
            Words("firing", VERMILLION, value=str(_FIRING)),
        ),
        links=tuple(_runbooks(found)),
    )


def _runbooks(alerts: Iterable[Alert]) -> Iterable[Link]:
    seen = set[str]()
    for alert in alerts:
        url = dict(alert.annotations).get("runbook_url", "")
        if url and "{{" not in url and url not in seen:
            seen.add(url)
            yield Link(" ".join(filter(None, ("Runbook:", alert.name, alert.objective))), url, new_tab=True)
