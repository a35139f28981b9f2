"""What is printed, and the page docs/incident.md: both from the figures of a run, and from nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from incident.timeline import duration, lead

Figures = Any
HEAD = ("since deploy", "who speaks", "what", "it says", "first pod death")
HEALTHY = ("rule", "alarms", "when")
TEMPLATE = Path(__file__).with_name("page.md.j2")


def printed(figures: Figures) -> str:
    """The timeline, the false alarms, and what check-manifests says, as plain text."""
    parts = ["The incident, minute by minute", _text(HEAD, _timeline(figures))]
    parts += ["Alarms on the healthy day before", _text(HEALTHY, _healthy(figures))]
    for check in figures["manifests"]:
        parts += [f"$ {check['command']}\n{check['output']}"]
    return "\n\n".join(parts) + "\n"


def page(figures: Figures) -> str:
    """The whole page."""
    rows = {row["what"]: row for row in figures["timeline"]}
    made = Environment(undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False)  # noqa: S701
    text: str = made.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        figures,
        duration=duration,
        timeline_table=_markdown(HEAD, _timeline(figures)),
        healthy_table=_markdown(HEALTHY, _healthy(figures)),
        heap=rows["MemoryHeapLimit (heap, ticket)"],
        memory=rows["MemoryExhaustion (container, page)"],
        burn=rows["SLOBudgetBurnPage (page)"],
        threshold=rows["threshold of 90%"],
        naive=rows["naive forecast"],
        wolf=next(len(rule["alarms"]) for rule in figures["healthy"] if rule["what"] == "naive forecast"),
    )
    return text


def _timeline(figures: Figures) -> list[tuple[str, ...]]:
    who = {"other": "by hand"}
    return [
        (duration(row["after"]), who.get(row["who"], row["who"]), row["what"], row["says"], lead(row))
        for row in figures["timeline"]
    ]


def _healthy(figures: Figures) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for rule in figures["healthy"]:
        when = (
            f"{alarm['at'] // 3600:02}:{alarm['at'] % 3600 // 60:02} for {duration(alarm['seconds'])}"
            + (f", {alarm['during']}" if alarm["during"] else "")
            for alarm in rule["alarms"]
        )
        name = rule["what"] if rule["who"] == "slogen" else f"{rule['what']} (by hand)"
        rows.append((name, str(len(rule["alarms"])), "; ".join(when)))
    return rows


def _markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _text(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    widths = [max(len(line[i]) for line in (head, *rows)) for i in range(len(head))]
    lines = (head, ["-" * width for width in widths], *rows)
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
