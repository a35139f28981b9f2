"""How values are told in a sentence: times, budgets, lists, and the parameters of an alert policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from slogen import fields, resource_fields
from slogen.model import Labels
from slogen.promql.durations import DAY, format_duration
from slogen.quantities import format_bytes

NOTHING = "none"
LONGEST = 120


def minutes(ratio: Decimal) -> str:
    """Minutes a month that a budget lasts in a total outage: `43`, `4.3`."""
    value = ratio * 30 * DAY / 60
    return f"{value:,.0f}" if value >= 10 else f"{value.quantize(Decimal('0.01')).normalize():f}"


def told(names: Iterable[str], most: int = 5) -> str:
    """`a, b and c`; not more than one can read."""
    known = list(names)
    if len(known) > most:
        return f"{', '.join(known[:most])} and {len(known) - most} more"
    return " and ".join(filter(None, [", ".join(known[:-1]), *known[-1:]]))


def pairs(labels: Labels) -> str:
    """`team=a, tier=b`."""
    return ", ".join(f"{name}={value}" for name, value in labels) or NOTHING


def changed_labels(before: Labels, after: Labels) -> str:
    """`team a -> b`, for each label that differs."""
    old, new = dict(before), dict(after)
    return ", ".join(
        f"{name} {old.get(name, NOTHING)} -> {new.get(name, NOTHING)}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    )


def changed_fields(before: Any, after: Any, path: str = "") -> Iterator[str]:
    """`badEvents 3 -> 5`, for each field of a part of a spec that differs, as it is written there."""
    if isinstance(before, BaseModel) and type(before) is type(after):
        for name in type(before).model_fields:
            old, new = getattr(before, name), getattr(after, name)
            if old != new:
                where = f"{path}.{to_camel(name)}" if path else to_camel(name)
                nested = isinstance(old, BaseModel | Mapping) and isinstance(new, BaseModel | Mapping)
                if nested:
                    yield from changed_fields(old, new, where)
                else:
                    yield _moved(where, _written(before, name), _written(after, name))
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in [*before, *(key for key in after if key not in before)]:
            where = f"{path}.{key}" if path else str(key)
            if key not in after or key not in before:
                yield f"{where} {'added' if key in after else 'removed'}"
            elif before[key] != after[key]:
                yield from changed_fields(before[key], after[key], where)
    elif before != after:
        yield _moved(path, str(before), str(after))


def changed_sections(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Of a policy's sections, by their plug-ins' names."""
    old, new = ({to_camel(name): params for name, params in one.items()} for one in (before, after))
    return list(changed_fields(old, new))


def _moved(where: str, old: str, new: str) -> str:
    if old == new or len(old) + len(new) > LONGEST:
        return f"{where} changed"
    return f"{where} {old} -> {new}".strip()


def _written(model: BaseModel, name: str) -> str:
    value, field = getattr(model, name), type(model).model_fields[name]
    readers = set(_readers(field.annotation)) | {getattr(one, "func", None) for one in field.metadata}
    if value is None:
        return NOTHING
    for functions, write in _WRITERS:
        if functions & readers and isinstance(value, int | Decimal):
            return write(value)
    return plain(value)


def _readers(annotation: Any) -> Iterator[object]:
    """Functions that read a field's value, which tell its unit; those of `X | None` are inside."""
    yield from (getattr(one, "func", None) for one in getattr(annotation, "__metadata__", ()))
    for inner in get_args(annotation):
        yield from _readers(inner)


def _percent(value: int | Decimal) -> str:
    return f"{(Decimal(value) * 100).normalize():f}"


def _threshold(value: int | Decimal) -> str:
    seconds = Decimal(value)
    return f"{seconds.normalize():f}s" if seconds >= 1 else f"{(seconds * 1000).normalize():f}ms"


_WRITERS: tuple[tuple[frozenset[object], Callable[[Any], str]], ...] = (
    (frozenset({fields.duration}), format_duration),
    (frozenset({fields._portion, fields._share, fields._percentage, fields._bound}), _percent),
    (frozenset({fields._threshold}), _threshold),
    (frozenset({resource_fields._bytes}), format_bytes),
)
"""How values are written, by what reads them."""


def rate(value: Decimal | None) -> str:
    """Events per second as a spec has them: `5/s`, `30/h`, `2/d`."""
    if value is None:
        return NOTHING
    unit, size = next((one for one in (("s", 1), ("h", 3600)) if value * one[1] >= 1), ("d", DAY))
    return f"{float(value * size):g}/{unit}"


def about(count: int) -> str:
    """An estimate, in three figures: `35,500`."""
    digits = max(len(str(count)) - 3, 0)
    return f"{round(count, -digits):,}"


def plain(value: Any) -> str:
    """A value as a spec has it, as far as that can be told of its type alone."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(plain(one.text if hasattr(one, "text") else one) for one in value) or NOTHING
    return str(getattr(value, "text", value))
