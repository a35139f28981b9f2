"""The quoting door for JSON: every value that enters a template leaves it as JSON that means the same."""

from __future__ import annotations

import json
from json.encoder import encode_basestring, encode_basestring_ascii  # type: ignore[attr-defined]

from slogen.promql.templating import Raw


def json_quote(text: str) -> str:
    """A JSON string; what no UTF-8 can hold is escaped."""
    quoted: str = encode_basestring(text)
    if text.isascii() or text.isprintable():
        return quoted
    try:
        quoted.encode()
    except UnicodeEncodeError:
        quoted = encode_basestring_ascii(text)
    return quoted


def json_finalize(value: object) -> str:
    """What a template's expression prints: JSON on one line. Raises TypeError for what JSON does not know."""
    if isinstance(value, Raw):
        return value
    if isinstance(value, str):
        return json_quote(value)
    if type(value) is int:
        return str(value)
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    try:
        text.encode()
    except UnicodeEncodeError:
        text = json.dumps(value, allow_nan=False)
    return text
