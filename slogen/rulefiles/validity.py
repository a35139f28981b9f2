"""What keeps Prometheus from loading a file of rules: all of it, where `promtool check rules` agrees file by file.

A finding of severity error is a file that Prometheus refuses; a warning is one that it reads otherwise than it seems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from slogen.alert_templates import find_problem
from slogen.findings import Finding, Place, Severity, error, warning
from slogen.rulefiles.expressions import expression_problem
from slogen.rulefiles.gates import BRACES_UNTIL, GROUP_LABELS, NEWEST, QUERY_OFFSET, UTF8_SINCE, Version, needs
from slogen.rulefiles.model import FileRule, Read, RuleGroup, Text
from slogen.rulefiles.structure import no_expr, no_group_name, no_kind, shape_problems

_DURATION = re.compile(
    r"(?:(?P<y>[0-9]+)y)?(?:(?P<w>[0-9]+)w)?(?:(?P<d>[0-9]+)d)?(?:(?P<h>[0-9]+)h)?"
    r"(?:(?P<m>[0-9]+)m)?(?:(?P<s>[0-9]+)s)?(?:(?P<ms>[0-9]+)ms)?"
)
_MILLISECONDS = {
    "y": 31_536_000_000, "w": 604_800_000, "d": 86_400_000, "h": 3_600_000, "m": 60_000, "s": 1_000, "ms": 1,
}  # fmt: skip
_LONGEST = (2**63 - 1) // 1_000_000
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_INTEGER = re.compile(r"[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]*|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_TAG = re.compile(r"(?:&\S+\s+)?(!\S*)")
_MOST_DIGITS = 100
_DIRECTIVE = re.compile(r"^%YAML[ \t]+(?!1\.1\s)(\S+)", re.MULTILINE)
_BREAK = re.compile(r"(?m)(?:^|[ \t])#[^\r\n\x85\u2028\u2029]*([\x85\u2028\u2029])")
_EXAMPLE = "write for example 30s, 5m or 1h30m"
_NAME_HINT = "use letters, digits and underscores, and no digit first"


def problems(read: Read, version: Version = NEWEST) -> Iterator[Finding]:
    """Everything that Prometheus of a version would refuse, YAML included, each once.

    It reads only the first document of a file, so that mistakes behind it are warnings.
    """
    yield from dict.fromkeys(_problems(read, version))


def _problems(read: Read, version: Version) -> Iterator[Finding]:
    end = _end_of_rules(read)
    for finding in read.findings:
        yield finding if end is None or finding.place <= end else replace(finding, severity=Severity.WARNING)
    yield from _directive(read)
    yield from _breaks(read)
    if end is not None and len(read.documents) > 1:
        place = read.documents[1].place(())
        message = "Prometheus reads only the first document of a file"
        yield warning("rulefile/second-document", place, message, "put the groups of all into one")
    for document in read.documents[:1] if end is not None else read.documents:
        yield from shape_problems(document, version)
    groups = [group for group in read.file.groups if end is None or group.place <= end]
    yield from _repeated_groups(groups)
    for group in groups:
        yield from _group(group, version)
        for rule in group.rules:
            yield from _rule(rule, version)
    if not read.documents:
        yield from _empty_texts(groups)


def _empty_texts(groups: list[RuleGroup]) -> Iterator[Finding]:
    """What is empty in a file that was read in the fast way, without documents to look at."""
    for group in groups:
        if not group.name.value:
            yield no_group_name(group.name.place)
        for rule in group.rules:
            if not rule.name.value:
                yield no_kind(rule.place)
            if not rule.expr.value:
                yield no_expr(rule.expr.place)


def _end_of_rules(read: Read) -> Place | None:
    """Where the document ends that Prometheus reads, unless the file is for Kubernetes, which reads them all."""
    if not read.documents or read.documents[0].index:
        return None
    first = read.documents[0]
    if isinstance(first.data, dict) and "kind" in first.data:
        return None
    source, root = first.written
    return source.place(root.end)


def _directive(read: Read) -> Iterator[Finding]:
    text = read.file.source.text
    if text.startswith("%") and (match := _DIRECTIVE.match(text)):
        place = read.file.source.place(match.start(1))
        yield error("rulefile/yaml-version", place, f"Prometheus does not read YAML {match[1]}", "remove this line")


def _breaks(read: Read) -> Iterator[Finding]:
    """Ends of comments that only Prometheus sees."""
    text = read.file.source.text
    for match in () if text.isascii() else _BREAK.finditer(text):
        message = f"Prometheus ends the line at U+{ord(match[1]):04X}: for it, what follows is no comment"
        yield warning("rulefile/line-break", read.file.source.place(match.start(1)), message, "remove that character")


def _repeated_groups(groups: list[RuleGroup]) -> Iterator[Finding]:
    seen: dict[tuple[str, str], RuleGroup] = {}
    for group in groups:
        first = seen.setdefault((group.resource, group.name.value), group)
        if first is not group and group.name.value:
            message = f"a second group named '{group.name.value}', the first is on line {first.name.place.line}"
            yield error("rulefile/group-repeated", group.name.place, message, "give one of the two another name")


def _group(group: RuleGroup, version: Version) -> Iterator[Finding]:
    for text in (group.interval, group.query_offset):
        yield from _duration(text)
    if group.limit is not None and not _is_number(group.limit):
        hint = "write a whole number without quotes, 0 for no limit"
        yield error("rulefile/type", group.limit.place, f"limit is no number: {_short(group.limit.value)}", hint)
    if group.query_offset is not None and group.query_offset.value and not QUERY_OFFSET.passes(version):
        yield needs(QUERY_OFFSET, group.query_offset.key_place)
    if group.labels and not GROUP_LABELS.passes(version):
        yield needs(GROUP_LABELS, next(iter(group.labels.values())).key_place)
    for name, text in group.labels.items():
        yield from _label_name(name, text, version)


def _rule(rule: FileRule, version: Version) -> Iterator[Finding]:
    yield from _duration(rule.wait)
    yield from _duration(rule.hold)
    if rule.expr.value:
        yield from _expression(rule.expr, version)
    for name, text in rule.labels.items():
        yield from _label_name(name, text, version)
    for name, text in rule.annotations.items():
        if not _is_name(name, version):
            yield _bad_name("annotation", name, text)
    if rule.is_alert:
        for text in (*rule.labels.values(), *rule.annotations.values()):
            yield from _template(text, version)
    elif rule.name.value:
        yield from _recording(rule, version)


def _recording(rule: FileRule, version: Version) -> Iterator[Finding]:
    for key, text in (("for", rule.wait), ("keep_firing_for", rule.hold)):
        if text is not None and _milliseconds(text):
            yield _only_alerts(key, text.key_place)
    if rule.annotations:
        first = min(text.key_place for text in rule.annotations.values())
        yield _only_alerts("annotations", first)
    name = rule.name.value
    if version >= UTF8_SINCE:
        wrong = bool(re.search(r"[{}]", name)) and version >= BRACES_UNTIL
        hint = "write the name alone; what selects series goes into expr"
    else:
        wrong = not _METRIC.fullmatch(name)
        hint = "use letters, digits, underscores and colons, and no digit first"
    if wrong:
        yield error("rulefile/record-name", rule.name.place, f"'{_short(name)}' is no name of a metric", hint)


def _only_alerts(key: str, place: Place) -> Finding:
    return error("rulefile/alert-only", place, f"a recording rule has no {key}", f"remove {key}")


def _expression(expr: Text, version: Version) -> Iterator[Finding]:
    if problem := expression_problem(expr.value, version):
        place = expr.at(problem.offset)
        yield Finding(f"rulefile/{problem.topic}", problem.severity, place, problem.message, problem.hint)


def _template(text: Text, version: Version) -> Iterator[Finding]:
    if problem := find_problem(text.value, version):
        yield error("rulefile/template", text.at(problem.offset), problem.message, problem.hint)


def _label_name(name: str, text: Text, version: Version) -> Iterator[Finding]:
    if name == "__name__":
        message = "a label cannot be named __name__: that is the name of the metric"
        yield error("rulefile/label-name", text.key_place, message, "remove it")
    elif not _is_name(name, version):
        yield _bad_name("label", name, text)


def _is_name(name: str, version: Version) -> bool:
    return bool(name) if version >= UTF8_SINCE else _LABEL.fullmatch(name) is not None


def _bad_name(what: str, name: str, text: Text) -> Finding:
    article = "an" if what[0] in "ao" else "a"
    message = f"'{_short(name)}' is no name of {article} {what}" if name else f"{article} {what} without a name"
    return error(f"rulefile/{what}-name", text.key_place, message, _NAME_HINT)


def _duration(text: Text | None) -> Iterator[Finding]:
    if text is None or (not text.value and not text.style):
        return
    value = text.value
    if _milliseconds(text) is not None:
        return
    said = f"'{_short(value)}' is no duration"
    hint = _EXAMPLE
    if re.fullmatch(r"[0-9]+", value):
        said, hint = f"'{_short(value)}' has no unit", f"write {value[:20]}s if seconds are meant"
    elif match := _DURATION.fullmatch(value):
        said = f"'{_short(value)}' is longer than Prometheus can count" if match.group() else "an empty duration"
    elif re.fullmatch(r"(?:[0-9]+(?:ms|[ywdhms]))+", value):
        said, hint = f"'{_short(value)}' has its units out of order or twice", "go from large to small: 1d12h"
    elif value.startswith("-"):
        said = f"'{_short(value)}' is negative"
    elif re.fullmatch(r"[0-9]+\.[0-9]*[a-z]+", value):
        said, hint = f"'{_short(value)}' is not whole", "write 1h30m for one and a half hours"
    yield error("rulefile/duration", text.place, said, hint)


def _milliseconds(text: Text) -> int | None:
    """A duration's length, or None where it is none; an empty one that is not in quotes is zero."""
    if text.value == "0" or (not text.value and not text.style):
        return 0
    match = _DURATION.fullmatch(text.value) if len(text.value) <= _MOST_DIGITS else None
    if not match or not match.group():
        return None
    total = sum(int(count) * _MILLISECONDS[unit] for unit, count in match.groupdict().items() if count)
    return total if total <= _LONGEST else None


def _is_number(text: Text) -> bool:
    """Whether Go's reader makes an integer of it: it cuts fractions off and knows bases."""
    tag = _TAG.match(text.source.text, text.start)
    if text.style or tag:
        return tag is not None and tag[1] == "!!int" and _INTEGER.fullmatch(text.value) is not None
    if not text.value or len(text.value) > _MOST_DIGITS:
        return not text.value
    written = text.value.replace("_", "")
    if _INTEGER.fullmatch(written):
        based = re.sub(r"^([-+]?)0(?=[0-7])", r"\g<1>0o", written)
        return -(2**63) <= int(based, 0) < 2**63
    return _FLOAT.fullmatch(text.value) is not None and abs(float(text.value)) < 2**63


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}..."
