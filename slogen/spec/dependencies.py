"""SLOs that another one depends on."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, PlainValidator, WithJsonSchema

from slogen import naming
from slogen.fields import problem, text


def _slo_id(value: object) -> str:
    parts = text(value).split("/")
    if not (2 <= len(parts) <= 3 and all(map(naming.is_name, parts))):
        hint = "write service/slo, such as payments/availability, or service/slo/objective"
        raise problem("spec/slo-id", f"{text(value)[:80]!r} names no SLO", hint)
    return text(value)


_SCHEMA = {"type": "string", "pattern": r"^[a-z0-9-]+(/[a-z0-9-]+){1,2}$", "examples": ["payments/availability"]}
SloId = Annotated[str, PlainValidator(_slo_id), WithJsonSchema(_SCHEMA)]
Dependencies = Annotated[tuple[SloId, ...], Field(max_length=50, strict=False)]
