"""Kubernetes quantities: `512Mi`, `2G`, `1.5e9`."""

from __future__ import annotations

import re
from decimal import Decimal

EXAMPLE = "write it as Kubernetes does: 512Mi, 2Gi or 2G"

_QUANTITY = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,9})?)(?:(Ki|Mi|Gi|Ti|Pi|k|M|G|T|P)|[eE]([0-9]{1,2}))?")
_UNITS = {name: Decimal(1024) ** power for power, name in enumerate(("", "Ki", "Mi", "Gi", "Ti", "Pi"))}
_UNITS |= {name: Decimal(1000) ** power for power, name in enumerate(("", "k", "M", "G", "T", "P"))}


def parse_bytes(text: str) -> int:
    """Whole bytes of a quantity. Raises ValueError where it is none."""
    match = _QUANTITY.fullmatch(text)
    if match is None:
        raise ValueError(f"'{text[:40]}' is no amount of memory")
    number, unit, exponent = match.groups()
    return int(Decimal(number) * _UNITS[unit or ""] * Decimal(10) ** int(exponent or 0))
