"""A session of tests: every SLO's pasts, each shape of rules judged once, results kept by content.

SLOs whose rules and pasts differ in nothing but names and labels have one shape: one of them is judged, and the others
stand on it. What a result depends on is its name in the cache, so a stale or damaged one is never used.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import subprocess
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import yaml

from slogen import naming
from slogen.findings import Place, SpecError, error
from slogen.model import Slo
from slogen.proof.pasts import Past
from slogen.proof.running import Groups, Outcome, case, run
from slogen.proof.scenarios import left_out, pasts
from slogen.receipt import cache_folder
from slogen.rules import Plan, ServicePlan, SloPlan

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Proof:
    """What is to be judged of one SLO, by which rule groups; `shape` is alike for SLOs that differ in names only."""

    planned: SloPlan
    groups: Groups
    pasts: tuple[Past, ...]
    shape: str

    @property
    def name(self) -> str:
        """`checkout/availability`."""
        return naming.slo_id(self.planned.slo.service, self.planned.slo.name)


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the pasts of an SLO went; `stands_on` names the SLO of the same shape that was judged in its place."""

    proof: Proof
    outcomes: tuple[Outcome, ...]
    stands_on: str = ""
    kept: bool = False

    @property
    def failed(self) -> bool:
        """Whether anything was wrong."""
        return any(outcome.wrong for outcome in self.outcomes)


def proofs(plan: Plan, output: Path, changed: Collection[str] | None = None) -> Iterator[Proof]:
    """One for each SLO that has pasts, by the rules that lie in `output`. Raises SpecError where these are missing.

    With `changed`, only services whose spec or rules are among these files.
    """
    for service in plan.services:
        if changed is not None and not {service.service.file, _rules(service, output).as_posix()} & set(changed):
            continue
        groups = _groups(service, output)
        for planned in service.slos:
            own = [group for group in groups if _belongs(group, planned.slo)]
            found = tuple(pasts(planned))
            if found:
                yield Proof(planned, own, found, _shape(planned.slo, own, found))


def untested(plan: Plan) -> Iterator[tuple[str, str]]:
    """SLOs without tests, and why."""
    for service in plan.services:
        for planned in service.slos:
            if why := left_out(planned.slo):
                yield naming.slo_id(planned.slo.service, planned.slo.name), why


def _groups(service: ServicePlan, output: Path) -> Groups:
    path = _rules(service, output)
    try:
        loaded = yaml.load(path.read_text(encoding="utf-8"), _LOADER)  # noqa: S506  # it is a safe one
        groups: Groups = loaded["groups"]
        return [group for group in groups if isinstance(group["name"], str) and isinstance(group["rules"], list)]
    except FileNotFoundError:
        message = "these rules are not built"
    except (OSError, ValueError, KeyError, TypeError, yaml.YAMLError):
        message = "these are no rules that can be read"
    raise SpecError([error("test/rules", Place(path.as_posix()), message, "run slogen build")]) from None


def _rules(service: ServicePlan, output: Path) -> Path:
    return output / naming.rules_file(service.service.folder, service.service.name)


def _belongs(group: Mapping[str, Any], slo: Slo) -> bool:
    return str(group["name"]).startswith(f"{slo.service}/{slo.name}/")


def _shape(slo: Slo, groups: Groups, found: Sequence[Past]) -> str:
    """The rules and questions without the names that SLOs differ in."""
    parts = []
    for group in groups:
        rules = [(rule.get("record", rule.get("alert")), rule["expr"], rule.get("for", "")) for rule in group["rules"]]
        labels = [rule.get("labels", {}).get("window", "") for rule in group["rules"]]
        parts.append((str(group["name"]).rpartition("/")[2], group.get("interval", ""), rules, labels))
    cases = [{**case(slo, past), "name": ""} for past in found]
    for one in cases:
        one["input_series"] = [series["values"] for series in one["input_series"]]
    text = json.dumps([parts, cases], sort_keys=True)
    for old, new in _names(slo):
        text = text.replace(old, new)
    return hashlib.sha256(text.encode()).hexdigest()


def _names(slo: Slo) -> Iterator[tuple[str, str]]:
    """What is replaced, the longest first, as it stands in JSON."""
    yield json.dumps(f'service="{slo.service}", slo="{slo.name}"')[1:-1], "(identity)"
    found: dict[str, str] = {}
    for indicator in slo.variants:
        for number, query in enumerate(getattr(indicator, "queries", ())):
            found[query.text] = f"(query {number})"
            if query.selector is not None:
                found[str(query.selector)] = f"(query {number})"
                found[query.selector.metric] = f"(metric {number})"
                inside = str(query.selector)[len(query.selector.metric) :]
                if inside:
                    found[inside[1:-1]] = f"(matchers {number})"
    for number, target in enumerate(slo.objectives[0].indicator.scrape_targets):
        found[str(target)] = f"(target {number})"
    for old in sorted(found, key=len, reverse=True):
        yield json.dumps(old)[1:-1], found[old]


def judge(promtool: Path, every: Sequence[Proof], workers: int, told: Callable[[int, int], None]) -> list[Verdict]:
    """Judge the proofs, one of each shape, `workers` at a time; `told` hears how many pasts of how many are done."""
    version = _version(promtool)
    first: dict[str, Proof] = {}
    for proof in every:
        first.setdefault(proof.shape, proof)
    kept = {shape: found for shape, proof in first.items() if (found := _recall(version, proof)) is not None}
    jobs = [(proof, past) for shape, proof in first.items() if shape not in kept for past in proof.pasts]
    jobs.sort(key=lambda job: -job[1].length)
    results: dict[tuple[str, int], Outcome] = {}
    told(0, len(jobs))
    with ThreadPoolExecutor(workers) as pool:
        running = {
            pool.submit(run, promtool, proof.planned.slo, proof.groups, past): (proof.shape, proof.pasts.index(past))
            for proof, past in jobs
        }
        for done, future in enumerate(as_completed(running), 1):
            results[running[future]] = future.result()
            told(done, len(jobs))
    verdicts = []
    for proof in every:
        judged = first[proof.shape]
        outcomes = kept.get(proof.shape) or tuple(results[proof.shape, n] for n in range(len(judged.pasts)))
        stands_on = "" if judged is proof else judged.name
        verdicts.append(Verdict(proof, outcomes, stands_on, proof.shape in kept))
        if judged is proof and proof.shape not in kept:
            _remember(version, proof, outcomes)
    return verdicts


def _version(promtool: Path) -> str:
    done = subprocess.run([promtool, "--version"], capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def _key(version: str, proof: Proof) -> str:
    slo = proof.planned.slo
    whole: list[Any] = [version, list(proof.groups), [case(slo, past) for past in proof.pasts]]
    whole.append([asdict(past.forecast) if past.forecast else None for past in proof.pasts])
    return hashlib.sha256(json.dumps(whole, sort_keys=True, default=str).encode()).hexdigest()


def _recall(version: str, proof: Proof) -> tuple[Outcome, ...] | None:
    folder = cache_folder()
    if folder is None:
        return None
    try:
        kept = json.loads((folder / "proofs" / f"{_key(version, proof)}.json").read_text(encoding="utf-8"))
        outcomes = tuple(Outcome((), one["fired"], one["reset"]) for one in kept)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return outcomes if len(outcomes) == len(proof.pasts) else None


def _remember(version: str, proof: Proof, outcomes: Sequence[Outcome]) -> None:
    """Keep what passed; what failed is judged again each time."""
    folder = cache_folder()
    if folder is None or any(outcome.wrong for outcome in outcomes):
        return
    with suppress(OSError):
        place = folder / "proofs" / f"{_key(version, proof)}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_name(f"{place.name}.{secrets.token_hex(8)}")
        temporary.write_text(json.dumps([asdict(outcome) for outcome in outcomes]), encoding="utf-8")
        temporary.replace(place)
