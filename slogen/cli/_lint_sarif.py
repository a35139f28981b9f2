"""Findings as SARIF 2.1.0, which GitHub's code scanning and others read."""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from slogen import __version__
from slogen.findings import Severity
from slogen.lint.checking import rules
from slogen.lint.problems import Found

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
FINGERPRINT = "slogen/v1"


def sarif(found: Sequence[Found]) -> str:
    """One run. Paths are relative to the folder that slogen ran in, which is a repository's root as a rule."""
    codes = sorted({one.finding.code for one in found})
    numbers = {code: number for number, code in enumerate(codes)}
    driver = {"name": "slogen", "version": __version__, "rules": [_rule(code) for code in codes]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"ROOT": {"description": {"text": "The folder that slogen ran in."}}},
        "results": [_result(one, numbers[one.finding.code]) for one in found],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False)


def _rule(code: str) -> dict[str, Any]:
    told: dict[str, Any] = {"id": code}
    if module := rules().get(code):
        title, _, about = inspect.cleandoc(module.__doc__ or "").partition("\n")
        summary = title.partition(": ")[2]
        told["shortDescription"] = {"text": summary[:1].upper() + summary[1:]}
        told["fullDescription"] = {"text": " ".join(about.split())}
        told["defaultConfiguration"] = {"level": _LEVELS[module.SEVERITY]}
    return told


def _result(one: Found, number: int) -> dict[str, Any]:
    finding = one.finding
    region = {"startLine": finding.place.line, "startColumn": finding.place.column}
    if one.end is not None and one.end > finding.place:
        region |= {"endLine": one.end.line, "endColumn": one.end.column}
    where = {"uri": quote(finding.place.file), "uriBaseId": "ROOT"}
    told = f"{finding.message}. {finding.hint[:1].upper()}{finding.hint[1:]}".rstrip()
    return {
        "ruleId": finding.code,
        "ruleIndex": number,
        "level": _LEVELS[finding.severity],
        "message": {"text": told},
        "locations": [{"physicalLocation": {"artifactLocation": where, "region": region}}],
        "partialFingerprints": {FINGERPRINT: one.fingerprint},
    }
