"""A build from what there is to what is wanted: compile what has changed, look at the whole, write all or nothing.

A file is compiled when there is no record of it as it is now, or when an output of it is not as its record says. So a
build with a receipt and one without give the same files and findings.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from slogen import receipt
from slogen.findings import Finding, SpecError
from slogen.output import Change, Staging, State, changes, leftovers, listing, problems, write
from slogen.receipt import Receipt, Record
from slogen.rules import Alert
from slogen.specfiles import Request, request
from slogen.verdict import judged, same_names

NO_LONGER_MADE = "no longer made"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be built where; with `check`, nothing is written and no receipt is used."""

    paths: tuple[Path, ...]
    config: Path | None
    output: Path
    only: tuple[str, ...] = ()
    check: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """Beginnings of the paths of outputs that this order is about, none where it is about all."""
        return tuple(f"{name}/" for name in self.only)


@dataclass(frozen=True, slots=True)
class Built:
    """What was built: how much there is, which files were not as they are to be and how, and the warnings."""

    services: int
    rules: int
    alerts: int
    files: int
    changed: Mapping[str, str]
    warnings: tuple[Finding, ...]


def build(order: Order) -> Built:
    """Carry out an order. Raises SpecError with every finding when one of them is an error; then nothing is written."""
    wanted = request(order.paths, order.config)
    settings = [*map(str, wanted.asked), "only", *order.only, str(order.config)]
    place = None if order.check else receipt.receipt_place(order.output, settings)
    setup = receipt.setup([*settings, str(order.output)]) if place else ""
    present = listing(order.output, sweep=not order.check)
    old = receipt.recall(place, setup)
    staging = Staging(order.output, order.check)
    try:
        work = _Work(wanted, order, staging)
        if old is None or not work.stands(old):
            work.compile()
        built = work.settle(present)
    except BaseException:
        staging.discard()
        raise
    if work.compiled or old is None or old.files.keys() != work.records.keys():
        receipt.remember(place, Receipt(setup, work.shared, _named(work.records), work.findings, work.common))
    return built


def build_shown(order: Order, show: Callable[[list[Change], Path], None]) -> Built:
    """`build` in one piece and without receipts, for those who want to see what changes before it does."""
    from slogen.pipeline import compile_specs, render  # noqa: PLC0415

    compiled = compile_specs(order.paths, order.config)
    artefacts = render(compiled.plan, order.only)
    found = changes(artefacts, order.output, compiled.owns, order.parts)
    show(found, order.output)
    if not order.check:
        write(found, order.output)
    told = {one.path: _verb(one) for one in found}
    services = compiled.plan.services
    rules = [rule for service in services for rule in service.rules()]
    alerts = sum(isinstance(rule, Alert) for rule in rules)
    return Built(len(services), len(rules), alerts, len(artefacts), told, compiled.warnings)


def _verb(change: Change) -> str:
    if change.new is None:
        return NO_LONGER_MADE
    return State.MISSING if change.old is None else State.DIFFERS


class _Work:
    """A build under way: what is known of each file, from the receipt or by compiling it."""

    def __init__(self, wanted: Request, order: Order, staging: Staging) -> None:
        self.wanted, self.order, self.staging = wanted, order, staging
        self.records: dict[str, Record] = {}
        self.shared: Mapping[str, str] = {}
        self.findings: tuple[Finding, ...] = ()
        self.common: Mapping[str, str] = {}
        self.states: dict[str, State] = {}
        self.failures: tuple[Finding, ...] = ()
        self.compiled = False

    def stands(self, old: Receipt) -> bool:
        """Take over what the receipt knows of files that are as they were; whether that is everything."""
        for file in self.wanted.files:
            record = old.files.get(file)
            if record is not None and record.content == receipt.content(file) and _reads_the_same(record):
                self.records[file] = record
        every = len(self.records) == len(set(self.wanted.files))
        if every and old.shared != _shared(self.records):
            every = False
        self.shared, self.findings, self.common = old.shared, old.findings, old.common
        wrong = _not_as_told(
            self.order.output,
            [(file, path, told) for file, one in self.records.items() for path, told in one.outputs.items()]
            + [("", path, told) for path, told in old.common.items()],
        )
        for file in wrong:
            self.records.pop(file, None)
        return every and not wrong

    def compile(self) -> None:
        """Compile what is not known. Where the shared documents are others than those of the receipt, that is all."""
        from slogen.batches import Job, compile_all, staged  # noqa: PLC0415  # costs 0.2 s, and there may be no need
        from slogen.pipeline import plan_shared, render  # noqa: PLC0415
        from slogen.shared import read_shared  # noqa: PLC0415

        files = self.wanted.files
        specs, shared = read_shared(file for file in files if file not in self.records or self.records[file].shares)
        if shared != self.shared:
            self.records.clear()
        nothing, findings = plan_shared(specs)
        job = Job(self.wanted, specs, self.order.only, self.staging)
        with closing(compile_all([file for file in dict.fromkeys(files) if file not in self.records], job)) as every:
            for outcome in every:
                self.records |= outcome.records
                self.states |= outcome.states
                self.failures += outcome.failures
        common = {}
        for artefact in render(nothing, self.order.only):
            common[artefact.path], self.states[artefact.path] = staged(artefact, self.staging)
        self.shared, self.findings, self.common, self.compiled = shared, tuple(findings), common, True

    def settle(self, present: set[str]) -> Built:
        """Look at the whole, and write. Raises SpecError, with the problems of the specs before those of the output."""
        records = self.records.values()
        findings = [finding for record in records for finding in record.findings]
        findings += same_names(name for file in self.wanted.files for name in self.records[file].names)
        services = sum(record.services for record in records)
        warnings = judged([*findings, *self.findings], services > 0, self.wanted.asked)
        wanted = {path for record in records for path in record.outputs} | self.common.keys()
        output = self.order.output
        if refused := [*self.failures, *problems(sorted(self.states.items()), output)]:
            raise SpecError(dict.fromkeys(refused))
        gone = leftovers(output, present - wanted, self.wanted.asks, self.order.parts)
        new = sorted(path for path, state in self.states.items() if state is not State.SAME)
        if not self.order.check:
            self.staging.commit(new, gone)
        changed = {**{path: self.states[path].value for path in new}, **dict.fromkeys(gone, NO_LONGER_MADE)}
        rules, alerts = sum(record.rules for record in records), sum(record.alerts for record in records)
        return Built(services, rules, alerts, len(wanted), dict(sorted(changed.items())), warnings)


def _reads_the_same(record: Record) -> bool:
    if not record.reads:
        return True
    from slogen.attachments import digest_of  # noqa: PLC0415  # few specs name files

    return all(digest_of(path) == content for path, content in record.reads.items())


def _shared(records: Mapping[str, Record]) -> dict[str, str]:
    """What all services share, by content."""
    shared: dict[str, str] = {}
    for file, one in records.items():
        if one.shares:
            shared |= {file: one.content, **one.reads}
    return shared


def _named(records: Mapping[str, Record]) -> dict[str, Record]:
    """Without files whose names are no text: findings and outputs cannot tell these apart."""
    return {file: one for file, one in records.items() if "\ufffd" not in os.fsencode(file).decode("utf-8", "replace")}


def _not_as_told(output: Path, told: Iterable[tuple[str, str, str]]) -> set[str]:
    """Files of which an output is missing or has another content; hashing and reading run on all cores."""

    def differs(path: str, content: str) -> bool:
        try:
            return receipt.digest_of(f"{output}/{path}") != content
        except OSError:
            return True

    def different(some: Sequence[tuple[str, str, str]]) -> set[str]:
        return {file for file, path, content in some if differs(path, content)}

    every, cores = list(told), min(8, os.cpu_count() or 1)
    with ThreadPoolExecutor(cores) as pool:
        return set().union(*pool.map(different, (every[number::cores] for number in range(cores))))
