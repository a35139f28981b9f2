"""Kubernetes quantities, such as 512Mi or 250m, to exact numbers and back.

The grammar is that of https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

import re
from decimal import Decimal

KI, MI, GI = 1024, 1024**2, 1024**3
LARGEST = Decimal(2**63 - 1)
"""What Kubernetes caps larger quantities to."""

_SUFFIXES = {
    "": Decimal(1),
    **{suffix: Decimal(10) ** power for suffix, power in zip("num", (-9, -6, -3), strict=True)},
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate("kMGTPE", 1)},
    **{f"{suffix}i": Decimal(1024) ** power for power, suffix in enumerate("KMGTPE", 1)},
}
_QUANTITY = re.compile(
    r"(?P<number>[-+]?(?:[0-9]{1,40}(?:\.[0-9]{0,40})?|\.[0-9]{1,40}))"
    r"(?:[eE](?P<power>[-+]?[0-9]{1,3})|(?P<suffix>[A-Za-z]{0,8}))"
)


def parse_quantity(value: object) -> Decimal:
    """The number that a quantity stands for; memory is in bytes, cpu in cores. Raises ValueError with a sentence."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("it is not a quantity")
    match = _QUANTITY.fullmatch(str(value))
    if match is None:
        raise ValueError(f"{str(value)[:40]!r} is not a quantity")
    if match["power"]:
        return _capped(Decimal(match["number"]).scaleb(int(match["power"])))
    if match["suffix"] not in _SUFFIXES:
        raise ValueError(f"{str(value)[:40]!r} is not a quantity: there is no unit '{match['suffix']}'")
    return _capped(Decimal(match["number"]) * _SUFFIXES[match["suffix"]])


def _capped(number: Decimal) -> Decimal:
    return max(-LARGEST, min(LARGEST, number))


def format_bytes(size: Decimal | int) -> str:
    """Bytes as a person says them: 2Gi, 1.5Gi, 1638Mi; rounded to three figures or more."""
    whole = int(size)
    for unit, suffix in ((GI, "Gi"), (MI, "Mi"), (KI, "Ki")):
        if whole and whole % unit == 0:
            return f"{whole // unit}{suffix}"
        if whole >= 10 * unit:
            tenths = round(Decimal(whole) / unit, 1)
            return f"{tenths.normalize():f}{suffix}"
    return str(whole)
