"""Which keys a model admits at a place, for 'did you mean'."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel


def keys_at(model: type[BaseModel], loc: Sequence[str | int | None]) -> list[str]:
    """Keys admitted at pydantic's location `loc`; for a last step None, the tags of the union there."""
    found: list[Any] = [model]
    tags = bool(loc) and loc[-1] is None
    for step in loc:
        models = [candidate for candidate in found if _is_model(candidate)]
        tagged = [candidate for candidate in models if step in _tags(candidate) or _names(step, candidate)]
        if step is None or isinstance(step, int):
            continue
        before = found
        found = tagged or [
            part
            for candidate in models
            for name, field in candidate.model_fields.items()
            if (field.alias or name) == step
            for part in _parts(field.annotation)
        ]
        found = found or [part for one in before if get_origin(one) is dict for part in _parts(get_args(one)[1])]
    models = [candidate for candidate in found if _is_model(candidate)]
    if tags:
        return sorted({tag for candidate in models for tag in _tags(candidate)})
    return list(
        dict.fromkeys(field.alias or name for candidate in models for name, field in candidate.model_fields.items())
    )


def _is_model(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, BaseModel)


def _names(step: str | int | None, candidate: type[BaseModel]) -> bool:
    """Pydantic names a member of a union by its class, inside the validators of the class as a whole."""
    name = candidate.__name__
    return step == name or (str(step).startswith("function-") and str(step).endswith(f" {name}]"))


def _tags(candidate: type[BaseModel]) -> tuple[Any, ...]:
    field = candidate.model_fields.get("type")
    return get_args(field.annotation) if field is not None else ()


def _parts(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _parts(get_args(annotation)[0])
    elif origin in {Union, UnionType, tuple, list}:
        for part in get_args(annotation):
            yield from _parts(part)
    elif origin is not Literal:
        yield annotation
