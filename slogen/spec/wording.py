"""Validation errors to findings: in plain words, at the place in the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from slogen.fields import MANY, kind_of
from slogen.findings import Finding, closest, error, listed
from slogen.source import Document
from slogen.spec.shape import keys_at

Path = tuple[str | int, ...]


def telling(data: object, failure: ValidationError) -> list[ErrorDetails]:
    """The errors without those that only follow from others: a list whose entries are wrong seems too short,
    and a mapping with mistakes is not the word 'off' either."""
    details = failure.errors(include_url=False, include_input=False)
    wrong = [detail["loc"] for detail in details]
    words = {detail["loc"][:-1] for detail in details if str((*detail["loc"], "")[-2]).startswith("literal[")}

    def follows(detail: ErrorDetails) -> bool:
        loc = detail["loc"]
        there = value_at(data, path_of(data, loc))
        if detail["type"] == "too_short":
            return any(len(other) > len(loc) and other[: len(loc)] == loc for other in wrong)
        return loc[:-1] in words and detail["type"] == ("literal_error" if isinstance(there, dict) else "model_type")

    return [detail for detail in details if not follows(detail)]


def findings_of(document: Document, model: type[BaseModel], detail: ErrorDetails) -> Iterator[Finding]:
    """What to tell a person about one of pydantic's errors."""
    path = path_of(document.data, detail["loc"])
    context = detail.get("ctx", {})
    if detail["type"] == MANY:
        for failure in context[MANY]:
            yield _custom(document, path, failure.type, failure.context or {}, key=False)
    elif "message" in context:
        yield _custom(document, path, detail["type"], context, key=detail["loc"][-1:] == ("[key]",))
    else:
        yield _standard(document, model, path, detail)


def _custom(document: Document, path: Path, code: str, context: dict[str, Any], key: bool) -> Finding:
    path = (*path, *context["at"])
    offset = context["offset"]
    place = document.place(path, key) if offset is None else document.place_in(path, offset)
    return error(code, place, context["message"], context["hint"])


def _standard(document: Document, model: type[BaseModel], path: Path, detail: ErrorDetails) -> Finding:
    kind, context, last = detail["type"], detail.get("ctx", {}), str(detail["loc"][-1]) if detail["loc"] else ""
    if kind == "extra_forbidden":
        known = keys_at(model, detail["loc"][:-1])
        close = closest(last, known)
        hint = f"did you mean '{close}'?" if close else f"known here: {listed(known)}"
        return error("spec/unknown-key", document.place(path, key=True), f"unknown key '{last[:80]}'", hint)
    if kind == "missing":
        return error("spec/missing", document.place(path), f"'{last}' is missing", f"add {last}: to this mapping")
    if kind == "union_tag_not_found":
        known = keys_at(model, (*detail["loc"], None))
        code = "sli/type" if path[-1] == "sli" else "resource/type"
        return error(code, document.place(path), "'type' is missing", f"write type: {' or '.join(known)}")
    if kind == "union_tag_invalid":
        known = keys_at(model, (*detail["loc"], None))
        tag = str(context.get("tag", ""))
        hint = f"did you mean '{close}'?" if (close := closest(tag, known)) else f"write {' or '.join(known)}"
        code, what = ("sli/type", "SLI type") if path[-1] == "sli" else ("resource/type", f"type of {path[-2]}")
        return error(code, document.place((*path, "type")), f"unknown {what} '{tag[:80]}'", hint)
    value = value_at(document.data, path)
    message, hint = _WORDS.get(kind, (detail["msg"], ""))
    if kind in {"literal_error", "enum"}:
        shown = f"'{value[:80]}'" if isinstance(value, str) else kind_of(value)
        message, hint = f"{shown} is not allowed here", f"write {context.get('expected', '')}"
        if last.startswith("literal["):
            hint += ", or a mapping: what it admits is told by slogen schema"
    elif kind in _WORDS:
        message = f"{message}, not {kind_of(value)}"
        hint = hint if value is not None else "write a value after the ':', or leave the key out"
    elif kind in _LIMITS:
        words = _EMPTY_MAPPING if kind == "too_short" and isinstance(value, dict) else _LIMITS[kind]
        message, hint = (word.format_map(context) for word in words)
    code = "spec/type" if kind in _WORDS else "spec/limit" if kind in _LIMITS else f"spec/{kind.replace('_', '-')}"
    return error(code, document.place(path), message, hint or "slogen schema tells what can stand here")


_WORDS = {
    "string_type": ("text is wanted", "put it in quotes"),
    "bool_type": ("true or false is wanted", "write true or false, without quotes"),
    "int_type": ("a whole number is wanted", "write it without quotes"),
    "int_parsing": ("a whole number is wanted", "write it without quotes"),
    "int_from_float": ("a whole number is wanted", "leave the decimals out"),
    "decimal_type": ("a number is wanted", "write it without quotes"),
    "decimal_parsing": ("a number is wanted", "write it without quotes"),
    "list_type": ("a list is wanted", "begin each entry with '- '"),
    "tuple_type": ("a list is wanted", "begin each entry with '- '"),
    "dict_type": ("a mapping is wanted", "write key: value"),
    "model_type": ("a mapping is wanted", "write key: value"),
    "model_attributes_type": ("a mapping is wanted", "write key: value"),
}
_EMPTY_MAPPING = ("the mapping is empty", "write at least one key: value")
_LIMITS = {
    "too_short": ("the list is empty", "write at least one entry that begins with '- '"),
    "too_long": ("{actual_length} entries, and {max_length} are the most", "leave some out"),
    "greater_than": ("the number is too small", "write more than {gt}"),
    "greater_than_equal": ("the number is too small", "write {ge} or more"),
    "less_than": ("the number is too large", "write less than {lt}"),
    "less_than_equal": ("the number is too large", "write {le} or less"),
}


def path_of(data: object, loc: tuple[int | str, ...]) -> Path:
    """The part of pydantic's location that exists in the document: tags and wrapped single values do not."""
    path: list[str | int] = []
    for step in loc:
        in_list = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if in_list or (isinstance(data, dict) and step in data):
            data = data[step]  # type: ignore[index]  # one of the two, as just seen
            path.append(step)
    return tuple(path)


def value_at(data: object, path: Path) -> object:
    """What stands at a path, which must exist."""
    for step in path:
        data = data[step]  # type: ignore[index]  # the path was made from the data
    return data
