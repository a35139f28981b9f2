"""Problems to findings as reports want them: in order, with their severity, their line and a fingerprint."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from slogen.findings import Finding, Place, Severity
from slogen.lint.checking import rules
from slogen.lint.problems import Found, Problem


def told(
    problems: Iterable[tuple[str, Problem]], findings: Iterable[Finding], severities: Mapping[str, str]
) -> list[Found]:
    """Everything that was found, in the order of files and lines, each once."""
    found = [_found(code, problem, severities) for code, problem in problems]
    found += [Found(finding) for finding in findings]
    unique = {(one.finding, one.end): one for one in found}
    ordered = sorted(unique.values(), key=lambda one: (one.finding.place, one.finding.code, one.finding.message))
    return [*_marked(ordered)]


def _found(code: str, problem: Problem, severities: Mapping[str, str]) -> Found:
    severity = Severity(severities.get(code) or problem.severity or rules()[code].SEVERITY)
    finding = Finding(code, severity, problem.place, problem.message, problem.hint)
    return Found(finding, problem.end, problem.subject, problem.edits)


def _marked(found: Iterable[Found]) -> Iterable[Found]:
    """With lines and fingerprints; the files are read again here, as few of them have findings."""
    lines = cache(_lines)
    seen: Counter[str] = Counter()
    for one in found:
        place = one.finding.place
        line = line_at(lines(place.file), place)
        key = "\0".join((one.finding.code, place.file, one.subject, _marked_text(line, place, one.end)))
        name = sha256(key.encode("utf-8", "replace")).hexdigest()[:24]
        seen[name] += 1
        yield Found(one.finding, one.end, one.subject, one.edits, line, f"{name}-{seen[name]}")


def _marked_text(line: str, place: Place, end: Place | None) -> str:
    """What is pointed at, or the whole line: other mistakes on the line may be mended meanwhile."""
    if end is None or end.line != place.line or end.file != place.file:
        return line.strip()
    return line[place.column - 1 : end.column - 1]


def line_at(lines: list[str], place: Place) -> str:
    """The text of a place's line, empty where there is none."""
    return lines[place.line - 1] if place.line <= len(lines) else ""


def _lines(file: str) -> list[str]:
    try:
        text = Path(file).read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return []
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
