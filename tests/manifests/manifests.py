"""Manifests in a test: pods with as little around them as possible, and what is found in them."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from compile import repository, service

from slogen.findings import Finding
from slogen.manifest_check import Outcome, Request, check_manifests
from slogen.manifests.model import Container
from slogen.manifests.reading import read_cluster
from slogen.source import parse_documents
from slogen.yamltext.dialect import FOREIGN

TODAY = date(2026, 6, 1)
SPEC = service()


def outcome_of(
    text: str, spec: Any = SPEC, config: Mapping[str, Any] | None = None, name: str = "k8s/app.yaml", **request: Any
) -> Outcome:
    """What the command finds in one file of a folder."""
    with repository(spec, config):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
        return check_manifests(Request([Path("k8s")], **request), TODAY)


def found(text: str, rule: str = "", **more: Any) -> list[Finding]:
    """Findings, or those of one rule."""
    findings = outcome_of(text, **more).findings
    return [one for one in findings if not rule or one.code == f"manifest/{rule}"]


def codes(findings: list[Finding]) -> set[str]:
    """Their codes, without the family."""
    return {one.code.removeprefix("manifest/") for one in findings}


def deployment(name: str = "app", namespace: str | None = "shop", **container: Any) -> str:
    """A Deployment of one container `main`, whose fields are given."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    inner = {"name": "main", "image": "example.com/app:1", **container}
    whole = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata}
    return json.dumps({**whole, "spec": {"template": {"spec": {"containers": [inner]}}}})


def memory(limit: str) -> dict[str, Any]:
    """Resources of so much memory."""
    return {"limits": {"memory": limit}}


def container_of(**fields: Any) -> Container:
    """The container of such a Deployment, as it is read."""
    documents, findings = parse_documents(deployment(**fields), "app.yaml", FOREIGN)
    assert not findings
    (workload,) = read_cluster(documents).cluster.workloads
    (container,) = workload.containers
    return container


def place_of(text: str, needle: str) -> tuple[int, int]:
    """Line and column of the only place where a text stands."""
    (match,) = re.finditer(re.escape(needle), text)
    before = text[: match.start()]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


@contextlib.contextmanager
def files(texts: Mapping[str, str], spec: Any = SPEC) -> Any:
    """A repository with such files."""
    with repository(spec) as root:
        for name, text in texts.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(text, encoding="utf-8")
        yield root
