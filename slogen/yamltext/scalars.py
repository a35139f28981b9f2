"""What a plain scalar means, and what a value is called."""

from __future__ import annotations

import re
from decimal import Decimal

NOT_TEXT_START = frozenset("+-.0123456789nN~tTfF")
"""A plain scalar that begins with anything else is text."""

_CONSTANTS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,99})")
_BASED = re.compile(r"0x[0-9a-fA-F]{1,99}|0o[0-7]{1,99}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]{1,99}|(?:0|[1-9][0-9]{0,99})(?:\.[0-9]{0,99})?)(?:[eE][-+]?[0-9]{1,3})?")


def scalar(text: str) -> object:
    """A plain scalar by YAML 1.2's core schema, except that `0755` stays text, and so do .inf and .nan.

    Decimals keep what was written; what no objective can mean (a hundred digits, 1e9999) stays text too.
    """
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return Decimal(text)
    return int(text, 0) if _BASED.fullmatch(text) else text


def name(value: object) -> str:
    """What a value that is no text is, in words."""
    if value is None:
        return "null"
    return "true or false" if isinstance(value, bool) else "a number"
