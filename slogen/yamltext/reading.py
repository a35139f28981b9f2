"""The documents of a text and every problem in it."""

from __future__ import annotations

import re

import yaml

from slogen.findings import Finding, error
from slogen.yamltext.building import Builder, Tree
from slogen.yamltext.dialect import SPEC, Dialect
from slogen.yamltext.refusals import StopReadingError
from slogen.yamltext.syntax import explain
from slogen.yamltext.text import Text

MAX_SYNTAX_ERRORS = 20
MAX_CONTROL_CHARACTERS = 20

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_NOT_BREAKS_ANY_MORE = "\x85\u2028\u2029"
_NEXT_DOCUMENT = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)


def read_text(source: Text, dialect: Dialect = SPEC) -> tuple[list[Tree], list[Finding]]:
    """Read every document that can be read; after one that cannot, reading goes on at the next `---`."""
    clean = Text(source.file, _CONTROL.sub("\ufffd", source.text))
    text, back = _without_old_breaks(clean.text)
    builder = Builder(clean, back, dialect)
    builder.findings += _control_characters(source)
    start: int | None = 0
    failures = 0
    while start is not None and failures < MAX_SYNTAX_ERRORS:
        start = _read_from(start, text, builder)
        failures += 1
    if not builder.index and not builder.findings and not dialect.lenient:
        message, hint = (
            "the file holds no document",
            "delete it, or write kind: Service in it; slogen init writes an example",
        )
        builder.findings.append(error("yaml/empty", source.place(0), message, hint))
    return builder.trees, builder.findings


def _control_characters(source: Text) -> list[Finding]:
    matches = list(_CONTROL.finditer(source.text))
    found = []
    for match in matches[:MAX_CONTROL_CHARACTERS]:
        message = f"the character U+{ord(match.group()):04X} cannot stand in YAML"
        hint = 'delete it, or write it as an escape in ""'
        found.append(error("yaml/control-character", source.place(match.start()), message, hint))
    if len(matches) > MAX_CONTROL_CHARACTERS:
        place = source.place(matches[MAX_CONTROL_CHARACTERS].start())
        message = f"and {len(matches) - MAX_CONTROL_CHARACTERS} more such characters"
        found.append(error("yaml/control-character", place, message, "is this a text file?"))
    return found


def _without_old_breaks(text: str) -> tuple[str, dict[int, int]]:
    """U+0085, U+2028 and U+2029 broke lines in YAML 1.1 and do so in libyaml; private characters stand in.

    Returns the text and the way back.
    """
    present = [char for char in _NOT_BREAKS_ANY_MORE if char in text]
    if not present:
        return text, {}
    free = (code for code in range(0xF0000, 0xFFFFE) if chr(code) not in text)
    there = {ord(char): next(free) for char in present}
    return text.translate(there), {new: old for old, new in there.items()}


def _read_from(start: int, text: str, builder: Builder) -> int | None:
    """Read documents from `start` on; where to go on after one that cannot be read, if there is such a place."""
    builder.base = start
    parser = yaml.CSafeLoader(text[start:])
    try:
        while (event := parser.get_event()) is not None:
            handler = builder.handlers.get(type(event))
            if handler:
                handler(event)
    except StopReadingError as stop:
        builder.findings.append(stop.finding)
        failed, whole = stop.index, stop.whole
    except yaml.MarkedYAMLError as problem:
        failed, finding = explain(builder.source, start, problem)
        builder.findings.append(finding)
        whole = False
    except yaml.YAMLError as problem:
        failed, whole = start, True
        builder.findings.append(
            error(
                "yaml/syntax",
                builder.source.place(start),
                f"this is not YAML: {problem}",
                "save the file as UTF-8 text",
            )
        )
    else:
        return None
    finally:
        parser.dispose()
    builder.index += 1
    following = None if whole else _NEXT_DOCUMENT.search(text, max(failed, start + 1))
    return following.start() if following else None
