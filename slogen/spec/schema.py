"""The JSON Schema of the spec language, for editors: completion, descriptions, errors while typing."""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import models_json_schema

from slogen.spec.load import KINDS

SCHEMA_ID = "slogen.schema.json"


def spec_schema() -> str:
    """JSON Schema (draft 2020-12) of one document, as text."""
    references, definitions = models_json_schema([(model, "validation") for model in KINDS.values()], title="slogen")
    by_model = {model: reference for (model, _), reference in references.items()}
    branches = [
        {"if": {"properties": {"kind": {"const": kind}}, "required": ["kind"]}, "then": by_model[model]}
        for kind, model in KINDS.items()
    ]
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "slogen",
        "description": "A document of slogen: a Service with its SLOs, an AlertPolicy, or the Config of a repository.",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {"apiVersion": {"const": "slogen/v1"}, "kind": {"enum": list(KINDS)}},
        "allOf": branches,
        "$defs": definitions["$defs"],
    }
    schema["$defs"] = {name: schema["$defs"][name] for name in sorted(_used(schema["allOf"], schema["$defs"]))}
    return json.dumps(_tidy(schema), indent=2, sort_keys=False, ensure_ascii=False) + "\n"


def _tidy(node: Any) -> Any:
    """Without what pydantic adds for itself: titles made of field names, which editors would show in place of
    descriptions, and defaults as they are inside, which nobody could write."""
    if isinstance(node, dict):
        shown = (pair for pair in node.items() if pair[0] != "default" and not _is_title(*pair))
        return {key: _tidy(value) for key, value in shown}
    return [_tidy(value) for value in node] if isinstance(node, list) else node


def _is_title(key: str, value: Any) -> bool:
    return key == "title" and isinstance(value, str)


def _used(node: Any, definitions: dict[str, Any]) -> set[str]:
    """Names of definitions that a document can reach; pydantic also lists what only validators know."""
    used: set[str] = set()
    todo = [node]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            name = str(part.get("$ref", "")).rpartition("/")[2]
            if name in definitions and name not in used:
                used.add(name)
                todo.append(definitions[name])
            todo += part.values()
        elif isinstance(part, list):
            todo += part
    return used
