"""The memory that Go's garbage collector keeps to: GOMEMLIMIT, as https://pkg.go.dev/runtime documents it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from slogen.manifests.model import UNKNOWN, Container, Value
from slogen.quantities import KI

_LIMIT = re.compile(r"([0-9]{1,19})(?:([KMGT]?i?)B)?")
_UNITS = {"": 1, "Ki": KI, "Mi": KI**2, "Gi": KI**3, "Ti": KI**4}


@dataclass(frozen=True, slots=True)
class GoMemory:
    """`limit` in bytes: None where there is none, or it cannot be told, or is `wrong`."""

    limit: Decimal | None
    variable: Value | None
    wrong: str = ""
    collects: bool = True


def go_memory(container: Container) -> GoMemory | None:
    """What GOMEMLIMIT and GOGC say, where one of them is set."""
    limit, percent = container.environment.get("GOMEMLIMIT"), container.environment.get("GOGC")
    if limit is None and percent is None:
        return None
    collects = percent is None or percent.text != "off"
    if limit is None or limit.text in {"", "off"} or UNKNOWN in limit.text:
        return GoMemory(None, limit or percent, collects=collects)
    match = _LIMIT.fullmatch(limit.text)
    if match is None or (match[2] or "") not in _UNITS:
        return GoMemory(None, limit, f"'{limit.text[:40]}' is not a size that Go reads", collects)
    return GoMemory(Decimal(match[1]) * _UNITS[match[2] or ""], limit, "", collects)
