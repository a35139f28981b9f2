"""The tables: false pages of each pattern, and the warning before each leak's kill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from memory.history import Floats
from memory.patterns import JVM, LEAK_FREE, LEAKS, Family, histories
from memory.policy import EARLIER, EARLIER_TICKET, PAGE, RIVALS, TICKET, Policy
from memory.score import episodes, leads

PAGES = (PAGE, EARLIER, *RIVALS)
TICKETS = (TICKET, EARLIER_TICKET)
POLICIES = (*PAGES, *TICKETS)
TIMES_FEWER = 20.0
HOURS_3 = 180


@dataclass(frozen=True)
class Report:
    """Of each policy and family: pages of each pod in its week; leads in minutes (NaN: none) and lifetimes."""

    pages: dict[str, dict[str, Floats]]
    leads: dict[str, dict[str, Floats]]
    lived: dict[str, Floats]

    def rate(self, policy: Policy) -> float:
        """False pages per pod-week over the seven patterns."""
        return float(np.mean([self.pages[policy.name][family.name].mean() for family in LEAK_FREE]))


def measure(seeds: Sequence[int], policies: Sequence[Policy] = POLICIES) -> Report:
    """Everything, family by family."""
    report = Report({policy.name: {} for policy in policies}, {policy.name: {} for policy in policies}, {})
    for family in (*LEAK_FREE, *JVM, *LEAKS):
        history = histories(family, seeds)
        for policy in policies:
            fires = policy.fires(history)
            if family in LEAKS:
                found = leads(history, fires)
                report.leads[policy.name][family.name] = found.lead
                report.lived[family.name] = found.lived
            else:
                report.pages[policy.name][family.name] = episodes(fires)
    return report


def false_pages(report: Report, policies: Sequence[Policy], families: Sequence[Family]) -> str:
    """Pages per pod-week without a leak."""
    lines = [["pattern", *(policy.name for policy in policies)]]
    lines += [[f.name, *(f"{report.pages[p.name][f.name].mean():.3f}" for p in policies)] for f in families]
    if families == LEAK_FREE:
        lines.append(["mean", *(f"{report.rate(policy):.3f}" for policy in policies)])
    return _table(lines)


def warnings(report: Report, policies: Sequence[Policy], families: Sequence[Family]) -> str:
    """Share of leaks that were found, and minutes of lead: least, 5th percentile, median."""
    lines = [["killed after", *(policy.name for policy in policies)]]
    lines += [[f.name, *(_lead(report.leads[p.name][f.name]) for p in policies)] for f in families]
    return _table(lines)


def _lead(lead: Floats) -> str:
    found = lead[~np.isnan(lead)]
    if not len(found):
        return "none"
    least, low, middle = found.min(), np.percentile(found, 5), np.median(found)
    return f"{len(found) / len(lead):.0%}  {least:.0f} / {low:.0f} / {middle:.0f}"


def _table(lines: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[i]) for line in lines) for i in range(len(lines[0]))]
    head, *rest = ["| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in lines]
    return "\n".join([head, "|" + "|".join("-" * (w + 2) for w in widths) + "|", *rest])


def targets(report: Report) -> dict[str, tuple[str, bool]]:
    """Each target: what was measured, and whether it holds."""
    page = {name: np.nan_to_num(lead, nan=-1.0) for name, lead in report.leads[PAGE.name].items()}
    lead = np.concatenate(list(page.values()))
    lived = np.concatenate([report.lived[name] for name in page])
    late, middle = lead[lived >= HOURS_3], lead[(lived >= 120) & (lived < HOURS_3)]
    slow = np.nan_to_num(report.leads[TICKET.name][LEAKS[-1].name], nan=-1.0)
    fewer = report.rate(RIVALS[0]) / report.rate(PAGE)
    live = sum(report.pages[PAGE.name][family.name].sum() for family in JVM if "live" in family.name)
    return {
        "20 times fewer false pages than the naive rule": (f"{fewer:.1f} times", fewer >= TIMES_FEWER),
        "killed after 3 h or more: each paged 40 min before": (f"{late.min():.0f} min", bool(late.min() >= 40)),
        "killed after 2 to 3 h: half of them 40 min before": (
            f"{np.median(middle):.0f} min",
            bool(np.median(middle) >= 40),
        ),
        "killed after 2 to 3 h: each paged 25 min before": (f"{middle.min():.0f} min", bool(middle.min() >= 25)),
        "killed after days: each ticketed a day before": (f"{slow.min():.0f} min", bool(slow.min() > 1440)),
        "live set of a JVM: no false page": (f"{live:.0f}", live == 0),
    }


def as_json(report: Report) -> dict[str, Any]:
    """The figures, for a program."""
    return {
        "pages_per_pod_week": {p: {f: float(x.mean()) for f, x in by.items()} for p, by in report.pages.items()},
        "lead_minutes": {
            p: {f: [None if np.isnan(x) else float(x) for x in lead] for f, lead in by.items()}
            for p, by in report.leads.items()
        },
        "targets": {name: {"measured": text, "holds": holds} for name, (text, holds) in targets(report).items()},
    }
