"""Spec files to staged outputs, a batch at a time, on all cores when there is enough to do.

Nothing of a batch stays in memory but a Record of each file. A worker that its build has left alone ends by itself.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from slogen.digests import digest
from slogen.findings import Finding, Severity, SpecError
from slogen.output import Staging, State
from slogen.pipeline import Draft, compile_file, render
from slogen.receipt import Record
from slogen.rules import Alert, Artefact, Plan
from slogen.spec.load import Specs
from slogen.specfiles import Request
from slogen.workers import batches, sizes, work_on

BATCH = 32 * 1024
"""Bytes of specs that are compiled at a time, some hundred SLOs."""

WORTH = 48 * 1024
"""Bytes of specs below which one process is done sooner than several."""


@dataclass(frozen=True, slots=True)
class Job:
    """What all batches of a build have in common."""

    wanted: Request
    shared: Specs
    only: tuple[str, ...]
    staging: Staging


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a batch: a Record of each file, how each output compares, and what could not be written."""

    records: Mapping[str, Record]
    states: Mapping[str, State]
    failures: tuple[Finding, ...] = ()


def compile_all(files: Sequence[str], job: Job) -> Generator[Outcome, None, None]:
    """Compile files and stage their outputs, unless their batch has an error.

    The first batch holds one file only and comes first: what it loads and prepares, every worker then has.
    """
    measured = sizes(files)
    first, rest = files[:1], {file: measured[file] for file in files[1:]}
    if first:
        yield from work_on([first], compile_batch, job, alone=True)
    yield from work_on([*batches(rest, BATCH)], compile_batch, job, alone=sum(measured.values()) < WORTH)


def compile_batch(job: Job, files: Sequence[str]) -> Outcome:
    """From spec files to staged outputs."""
    drafts = {file: compile_file(file, job.wanted, job.shared) for file in files}
    made: dict[str, dict[str, str]] = {draft.file: {} for draft in drafts.values()}
    states, failures = dict[str, State](), tuple[Finding, ...]()
    if not any(finding.severity is Severity.ERROR for draft in drafts.values() for finding in draft.findings):
        setting = next(iter(drafts.values())).plan.setting
        services = tuple(service for draft in drafts.values() for service in draft.plan.services)
        try:
            for artefact in render(Plan(setting, services), job.only):
                if artefact.source:
                    made[artefact.source][artefact.path], states[artefact.path] = staged(artefact, job.staging)
        except SpecError as failure:
            failures = failure.findings
    return Outcome({file: _record(draft, made[draft.file]) for file, draft in drafts.items()}, states, failures)


def staged(artefact: Artefact, staging: Staging) -> tuple[str, State]:
    """An artefact's digest, and how it compares with what is there. Raises SpecError where it cannot be staged."""
    content = artefact.text.encode()
    return digest(content), staging.put(artefact.path, content)


def _record(draft: Draft, outputs: Mapping[str, str]) -> Record:
    services = draft.plan.services
    rules = [rule for service in services for rule in service.rules()]
    alerts = sum(isinstance(rule, Alert) for rule in rules)
    counts = len(services), len(rules), alerts
    return Record(draft.content, draft.shares, draft.names, draft.findings, *counts, outputs, draft.reads)
