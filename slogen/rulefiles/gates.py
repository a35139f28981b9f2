"""Since which Prometheus a rule file may say what: facts from its changelog and from its parsers of each version."""

from __future__ import annotations

from dataclasses import dataclass

from slogen.findings import Finding, Place, error

Version = tuple[int, int]
NEWEST: Version = (99, 0)


@dataclass(frozen=True, slots=True)
class Gate:
    """Something that Prometheus takes since a version, or only before one."""

    what: str
    since: Version = (0, 0)
    until: Version = NEWEST
    hint: str = "leave it out, or say in the target that a newer Prometheus runs the rules"

    def passes(self, version: Version) -> bool:
        """Whether that version takes it."""
        return self.since <= version < self.until

    def message(self) -> str:
        """Why a version does not take it."""
        if self.until != NEWEST:
            return f"{self.what} is gone since Prometheus {_shown(self.until)}"
        return f"{self.what} needs Prometheus {_shown(self.since)}"


def needs(gate: Gate, place: Place) -> Finding:
    """The finding that a version does not take what is written."""
    return error("rulefile/version", place, gate.message(), gate.hint)


def _shown(version: Version) -> str:
    return ".".join(map(str, version))


QUERY_OFFSET = Gate("query_offset", since=(2, 53))
GROUP_LABELS = Gate("labels of a group", since=(3, 0))
UTF8_SINCE: Version = (3, 0)
"""Names of any characters; before, only letters, digits and underscores."""
BRACES_UNTIL: Version = (3, 2)
"""From here on a recorded name with braces is refused."""
ALIAS_SINCE: Version = (3, 3)
"""Before, an alias or a null as record, alert or expr was read as the text that is written there."""
