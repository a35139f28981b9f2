"""Documents to Specs: validation, with every problem told at its place and in plain words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from slogen.fields import MANY, kind_of
from slogen.findings import Finding, error
from slogen.source import Document
from slogen.spec.config import ConfigDocument
from slogen.spec.policy import PolicyDocument
from slogen.spec.service import ServiceDocument
from slogen.spec.shape import keys_at

API_VERSION = "slogen/v1"
KINDS: dict[str, type[BaseModel]] = {
    "Service": ServiceDocument,
    "AlertPolicy": PolicyDocument,
    "Config": ConfigDocument,
}

Model = TypeVar("Model", bound=BaseModel)
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Spec(Generic[Model]):
    """A valid document and where it was written."""

    model: Model
    document: Document


@dataclass(frozen=True, slots=True)
class Specs:
    """All valid documents, by kind."""

    services: list[Spec[ServiceDocument]] = field(default_factory=list)
    policies: list[Spec[PolicyDocument]] = field(default_factory=list)
    configs: list[Spec[ConfigDocument]] = field(default_factory=list)


def load_specs(documents: Iterable[Document]) -> tuple[Specs, list[Finding]]:
    """Validate each document by its kind; those with a problem are left out of the Specs."""
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
        details = failure.errors(include_url=False, include_input=False)
        findings = (finding for detail in details for finding in _findings(document, model, detail))
        return None, list(dict.fromkeys(findings))


def _header(document: Document, key: str, known: list[str]) -> Finding:
    value = document.data.get(key) if isinstance(document.data, dict) else None
    if value is None:
        return error("spec/document", document.place(()), f"'{key}' is missing", f"write {key}: {known[0]}")
    hint = f"write {_guess(str(value), known) or ' or '.join(known)}"
    return error("spec/document", document.place((key,)), f"unknown {key}: {str(value)[:80]!r}", hint)


def _guess(word: str, known: Iterable[str]) -> str:
    by_lower = {name.lower(): name for name in known}
    close = get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    return by_lower[close[0]] if close else ""


def _findings(document: Document, model: type[BaseModel], detail: ErrorDetails) -> Iterator[Finding]:
    path = _path(document.data, detail["loc"])
    context = detail.get("ctx", {})
    if detail["type"] == MANY:
        for failure in context[MANY]:
            yield _custom(document, path, failure.type, failure.context or {})
    elif "message" in context:
        yield _custom(document, path, detail["type"], context)
    else:
        yield _standard(document, model, path, detail)


def _custom(document: Document, path: Path, code: str, context: dict[str, Any]) -> Finding:
    path = (*path, *context["at"])
    offset = context["offset"]
    place = document.place(path) if offset is None else document.place_in(path, offset)
    return error(code, place, context["message"], context["hint"])


def _standard(document: Document, model: type[BaseModel], path: Path, detail: ErrorDetails) -> Finding:
    kind, context, last = detail["type"], detail.get("ctx", {}), str(detail["loc"][-1]) if detail["loc"] else ""
    if kind == "extra_forbidden":
        known = keys_at(model, detail["loc"][:-1])
        guess = _guess(last, known)
        hint = f"did you mean '{guess}'?" if guess else f"known here: {', '.join(known)}"
        return error("spec/unknown-key", document.place(path, key=True), f"unknown key '{last[:80]}'", hint)
    if kind == "missing":
        return error("spec/missing", document.place(path), f"'{last}' is missing", f"write {last}: here")
    if kind == "union_tag_not_found":
        known = keys_at(model, (*detail["loc"], None))
        return error("sli/type", document.place(path), "'type' is missing", f"write type: {' or '.join(known)}")
    if kind == "union_tag_invalid":
        known = keys_at(model, (*detail["loc"], None))
        tag = str(context.get("tag", ""))
        hint = f"did you mean '{guess}'?" if (guess := _guess(tag, known)) else f"write {' or '.join(known)}"
        return error("sli/type", document.place((*path, "type")), f"unknown SLI type '{tag[:80]}'", hint)
    value = _value(document.data, path)
    message, hint = _WORDS.get(kind, (detail["msg"], ""))
    if kind in {"literal_error", "enum"}:
        message, hint = f"{str(value)[:80]!r} is not allowed here", f"write {context.get('expected', '')}"
    elif kind in _WORDS:
        message = f"{message}, not {kind_of(value)}"
    return error(
        "spec/type" if kind in _WORDS else f"spec/{kind.replace('_', '-')}", document.place(path), message, hint
    )


_WORDS = {
    "string_type": ("text is wanted", "put it in quotes"),
    "bool_type": ("true or false is wanted", "write true or false, without quotes"),
    "int_type": ("a whole number is wanted", "write it without quotes"),
    "list_type": ("a list is wanted", "begin each entry with '- '"),
    "tuple_type": ("a list is wanted", "begin each entry with '- '"),
    "dict_type": ("a mapping is wanted", "write key: value"),
    "model_type": ("a mapping is wanted", "write key: value"),
    "model_attributes_type": ("a mapping is wanted", "write key: value"),
}


def _path(data: object, loc: tuple[int | str, ...]) -> Path:
    """The part of pydantic's location that exists in the document: tags and wrapped single values do not."""
    path: list[str | int] = []
    for step in loc:
        if isinstance(data, dict) and step in data:
            data = data[step]
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            continue
        path.append(step)
    return tuple(path)


def _value(data: object, path: Path) -> object:
    for step in path:
        data = data[step]  # type: ignore[index]  # the path was made from the data
    return data
