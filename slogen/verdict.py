"""What only a look at everything can tell: names used twice, no service at all, and whether the input is usable."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from slogen.findings import Finding, Place, Severity, SpecError, error

Names = tuple[tuple[str, Place], ...]
"""Names of services, and where each is written; one that a service had before begins with FORMER."""

FORMER = "formerly "


def same_names(names: Iterable[tuple[str, Place]]) -> Iterator[Finding]:
    """Services of the whole repository that have one name, which their series and files would share too.

    So would the series of a service that was called what another one is called, or was too.
    """
    seen: dict[str, Place] = {}
    for name, place in (every := list(names)):
        if name in seen and not name.startswith(FORMER):
            message = f"two services are named '{name}', the other at {seen[name]}"
            yield error("spec/duplicate-name", place, message, "rename one of them")
        seen.setdefault(name, place)
    claimed: dict[str, Place] = {}
    for former, place in every:
        name = former.removeprefix(FORMER)
        if name == former:
            continue
        if name in seen:
            message = f"there still is a service named '{name}', at {seen[name]}"
            yield error("spec/formerly", place, message, "a name in use has a history of its own; leave formerly out")
        elif claimed.setdefault(name, place) != place:
            message = f"another service was formerly '{name}' as well, at {claimed[name]}"
            yield error("spec/formerly", place, message, "only one can go on with a history; leave it out of the other")


def judged(findings: Iterable[Finding], any_service: bool, asked: Sequence[Path]) -> tuple[Finding, ...]:
    """Every finding once, in the order of the files. Raises SpecError with them when one is an error."""
    found = sorted(set(findings), key=lambda one: (one.place, one.code, one.message, one.hint))
    if not any_service and not any(finding.severity is Severity.ERROR for finding in found):
        message = "no service is specified here"
        found.append(error("spec/none", Place(str(asked[0])), message, "write kind: Service, or run slogen init"))
    if any(finding.severity is Severity.ERROR for finding in found):
        raise SpecError(found)
    return tuple(found)
