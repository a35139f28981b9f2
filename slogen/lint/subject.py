"""What a lint rule may look at: services and SLOs with their specs, rule files, groups and rules, and what is set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from slogen.findings import Place, Severity
from slogen.lint.expressions import Expression, Part, expression
from slogen.lint.limits import Limits
from slogen.lint.problems import Edit, Problem
from slogen.model import Setting, Slo
from slogen.output import source_of
from slogen.promql.tokens import PromQLError
from slogen.rulefiles.model import FileRule, Read, RuleFile, RuleGroup, Text
from slogen.rules import ServicePlan, SloPlan
from slogen.source import Document
from slogen.yamltext.text import Node

Step = str | int


@dataclass(frozen=True, slots=True)
class Context:
    """What all rules may know of: what the Config sets, the day, and what else was given.

    `version` is that of the Prometheus that evaluates the rules, `scrape` how often targets are scraped unless
    something else is known, in seconds. `is_whole` says that everything was given, so that what is not here is nowhere.
    `prometheus` is the server that was named, `alertmanager` Alertmanager's configuration; each may be None.
    """

    setting: Setting = field(default_factory=Setting)
    version: tuple[int, int] = (2, 42)
    scrape: int = 30
    limits: Limits = field(default_factory=Limits)
    today: date = date.min
    is_whole: bool = True
    prometheus: Any = None
    alertmanager: Document | None = None


@dataclass(frozen=True)
class SpecSubject:
    """A part of a spec: the document, and the path of keys to it."""

    document: Document
    path: tuple[Step, ...]

    @property
    def data(self) -> Any:
        """What is written there, None where nothing is."""
        value: Any = self.document.data
        for step in self.path:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return None
        return value

    def place(self, *steps: Step, key: bool = False) -> Place:
        """Where something below stands, or its key; the nearest thing above it where it is not written."""
        return self.document.place((*self.path, *steps), key)

    def problem(self, message: str, hint: str, *steps: Step, key: bool = False, **more: Any) -> Problem:
        """A problem of what stands below `steps`, or of its key; `more` are fields of Problem."""
        place = self.place(*steps, key=key)
        end = None if key else _end(self.document, (*self.path, *steps), place)
        return Problem(place, message, hint, end=end, **{"subject": self.title, **more})

    @property
    def title(self) -> str:
        """What reports call it."""
        return self.document.file


@dataclass(frozen=True)
class ServiceSubject(SpecSubject):
    """A service: its plan, and its spec; the path leads to the whole document."""

    plan: ServicePlan

    @property
    def title(self) -> str:
        """The service's name."""
        return self.plan.service.name

    def slos(self) -> Iterator[SloSubject]:
        """Its SLOs, each with its place in the spec."""
        written = self.document.data
        listed = written.get("spec", {}).get("slos", ()) if isinstance(written, dict) else ()
        numbers = {one.get("name"): number for number, one in enumerate(listed) if isinstance(one, dict)}
        for plan in self.plan.slos:
            if plan.slo.name in numbers:
                yield SloSubject(self.document, ("spec", "slos", numbers[plan.slo.name]), plan, self)


@dataclass(frozen=True)
class SloSubject(SpecSubject):
    """An SLO: its plan with all its rules, and where its spec says what."""

    plan: SloPlan
    service: ServiceSubject

    @property
    def slo(self) -> Slo:
        """The SLO as it is meant."""
        return self.plan.slo

    @property
    def title(self) -> str:
        """Service and name."""
        return f"{self.slo.service}/{self.slo.name}"


@dataclass(frozen=True)
class RuleSubject:
    """A rule of a file, in its group."""

    file: FileSubject
    group: RuleGroup
    rule: FileRule

    @property
    def title(self) -> str:
        """Group and name."""
        return f"{self.group.name.value}/{self.rule.name.value}"

    @cached_property
    def _read(self) -> Expression | PromQLError:
        try:
            return expression(self.rule.expr.value)
        except PromQLError as failure:
            return failure

    @property
    def expression(self) -> Expression | None:
        """Its expression; None for one that cannot be read."""
        return self._read if isinstance(self._read, Expression) else None

    @property
    def failure(self) -> PromQLError | None:
        """Why its expression cannot be read."""
        return None if isinstance(self._read, Expression) else self._read

    def problem(
        self, message: str, hint: str, at: Part | Text | None = None, key: bool = False, **more: Any
    ) -> Problem:
        """A problem of a part of the expression, of a text (or its key), or of the rule as a whole.

        `more` are fields of Problem.
        """
        more = {"subject": self.title, **more}
        if at is None:
            return Problem(self.rule.place, message, hint, end=self.rule.name.place, **more)
        if isinstance(at, Text):
            place = at.key_place if key else at.place
            return Problem(place, message, hint, end=None if key else at.source.place(at.end), **more)
        start, end = self.expression.span(at) if self.expression else (0, 0)
        return self.problem_in(self.rule.expr, start, end, message, hint, **more)

    def problem_in(self, text: Text, start: int, end: int, message: str, hint: str, **more: Any) -> Problem:
        """A problem of the characters `start` to `end` of a text."""
        last = text.at(max(end - 1, start))
        after = Place(last.file, last.line, last.column + 1)
        return Problem(text.at(start), message, hint, end=after, **{"subject": self.title, **more})

    def instead(self, part: Part, new: str) -> tuple[Edit, ...]:
        """The edit that writes `new` for a part of the expression on one line; none where that is not certain."""
        if self.expression is None:
            return ()
        text = self.rule.expr
        start, end = self.expression.span(part)
        return () if "\n" in text.value[start:end] else text_edit(text, start, end, new)


@dataclass(frozen=True)
class FileSubject:
    """A file of rules: what it says, and what came of reading it."""

    read: Read

    @property
    def file(self) -> RuleFile:
        """The groups, and the text."""
        return self.read.file

    @cached_property
    def rules(self) -> tuple[RuleSubject, ...]:
        """All its rules; their file is a FileSubject of its own, so that nothing refers to itself in a circle."""
        file = FileSubject(self.read)
        return tuple(RuleSubject(file, group, rule) for group, rule in self.file.rules())

    @cached_property
    def is_generated(self) -> bool:
        """Whether slogen wrote it, so that its specs are to be mended instead."""
        return source_of(self.file.source.text) is not None

    def problem(self, message: str, hint: str, place: Place, **more: Any) -> Problem:
        """A problem at a place, for instance `group.place` or `group.interval.place`."""
        return Problem(place, message, hint, **{"subject": self.file.path, **more})


@dataclass(frozen=True, slots=True)
class Mark:
    """What `check_expression` finds: a problem of a part of an expression, and what to write there if it is certain."""

    at: Part
    message: str
    hint: str
    instead: str | None = None
    severity: Severity | None = None


def text_edit(text: Text, start: int, end: int, new: str) -> tuple[Edit, ...]:
    """The edit that writes `new` for characters `start` to `end` of a text; none where quotes make that uncertain."""
    if text.style in ("'", '"') and any(char in "'\"\\" for char in new):
        return ()
    first, last = text.character(start), text.character(max(end - 1, start))
    if text.source.text[first : last + 1] != text.value[start:end]:
        return ()
    return (Edit(text.source.file, first, last + 1, new),)


def _end(document: Document, path: tuple[Step, ...], place: Place) -> Place | None:
    source, node = document.written
    for step in path:
        below = node.kid(step)
        if below is None:
            return None
        node = below[1]
    if isinstance(node.kids, dict | list | Node) or source.place(node.start) != place:
        return None
    return source.place(node.end)
