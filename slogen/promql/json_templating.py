"""The quoting door for JSON: every value that enters a template leaves it as JSON that means the same."""

from __future__ import annotations

import json
from json.encoder import encode_basestring, encode_basestring_ascii

from slogen.promql.templating import Raw

_EXACT = 2**53


def json_quote(text: str) -> str:
    """A JSON string; where it holds what UTF-8 cannot, all that is not ASCII is escaped."""
    quoted: str = encode_basestring(text)
    return quoted if quoted.isascii() or _is_utf8(quoted) else encode_basestring_ascii(text)


def json_finalize(value: object) -> str:
    """What a template's expression prints: JSON on one line. Raises TypeError for what JSON does not know."""
    kind = type(value)
    if kind is str:
        return json_quote(value)  # type: ignore[arg-type]
    if kind is Raw:
        return value  # type: ignore[return-value]
    if kind is int:
        return str(value)
    if kind is bool:
        return "true" if value else "false"
    if kind is float:
        value = number(value)  # type: ignore[arg-type]
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text if text.isascii() or _is_utf8(text) else json.dumps(value, allow_nan=False)


def number(value: float | None) -> float | None:
    """A number in one spelling: 1 and 1.0 are equal, and must not be written as whichever came first."""
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < _EXACT
    return int(value) if is_whole and value is not None else value


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
