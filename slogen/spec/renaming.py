"""What a service, an SLO or an objective was called before: its history goes on counting under the new name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import BeforeValidator, Field, WithJsonSchema

from slogen import naming
from slogen.fields import Name

MOST = 10

_NAME = {"type": "string", "pattern": naming.NAME_PATTERN}


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


Formerly = Annotated[
    tuple[Name, ...],
    BeforeValidator(_as_list),
    Field(min_length=1, max_length=MOST, strict=False),
    WithJsonSchema({"anyOf": [_NAME, {"type": "array", "minItems": 1, "maxItems": MOST, "items": _NAME}]}),
]


def clashes(what: str, entries: Sequence[tuple[str, Sequence[str]]]) -> Iterator[tuple[int, str, str]]:
    """What is wrong with former names of SLOs or objectives: the number of the entry, message and hint.

    An entry is a name and those that it had before.
    """
    present = {name for name, _ in entries}
    claimed: dict[str, str] = {}
    for number, (name, formers) in enumerate(entries):
        for former in formers:
            if former == name:
                yield number, f"'{name}' is what the {what} is called now", "write the name that it had before"
            elif former in present:
                message = f"there still is an {what} named '{former}'"
                yield number, message, "a name in use has a history of its own; leave formerly out"
            elif former in claimed:
                message = f"'{claimed[former]}' was formerly '{former}' as well"
                yield number, message, "only one can go on with a history; leave it out of the others"
            claimed.setdefault(former, name)
