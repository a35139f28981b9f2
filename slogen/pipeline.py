"""The whole journey, from files to files: read this first.

`slogen build` takes the same steps in batches of files, to hold little in memory and to use all cores: batches.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from slogen.digests import digest
from slogen.findings import Finding
from slogen.plan import make_plan
from slogen.proofreading import proofread
from slogen.resolve import resolve
from slogen.rules import Artefact, Plan
from slogen.shared import is_shared, names_of, read_shared
from slogen.source import SourceFile, read_file
from slogen.spec.load import Specs, load_specs
from slogen.specfiles import Request, is_asked_for, request
from slogen.targets import target_plugins
from slogen.verdict import Names, judged, same_names


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
    wanted = request(paths, config)
    shared, _ = read_shared(wanted.files)
    drafts = [compile_file(file, wanted, shared) for file in wanted.files]
    whole, findings = plan_shared(shared)
    services = sorted((one for draft in drafts for one in draft.plan.services), key=lambda one: one.service.name)
    findings += [finding for draft in drafts for finding in draft.findings]
    findings += same_names(name for draft in drafts for name in draft.names)
    return Compiled(Plan(whole.setting, tuple(services)), judged(findings, bool(services), wanted.asked), wanted.asked)


@dataclass(frozen=True, slots=True)
class Draft:
    """What came of one spec file: the plan of its services that were asked for, and what is wrong with all of them."""

    file: str
    content: str
    """Digest of what was read, nothing where it could not be."""
    shares: bool
    names: Names
    plan: Plan
    findings: tuple[Finding, ...]
    specs: Specs


def compile_file(file: str, wanted: Request, shared: Specs) -> Draft:
    """From a file to its rules; `shared` are the configuration and the policies of the whole repository."""
    return compile_source(read_file(Path(file), Path()), wanted, shared)


def compile_source(source: SourceFile, wanted: Request, shared: Specs) -> Draft:
    """From what was read to its rules."""
    own, found = load_specs(source.documents)
    services, setting, more = resolve(Specs(own.services, shared.policies, shared.configs), wanted.folder)
    plan = make_plan((service for service in services if wanted.asks(service.file)), setting)
    more = [one for one in more if one.place.file == source.file]
    findings = (*source.findings, *found, *more, *proofread(plan))
    content = "" if source.content is None else digest(source.content)
    return Draft(source.file, content, is_shared(own), names_of(own.services), plan, findings, own)


def plan_shared(shared: Specs) -> tuple[Plan, list[Finding]]:
    """The plan without a service, and what is wrong with the configuration and the policies themselves."""
    _, setting, findings = resolve(Specs([], shared.policies, shared.configs), lambda _: "")
    return Plan(setting, ()), findings


def render(plan: Plan, only: Sequence[str] = ()) -> list[Artefact]:
    """The files of all targets, or of those named in `only`."""
    chosen = [target for name, target in target_plugins().items() if not only or name in only]
    return [artefact for target in chosen for artefact in target.artefacts(plan)]
