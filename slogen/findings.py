"""A problem is a value: what is wrong, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How bad a finding is; an error makes the input unusable."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a file; line and column count from 1, in characters."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem. `code` is `family/topic`; `message` says what is wrong, `hint` what to write instead."""

    code: str
    severity: Severity
    place: Place
    message: str
    hint: str = ""

    def __str__(self) -> str:
        hint = f"\n    {self.hint}" if self.hint else ""
        return f"{self.place}: {self.severity}: {self.message} [{self.code}]{hint}"


class SpecError(Exception):
    """The input is unusable; carries every finding that made it so, not only the first."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(map(str, self.findings)))


def error(code: str, place: Place, message: str, hint: str = "") -> Finding:
    """A finding of severity error."""
    return Finding(code, Severity.ERROR, place, message, hint)


def warning(code: str, place: Place, message: str, hint: str = "") -> Finding:
    """A finding of severity warning."""
    return Finding(code, Severity.WARNING, place, message, hint)


def closest(word: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """The name that `word` was probably meant to be, case aside, or nothing."""
    from difflib import get_close_matches  # noqa: PLC0415  # only for mistakes

    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), list(by_lower), n=1, cutoff=cutoff)
    return by_lower[close[0]] if close else ""


def listed(names: Iterable[str], most: int = 10) -> str:
    """Names for a hint: in order, and not more than one can read."""
    known = sorted(names)
    rest = f" and {len(known) - most} more" if len(known) > most else ""
    return ", ".join(known[:most]) + rest
