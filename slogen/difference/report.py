"""Changes for people and machines: Markdown for a pull request, text for a terminal, JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from slogen.difference.cost import GROUPS, SOURCE_SERIES, Cost
from slogen.difference.model import Change, Danger
from slogen.difference.wording import about
from slogen.promql.durations import DAY

WHOLE = "All services"
NOTHING = "Nothing changed."
WORDS = "Only words or comments changed: what is promised, alerted and recorded stays as it is."
MARKDOWN_LIMIT = 60_000
"""Characters; GitHub takes no comment above 65,536."""

LONGEST = 600
"""Characters of a sentence."""

_WORDS = {Danger.HIGH: "dangerous", Danger.MEDIUM: "look", Danger.LOW: "harmless"}
_MARKS = {Danger.HIGH: "**Dangerous:** ", Danger.MEDIUM: "**Look:** ", Danger.LOW: ""}
_MEANING = re.compile(r"([\\`*_{}\[\]<|#~!&])")


@dataclass(frozen=True, slots=True)
class Report:
    """What differs between two sides, by name: changes, whether any text does, costs, and outputs by target."""

    before: str
    after: str
    changes: tuple[Change, ...]
    reworded: bool
    costs: tuple[Cost, Cost]
    outputs: Mapping[str, tuple[str, ...]]
    today: date

    @property
    def is_meaning(self) -> bool:
        """Whether more than words changed."""
        return any(change.kind.is_meaning for change in self.changes)

    @property
    def verdict(self) -> str:
        """One sentence where nothing changed in meaning, else nothing."""
        if self.is_meaning:
            return ""
        return WORDS if self.reworded or self.changes else NOTHING

    def sentence(self, change: Change) -> str:
        """With the day until which figures are mixed, if it is deployed today."""
        said = _shown(change.sentence)
        if len(said) > LONGEST:
            said = f"{said[:LONGEST]}..."
        return f"{said}{self._until(change)}"

    def _until(self, change: Change) -> str:
        if not change.mixed:
            return ""
        return f"; history is mixed until {self.mixed_until(change)} if it is deployed today"

    def mixed_until(self, change: Change) -> date:
        """The day on which the last of what was recorded before drops out."""
        return self.today + timedelta(days=-(-change.mixed // DAY))


def as_text(report: Report) -> Iterator[str]:
    """Lines for a terminal."""
    yield _shown(f"{report.before} -> {report.after}")
    for service, changes in _services(report):
        yield ""
        yield service
        for change in changes:
            whose = f"{_shown(change.slo)}: " if change.slo else ""
            yield f"  {_WORDS[change.danger]:9}  {whose}{report.sentence(change)}"
    if report.verdict:
        yield from ("", report.verdict)
    for line in _footer(report):
        yield from ("", line)


def as_markdown(report: Report) -> str:
    """A comment for a pull request, never longer than one may be."""
    lines = ["### What this change means", "", f"From {_escaped(report.before)} to {_escaped(report.after)}."]
    if report.verdict:
        lines += ["", report.verdict]
    elif report.changes:
        lines[-1] += f" {_counted(report.changes)}"
    size, left = sum(map(len, lines)), 0
    for service, changes in _services(report):
        part = ["", f"#### {_escaped(service)}", ""]
        for change in changes:
            whose = f"{_escaped(change.slo)}: " if change.slo else ""
            part.append(f"- {_MARKS[change.danger]}{whose}{_escaped(report.sentence(change))}")
        kept = part
        while size + sum(map(len, kept)) + len(kept) > MARKDOWN_LIMIT:
            kept = kept[:-1]
        kept = kept if len(kept) > 3 else []
        left += len(part) - max(len(kept), 3)
        size += sum(map(len, kept)) + len(kept)
        lines += kept
    if left:
        lines += ["", f"{left} more are left out here: run slogen diff to see them."]
    for line in _footer(report):
        lines += ["", _escaped(line)]
    return "\n".join(lines) + "\n"


def as_json(report: Report) -> str:
    """Everything, for a program."""
    before, after = report.costs
    told = {
        "before": report.before,
        "after": report.after,
        "meaning": report.is_meaning,
        "words": report.reworded,
        "changes": [_plain(report, change) for change in report.changes],
        "cost": {"before": _figures(before), "after": _figures(after)},
        "outputs": {target: list(paths) for target, paths in report.outputs.items()},
    }
    return json.dumps(told, indent=2, ensure_ascii=False)


def _plain(report: Report, change: Change) -> dict[str, str]:
    found = {
        "service": change.service,
        "slo": change.slo,
        "objective": change.objective,
        "kind": change.kind.value,
        "danger": change.danger.word,
        "sentence": change.sentence,
        "before": change.before,
        "after": change.after,
    }
    return {**found, "mixedUntil": report.mixed_until(change).isoformat()} if change.mixed else found


def _figures(cost: Cost) -> dict[str, int]:
    return {"rules": cost.rules, "alerts": cost.alerts, "samplesPerMinute": cost.samples}


def _services(report: Report) -> Iterator[tuple[str, list[Change]]]:
    for service, changes in groupby(report.changes, key=lambda change: change.service):
        yield _shown(service) or WHOLE, list(changes)


def _counted(changes: Sequence[Change]) -> str:
    counts = {danger: sum(change.danger is danger for change in changes) for danger in Danger}
    return f"{counts[Danger.HIGH]} dangerous, {counts[Danger.MEDIUM]} to look at, {counts[Danger.LOW]} harmless."


def _footer(report: Report) -> Iterator[str]:
    before, after = report.costs
    if before != after:
        yield (
            f"All rules: {before.rules:,} -> {after.rules:,}, of them {before.alerts:,} -> {after.alerts:,} alerts;"
            f" about {about(before.samples)} -> {about(after.samples)} samples a minute"
            f" (estimate: {SOURCE_SERIES} series in each source, {GROUPS} groups)."
        )
    if report.outputs:
        told = "; ".join(f"{target} {_files(paths)}" for target, paths in report.outputs.items())
        yield f"Files that slogen build writes anew: {told}."


def _files(paths: Sequence[str], most: int = 3) -> str:
    names = [_shown(path) for path in paths[:most]]
    return f"({', '.join(names)}{f' and {len(paths) - most} more' if len(paths) > most else ''})"


def _shown(text: str) -> str:
    """On one line, and unable to move a cursor."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def _escaped(text: str) -> str:
    """Nothing that a spec says is markup, or calls anybody."""
    return _MEANING.sub(r"\\\1", text).replace("@", "@<!-- -->")
