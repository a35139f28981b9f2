"""Alertmanager's routing tree, and which receivers an alert reaches by it.

As https://prometheus.io/docs/alerting/latest/configuration/#route has it: the first child that matches takes the alert,
with `continue` the next ones too; where none does, the route itself keeps it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from slogen.promql.parsing import parse
from slogen.promql.selectors import selector_parts
from slogen.promql.tokens import PromQLError
from slogen.source import Document

Path = tuple[str | int, ...]
MOST = 10_000
"""Routes that are looked at."""


@dataclass(frozen=True, slots=True)
class Route:
    """One route: where it stands, whom it reaches, what it matches (name, operator, value), and what is below it."""

    path: Path
    receiver: str
    matchers: tuple[tuple[str, str, str], ...]
    goes_on: bool
    routes: tuple[Route, ...]

    def takes(self, labels: Mapping[str, str]) -> bool:
        """Whether all matchers hold; a label that is missing is empty."""
        return all(_holds(labels.get(name, ""), op, value) for name, op, value in self.matchers)

    def reached(self, labels: Mapping[str, str]) -> Iterator[Route]:
        """The routes that keep an alert with these labels, this one among them where nothing below does."""
        found = False
        for route in self.routes:
            if route.takes(labels):
                found = True
                yield from route.reached(labels)
                if not route.goes_on:
                    break
        if not found:
            yield self

    def walk(self) -> Iterator[Route]:
        """This route and all below it."""
        yield self
        for route in self.routes:
            yield from route.walk()


def routing(document: Document) -> Route | None:
    """The tree of a configuration, None where it has none; what cannot be read matches nothing."""
    data = document.data
    written = data.get("route") if isinstance(data, dict) else None
    left = [MOST]
    return _route(written, ("route",), "", left) if isinstance(written, dict) else None


def receivers(document: Document) -> dict[str, tuple[int, bool]]:
    """Receivers by name: their number, and whether they notify anybody."""
    data = document.data
    listed = data.get("receivers") if isinstance(data, dict) else None
    found: dict[str, tuple[int, bool]] = {}
    for number, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, dict) and isinstance(one.get("name"), str):
            tells = any(key.endswith("_configs") and value for key, value in one.items())
            found.setdefault(one["name"], (number, tells))
    return found


def _route(written: Mapping[str, Any], path: Path, receiver: str, left: list[int]) -> Route:
    left[0] -= 1
    own = written.get("receiver")
    name = own if isinstance(own, str) and own else receiver
    below = written.get("routes")
    children = []
    for number, one in enumerate(below if isinstance(below, list) else ()):
        if isinstance(one, dict) and left[0] > 0 and len(path) < 200:
            children.append(_route(one, (*path, "routes", number), name, left))
    return Route(path, name, tuple(_matchers(written)), written.get("continue") is True, tuple(children))


def _matchers(written: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for key, op in (("match", "="), ("match_re", "=~")):
        older = written.get(key)
        for name, value in older.items() if isinstance(older, dict) else ():
            yield str(name), op, str(value)
    listed = written.get("matchers")
    for text in listed if isinstance(listed, list) else [listed] if isinstance(listed, str) else ():
        yield from _matcher(str(text))


def _matcher(text: str) -> Iterator[tuple[str, str, str]]:
    """`name="value"`, several of them with commas, in braces or not; a value may stand without quotes."""
    bare = text.strip().removeprefix("{").removesuffix("}")
    try:
        yield from ((one.name, one.op, one.value) for one in selector_parts(parse(f"x{{{bare}}}")).matchers)
        return
    except PromQLError:
        pass
    for op in ("=~", "!~", "!=", "="):
        name, found, value = bare.partition(op)
        if found:
            yield name.strip(), op, value.strip().strip('"')
            return
    yield "", "=~", "(?:never)"


def _holds(value: str, op: str, wanted: str) -> bool:
    if op in ("=", "!="):
        return (value == wanted) is (op == "=")
    return _fits(wanted, value) is (op == "=~")


@lru_cache(maxsize=4096)
def _fits(pattern: str, value: str) -> bool:
    """Whether a regular expression matches the whole value; by an engine that no pattern can make slow."""
    from pydantic_core import SchemaError, SchemaValidator, ValidationError, core_schema  # noqa: PLC0415

    try:
        validator = SchemaValidator(core_schema.str_schema(pattern=f"^(?:{pattern})$", regex_engine="rust-regex"))
    except SchemaError:
        return False
    try:
        validator.validate_python(value)
    except ValidationError:
        return False
    return "\n" not in value
