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


def trial(slo: Slo | Resource, groups: Groups, past: Past) -> Trial:
    """What is to be judged of one past."""
    every = interval_of(slo, past)
    made = case(slo, past)
    asked = [question["expr"] for question in made["promql_expr_test"]]
    made["promql_expr_test"] += [_question(expr, past.length, _UNASKED) for expr in _observations(past, every)]
    return Trial(past, every, _behind(groups, asked, past.windows), made)


def together(promtool: Path, trials: Sequence[Trial]) -> list[Outcome]:
    """Judge pasts that have their rules and interval in common. Raises OSError where promtool cannot run."""
    cases = [_marked(one.case, number) for number, one in enumerate(trials)]
    first = trials[0]
    said = _promtool(promtool, first.groups, document("rules.yml", first.every, first.groups, cases))
    failed: dict[int, list[_Answer]] = {number: [] for number in range(len(trials))}
    for found in _FAILED.finditer(said):
        expr, _, number = json.loads(found["expr"]).rpartition(_MARK)
        failed[int(number)].append(_Answer(expr, found["time"].rstrip(","), found["exp"].strip(), found["got"].strip()))
    if "SUCCESS" not in said and not any(failed.values()):
        return [Outcome((said.strip()[:2000],))] * len(trials)
    return [_outcome(one, failed[number]) for number, one in enumerate(trials)]


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


def _behind(groups: Groups, asked: Sequence[str], windows: Sequence[str]) -> list[dict[str, Any]]:
    """The groups with those rules that the questions are about, directly or through others; of `windows`, if any."""
    every = [rule for group in groups for rule in group["rules"]]
    texts = list(asked)
    kept: set[int] = set()
    for text in texts:
        for number, rule in enumerate(every):
            left_out = windows and _window(rule) and _window(rule) not in windows
            if number not in kept and not left_out and _is_read(rule, text):
                kept.add(number)
                texts.append(rule["expr"])
    found, number = [], 0
    for group in groups:
        numbers = range(number, number + len(group["rules"]))
        number += len(group["rules"])
        rules = [
            {**every[one], "annotations": {}} if "alert" in every[one] else every[one] for one in numbers if one in kept
        ]
        if rules:
            found.append({**group, "rules": rules})
    return found


def _is_read(rule: Mapping[str, Any], text: str) -> bool:
    if "alert" in rule:
        return f'alertname="{rule["alert"]}"' in text
    window = _window(rule)
    return rule["record"] in text and (not window or f'window="{window}"' in text or "window=" not in text)


def _window(rule: Mapping[str, Any]) -> str:
    return str((rule.get("labels") or {}).get("window", ""))


def _promtool(promtool: Path, groups: Groups, tests: Mapping[str, Any]) -> str:
    with tempfile.TemporaryDirectory(prefix="slogen-test-") as folder:
        Path(folder, "rules.yml").write_text(json.dumps({"groups": groups}), encoding="utf-8")
        Path(folder, "tests.yml").write_text(json.dumps(tests), encoding="utf-8")
        done = subprocess.run(
            [promtool, "test", "rules", "tests.yml"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={**_SPARING, **os.environ},
        )
        return done.stdout + done.stderr


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
