"""Documents to Specs: validation, with every problem told at its place and in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from slogen.fields import kind_of
from slogen.findings import Finding, closest, error
from slogen.source import Document
from slogen.spec.config import ConfigDocument
from slogen.spec.policy import PolicyDocument
from slogen.spec.repair import best_guess
from slogen.spec.service import ServiceDocument
from slogen.spec.wording import findings_of, telling

API_VERSION = "slogen/v1"
KINDS: dict[str, type[BaseModel]] = {
    "Service": ServiceDocument,
    "AlertPolicy": PolicyDocument,
    "Config": ConfigDocument,
}

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Spec(Generic[Model]):
    """A valid document and where it was written."""

    model: Model
    document: Document


@dataclass(frozen=True, slots=True)
class Specs:
    """All valid documents, by kind; `texts` are those of files that they name, by path."""

    services: list[Spec[ServiceDocument]] = field(default_factory=list)
    policies: list[Spec[PolicyDocument]] = field(default_factory=list)
    configs: list[Spec[ConfigDocument]] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)


def load_specs(documents: Iterable[Document]) -> tuple[Specs, list[Finding]]:
    """Validate each document by its kind.

    One with a problem is among the Specs as far as it can be understood, so that all its problems are found.
    """
    specs, findings = Specs(), list[Finding]()
    for document in documents:
        model, found = _load(document)
        findings += found
        if isinstance(model, ServiceDocument):
            specs.services.append(Spec(model, document))
        elif isinstance(model, PolicyDocument):
            specs.policies.append(Spec(model, document))
        elif isinstance(model, ConfigDocument):
            specs.configs.append(Spec(model, document))
    return specs, findings


def _load(document: Document) -> tuple[BaseModel | None, list[Finding]]:
    data = document.data
    if not isinstance(data, dict):
        message = f"a mapping with apiVersion, kind and spec is wanted, not {kind_of(data)}"
        return None, [error("spec/document", document.place(()), message, f"begin with apiVersion: {API_VERSION}")]
    found: list[Finding] = []
    if data.get("apiVersion") != API_VERSION:
        found.append(_header(document, "apiVersion", [API_VERSION]))
    if not isinstance(data.get("kind"), str) or data["kind"] not in KINDS:
        return None, [*found, _header(document, "kind", list(KINDS))]
    if found:
        return None, found
    model = KINDS[data["kind"]]
    try:
        return model.model_validate(data), []
    except ValidationError as failure:
        details = telling(data, failure)
    findings = [finding for detail in details for finding in findings_of(document, model, detail)]
    repaired_model, more = best_guess(document, model, details)
    return repaired_model, list(dict.fromkeys([*findings, *more]))


def _header(document: Document, key: str, known: list[str]) -> Finding:
    value = document.data.get(key) if isinstance(document.data, dict) else None
    if value is None:
        return error("spec/document", document.place(()), f"'{key}' is missing", f"write {key}: {known[0]}")
    hint = f"write {closest(str(value), known) or ' or '.join(known)}"
    return error("spec/document", document.place((key,)), f"unknown {key}: {str(value)[:80]!r}", hint)
