"""The whole journey, from files to files: read this first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from slogen.findings import Finding, Place, Severity, SpecError, error
from slogen.plan import make_plan
from slogen.proofreading import proofread
from slogen.resolve import resolve
from slogen.rules import Artefact, Plan
from slogen.source import read_files
from slogen.spec.load import load_specs
from slogen.specfiles import SPECS, config_files, is_asked_for, spec_folders
from slogen.targets import target_plugins


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan without errors, the warnings on the way to it, and which specs it was asked for."""

    plan: Plan
    warnings: tuple[Finding, ...]
    asked: tuple[Path, ...]

    def owns(self, source: str) -> bool:
        """Whether a spec, perhaps one that is gone, lies where this build was asked to look."""
        return is_asked_for(source, self.asked)


def compile_specs(paths: Sequence[Path], config: Path | None = None) -> Compiled:
    """Read, validate and plan. Raises SpecError with every finding when one of them is an error."""
    asked = tuple(paths) or (SPECS,)
    folders = spec_folders(asked)
    documents, findings = read_files([*config_files(config), *map(Path, folders)], Path())
    specs, found = load_specs(documents)
    services, setting, more = resolve(specs, lambda file: folders.get(file, ""))
    plan = make_plan((service for service in services if is_asked_for(service.file, asked)), setting)
    every = {*findings, *found, *more, *proofread(plan)}
    findings = sorted(every, key=lambda one: (one.place, one.code, one.message, one.hint))
    if not plan.services and not any(finding.severity is Severity.ERROR for finding in findings):
        message = "no service is specified here"
        findings.append(error("spec/none", Place(str(asked[0])), message, "write kind: Service, or run slogen init"))
    if any(finding.severity is Severity.ERROR for finding in findings):
        raise SpecError(findings)
    return Compiled(plan, tuple(findings), asked)


def render(plan: Plan, only: Sequence[str] = ()) -> list[Artefact]:
    """The files of all targets, or of those named in `only`."""
    chosen = [target for name, target in target_plugins().items() if not only or name in only]
    return [artefact for target in chosen for artefact in target.artefacts(plan)]
