"""Runs pasts on promtool: what failed, and when alerts really fired and reset.

Promtool parses and prints every rule at every evaluation, so what a past costs is its evaluations times the text of its
rules: only those that a question is about are evaluated.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slogen.forecast import EVERY
from slogen.model import Resource, Slo
from slogen.promql.durations import format_duration
from slogen.proof.built import Groups
from slogen.proof.common import TWIN, group_labels
from slogen.proof.narrowing import Wording, behind, reworded, wording
from slogen.proof.pasts import Figure, Firing, Past, Silence, Stretch, course_series, input_series, up_series

_SPARING = {"GOGC": "400", "GOMAXPROCS": "1"}
"""One thread and less garbage collection for each promtool, for several run at a time: an eighth less time."""

_UNASKED = 987654321
"""What no question is answered with: an answer that promtool is told to expect, so that it prints the true one."""

_FAILED = re.compile(
    r"expr: (?P<expr>\"(?:[^\"\\]|\\.)*\"), time: (?P<time>\S+),\s*exp: *(?P<exp>.*?)\s*got: *(?P<got>.*?)"
    r"(?=\n\s*\n|\n +(?:name|expr):|\Z)",
    re.DOTALL,
)
_FILE = re.compile(r"^Unit Testing: +(\d+)[.]tests[.]yml$", re.MULTILINE)
_END = re.compile(r"^(?=  (?:SUCCESS|FAILED:)$)", re.MULTILINE)
_MARK = "\n# past "
_NUMBER = re.compile(r"[-+]?[0-9.]+E[+-][0-9]+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one past went: what was wrong, in words; seconds to fire and to reset, where these were forecast.

    `told` says when the alerts fired that a test of the spec names.
    """

    wrong: tuple[str, ...]
    fired: int | None = None
    reset: int | None = None
    told: tuple[str, ...] = ()


def interval_of(slo: Slo | Resource, past: Past) -> int:
    """Seconds between the evaluations that a past is judged by."""
    if isinstance(slo, Resource):
        return EVERY
    return slo.cadence.ledger if past.slow else slo.cadence.base


def case(slo: Slo | Resource, past: Past) -> dict[str, Any]:
    """A past as an entry of `tests` in promtool's unit tests."""
    series = _of_slo(slo, past) if isinstance(slo, Slo) else course_series(slo.source.stand_ins(slo.workloads), past)
    return {
        "name": f"{slo.name}: {past.name}",
        "interval": f"{past.step * 500}ms" if past.between else format_duration(past.step),
        "input_series": [{"series": name, "values": values} for name, values in series],
        "promql_expr_test": [
            _question(check.expr, check.at, 1 if isinstance(check, Figure) else check.count) for check in past.checks
        ],
    }


def _of_slo(slo: Slo, past: Past) -> list[tuple[str, str]]:
    stand_ins = slo.objectives[0].indicator.stand_ins(slo.variants)
    series = [*input_series(stand_ins, past, group_labels(slo, past.group))]
    if past.twin:
        healthy = replace(past, stretches=(Stretch(sum(one.length for one in past.stretches), 100),))
        series += input_series(stand_ins, healthy, [(label, TWIN) for label in slo.by])
    return series + [up_series(str(target), past) for target in slo.objectives[0].indicator.scrape_targets]


def _question(expr: str, at: int, answer: int) -> dict[str, Any]:
    exp_samples = [{"labels": "{}", "value": answer}]
    return {"expr": expr, "eval_time": format_duration(at), "exp_samples": exp_samples}


def document(rule_file: str, every: int, groups: Groups, cases: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A whole file of promtool's unit tests."""
    return {
        "rule_files": [rule_file],
        "evaluation_interval": format_duration(every),
        "group_eval_order": [group["name"] for group in groups],
        "tests": list(cases),
    }


@dataclass(frozen=True, slots=True)
class _Answer:
    """What promtool said to a question that it answered otherwise."""

    expr: str
    at: str
    wanted: str
    got: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A past with the rules that its questions are about, to be judged every `every` seconds."""

    past: Past
    every: int
    groups: Groups
    case: Mapping[str, Any]
    wording: Wording | None = None

    @property
    def weight(self) -> int:
        """What it costs: evaluations times the text of the rules."""
        return (self.past.length // self.every + 1) * sum(
            len(rule["expr"]) for group in self.groups for rule in group["rules"]
        )


def trial(slo: Slo | Resource, groups: Groups, past: Past) -> Trial:
    """What is to be judged of one past."""
    every = interval_of(slo, past)
    made = case(slo, past)
    asked = [question["expr"] for question in made["promql_expr_test"]]
    made["promql_expr_test"] += [_question(expr, past.length, _UNASKED) for expr in _observations(past, every)]
    kept = behind(groups, asked, past.windows)
    said = wording(slo, kept, [question["expr"] for question in made["promql_expr_test"]])
    if said is None:
        return Trial(past, every, kept, made)
    questions = [{**one, "expr": said.shortened(one["expr"])} for one in made["promql_expr_test"]]
    return Trial(past, every, reworded(kept, said), {**made, "promql_expr_test": questions}, said)


def together(promtool: Path, trials: Sequence[Trial]) -> list[Outcome]:
    """Judge pasts by one promtool, a file for each set of rules and interval. Raises OSError where it cannot run."""
    alike: dict[str, list[int]] = {}
    for number, one in enumerate(trials):
        alike.setdefault(f"{one.every} {one.groups}", []).append(number)
    said = _promtool(promtool, [_document(number, trials, own) for number, own in enumerate(alike.values())])
    outcomes: dict[int, Outcome] = {}
    for number, own in enumerate(alike.values()):
        answers = said.get(number, said[-1])
        failed: dict[int, list[_Answer]] = {one: [] for one in own}
        for found in _FAILED.finditer(answers):
            expr, _, past = json.loads(found["expr"]).rpartition(_MARK)
            expr, got = (_restored(trials[int(past)], text) for text in (expr, found["got"].strip()))
            failed[int(past)].append(_Answer(expr, found["time"].rstrip(","), found["exp"].strip(), got))
        unusable = "SUCCESS" not in answers and not any(failed.values())
        for past_number, wrong in failed.items():
            outcomes[past_number] = (
                Outcome((answers.strip()[:2000],)) if unusable else _outcome(trials[past_number], wrong)
            )
    return [outcomes[number] for number in range(len(trials))]


def _document(number: int, trials: Sequence[Trial], own: Sequence[int]) -> tuple[Groups, dict[str, Any]]:
    first = trials[own[0]]
    cases = [_marked(trials[one].case, one) for one in own]
    return first.groups, document(f"{number}.rules.yml", first.every, first.groups, cases)


def _restored(one: Trial, text: str) -> str:
    return text if one.wording is None else one.wording.restored(text)


def _marked(made: Mapping[str, Any], number: int) -> dict[str, Any]:
    """A test whose questions say, in a comment, to which one of several they belong: not every promtool names it."""
    questions = [{**one, "expr": f"{one['expr']}{_MARK}{number}"} for one in made["promql_expr_test"]]
    return {**made, "promql_expr_test": questions}


def run(promtool: Path, slo: Slo | Resource, groups: Groups, past: Past) -> Outcome:
    """Judge one past by the rules that it asks about. Raises OSError where promtool cannot run."""
    return together(promtool, [trial(slo, groups, past)])[0]


def _observations(past: Past, every: int) -> Iterator[str]:
    """Questions for the first and the last time at which alerts fire."""
    watched = [check.series for check in past.checks if isinstance(check, Firing)]
    if past.forecast is not None:
        watched = [next(check.series for check in past.checks if isinstance(check, Silence))]
    span = f"[{format_duration(past.length)}:{format_duration(every)}]"
    for series in dict.fromkeys(watched):
        for which in ("min", "max"):
            yield f"{which}({which}_over_time(timestamp({series}){span})) or vector(0)"


def _promtool(promtool: Path, files: Sequence[tuple[Groups, Mapping[str, Any]]]) -> dict[int, str]:
    """What was said of each file, by its number; of none in particular, under -1."""
    names = [f"{number}.tests.yml" for number in range(len(files))]
    with tempfile.TemporaryDirectory(prefix="slogen-test-") as folder:
        for number, (groups, tests) in enumerate(files):
            Path(folder, f"{number}.rules.yml").write_text(json.dumps({"groups": groups}), encoding="utf-8")
            Path(folder, names[number]).write_text(json.dumps(tests), encoding="utf-8")
        done = subprocess.run(
            [promtool, "test", "rules", *names],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env={**_SPARING, **os.environ},
        )
    return _by_file(done.stdout, len(files))


def _by_file(said: str, count: int) -> dict[int, str]:
    """What was said of each file. Prometheus 2 names it before; 3 does not, and ends each with one of two words."""
    first, *parts = _FILE.split(said)
    if parts:
        return {-1: first, **{int(number): text for number, text in zip(parts[::2], parts[1::2], strict=True)}}
    first, *parts = _END.split(said)
    return {-1: first, **dict(enumerate(parts))} if len(parts) == count else {-1: said}


def _outcome(one: Trial, answers: Sequence[_Answer]) -> Outcome:
    seen: dict[str, int] = {}
    missed: list[_Answer] = []
    for answer in answers:
        if "timestamp(" in answer.expr:
            number = _NUMBER.search(answer.got)
            seen[answer.expr] = round(float(number[0])) if number else 0
        else:
            missed.append(answer)
    past, times = one.past, list(seen.values())
    if any(isinstance(check, Firing) for check in past.checks):
        return _told(one, {answer.expr for answer in missed}, seen)
    wrong = tuple(f"at {one.at}: {one.expr}: wanted {one.wanted}, got {one.got}" for one in missed)
    if past.forecast is None or len(times) != 2 or not times[0]:  # the first and the last firing
        return Outcome(wrong)
    return Outcome(wrong, times[0] - past.forecast.since, times[1] + one.every - past.forecast.until)


def _told(one: Trial, missed: set[str], seen: Mapping[str, int]) -> Outcome:
    """What a test of the spec saw, in words."""
    told, wrong = list[str](), list[str]()
    for check in one.past.checks:
        if not isinstance(check, Firing):
            continue
        first, last = (found for expr, found in seen.items() if check.series in expr)
        what = f"{check.alert}{_objective(check)}"
        after = first - one.past.trouble
        when = (
            f"{format_duration(abs(after))} {'after' if after >= 0 else 'before'} the trouble begins"
            if after
            else "at once"
        )
        went = f"fires {when}, for {format_duration(last + one.every - first)}" if first else "never fires"
        if check.expr not in missed:
            told.append(f"{what} {went}")
        elif not check.count:
            wrong.append(f"{what} is to be silent, and {went}")
        else:
            within = f" within {format_duration(check.within)}" if check.within else ""
            wrong.append(f"{what} is to fire{within}, and {went}")
    return Outcome(tuple(wrong), told=tuple(told))


def _objective(check: Firing) -> str:
    name = dict(check.labels).get("objective", "")
    return f" of {name}" if name else ""
