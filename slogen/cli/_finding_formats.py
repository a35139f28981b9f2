"""Findings for machines: JSON, and annotations of a pull request on GitHub."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from slogen.cli._print import printable
from slogen.findings import Finding, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
MOST_ANNOTATIONS = 10
"""Of each kind; GitHub shows no more of one step."""


def as_json(findings: Sequence[Finding]) -> str:
    """A list, with an object for each finding."""
    told = [
        {
            "code": one.code,
            "severity": one.severity.value,
            "file": one.place.file,
            "line": one.place.line,
            "column": one.place.column,
            "message": one.message,
            "hint": one.hint,
        }
        for one in findings
    ]
    return json.dumps(told, indent=2, ensure_ascii=False)


def github(findings: Sequence[Finding]) -> Iterator[str]:
    """Workflow commands, the worst findings first; those that GitHub would not show are plain lines of the log."""
    told: Counter[Severity] = Counter()
    for one in sorted(findings, key=lambda one: list(Severity).index(one.severity)):
        told[one.severity] += 1
        if told[one.severity] > MOST_ANNOTATIONS:
            yield printable(f"{one.place}: {one.severity}: {one.message} [{one.code}] {one.hint}")
            continue
        place = f"file={_property(one.place.file)},line={one.place.line},col={one.place.column}"
        text = _data(f"{printable(one.message)}\n{printable(one.hint)}".rstrip())
        yield f"::{_COMMANDS[one.severity]} {place},title={_property(one.code)}::{text}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
