"""Lint rules over what there is to look at: in each file and service, and then over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType
from typing import Any

from slogen.discovery import families, plugins
from slogen.lint.expressions import Shape
from slogen.lint.problems import Problem
from slogen.lint.subject import Context, FileSubject, Mark, RuleSubject, ServiceSubject

RULES = "slogen.lint.rules"
OFF = "off"


@cache
def rules() -> dict[str, ModuleType]:
    """Every lint rule by its code: `promql/range_unused.py` is `promql/range-unused`."""
    return {
        f"{family}/{name.replace('_', '-')}": module
        for family in families(RULES)
        for name, module in plugins(f"{RULES}.{family}").items()
    }


@dataclass(slots=True)
class Gathered:
    """What was found in some files: problems with their codes, and by code what its rule wants of all files."""

    problems: list[tuple[str, Problem]] = field(default_factory=list)
    facts: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, other: Gathered) -> None:
        """Take over what another found, after what is here."""
        self.problems += other.problems
        for code, facts in other.facts.items():
            self.facts.setdefault(code, []).extend(facts)


class Checker:
    """The rules that are on, by what they look at; looks at one file or service after the other."""

    def __init__(self, context: Context, severities: Mapping[str, str]) -> None:
        self.context = context
        self.active = {
            code: module
            for code, module in rules().items()
            if severities.get(code) != OFF and _is_possible(module, context)
        }
        self._busy: dict[Shape, list[tuple[str, Any]]] = {}

    def _hooks(self, name: str) -> list[tuple[str, Any]]:
        return [(code, hook) for code, module in self.active.items() if (hook := getattr(module, name, None))]

    def files(self, subjects: Iterable[FileSubject]) -> Gathered:
        """What is wrong in files of rules."""
        found = Gathered()
        hooks = {name: self._hooks(name) for name in ("check_rule", "check_group", "check_file", "gather")}
        for subject in subjects:
            for rule in subject.rules:
                found.problems += self._expression(rule)
                found.problems += self._run(hooks["check_rule"], rule)
            for group in subject.file.groups if hooks["check_group"] else ():
                found.problems += self._run(hooks["check_group"], subject, group)
            found.problems += self._run(hooks["check_file"], subject)
            for code, gather in hooks["gather"]:
                found.facts.setdefault(code, []).extend(gather(subject, self.context))
        return found

    def services(self, subjects: Iterable[ServiceSubject]) -> Gathered:
        """What is wrong with services and their SLOs."""
        found = Gathered()
        hooks = {name: self._hooks(name) for name in ("check_service", "check_slo", "gather_service")}
        for subject in subjects:
            found.problems += self._run(hooks["check_service"], subject)
            for slo in subject.slos():
                found.problems += self._run(hooks["check_slo"], slo)
            for code, gather in hooks["gather_service"]:
                found.facts.setdefault(code, []).extend(gather(subject, self.context))
        return found

    def repository(self, facts: Mapping[str, list[Any]]) -> Gathered:
        """What only a look at everything can tell."""
        found = Gathered()
        for code, check in self._hooks("check_repository"):
            found.problems += [(code, problem) for problem in check(facts.get(code, []), self.context)]
        return found

    def _run(self, hooks: list[tuple[str, Any]], *subject: Any) -> Iterator[tuple[str, Problem]]:
        for code, check in hooks:
            for problem in check(*subject, self.context):
                yield code, problem

    def _expression(self, rule: RuleSubject) -> Iterator[tuple[str, Problem]]:
        """What is wrong with an expression. Rules that find nothing in what its shape shares do not run again."""
        one = rule.expression
        if one is None:
            return
        busy = self._busy.get(one.shape)
        hooks = self._hooks("check_expression") if busy is None else busy
        again = []
        for code, check in hooks:
            one.is_particular = False
            marks: list[Mark] = [*check(one, self.context)]
            if marks or one.is_particular:
                again.append((code, check))
            for mark in marks:
                edits = () if mark.instead is None else rule.instead(mark.at, mark.instead)
                found = rule.problem(mark.message, mark.hint, mark.at, edits=edits, severity=mark.severity)
                yield code, found
        if busy is None:
            self._busy[one.shape] = again


def _is_possible(module: ModuleType, context: Context) -> bool:
    """Whether what the rule NEEDS beside specs and files of rules was given."""
    needs = getattr(module, "NEEDS", "")
    return not needs or getattr(context, needs) is not None
