"""The JSON Schema is that of the models, knows good specs from bad ones, and tells an editor what each key means."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from compile import policy, service
from jsonschema import Draft202012Validator

from slogen.source import parse_documents
from slogen.spec.schema import spec_schema

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads(spec_schema())
VALIDATOR = Draft202012Validator(SCHEMA)


def test_it_is_a_schema_and_is_checked_in() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    written = (ROOT / "schemas" / "slogen.schema.json").read_text(encoding="utf-8")
    assert written == spec_schema(), "run make docs"


@pytest.mark.parametrize("path", [*(ROOT / "slos").rglob("*.yaml"), ROOT / "slogen.yaml"], ids=lambda path: path.name)
def test_examples_are_valid(path: Path) -> None:
    for document in parse_documents(path.read_text(encoding="utf-8"), path.name)[0]:
        VALIDATOR.validate(document.data)


LATENCY = {"type": "latency", "histogram": "h_seconds", "threshold": "1s"}


@pytest.mark.parametrize(
    "document",
    [
        service(objectiv=99),
        service(objective=100),
        service(objective="99.9"),
        service(window="30"),
        service(window=30),
        service(sli={"type": "evnts", "bad": "a", "total": "b"}),
        service(sli={"type": "events", "bad": [], "total": "b"}),
        service(sli={**LATENCY, "unit": "hours"}),
        service(alerting={"page": {"disable": True}}),
        service(alerting={"labels": {"a-b": "c"}}),
        policy("p", burnRate={"pairs": [{"severity": "mail", "budget": 2, "long": "1h"}]}),
        policy("P P"),
        {"apiVersion": "slogen/v1", "kind": "Servce"},
        {"apiVersion": "v1", "kind": "Config"},
    ],
    ids=str,
)
def test_mistakes_are_seen_while_typing(document: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(document)


@pytest.mark.parametrize(
    "document",
    [service(), service(sli=LATENCY), policy("p", extends="default", gaps="off", burnRate={"guard": {"badEvents": 5}})],
    ids=str,
)
def test_good_documents_pass(document: dict[str, Any]) -> None:
    VALIDATOR.validate(document)


def _undescribed(name: str, model: dict[str, Any]) -> Iterator[str]:
    for key, value in model.get("properties", {}).items():
        known = value.get("description") or SCHEMA["$defs"].get(value.get("$ref", "/").rsplit("/", 1)[1], {}).get(
            "description"
        )
        if not known and key not in {"apiVersion", "kind", "type"}:
            yield f"{name}.{key}"


def test_every_key_has_a_description() -> None:
    assert not [missing for name, model in SCHEMA["$defs"].items() for missing in _undescribed(name, model)]
