"""Findings of `slogen lint` for people and for CI: text with the line, JSON, GitHub, GitLab, JUnit, Markdown."""

from __future__ import annotations

import html
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import click

from slogen.cli._finding_formats import github
from slogen.cli._lint_sarif import sarif
from slogen.cli._print import COLOURS, is_colourful, printable
from slogen.findings import Severity
from slogen.lint.problems import Found

_GITLAB = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}
_WIDEST = 160
"""Characters of a line that are shown; what is longer is cut around the finding."""

MOST_ROWS = 200
"""Findings in a Markdown summary; GitHub takes a MiB of it."""


def rendered(form: str, found: Sequence[Found]) -> str:
    """All findings in one of the formats, with a line break at the end unless there is nothing to tell."""
    made = _FORMS[form](found)
    return f"{made}\n" if made else ""


def _text(found: Sequence[Found]) -> str:
    colour = is_colourful(sys.stdout)
    told = [_one(one) for one in found]
    counts = [(severity, sum(one.finding.severity is severity for one in found)) for severity in Severity]
    if found:
        told.append(", ".join(f"{count} {severity}{'s' if count > 1 else ''}" for severity, count in counts if count))
    text = "\n".join(told)
    return text if colour else click.unstyle(text)


def _one(one: Found) -> str:
    finding = one.finding
    place = click.style(printable(str(finding.place)), bold=True)
    severity = click.style(finding.severity.value, fg=COLOURS[finding.severity], bold=True)
    lines = [f"{place}: {severity}: {printable(finding.message)} [{finding.code}]"]
    if one.line.strip():
        line, start, length = _window(one)
        marks = click.style("^" * length, fg=COLOURS[finding.severity], bold=True)
        number = str(finding.place.line)
        lines += [f"  {number} | {line}", f"  {' ' * len(number)} | {' ' * start}{marks}"]
    return "\n".join([*lines, *([f"    {printable(finding.hint)}"] if finding.hint else [])])


def _window(one: Found) -> tuple[str, int, int]:
    """The line, or a part of it, where in that the finding begins, and how much of it is marked."""
    place, end = one.finding.place, one.end
    start = min(place.column - 1, len(one.line))
    if end is not None and end.file == place.file and end.line == place.line:
        stop = end.column - 1
    elif end is not None and end.line > place.line:
        stop = len(one.line.rstrip())
    else:
        stop = start + 1
    first = max(start - 60, 0) if len(one.line) > _WIDEST else 0
    line = one.line[first : first + _WIDEST].replace("\t", " ")
    stop = max(min(stop, first + len(line)), start + 1)
    before, after = "... " if first else "", " ..." if first + _WIDEST < len(one.line) else ""
    return f"{before}{printable(line)}{after}", start - first + len(before), stop - start


def _json(found: Sequence[Found]) -> str:
    told = [
        {
            "code": one.finding.code,
            "severity": one.finding.severity.value,
            "file": one.finding.place.file,
            "line": one.finding.place.line,
            "column": one.finding.place.column,
            "endLine": None if one.end is None else one.end.line,
            "endColumn": None if one.end is None else one.end.column,
            "message": one.finding.message,
            "hint": one.finding.hint,
            "subject": one.subject,
            "fixable": bool(one.edits),
            "fingerprint": one.fingerprint,
        }
        for one in found
    ]
    return json.dumps(told, indent=2, ensure_ascii=False)


def _github(found: Sequence[Found]) -> str:
    return "\n".join(github([one.finding for one in found]))


def _gitlab(found: Sequence[Found]) -> str:
    told = [
        {
            "description": " ".join(filter(None, (f"{one.finding.message}.", one.finding.hint))),
            "check_name": one.finding.code,
            "fingerprint": one.fingerprint,
            "severity": _GITLAB[one.finding.severity],
            "location": {
                "path": one.finding.place.file,
                "positions": {"begin": {"line": one.finding.place.line, "column": one.finding.place.column}},
            },
        }
        for one in found
    ]
    return json.dumps(told, indent=2, ensure_ascii=False)


def _junit(found: Sequence[Found]) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    count = f'tests="{max(len(found), 1)}" failures="{_failures(found)}"'
    lines.append(f'<testsuites name="slogen lint" {count}>')
    for file, group in groupby(found, key=lambda one: one.finding.place.file):
        inside = list(group)
        lines.append(f'  <testsuite name={_xml(file)} tests="{len(inside)}" failures="{_failures(inside)}">')
        lines += [line for one in inside for line in _case(one)]
        lines.append("  </testsuite>")
    if not found:
        lines += ['  <testsuite name="slogen lint" tests="1" failures="0">', '    <testcase name="no findings"/>']
        lines.append("  </testsuite>")
    return "\n".join([*lines, "</testsuites>"])


def _failures(found: Sequence[Found]) -> int:
    """How many fail the report: what is for information does not."""
    return sum(one.finding.severity is not Severity.INFO for one in found)


def _case(one: Found) -> Iterator[str]:
    finding = one.finding
    name = f"{finding.code} at {finding.place.line}:{finding.place.column}"
    yield f"    <testcase classname={_xml(one.subject or finding.place.file)} name={_xml(name)}>"
    told = html.escape(printable(f"{finding.place}: {finding.message}. {finding.hint}"))
    if finding.severity is Severity.INFO:
        yield f"      <system-out>{told}</system-out>"
    else:
        yield f"      <failure type={_xml(finding.severity.value)} message={_xml(finding.message)}>{told}</failure>"
    yield "    </testcase>"


def _xml(text: str) -> str:
    return f'"{html.escape(printable(text))}"'


def _markdown(found: Sequence[Found]) -> str:
    if not found:
        return "### slogen lint: nothing found"
    counts = [(severity, sum(one.finding.severity is severity for one in found)) for severity in Severity]
    told = ", ".join(f"{count} {severity}{'s' if count > 1 else ''}" for severity, count in counts if count)
    lines = [f"### slogen lint: {told}", "", "| severity | where | what | instead |", "|---|---|---|---|"]
    worst = sorted(found, key=lambda one: list(Severity).index(one.finding.severity))
    for one in worst[:MOST_ROWS]:
        finding = one.finding
        where = f"{finding.place.file}:{finding.place.line}"
        cells = (finding.severity.value, f"`{where}`", f"{finding.message} (`{finding.code}`)", finding.hint)
        lines.append(f"| {' | '.join(map(_cell, cells))} |")
    if len(found) > MOST_ROWS:
        lines += ["", f"... and {len(found) - MOST_ROWS} more"]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return printable(text).replace("|", "\\|").replace("<", "&lt;")


_FORMS: dict[str, Callable[[Sequence[Found]], str]] = {
    "text": _text,
    "json": _json,
    "sarif": sarif,
    "github": _github,
    "gitlab": _gitlab,
    "junit": _junit,
    "markdown": _markdown,
}
