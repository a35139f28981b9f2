"""Variables of a container, with `$(NAME)` filled in as Kubernetes does it.

What comes from a Secret, or from a ConfigMap that is not among the manifests, cannot be told; it stays in the text as
UNKNOWN. Values are cut off where references of references would grow without bound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal

from slogen.manifests.model import UNKNOWN, Spot, Value
from slogen.quantities import parse_quantity

LONGEST = 32 * 1024
_REFERENCE = re.compile(r"\$(?:\$|\(([^()$\s]{1,253})\))")

ConfigMaps = Mapping[str, Mapping[str, str]]
Sizes = Mapping[tuple[str, str], Decimal | str]


def mapping(value: object) -> dict[str, object]:
    """`value` if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """`value` if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def string(value: object) -> str:
    """Text, or a number as it was written; else nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | Decimal) else ""


def read_environment(
    container: Mapping[str, object], spot: Spot, maps: ConfigMaps, sizes: Sizes
) -> tuple[dict[str, Value], tuple[Value, ...]]:
    """Variables by name, and for each source that may hold any variable a value that says which it is."""
    known: dict[str, Value] = {}
    hidden: list[Value] = []
    for number, source in enumerate(map(mapping, items(container.get("envFrom")))):
        at, prefix = spot.at("envFrom", number), string(source.get("prefix"))
        config_map = string(mapping(source.get("configMapRef")).get("name"))
        if config_map in maps:
            known |= {prefix + name: Value(text, at, (0,) * len(text)) for name, text in maps[config_map].items()}
        else:
            secret = string(mapping(source.get("secretRef")).get("name"))
            why = f"Secret '{secret}'" if secret else f"ConfigMap '{config_map}', which is not here"
            hidden.append(Value(UNKNOWN, at, (0,), why))
    for number, entry in enumerate(map(mapping, items(container.get("env")))):
        name = string(entry.get("name"))
        if not name:
            continue
        at = spot.at("env", number)
        if "valueFrom" in entry:
            known[name] = _referred(
                mapping(entry["valueFrom"]), at.at("valueFrom"), maps, sizes, string(container.get("name"))
            )
        else:
            known[name] = expand(Value(string(entry.get("value")), at.at("value")), known, hidden)
    return known, tuple(hidden)


def expand(value: Value, known: Mapping[str, Value], hidden: Sequence[Value]) -> Value:
    """`$(NAME)` filled in where the variable is known or may be hidden, `$$` a dollar; else it is as it was written."""
    unknown = hidden[0] if hidden else None
    return substitute(value, _REFERENCE, lambda match: "$" if match[1] is None else known.get(match[1], unknown))


def substitute(value: Value, pattern: re.Pattern[str], into: Callable[[re.Match[str]], Value | str | None]) -> Value:
    """Matches replaced by what `into` makes of them, None for left as they are; every character keeps its place."""
    text = value.text
    if "$" not in text and "`" not in text:
        return value
    origins = value.offsets if value.offsets is not None else range(len(text))
    parts: list[str] = []
    offsets: list[int] = []
    unknown, end, size = value.unknown, 0, 0
    for match in pattern.finditer(text):
        made = into(match)
        if made is None:
            continue
        new = made.text if isinstance(made, Value) else made
        unknown = unknown or (made.unknown if isinstance(made, Value) else "")
        size += len(new)
        if size > LONGEST:
            return Value(UNKNOWN, value.spot, (0,), "variables that repeat each other without end")
        parts += [text[end : match.start()], new]
        offsets += [*origins[end : match.start()], *[origins[match.start()]] * len(new)]
        end = match.end()
    parts.append(text[end:])
    offsets += origins[end:]
    return Value("".join(parts), value.spot, tuple(offsets), unknown)


def _referred(source: Mapping[str, object], spot: Spot, maps: ConfigMaps, sizes: Sizes, own: str) -> Value:
    reference = mapping(source.get("configMapKeyRef"))
    name, key = string(reference.get("name")), string(reference.get("key"))
    if name in maps and key in maps[name]:
        return Value(text := maps[name][key], spot, (0,) * len(text))
    if reference:
        return Value(UNKNOWN, spot, (0,), f"ConfigMap '{name}', which is not here")
    if secret := mapping(source.get("secretKeyRef")):
        return Value(UNKNOWN, spot, (0,), f"Secret '{string(secret.get('name'))}'")
    field = mapping(source.get("resourceFieldRef"))
    if field and string(field.get("containerName")) in {"", own}:
        section, _, resource = string(field.get("resource")).partition(".")
        size = sizes.get((section, resource))
        try:
            divisor = parse_quantity(field.get("divisor", 1)) or Decimal(1)
        except ValueError:
            divisor = Decimal(1)
        if isinstance(size, Decimal) and divisor > 0:
            number = (size / divisor).to_integral_value(ROUND_CEILING)
            return Value(text := f"{number:f}"[:80], spot, (0,) * len(text))
    return Value(UNKNOWN, spot, (0,), "a field that is known only in the cluster")
