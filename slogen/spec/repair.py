"""A document without its mistakes, so that what stands beside them is looked at in the same run.

Nothing is ever compiled from it: a mistake that was found stops the build.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from slogen.fields import MANY
from slogen.findings import Finding
from slogen.source import Document
from slogen.spec.wording import Path, findings_of, path_of, telling

ATTEMPTS = 4
"""Each mends what is still wrong after the one before."""


_EVENTS = {"type": "events", "bad": "errors_total", "total": "requests_total"}
_STAND_INS: dict[str | int, object] = {
    "objective": 99,
    "threshold": "1s",
    "histogram": "requests_seconds",
    "good": "requests_total",
    "bad": "errors_total",
    "total": "requests_total",
    "sli": _EVENTS,
    "severity": "page",
    "budget": 1,
    "long": "1h",
}
"""Certainly right values, for what cannot be left out."""

_ENTRIES = {"memory": "node", "saturation": "autoscaler"}
"""Types of entries that want nothing else, by the list that they stand in."""


def best_guess(
    document: Document, model: type[BaseModel], details: list[ErrorDetails]
) -> tuple[BaseModel | None, list[Finding]]:
    """The document without its mistakes, if that can be had, and what comes to light only there."""
    data, findings, tried = document.data, list[Finding](), set[Path]()
    for attempt in range(ATTEMPTS):
        mistakes = {path for detail in details for path in _mistakes(data, detail)}
        data = _repaired(data, mistakes, tried)
        tried |= mistakes
        if not isinstance(data, dict):
            break
        try:
            return model.model_validate(data), findings
        except ValidationError as failure:
            details = telling(data, failure)
        if attempt == 0:
            news = [
                detail
                for detail in details
                if not any(_related(path, other) for path in _places(data, detail) for other in tried)
            ]
            findings = [finding for detail in news for finding in findings_of(document, model, detail)]
    return None, findings


def _mistakes(data: object, detail: ErrorDetails) -> list[Path]:
    """Where to mend an error; what is missing is added where that can be, else its parent goes."""
    path, kind = path_of(data, detail["loc"]), detail["type"]
    if kind == "missing" and detail["loc"][-1] in _STAND_INS:
        return [(*path, detail["loc"][-1])]
    if kind == "spec/objective" and path[-2:-1] == ("slos",):
        return [(*path, "objective"), (*path, "objectives")]
    return _places(data, detail)


def _places(data: object, detail: ErrorDetails) -> list[Path]:
    """Where an error is told; for a key that is missing, its parent."""
    path, context = path_of(data, detail["loc"]), detail.get("ctx", {})
    if detail["type"] == MANY:
        return [(*path, *(failure.context or {})["at"]) for failure in context[MANY]]
    return [(*path, *context.get("at", ()))]


def _related(path: Path, other: Path) -> bool:
    shorter = min(len(path), len(other))
    return path[:shorter] == other[:shorter]


def _repaired(data: object, mistakes: Collection[Path], tried: Collection[Path]) -> object:
    """A copy of a document in which what stands at each path is gone, or a value that is certainly right.

    No such value is used for what was `tried` before. SLOs and resources keep their number: places are found by it.
    """
    result = data
    paths = {path[:-2] if path[-2:-1] == ("objectives",) else path for path in mistakes}
    for path in sorted(paths, key=lambda path: [str(step).rjust(9, "0") for step in path], reverse=True):
        result = _without(result, (), path, path not in tried)
    return result


def _without(data: object, above: Path, path: Path, stand_in: bool) -> Any:
    if not path:
        return None
    if not isinstance(data, dict | list):
        return data
    copy: Any = data.copy()
    step, rest = path[0], path[1:]
    exists = step in copy if isinstance(copy, dict) else isinstance(step, int) and 0 <= step < len(copy)
    if rest and exists:
        copy[step] = _without(copy[step], (*above, step), rest, stand_in)
    elif not rest and above[-1:] == ("slos",):
        copy[step] = {"name": f"repaired-{step}", "objective": 99, "sli": _EVENTS}
    elif not rest and above[-1:] and above[-1] in _ENTRIES:
        copy[step] = {"name": f"repaired-{step}", "type": _ENTRIES[above[-1]]}
    elif not rest and stand_in and step in _STAND_INS and isinstance(copy, dict):
        copy[step] = _STAND_INS[step]
    elif not rest and stand_in and step == "name" and exists:
        copy[step] = re.sub("[^a-z0-9]+", "-", str(copy[step]).lower())[:60].strip("-") or "unnamed"
    elif exists:
        del copy[step]
    return copy
