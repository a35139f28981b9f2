"""How findings and summaries look on a terminal: colour only there, never with NO_COLOR."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import IO

import click

from slogen.findings import Finding, Severity

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}


MOST = 200
"""Findings that are printed in full."""


def is_colourful(stream: IO[str]) -> bool:
    """Whether colour is wanted on this stream (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def print_findings(findings: Sequence[Finding]) -> None:
    """Each finding with its place and hint, then how many there are, on standard error."""
    colour = is_colourful(sys.stderr)
    for finding in findings[:MOST]:
        severity = click.style(finding.severity.value, fg=COLOURS[finding.severity], bold=True)
        place = click.style(printable(str(finding.place)), bold=True)
        click.echo(f"{place}: {severity}: {printable(finding.message)} [{finding.code}]", err=True, color=colour)
        if finding.hint:
            click.echo(f"    {printable(finding.hint)}", err=True, color=colour)
    counts = [(severity, sum(finding.severity is severity for finding in findings)) for severity in Severity]
    told = ", ".join(plural(count, severity.value) for severity, count in counts if count)
    if len(findings) > MOST:
        click.echo(f"... and {len(findings) - MOST} more", err=True)
    if told:
        click.echo(told, err=True, color=colour)


def printable(text: str) -> str:
    """What a spec or a file name says must not move the cursor, change colours or break the line."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def table(rows: Iterable[Sequence[str]], indent: str = "  ") -> str:
    """Rows in columns; the first row is the head."""
    cells = [list(row) for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines = [
        indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
    ]
    lines.insert(1, indent + "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def plural(count: int, noun: str) -> str:
    """`1 service`, `2 services`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
