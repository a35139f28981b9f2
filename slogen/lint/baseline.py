"""Findings that a team has accepted for now: a file of their fingerprints, so that only new ones are told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from slogen.findings import Finding, Place, SpecError, error
from slogen.lint.problems import Found

VERSION = 1
_OTHER = "name another file, or remove this one first"
_HINT = "write it anew: slogen lint --baseline FILE --write-baseline"


@dataclass(frozen=True, slots=True)
class Split:
    """What is new, how many findings are in the baseline, and how many of it are no longer found."""

    new: tuple[Found, ...]
    accepted: int
    mended: int


def as_text(found: Sequence[Found]) -> str:
    """The file for these findings; what a fingerprint stands for is written beside it, for review."""
    listed = [
        {
            "fingerprint": one.fingerprint,
            "code": one.finding.code,
            "file": one.finding.place.file,
            "subject": one.subject,
            "message": one.finding.message,
        }
        for one in sorted(found, key=lambda one: (one.finding.place.file, one.finding.code, one.fingerprint))
    ]
    return json.dumps({"version": VERSION, "findings": listed}, indent=2, ensure_ascii=False) + "\n"


def split(found: Sequence[Found], path: Path) -> Split:
    """Findings without those of a baseline. Raises SpecError where that cannot be read."""
    known = _read(path)
    new = tuple(one for one in found if one.fingerprint not in known)
    accepted = len(found) - len(new)
    return Split(new, accepted, len(known) - accepted)


def check_replaceable(path: Path) -> None:
    """Raise SpecError where a file holds something else, so that a slip of the hand costs nobody a file of rules."""
    try:
        data = path.read_bytes()
    except OSError:
        return
    if data.strip() and b'"findings"' not in data:
        raise SpecError(
            [error("lint/baseline", Place(path.as_posix()), "this file is no baseline of slogen lint", _OTHER)]
        )


def _read(path: Path) -> set[str]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if data["version"] != VERSION:
            raise SpecError([_wrong(path, f"is of version {data['version']}, which this slogen does not know")])
        return {str(one["fingerprint"]) for one in data["findings"]}
    except OSError as problem:
        raise SpecError([_wrong(path, f"cannot be read: {problem.strerror}")]) from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SpecError([_wrong(path, "is no baseline of slogen lint")]) from None


def _wrong(path: Path, what: str) -> Finding:
    return error("lint/baseline", Place(path.as_posix()), f"this file {what}", _HINT)
