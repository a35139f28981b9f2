"""Spec files to staged outputs, a batch at a time, on all cores when there is enough to do.

Nothing of a batch stays in memory but a Record of each file. A worker that its build has left alone ends by itself.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from slogen.digests import digest
from slogen.findings import Finding, Severity, SpecError
from slogen.output import Staging, State
from slogen.pipeline import Draft, compile_file, render
from slogen.receipt import Record
from slogen.rules import Alert, Artefact, Plan
from slogen.spec.load import Specs
from slogen.specfiles import Request

BATCH = 32 * 1024
"""Bytes of specs that are compiled at a time, some hundred SLOs."""

WORTH = 48 * 1024
"""Bytes of specs below which one process is done sooner than several."""

MOST_WORKERS = 8

START = "fork" if sys.platform == "linux" else "spawn"
"""A forked worker has everything loaded; elsewhere than on Linux system libraries do not bear it."""


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
    """Compile files and stage their outputs, unless their batch has an error."""
    sizes = {file: _size(file) for file in files}
    batches = [*_batches(sizes)]
    workers = min(_cores(), len(batches) - 1, MOST_WORKERS)
    if workers < 2 or sum(sizes.values()) < WORTH or threading.active_count() > 1:
        yield from (compile_batch(batch, job) for batch in batches)
        return
    yield compile_batch(batches[0], job)
    gc.collect()
    gc.freeze()
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  # most builds want one process
    from multiprocessing import get_context  # noqa: PLC0415

    pool = ProcessPoolExecutor(workers, get_context(START), _begin, (job, os.getpid()))
    try:
        yield from pool.map(_work, batches[1:])
    finally:
        pool.shutdown(cancel_futures=True)
        gc.unfreeze()


def compile_batch(files: Sequence[str], job: Job) -> Outcome:
    """From spec files to staged outputs."""
    with _uncollected():
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


def _batches(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """The first holds one file only: what it loads and prepares, every worker then has."""
    batch: list[str] = []
    held = BATCH
    for file, size in sizes.items():
        batch.append(file)
        held += size
        if held >= BATCH:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def _size(file: str) -> int:
    try:
        return Path(file).stat().st_size
    except OSError:
        return 0


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector: nearly all that a batch makes lives as long as the batch."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


_job: Job | None = None


def _begin(job: Job, parent: int) -> None:
    """In a new worker: Ctrl-C is the parent's business, and a worker without its parent has none."""
    global _job  # noqa: PLW0603  # a worker's only state, set once
    _job = job
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _work(batch: Sequence[str]) -> Outcome:
    assert _job is not None  # noqa: S101  # `_begin` has run
    return compile_batch(batch, _job)
