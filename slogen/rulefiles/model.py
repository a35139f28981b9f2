"""What a file of Prometheus rules says. Everything knows where it was written, and counts that when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from slogen.findings import Finding, Place
from slogen.source import Document
from slogen.yamltext.characters import characters
from slogen.yamltext.comments import Comment
from slogen.yamltext.text import Node
from slogen.yamltext.text import Text as Source


class Text(NamedTuple):
    """A scalar as Prometheus reads it, the characters `start` to `end` of its file, and where its key stands.

    What is no text in YAML, a number for instance, is what was written; null is empty.
    """

    value: str
    source: Source
    start: int
    end: int
    style: str
    key: int

    @property
    def place(self) -> Place:
        """Where it begins, or its key where nothing is written."""
        return self.source.place(self.key if self.start == self.end else self.start)

    @property
    def key_place(self) -> Place:
        """Where its key stands."""
        return self.source.place(self.key)

    def at(self, offset: int) -> Place:
        """Where character `offset` of the value stands, through quotes, escapes, folds and indentation."""
        return self.place if self.start == self.end else self.source.place(self.character(offset))

    def character(self, offset: int) -> int:
        """Which character of the file character `offset` of the value comes from."""
        if self.start == self.end:
            return self.start
        quick = self._quickly(offset)
        if quick >= 0:
            return quick
        chars = characters(self.source.text, Node(self.start, self.end, self.style), self.value)
        return chars[max(0, min(offset, len(chars) - 1))]

    def _quickly(self, offset: int) -> int:
        """The same without a look at each character, for text that is written as it is meant; -1 where it is not."""
        text, value = self.source.text, self.value
        if not 0 <= offset < len(value):
            return -1
        if self.style == "|":
            first = text.find("\n", self.start) + 1
            margin = len(text[first : first + 100]) - len(text[first : first + 100].lstrip(" "))
            before = value[: offset + 1].replace("\n", "\n" + " " * margin)
            begin = first + margin
            return begin + len(before) - 1 if value[offset] != "\n" and text.startswith(before, begin) else -1
        begin = self.start + (1 if self.style else 0)
        return begin + offset if self.style in ("", "'", '"') and text.startswith(value, begin) else -1


Texts = Mapping[str, Text]
Kind = Literal["record", "alert"]


@dataclass(frozen=True, slots=True, eq=False)
class FileRule:
    """One rule. `wait` is its `for`, `hold` its `keep_firing_for`; `expr` is empty where there is none."""

    kind: Kind
    name: Text
    expr: Text
    wait: Text | None
    hold: Text | None
    labels: Texts
    annotations: Texts
    group: str
    start: int

    @property
    def place(self) -> Place:
        """Where the rule begins: its first key."""
        return self.name.source.place(self.start)

    @property
    def is_alert(self) -> bool:
        """Whether it is an alerting rule."""
        return self.kind == "alert"

    def texts(self) -> Iterator[tuple[str, Text]]:
        """Everything that is written in it, by its path of keys."""
        yield self.kind, self.name
        yield "expr", self.expr
        yield from ((key, one) for key, one in (("for", self.wait), ("keep_firing_for", self.hold)) if one is not None)
        yield from ((f"labels.{key}", one) for key, one in self.labels.items())
        yield from ((f"annotations.{key}", one) for key, one in self.annotations.items())


@dataclass(frozen=True, slots=True, eq=False)
class RuleGroup:
    """Rules that run in order; `resource` names the PrometheusRule (`namespace/name`) that holds it, if one does."""

    name: Text
    interval: Text | None
    limit: Text | None
    query_offset: Text | None
    labels: Texts
    rules: tuple[FileRule, ...]
    start: int
    resource: str = ""

    @property
    def place(self) -> Place:
        """Where the group begins: its first key."""
        return self.name.source.place(self.start)


@dataclass(frozen=True, slots=True, eq=False)
class RuleFile:
    """All groups of a file in order, and its comments that are meant for slogen."""

    path: str
    groups: tuple[RuleGroup, ...]
    source: Source = field(repr=False)
    comments: tuple[Comment, ...] = ()

    def rules(self) -> Iterator[tuple[RuleGroup, FileRule]]:
        """Every rule with its group."""
        for group in self.groups:
            yield from ((group, rule) for rule in group.rules)


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What came of one file: its rules as far as they can be understood, and what is no YAML in it.

    `documents` are there to be held against the schema. There are none where the file is in the plain style that the
    fast way reads, which takes only known keys with a text, each once.
    """

    file: RuleFile
    documents: tuple[Document, ...] = ()
    findings: tuple[Finding, ...] = ()
