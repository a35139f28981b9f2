"""The one door through which text enters a PromQL expression."""

from __future__ import annotations

import re

_NAMED = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SPECIAL = re.compile(r'[\\"\x00-\x1f\x7f-\x9f]')


def quote(text: str) -> str:
    """A double-quoted PromQL string literal that means exactly `text`.

    Control characters are escaped so that the literal stays on one line and survives YAML; every other
    character stays as it is, because a rule is read by people.
    """
    return f'"{_SPECIAL.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    return _NAMED.get(char) or f"\\u{ord(char):04x}"
