"""The whole journey, from files to files: read this first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from slogen.findings import Finding, Place, Severity, SpecError, error
from slogen.model import Artefact, Plan
from slogen.plan import make_plan
from slogen.proofreading import proofread
from slogen.resolve import resolve
from slogen.source import find_spec_files, read_files
from slogen.spec.load import load_specs
from slogen.targets import target_plugins

SPECS = Path("slos")
CONFIG = Path("slogen.yaml")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan without errors, the warnings on the way to it, and which specs it was asked for."""

    plan: Plan
    warnings: tuple[Finding, ...]
    asked: tuple[Path, ...]

    def owns(self, source: str) -> bool:
        """Whether a spec, perhaps one that is gone, lies where this build was asked to look."""
        return _lies_in(source, self.asked)


def compile_specs(paths: Sequence[Path], config: Path | None = None) -> Compiled:
    """Read, validate and plan. Raises SpecError with every finding when one of them is an error."""
    asked = tuple(paths) or (SPECS,)
    folders = _folders(asked)
    documents, findings = read_files([*_config_files(config), *map(Path, folders)], Path())
    specs, found = load_specs(documents)
    services, setting, more = resolve(specs, lambda file: folders.get(file, ""))
    plan = make_plan((service for service in services if _lies_in(service.file, asked)), setting)
    findings = sorted({*findings, *found, *more, *proofread(plan)}, key=lambda finding: (finding.place, finding.code))
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


def _config_files(config: Path | None) -> list[Path]:
    return [config] if config is not None else [CONFIG] if CONFIG.exists() else []


def _lies_in(file: str, paths: Sequence[Path]) -> bool:
    return any(Path(file).is_relative_to(path) for path in paths)


def _folders(asked: Sequence[Path]) -> dict[str, str]:
    """Spec files to read, and for each the folder below its root, which outputs mirror.

    A path inside `slos/` brings all of `slos/` along: policies and name clashes are the whole repository's.
    """
    folders: dict[str, str] = {}
    for path in asked:
        root = SPECS if path.is_relative_to(SPECS) and SPECS.is_dir() else path
        for file in find_spec_files([root] if path.exists() else [path]):
            folder = file.parent.relative_to(root).as_posix() if file != root else "."
            folders.setdefault(file.as_posix(), "" if folder == "." else folder)
    return folders
