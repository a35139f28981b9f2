"""Which of many names was probably meant, without comparing with all of them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from slogen.findings import closest


def near(name: str, known: Iterable[str]) -> str:
    """The closest of the names that begin alike, or nothing."""
    alike = (one for one in known if one[:2] == name[:2])
    return closest(name, islice(alike, 100))
