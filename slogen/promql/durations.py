"""Prometheus durations in whole seconds: one reader and one canonical spelling."""

from __future__ import annotations

import re
from functools import lru_cache

DAY = 86_400
LONGEST = 10 * 365 * DAY

_UNITS = (("y", 365 * 86_400), ("w", 7 * 86_400), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1))
_DURATION = re.compile("".join(f"(?:([0-9]{{1,10}}){unit})?" for unit, _ in _UNITS))
EXAMPLE = "write for example 30s, 5m, 1h30m or 30d"


def parse_duration(text: str) -> int:
    """Seconds of a Prometheus duration such as `1h30m`; ValueError says in a sentence why not.

    Units go from large to small and each at most once, as Prometheus wants it. Milliseconds are refused
    because every rule that slogen writes counts in whole seconds.
    """
    match = _DURATION.fullmatch(text)
    if not match or not text:
        shown = text if len(text) <= 40 else f"{text[:40]}..."
        if re.search(r"[0-9]{11}", text):
            raise ValueError(f"'{shown}' has too many digits: {EXAMPLE}")
        if re.fullmatch(r"[0-9]+", text):
            raise ValueError(f"'{shown}' has no unit: {EXAMPLE}")
        if re.fullmatch(r"(?:[0-9]+[a-z]+)*[0-9]+ms", text):
            raise ValueError(f"'{shown}' counts milliseconds, and whole seconds are the smallest step: {EXAMPLE}")
        if re.fullmatch(r"(?:[0-9]+[ywdhms])+", text):
            raise ValueError(f"'{shown}' must name each unit once, from large to small (y w d h m s)")
        raise ValueError(f"'{shown}' is not a duration: {EXAMPLE}")
    seconds = sum(int(count) * size for count, (_, size) in zip(match.groups(), _UNITS, strict=True) if count)
    if seconds == 0:
        raise ValueError(f"a duration of zero ('{text}') means nothing here: {EXAMPLE}")
    if seconds > LONGEST:
        raise ValueError(f"'{text}' is longer than ten years")
    return seconds


@lru_cache(maxsize=1024)
def format_duration(seconds: int) -> str:
    """The one spelling of a duration in generated rules, in d, h, m and s: `90` is `1m30s`."""
    if seconds < 0:
        raise ValueError(f"a duration cannot be negative: {seconds}")
    parts = []
    rest = seconds
    for unit, size in _UNITS[2:]:
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"
