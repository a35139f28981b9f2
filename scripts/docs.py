"""Writes the reference pages that are made from the code: docs/cli.md and docs/spec.md; --check tells drift instead."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from slogen.cli import main as program
from slogen.spec.schema import spec_schema

ROOT = Path(__file__).resolve().parent.parent
MADE = "<!-- Made by scripts/docs.py; do not edit. -->"


def cli_page() -> str:
    """The help of every command."""
    context = click.Context(program, info_name="slogen", terminal_width=100)
    parts = [f"{MADE}\n\n# Commands\n", _help(program, context)]
    for name in program.list_commands(context):
        command = program.get_command(context, name)
        if command is None:
            continue
        child = click.Context(command, info_name=name, parent=context, terminal_width=100)
        parts.append(f"## slogen {name}\n\n{_help(command, child)}")
    return "\n".join(parts)


def _help(command: click.Command, context: click.Context) -> str:
    return f"```text\n{command.get_help(context)}\n```\n"


def spec_page() -> str:
    """Every key of every document, from the JSON Schema."""
    schema = json.loads(spec_schema())
    definitions = schema["$defs"]
    lines = [MADE, "", "# Spec reference", "", schema["description"], ""]
    for branch in schema["allOf"]:
        kind = branch["if"]["properties"]["kind"]["const"]
        lines += [f"## kind: {kind}", ""]
        seen: set[str] = set()
        lines += _model(_name(branch["then"]["$ref"]), definitions, "", seen)
    return "\n".join(lines).rstrip() + "\n"


def _name(reference: str) -> str:
    return reference.rsplit("/", 1)[1]


def _model(name: str, definitions: dict[str, Any], path: str, seen: set[str]) -> Iterator[str]:
    if name in seen:
        return
    seen.add(name)
    model = definitions[name]
    if path:
        yield from [f"### `{path}`", ""]
    if model.get("description"):
        yield from [model["description"], ""]
    yield from ["| key | value | meaning |", "|---|---|---|"]
    required = set(model.get("required", []))
    inner: list[tuple[str, str]] = []
    for key, value in model["properties"].items():
        shown, references = _type(value, definitions)
        mark = " (required)" if key in required else ""
        yield f"| `{key}`{mark} | {shown} | {value.get('description', '')} |"
        array = "[]" if "array" in {value.get("type"), *(part.get("type") for part in value.get("anyOf", []))} else ""
        inner += [(f"{path}.{key}{array}".lstrip("."), reference) for reference in references]
    yield ""
    for where, reference in inner:
        tag = definitions[reference]["properties"].get("type", {}).get("const")
        yield from _model(reference, definitions, f"{where} (type: {tag})" if tag else where, seen)


def _type(value: dict[str, Any], definitions: dict[str, Any]) -> tuple[str, list[str]]:
    """How a value is told in a table, and the models it is made of."""
    if "$ref" in value:
        name = _name(value["$ref"])
        return ("a mapping", [name]) if "properties" in definitions[name] else _type(definitions[name], definitions)
    if parts := value.get("anyOf") or value.get("oneOf"):
        told = [_type(part, definitions) for part in parts]
        words = dict.fromkeys(word for word, _ in told if word)
        return " or ".join(words), [reference for _, references in told for reference in references]
    if choices := [value["const"]] if "const" in value else value.get("enum"):
        return " or ".join(f"`{choice}`" for choice in choices), []
    if value.get("type") == "array":
        word, references = _type(value.get("items", {}), definitions)
        return f"a list of {word or 'values'}", references
    return _WORDS[value["type"]], []


_WORDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a mapping",
    "null": "",
}

PAGES = {"docs/cli.md": cli_page, "docs/spec.md": spec_page, "schemas/slogen.schema.json": spec_schema}


def run(check: bool) -> int:
    """Write the pages, or tell which differ; the number of those."""
    stale = 0
    for name, page in PAGES.items():
        path, text = ROOT / name, page()
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            print(f"{name} is not up to date: run make docs", file=sys.stderr)
            stale += 1
        elif not check:
            path.write_text(text, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(1 if run("--check" in sys.argv[1:]) else 0)
