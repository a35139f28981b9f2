"""The manifests of the incident: what would have been told before it, and nothing of the mended ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from manifests import TODAY, place_of

from slogen.findings import Severity
from slogen.manifest_check import Request, check_manifests
from slogen.quantities import parse_quantity

ROOT = Path(__file__).parents[2]
BEFORE = Path("examples/payments/before.yaml")
TOLD = {
    "jvm-heap": (Severity.ERROR, "-Xmx2g"),
    "hpa-request": (Severity.ERROR, "requests:"),
    "hpa-replicas": (Severity.WARNING, "replicas: 3"),
    "hpa-range": (Severity.WARNING, "1\n  maxReplicas"),
    "hpa-target": (Severity.WARNING, "95"),
    "request-share": (Severity.WARNING, "512Mi"),
    "probe-readiness": (Severity.WARNING, "ports:"),
    "probe-liveness": (Severity.INFO, "ports:"),
}


def test_exactly_what_was_wrong_is_told_at_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = BEFORE.read_text(encoding="utf-8")
    findings = check_manifests(Request([BEFORE]), TODAY).findings
    told = {one.code.removeprefix("manifest/"): (one.severity, (one.place.line, one.place.column)) for one in findings}
    assert told == {rule: (severity, place_of(text, needle)) for rule, (severity, needle) in TOLD.items()}
    assert len(findings) == len(told)
    (heap,) = (one for one in findings if one.code == "manifest/jvm-heap")
    assert "the JVM's heap may grow to 2Gi (-Xmx2g), 100% of the limit of 2Gi" in heap.message
    assert "OOMKilled" in heap.message
    assert f"{int(parse_quantity('2Gi') * 8 / 10 / 1024**2)}m" in heap.hint


def test_nothing_is_told_of_the_mended_manifests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    outcome = check_manifests(Request([Path("examples/payments/after.yaml")]), TODAY)
    assert outcome.findings == ()
    assert (outcome.workloads, outcome.containers) == (1, 1)
