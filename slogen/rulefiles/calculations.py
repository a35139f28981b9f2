"""Calculations in place of a duration, `[5m + 1m]` and `offset (2 * 5m)`, which the parser library does not know."""

from __future__ import annotations

import re

_PLACES = re.compile(r"\[([^\[\]\"'`]*+)\]|\boffset\s+-?\s*(\([^()\"'`]*+\))")
_TOKEN = re.compile(
    r"\s*+(?:(?P<number>(?:(?:[0-9]++(?:ms|[smhdwy]))++|[0-9]++(?:\.[0-9]*+)?)(?![\w.]))|(?P<operator>[-+*/%^])|(?P<open>\()|(?P<close>\)))\s*+"
)
_PLAIN = re.compile(r"[\s0-9a-z:.]*+")


def without_calculations(text: str) -> tuple[str, int]:
    """The expression with a plain duration where one is calculated, and where the first stands; -1 for none."""
    first = -1

    def plain(match: re.Match[str]) -> str:
        nonlocal first
        inside = match[1] if match[1] is not None else match[2]
        span, colon, step = inside.partition(":")
        if _PLAIN.fullmatch(inside) or not _is_calculation(span) or (step.strip() and not _is_calculation(step)):
            return match.group()
        first = match.start() if first < 0 else first
        return f"[5m{colon}]" if match[1] is not None else "offset 5m"

    return _PLACES.sub(plain, text), first


def _is_calculation(text: str) -> bool:
    depth = position = 0
    wants_number = True
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None:
            return False
        position = token.end()
        if token["close"]:
            depth -= 1
        if token["operator"]:
            if wants_number and token["operator"] not in "+-":
                return False
            wants_number = True
        elif wants_number == bool(token["close"]) or depth < 0:
            return False
        else:
            wants_number = bool(token["open"])
            depth += bool(token["open"])
    return depth == 0 and not wants_number
