"""Manifests, specs and configuration to findings: the way of `slogen check-manifests`."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from slogen.findings import Finding, Place, Severity, SpecError, error
from slogen.manifests.checking import check
from slogen.manifests.house import Exemption, House, Limits
from slogen.manifests.kustomize import patches
from slogen.manifests.model import Claim, Subject
from slogen.manifests.reading import RENDER, is_template, read_cluster
from slogen.source import Document, file_bytes, parse_bytes, read_files, shown_path
from slogen.spec.config import ConfigDocument
from slogen.spec.load import Spec, Specs, load_specs
from slogen.specfiles import SPECS, config_files, find_spec_files
from slogen.yamltext.dialect import FOREIGN

STDIN = Path("-")
SUFFIXES = (".yaml", ".yml", ".json")
UNUSABLE = ("yaml/", "manifest/none", "manifest/not-rendered")
"""Beginnings of the codes of errors that say that there is nothing to check."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """All findings, in the order of files and lines; how much was looked at; how many findings were exempt."""

    findings: tuple[Finding, ...]
    workloads: int
    containers: int
    exempt: int

    @property
    def is_unusable(self) -> bool:
        """Whether something could not be read."""
        return any(one.severity is Severity.ERROR and one.code.startswith(UNUSABLE) for one in self.findings)


@dataclass(frozen=True, slots=True)
class Request:
    """What is checked: manifests (`-` is `piped`), against which specs; `specs` is None for slos/ where it exists."""

    paths: Sequence[Path]
    specs: Sequence[Path] | None = None
    config: Path | None = None
    namespace: str = ""
    piped: bytes = b""
    changed: Collection[str] | None = None


def check_manifests(request: Request, today: date) -> Outcome:
    """Raises SpecError when specs or configuration are unsound."""
    specs = _specs(request)
    documents, findings = _manifests(request)
    patched, overlays = patches(documents)
    findings += overlays
    found = read_cluster((one for one in documents if one.file not in patched), request.namespace)
    findings += found.findings
    if not found.objects and not findings:
        message, hint = "there is no Kubernetes object here", "name manifests, folders of them, or - for standard input"
        findings.append(error("manifest/none", Place(str(request.paths[0])), message, hint))
    readable = not any(finding.severity is Severity.ERROR for finding in findings)
    given = request.specs is not None or any(path.is_dir() for path in request.paths)
    cluster = replace(found.cluster, claims=tuple(claims_of(specs)), is_whole=readable and given)
    checked = check(cluster, _house(specs), today, cluster.is_whole and request.changed is None)
    every = dict.fromkeys([*findings, *checked.findings])
    shown = sorted(
        (one for one in every if _is_asked_for(one, request)), key=lambda one: (one.place, one.code, one.message)
    )
    containers = sum(len(workload.containers) for workload in cluster.workloads)
    return Outcome(tuple(shown), len(cluster.workloads), containers, checked.exempt)


def _specs(request: Request) -> Specs:
    folders = request.specs if request.specs is not None else [SPECS] if SPECS.is_dir() else []
    files = dict.fromkeys([*config_files(request.config), *find_spec_files(folders)])
    documents, findings = read_files(list(files), Path())
    specs, found = load_specs(documents)
    wrong = [finding for finding in (*findings, *found) if finding.severity is Severity.ERROR]
    if wrong:
        raise SpecError(sorted(wrong, key=lambda one: (one.place, one.code, one.message)))
    return specs


def _manifests(request: Request) -> tuple[list[Document], list[Finding]]:
    documents: list[Document] = []
    findings: list[Finding] = []
    files = find_spec_files([path for path in request.paths if path != STDIN], SUFFIXES)
    for path in [*files, *([STDIN] if STDIN in request.paths else [])]:
        name = "<stdin>" if path == STDIN else shown_path(path, Path())
        data = request.piped if path == STDIN else file_bytes(path, Path(), FOREIGN)
        if isinstance(data, Finding):
            findings.append(data)
            continue
        more, wrong = parse_bytes(data, name, FOREIGN)
        if wrong and b"{{" in data and is_template(data.decode("utf-8", "replace")):
            message = "this is a template, not a manifest: what it becomes is known once it is rendered"
            wrong, more = [error("manifest/not-rendered", wrong[0].place, message, RENDER)], []
        documents += more
        findings += wrong
    return documents, findings


def claims_of(specs: Specs) -> Iterator[Claim]:
    """What services say they run as."""
    for spec in specs.services:
        for number, one in enumerate(spec.model.spec.workloads):
            path = ("spec", "workloads", number)
            subject = Subject(one.kind, one.namespace, one.name)
            place, inner = (spec.document.place((*path, key)) for key in ("name", "container"))
            yield Claim(spec.model.metadata.name, subject, one.container or "", place, inner)


def _house(specs: Specs) -> House:
    if not specs.configs:
        return House()
    config = specs.configs[0]
    rules = config.model.spec.manifests
    limits = Limits(**{name: getattr(rules.limits, name) for name in type(rules.limits).model_fields})
    return House(limits, dict(rules.rules), tuple(_exemptions(config)))


def _exemptions(config: Spec[ConfigDocument]) -> Iterator[Exemption]:
    for number, one in enumerate(config.model.spec.manifests.exemptions):
        place = config.document.place(("spec", "manifests", "exemptions", number))
        yield Exemption(one.rule, *one.parts(), one.container or "", one.reason, one.until, place)


def _is_asked_for(finding: Finding, request: Request) -> bool:
    """Whether a finding is in a file that differs, or in a spec while a manifest is gone that it may have named."""
    file = finding.place.file
    if request.changed is None or file == "<stdin>" or file in request.changed:
        return True
    return finding.code == "manifest/spec-workload" and any(
        name.endswith(SUFFIXES) and not Path(name).exists() and _is_below(name, request.paths)
        for name in request.changed
    )


def _is_below(name: str, paths: Sequence[Path]) -> bool:
    return any(Path(posixpath.normpath(name)).is_relative_to(path) for path in paths)
