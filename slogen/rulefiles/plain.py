"""The fast way through a file of rules in the plain block style, which slogen and most people write.

It takes a file only where it is certain to read what the full reader would; whatever looks unusual, a tab, a fold, an
unknown key, an empty value, is left to that. Twenty thousand rules take a third of a second instead of two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from slogen.rulefiles.model import FileRule, RuleGroup, Text
from slogen.yamltext.text import Text as Source

_UNUSUAL = re.compile("[^\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufdcf\ufdf0-\ufefe\uff00-\ufffd]")
_BEGIN = re.compile(r"(?: *#[^\n]*\n|\n)*(?:---\n(?: *#[^\n]*\n|\n)*)?groups:\n")
_SKIPPED = re.compile(r"(?:\n| *#[^\n]*\n)*")
_ITEM = re.compile(
    r"""(?P<indent>\ *)(?P<dash>-\ )?(?P<key>[A-Za-z_][A-Za-z0-9_]*):
    (?:\ (?:
        (?P<plain>[A-Za-z0-9_(./<$+^\\;][^\n]*)
      | (?P<double>"(?:[^"\\\n]|\\["\\/nrtbf])*")
      | (?P<single>'[^'\n]*')
      | (?P<block>\|-?)\n(?P<lines>(?P<margin>\ +)[^\s#][^\n]*\n(?:(?P=margin)\ *[^\s][^\n]*\n)*)
    ))?(?:(?<=\n)|\n)
    """,
    re.VERBOSE,
)
_NULLS = frozenset({"null", "Null", "NULL"})
_GROUP_KEYS = frozenset({"name", "interval", "limit", "query_offset"})
_RULE_KEYS = frozenset({"record", "alert", "expr", "for", "keep_firing_for"})
_MAPPINGS = frozenset({"labels", "annotations"})
_MOST_LINES = 300_000
"""A line has two values at most, and the full reader refuses a million."""


class UnusualError(Exception):
    """The file is not in the style that this module reads."""


def read_plain(source: Source) -> tuple[RuleGroup, ...]:
    """The groups of a file. Raises UnusualError for what the full reader has to look at."""
    text = source.text
    begin = _BEGIN.match(text)
    if begin is None or text[-1:] != "\n" or _UNUSUAL.search(text) or text.count("\n") > _MOST_LINES:
        raise UnusualError
    reader = _Reader(source, begin.end())
    groups = tuple(reader.groups())
    if not groups or reader.item is not None:
        raise UnusualError
    return groups


class _Reader:
    """Reads items, `key: value` each, perhaps with a dash before them; `item` is the next one, None at the end."""

    __slots__ = ("column", "dash", "item", "key", "key_at", "position", "source", "text", "value")

    def __init__(self, source: Source, position: int) -> None:
        self.source = source
        self.text = source.text
        self.position = position
        self.item: re.Match[str] | None = None
        self.dash = False
        self.column = self.key_at = 0
        self.key = ""
        self.value: Text | None = None
        self._next(0)

    def _next(self, margin: int) -> None:
        """Go on to the next item; `margin` is that of a block before it, in which a comment would be text."""
        text = self.text
        skipped = _SKIPPED.match(text, self.position)
        position = skipped.end() if skipped else self.position
        if margin and "#" in text[self.position : position]:
            lines = text[self.position : position].split("\n")
            if any(line and len(line) - len(line.lstrip(" ")) >= margin for line in lines):
                raise UnusualError
        if position == len(text):
            self.item = None
            return
        item = self.item = _ITEM.match(text, position)
        if item is None:
            raise UnusualError
        indent, dash, key, plain, double, single, block, _, _ = item.groups()
        self.dash = dash is not None
        self.column = len(indent) + 2 * self.dash
        self.key = key
        self.key_at = position + self.column
        self.position = item.end()
        start = self.key_at + len(key) + 2
        if plain is not None:
            self.value = self._plain(plain, start)
        elif double is not None:
            value = json.loads(double) if "\\" in double else double[1:-1]
            self.value = Text(value, self.source, start, start + len(double), '"', self.key_at)
        elif block is not None:
            self.value = self._block(item, start)
        elif single is not None:
            self.value = Text(single[1:-1], self.source, start, start + len(single), "'", self.key_at)
        else:
            self.value = None

    def _plain(self, written: str, start: int) -> Text:
        value = written.rstrip(" ")
        if " #" in written or ": " in written or value[-1] == ":" or value in _NULLS:
            raise UnusualError
        return Text(value, self.source, start, start + len(value), "", self.key_at)

    def _block(self, item: re.Match[str], start: int) -> Text:
        margin, lines = item["margin"], item["lines"]
        if len(margin) <= self.column:
            raise UnusualError
        value = lines[len(margin) :].replace("\n" + margin, "\n")
        value = value[:-1] if len(item["block"]) == 2 else value
        return Text(value, self.source, start, item.end("lines"), "|", self.key_at)

    def _go_on(self) -> None:
        item = self.item
        self._next(len(item["margin"] or "") if item is not None else 0)

    def groups(self) -> Iterator[RuleGroup]:
        dash = self.column - 2
        while self.item is not None and self.dash and self.column - 2 == dash:
            yield self._group(dash + 2)

    def _group(self, column: int) -> RuleGroup:
        start, found, labels, rules = self.key_at, dict[str, Text](), None, None
        first = True
        while self.item is not None and self.column == column and (first or not self.dash):
            first = False
            key, value = self.key, self.value
            if key == "rules" and value is None and rules is None:
                self._go_on()
                rules = self._rules(column, found)
            elif key == "labels" and value is None and labels is None:
                labels = self._texts(column)
            elif key in _GROUP_KEYS and value is not None and key not in found:
                found[key] = value
                self._go_on()
            else:
                raise UnusualError
        if rules is None or "name" not in found:
            raise UnusualError
        interval, limit, offset = found.get("interval"), found.get("limit"), found.get("query_offset")
        return RuleGroup(found["name"], interval, limit, offset, labels or {}, rules, start)

    def _rules(self, column: int, group: dict[str, Text]) -> tuple[FileRule, ...]:
        """The rules of a group, whose name must stand before them."""
        if self.item is None or not self.dash or self.column - 2 < column or "name" not in group:
            raise UnusualError
        inner, rules = self.column, list[FileRule]()
        name = group["name"].value
        while self.item is not None and self.dash and self.column == inner:
            rules.append(self._rule(inner, name))
        return tuple(rules)

    def _rule(self, column: int, group: str) -> FileRule:
        start, found, mappings = self.key_at, dict[str, Text](), dict[str, dict[str, Text]]()
        first = True
        while self.item is not None and self.column == column and (first or not self.dash):
            first = False
            key, value = self.key, self.value
            if value is not None and key in _RULE_KEYS and key not in found:
                found[key] = value
                self._go_on()
            elif value is None and key in _MAPPINGS and key not in mappings:
                mappings[key] = self._texts(column)
            else:
                raise UnusualError
        name = found.get("record") or found.get("alert")
        if name is None or "expr" not in found or ("record" in found and "alert" in found):
            raise UnusualError
        return FileRule(
            "record" if "record" in found else "alert",
            name,
            found["expr"],
            found.get("for"),
            found.get("keep_firing_for"),
            mappings.get("labels", _NOTHING),
            mappings.get("annotations", _NOTHING),
            group,
            start,
        )

    def _texts(self, column: int) -> dict[str, Text]:
        """The mapping below a key in that column."""
        self._go_on()
        inner, texts = self.column, dict[str, Text]()
        while self.item is not None and self.column == inner > column and not self.dash:
            if self.value is None or self.key in texts or self.key in _NULLS:
                raise UnusualError
            texts[self.key] = self.value
            self._go_on()
        if not texts:
            raise UnusualError
        return texts


_NOTHING: dict[str, Text] = {}
