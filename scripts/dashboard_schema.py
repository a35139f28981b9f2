"""Writes schemas/grafana-dashboard.schema.json from the models that Grafana publishes; --check tells drift instead.

The models are those of the Grafana Foundation SDK (`grafana-foundation-sdk`, Apache-2.0), in the version that
pyproject.toml pins. The schema is stricter than Grafana: no key is allowed that the models do not know, options and
field settings are those of the panel's own kind, and a panel's queries are Prometheus'.
"""

from __future__ import annotations

import enum
import importlib
import inspect
import json
import sys
import types
import typing
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).resolve().parent.parent / "schemas" / "grafana-dashboard.schema.json"
SDK = "grafana-foundation-sdk"
KINDS = ("bargauge", "gauge", "heatmap", "stat", "statetimeline", "table", "text", "timeseries")
_NAMES = {"statetimeline": "state-timeline"}
_NOT_REQUIRED = {"placement"}
"""Keys that Grafana's own schema lets out, though these models always write them."""

_SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean"}

Schema = dict[str, Any]


class Models:
    """The schema of every model that was asked for, and of those it is made of."""

    def __init__(self) -> None:
        self.definitions: dict[str, Schema] = {}

    def of(self, annotation: Any) -> Schema:
        """The schema of a type."""
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is typing.Literal:
            return {"enum": list(arguments)}
        if origin is not None:
            return self._made_of(origin, arguments)
        if annotation in _SIMPLE:
            return {"type": _SIMPLE[annotation]}
        if not inspect.isclass(annotation) or annotation is object:
            return {}
        if issubclass(annotation, enum.Enum):
            return {"enum": [one.value for one in annotation]}
        return self._model(_module("prometheus").Dataquery if annotation.__name__ == "Dataquery" else annotation)

    def _made_of(self, origin: Any, arguments: tuple[Any, ...]) -> Schema:
        if origin is list:
            return {"type": "array", "items": self.of(arguments[0])}
        if origin is dict:
            return {"type": "object", "additionalProperties": self.of(arguments[1])}
        wanted = [self.of(one) for one in arguments if one is not type(None)]
        if len(wanted) > 1:
            return {"anyOf": wanted}
        simple = wanted[0].get("type") in _SIMPLE.values()
        return {**wanted[0], "type": [wanted[0]["type"], "null"]} if simple else wanted[0]

    def _model(self, model: type) -> Schema:
        name = f"{model.__module__.rsplit('.', 1)[1]}.{model.__name__}"
        if name not in self.definitions:
            self.definitions[name] = {}
            hints = typing.get_type_hints(model, vars(sys.modules[model.__module__]))
            keys, required = _keys(model, hints)
            self.definitions[name] = {
                "type": "object",
                "properties": {keys[one]: self.of(hint) for one, hint in hints.items()},
                **({"required": required} if required else {}),
                "additionalProperties": False,
            }
        return {"$ref": f"#/definitions/{name}"}


def _module(name: str) -> types.ModuleType:
    return importlib.import_module(f"grafana_foundation_sdk.models.{name}")


def _keys(model: type, hints: dict[str, Any]) -> tuple[dict[str, str], list[str]]:
    """The JSON key of each attribute, as the model itself writes it, and those that it always writes."""
    made = object.__new__(model)
    marks = {name: _Mark() for name in hints}
    for name, mark in marks.items():
        setattr(made, name, mark)
    told = made.to_json()  # type: ignore[attr-defined]
    keys = {name: next(key for key, value in told.items() if value is mark) for name, mark in marks.items()}
    optional = {name for name, hint in hints.items() if type(None) in typing.get_args(hint)}
    return keys, [key for name, key in keys.items() if name not in optional | _NOT_REQUIRED]


class _Mark:
    """Stands for the value of an attribute."""


def schema() -> str:
    """The schema, as it is to be in its file."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        dashboard = _module("dashboard")
        models = Models()
        root = models.of(dashboard.Dashboard)
        panels = models.definitions["dashboard.Dashboard"]["properties"]["panels"]
        panel, row = panels["items"]["anyOf"]
        panels["items"] = {"if": {"properties": {"type": {"const": "row"}}}, "then": row, "else": panel}
        panel = models.definitions["dashboard.Panel"]
        panel["allOf"] = [_kind(models, kind) for kind in KINDS]
        panel["properties"]["type"] = {"enum": [_NAMES.get(kind, kind) for kind in KINDS]}
    whole = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$comment": f"Made by scripts/dashboard_schema.py from {SDK} {_version()}; do not edit.",
        "title": "A dashboard of Grafana, classic schema",
        **root,
        "definitions": dict(sorted(models.definitions.items())),
    }
    return json.dumps(whole, indent=2) + "\n"


def _kind(models: Models, kind: str) -> Schema:
    """What is true of a panel of one kind: its options, and the custom part of its field settings."""
    module = _module(kind)
    then: Schema = {"options": models.of(module.Options)}
    if hasattr(module, "FieldConfig"):
        custom = models.of(module.FieldConfig)
        then["fieldConfig"] = {"properties": {"defaults": {"properties": {"custom": custom}}}}
    return {"if": {"properties": {"type": {"const": _NAMES.get(kind, kind)}}}, "then": {"properties": then}}


def _version() -> str:
    return version(SDK).removeprefix("v")


def main() -> int:
    """Write the schema, or tell whether it is as it would be written."""
    made = schema()
    if "--check" not in sys.argv[1:]:
        SCHEMA.write_text(made, encoding="utf-8")
        return 0
    if SCHEMA.is_file() and SCHEMA.read_text(encoding="utf-8") == made:
        return 0
    print(f"{SCHEMA.name} is not as {SDK} {_version()} has it; run python scripts/dashboard_schema.py")
    return 1


if __name__ == "__main__":
    sys.exit(main())
