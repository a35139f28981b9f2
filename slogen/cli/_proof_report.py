"""How a session of tests is told: a table, JSON, or JUnit's XML."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any
from xml.etree import ElementTree

from slogen.cli._print import plural, printable, table
from slogen.explanation import percent, span
from slogen.model import Resource
from slogen.proof.pasts import Past
from slogen.proof.running import Outcome
from slogen.proof.session import Verdict

Untested = Sequence[tuple[str, str]]


def _each(verdicts: Sequence[Verdict]) -> Iterator[tuple[Verdict, Past, Outcome]]:
    for verdict in verdicts:
        for past, outcome in zip(verdict.pasts, verdict.outcomes, strict=True):
            yield verdict, past, outcome


def text(verdicts: Sequence[Verdict], untested: Untested) -> str:
    """A table of what was forecast and seen, then what was wrong, then how many."""
    rows = [("SLO or resource", "what happens", "fires after", "seen", "budget spent", "resets after", "seen", "")]
    for verdict, past, outcome in _each(verdicts):
        if verdict.stands_on:
            continue
        forecast = past.forecast
        told = ("", "", "", "", "")
        if forecast is not None:
            told = (
                _span(forecast.fires),
                _span(outcome.fired),
                "" if forecast.spent is None else percent(forecast.spent),
                _span(forecast.resets),
                _span(outcome.reset),
            )
        rows.append((verdict.proof.name, past.name, *told, "WRONG" if outcome.wrong else "ok"))
    parts = [table([tuple(map(printable, row)) for row in rows])] if len(rows) > 1 else []
    stands = [f"  {verdict.proof.name} is as {verdict.stands_on}" for verdict in verdicts if verdict.stands_on]
    parts += ["\n".join(stands)] if stands else []
    parts += ["\n".join(f"  {name} is not tested: {why}" for name, why in untested)] if untested else []
    for verdict, past, outcome in _each(verdicts):
        if outcome.told and not outcome.wrong and not verdict.stands_on:
            lines = "\n".join(f"  {printable(one)}" for one in outcome.told)
            parts.append(f"{verdict.proof.name}: {printable(past.name)}\n{lines}")
    for verdict, past, outcome in _each(verdicts):
        if outcome.wrong and not verdict.stands_on:
            lines = "\n".join(f"  {printable(one)}" for one in (*outcome.wrong, *outcome.told))
            parts.append(f"{verdict.proof.name}: {printable(past.name)}\n{lines}")
    return "\n\n".join([*parts, _summary(verdicts)])


def _span(seconds: int | None) -> str:
    """Seconds in words; what comes at once takes none."""
    return "0s" if seconds == 0 else span(seconds)


def _summary(verdicts: Sequence[Verdict]) -> str:
    judged = [verdict for verdict in verdicts if not verdict.stands_on]
    count = sum(len(verdict.pasts) for verdict in judged)
    wrong = sum(bool(outcome.wrong) for verdict in judged for outcome in verdict.outcomes)
    kept = sum(verdict.kept for verdict in judged)
    told = f"{_subjects(verdicts)} of {plural(len(judged), 'shape')}, {plural(count, 'past')}, {wrong} wrong"
    return f"{told} ({kept} kept from before)." if kept else f"{told}."


def _subjects(verdicts: Sequence[Verdict]) -> str:
    resources = sum(isinstance(verdict.proof.subject, Resource) for verdict in verdicts)
    told = [
        plural(count, word) for count, word in ((len(verdicts) - resources, "SLO"), (resources, "resource")) if count
    ]
    return " and ".join(told) or plural(0, "SLO")


def as_json(verdicts: Sequence[Verdict], untested: Untested) -> str:
    """Every past with its forecast and outcome."""
    found: list[dict[str, Any]] = []
    for verdict, past, outcome in _each(verdicts):
        forecast = past.forecast
        found.append(
            {
                "slo": None if isinstance(verdict.proof.subject, Resource) else verdict.proof.name,
                "resource": verdict.proof.name if isinstance(verdict.proof.subject, Resource) else None,
                "past": past.name,
                "ok": not outcome.wrong,
                "wrong": list(outcome.wrong),
                "told": list(outcome.told),
                "alert": forecast.alert if forecast else None,
                "firesAfterSeconds": {"forecast": forecast.fires, "seen": outcome.fired} if forecast else None,
                "resetsAfterSeconds": {"forecast": forecast.resets, "seen": outcome.reset} if forecast else None,
                "standsOn": verdict.stands_on or None,
            }
        )
    return json.dumps({"pasts": found, "untested": dict(untested)}, indent=2, ensure_ascii=False)


def junit(verdicts: Sequence[Verdict], _untested: Untested) -> str:
    """JUnit's XML: a suite for each SLO and resource."""
    root = ElementTree.Element("testsuites", name="slogen")
    for verdict in verdicts:
        wrong = sum(bool(outcome.wrong) for outcome in verdict.outcomes)
        count = str(len(verdict.outcomes))
        suite = ElementTree.SubElement(root, "testsuite", name=verdict.proof.name, tests=count, failures=str(wrong))
        for past, outcome in zip(verdict.pasts, verdict.outcomes, strict=True):
            case = ElementTree.SubElement(suite, "testcase", classname=verdict.proof.name, name=printable(past.name))
            if outcome.wrong:
                failure = ElementTree.SubElement(case, "failure", message=printable(outcome.wrong[0]))
                failure.text = "\n".join(map(printable, outcome.wrong))
            if verdict.stands_on:
                ElementTree.SubElement(case, "system-out").text = f"as {verdict.stands_on}"
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode")
