"""A session of tests: the pasts of every SLO and resource, each shape of rules judged once, results kept by content.

SLOs whose rules and pasts differ in nothing but names and labels have one shape: one of them is judged, and the others
stand on it.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from slogen import naming
from slogen.model import Resource, Slo
from slogen.proof import kept
from slogen.proof.built import Groups, built, each, essence, parsed, prefix, rules_path
from slogen.proof.pasts import Past
from slogen.proof.running import Outcome, Trial, together, trial
from slogen.proof.scenarios import left_out, pasts, shape, subject
from slogen.rules import Plan, ResourcePlan, SloPlan

_TURNS = 12
"""Batches that each worker judges, at least."""


@dataclass(frozen=True)
class Proof:
    """What is to be judged of one SLO or resource, by the rules at `path`; `shape` is alike where only names differ."""

    planned: SloPlan | ResourcePlan
    text: str
    path: Path
    shape: str

    @property
    def name(self) -> str:
        """`checkout/availability`."""
        return naming.slo_id(self.subject.service, self.subject.name)

    @property
    def subject(self) -> Slo | Resource:
        """What it is about."""
        return subject(self.planned)

    @cached_property
    def groups(self) -> Groups:
        """The rules. Raises SpecError where they cannot be read."""
        return parsed(self.text, self.path)

    @cached_property
    def pasts(self) -> tuple[Past, ...]:
        """What happens, and what must be true."""
        return tuple(pasts(self.planned))


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the pasts of an SLO or a resource went; `stands_on` names the one of its shape that was judged instead."""

    proof: Proof
    pasts: tuple[Past, ...]
    outcomes: tuple[Outcome, ...]
    stands_on: str = ""
    kept: bool = False

    @property
    def failed(self) -> bool:
        """Whether anything was wrong."""
        return any(outcome.wrong for outcome in self.outcomes)


def proofs(plan: Plan, output: Path, changed: Collection[str] | None = None) -> Iterator[Proof]:
    """One for each SLO and resource that has pasts, by the rules that lie in `output`.

    Raises SpecError where these are missing. With `changed`, only services whose spec or rules are among these files.
    """
    has_pasts: dict[str, bool] = {}
    for service in plan.services:
        path = rules_path(service, output)
        if changed is not None and not {service.service.file, path.as_posix()} & set(changed):
            continue
        rules = built(service, output)
        for planned in each(service):
            if left_out(subject(planned)):
                continue
            text = rules[prefix(planned)]
            whole = f"{essence(text, subject(planned), plan.setting, service.service.labels)}\n{shape(planned)!r}"
            name = hashlib.sha256(whole.encode()).hexdigest()
            if name not in has_pasts:
                has_pasts[name] = any(True for _ in pasts(planned))
            if has_pasts[name]:
                yield Proof(planned, text, path, name)


def untested(plan: Plan) -> Iterator[tuple[str, str]]:
    """SLOs and resources without tests, and why."""
    for service in plan.services:
        for one in map(subject, each(service)):
            if why := left_out(one):
                yield naming.slo_id(one.service, one.name), why


def judge(promtool: Path, every: Sequence[Proof], workers: int, told: Callable[[int, int], None]) -> list[Verdict]:
    """Judge the proofs, one of each shape, `workers` at a time; `told` hears how many pasts of how many are done."""
    version = _version(promtool)
    first: dict[str, Proof] = {}
    for proof in every:
        first.setdefault(proof.shape, proof)
    trials = {name: [trial(proof.subject, proof.groups, past) for past in proof.pasts] for name, proof in first.items()}
    keys = {name: [kept.key(version, first[name].subject, one) for one in several] for name, several in trials.items()}
    known = {key: found for own in keys.values() for key in own if (found := kept.recall(key)) is not None}
    before = set(known)
    jobs = {key: one for name in first for key, one in zip(keys[name], trials[name], strict=True) if key not in known}
    known |= _judged(promtool, jobs, workers, told)
    verdicts = []
    for proof in every:
        judged = first[proof.shape]
        stands_on = "" if judged is proof else judged.name
        own = keys[proof.shape]
        outcomes = tuple(known[key] for key in own)
        verdicts.append(Verdict(proof, judged.pasts, outcomes, stands_on, before.issuperset(own)))
    return verdicts


def _judged(
    promtool: Path, jobs: dict[str, Trial], workers: int, told: Callable[[int, int], None]
) -> Iterator[tuple[str, Outcome]]:
    """Outcomes by key: pasts of the same rules by one promtool, those that take longest first."""
    ordered = sorted(_batches(jobs, workers), key=lambda batch: -sum(one.weight for _, one in batch))
    done = 0
    told(done, len(jobs))
    with ThreadPoolExecutor(workers) as pool:
        running = {pool.submit(together, promtool, [one for _, one in batch]): batch for batch in ordered}
        for future in as_completed(running):
            for (key, _), outcome in zip(running[future], future.result(), strict=True):
                kept.remember(key, outcome)
                yield key, outcome
            done += len(running[future])
            told(done, len(jobs))


def _batches(jobs: dict[str, Trial], workers: int) -> Iterator[list[tuple[str, Trial]]]:
    """Pasts that one promtool judges, of the same rules side by side; batches are small enough to end together."""
    most = sum(one.weight for one in jobs.values()) // (workers * _TURNS)
    batch, weight = list[tuple[str, Trial]](), 0
    for key, one in sorted(jobs.items(), key=lambda job: f"{job[1].every} {job[1].groups}"):
        if batch and weight + one.weight > most:
            yield batch
            batch, weight = [], 0
        batch.append((key, one))
        weight += one.weight
    if batch:
        yield batch


def _version(promtool: Path) -> str:
    done = subprocess.run([promtool, "--version"], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr
