"""The quoting door for JSON: every value that enters a template leaves it as JSON that means the same."""

from __future__ import annotations

import json
from json.encoder import encode_basestring, encode_basestring_ascii

from slogen.promql.templating import Raw


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
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return text if text.isascii() or _is_utf8(text) else json.dumps(value, allow_nan=False)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
