"""What YAML allows and a spec does not: each a finding in plain words, with what to write instead."""

from __future__ import annotations

import re

from slogen.findings import Finding, error
from slogen.yamltext.dialect import Dialect
from slogen.yamltext.scalars import name
from slogen.yamltext.text import QUOTE_IT, Node, Text, short

_CORE_TAGS = {"!": "scalar", "str": "scalar", "map": "mapping", "seq": "list"}
_SELECTOR_KEY = re.compile(r"[\w:.]+\s*(?:=~|!~|!=|=)\s*[\"'`]")


class StopReadingError(Exception):
    """A budget is used up; `whole` says that the rest of the file is not read either."""

    def __init__(self, finding: Finding, index: int, whole: bool) -> None:
        super().__init__(finding.message)
        self.finding = finding
        self.index = index
        self.whole = whole


def too_many_values(source: Text, index: int, dialect: Dialect) -> StopReadingError:
    """More values than any person writes, most likely by aliases of aliases."""
    message = f"more than {dialect.max_nodes} values in one file, what aliases repeat included"
    files = "several files" if dialect.lenient else "one service per file"
    hint = f"write the values out instead of repeating aliases, and {files}"
    return StopReadingError(error("yaml/too-many-nodes", source.place(index), message, hint), index, True)


def too_deep(source: Text, index: int, dialect: Dialect) -> StopReadingError:
    """Collections inside each other beyond what any spec needs."""
    message = f"more than {dialect.max_depth} mappings and lists inside each other"
    needed = "" if dialect.lenient else "no spec needs more than ten: "
    hint = f"{needed}look for brackets that are never closed"
    return StopReadingError(error("yaml/too-deep", source.place(index), message, hint), index, False)


def alias(source: Text, index: int, anchor: str, inside: bool) -> Finding:
    """An alias of nothing, or (`inside`) of what it stands in."""
    what = "stands inside what it points to" if inside else "points to no anchor"
    hint = "write it out" if inside else f"quote it if the text begins with a star: '*{anchor}'"
    return error("yaml/alias", source.place(index), f"the alias *{short(anchor)} {what}", hint)


def tag(source: Text, node: Node, written: str, what: str) -> Finding | None:
    """A tag other than the one that a scalar, mapping or list (`what`) has anyway."""
    if _CORE_TAGS.get(written.removeprefix("tag:yaml.org,2002:")) == what:
        return None
    shown = written.replace("tag:yaml.org,2002:", "!!")
    hint = "remove it; text that begins with an exclamation mark goes in quotes"
    return error("yaml/tag", source.place(node.start), f"the tag {short(shown)} is not supported", hint)


def merge_key(source: Text, node: Node) -> Finding:
    """`<<`, which only YAML 1.1 had."""
    hint = "write the fields out, or set what is common under defaults"
    return error("yaml/merge-key", source.place(node.start), "the merge key << is not supported", hint)


def key_type(source: Text, node: Node, value: object) -> Finding:
    """A key that is a number, a truth value or nothing."""
    written = short(source.text[node.start : node.end])
    hint = f'write "{written}"' if written else "write the key before the ':'"
    what = f"the key {written} is not text but {name(value)}" if written else "there is no key before this ':'"
    return error("yaml/key-type", source.place(node.start), what, hint)


def duplicate_key(source: Text, node: Node, key: str, first: int) -> Finding:
    """A key that the mapping has already, at `first`."""
    before = source.place(first)
    message = f"the key '{short(key)}' is given twice, first on line {before.line}, column {before.column}"
    return error("yaml/duplicate-key", source.place(node.start), message, "keep one of the two")


def unquoted_selector(source: Text, mapping: Node, node: Node, key: str) -> Finding | None:
    """`{job="api"}` without quotes around it."""
    if node.style or source.text[mapping.start] != "{" or not _SELECTOR_KEY.match(key):
        return None
    message = "a value that begins with '{' is read as a mapping, not as a selector"
    return error("yaml/syntax", source.place(mapping.start), message, QUOTE_IT)


def collection_key(source: Text, mapping: Node, node: Node, what: str) -> Finding:
    """A mapping or list as a key, which most often is an unquoted `{{ template }}`."""
    if node.start == mapping.start + 1 and source.text.startswith("{{", mapping.start):
        written = short(source.text[mapping.start :].partition("}}")[0].partition("\n")[0]) + "}}"
        message = f"an unquoted {written} is read as a mapping"
        return error("yaml/syntax", source.place(mapping.start), message, f"quote it: '{written}'")
    return error(
        "yaml/key-type", source.place(node.start), f"a key is text, and this one is a {what}", "write key: value"
    )
