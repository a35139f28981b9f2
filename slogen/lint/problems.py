"""What a lint rule finds, and how it can be mended."""

from __future__ import annotations

from dataclasses import dataclass

from slogen.findings import Finding, Place, Severity


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters `start` to `end` of a file, and what stands there instead."""

    file: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong and what comes of it, and what to write instead.

    `end` is the place after its last character. `severity` is for a problem that is worse, or less bad, than those that
    the rule finds as a rule. `edits` mend it, where it is certain how. `subject` says what it is about, for reports.
    """

    place: Place
    message: str
    hint: str
    end: Place | None = None
    severity: Severity | None = None
    edits: tuple[Edit, ...] = ()
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding as reports tell it: with its end, what it is about, the line that it points at, and how to mend it.

    `fingerprint` stays the same while lines above it come and go.
    """

    finding: Finding
    end: Place | None = None
    subject: str = ""
    edits: tuple[Edit, ...] = ()
    line: str = ""
    fingerprint: str = ""
