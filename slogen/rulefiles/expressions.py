"""Whether Prometheus of a version parses an expression, where the parser library is stricter or more lenient than it.

The versions are those whose own parser was asked; promtool parses without feature flags, and so does Prometheus unless
it is told otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from slogen.findings import Severity
from slogen.promql.guard import MAX_BYTES, SPLIT_HINT
from slogen.promql.keywords import GROUPINGS, MATCHINGS, SIDES
from slogen.promql.parsing import Parsed, parse
from slogen.promql.tokens import WINDOW, WINDOW_HINT, Kind, PromQLError, Token, unquote
from slogen.promql.tree import shape
from slogen.rulefiles.calculations import without_calculations
from slogen.rulefiles.gates import Gate, Version
from slogen.rulefiles.regexes import regex_problem

FUNCTIONS = {
    "histogram_stddev": Gate("histogram_stddev()", since=(2, 47)),
    "histogram_stdvar": Gate("histogram_stdvar()", since=(2, 47)),
    "histogram_avg": Gate("histogram_avg()", since=(2, 51)),
    "first_over_time": Gate("first_over_time()", since=(3, 14)),
}
HOLT_WINTERS = Gate("holt_winters()", until=(3, 0), hint="write double_exponential_smoothing(), behind a feature flag")
QUOTED_NAMES = Gate("a name in quotes", since=(2, 51))
QUOTED_GROUPING = Gate("a name in quotes in a grouping", since=(3, 2))
DURATION_AS_NUMBER = Gate("a duration in place of a number", since=(2, 54), hint="write the seconds")
NUMBER_AS_DURATION = Gate("a number in place of a duration", since=(2, 54), hint="write a unit: 300s or 5m")
UNDERSCORES = Gate("a number with underscores", since=(2, 54), hint="write it without")
DURATION_EXPRESSION = Gate("a calculation in place of a duration", since=(3, 15), hint="write the result, such as 6m")

_NAMES = """
double_exponential_smoothing end fill fill_left fill_right histogram_quantiles info limit_ratio limitk mad_over_time
max_of min_of range sort_by_label sort_by_label_desc start start_timestamp step
ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time
"""
EXPERIMENTAL = frozenset(_NAMES.split())
"""Functions, aggregations and modifiers that Prometheus 3.15 takes only with a feature flag."""

_FLAG_HINT = "Prometheus needs --enable-feature=promql-experimental-functions, and promtool does too"
_FILL_HINT = "Prometheus needs a feature flag of its own for it, and promtool does too"
_UNDERSCORE = re.compile(r"(?<![\w.])[0-9]+(?:_[0-9]+)+(?![\w.])")
_HOLT_WINTERS_CALL = re.compile(r"\bholt_winters(?=\s*\()")
_HOLT_WINTERS_NOW = "double_exponential_smoothing"
_LITERAL_REGEX = re.compile(r"\\{1,2}Q.*?(?:\\{1,2}E|(?=[\"'`]))")
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'|`[^`]*+`")
_LONGEST_YEARS = 292


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an expression is refused, at which of its characters."""

    topic: str
    severity: Severity
    message: str
    hint: str
    offset: int


_fine: set[tuple[str, Version]] = set()
"""Expressions that parse, without the values of labels, in which alone most expressions of a repository differ."""

_MOST_KEPT = 20_000
_RANGE_HINT = "write a range after the metric and its labels, e.g. rate(requests_total[5m])"


def expression_problem(text: str, version: Version) -> Problem | None:
    """The first thing that keeps Prometheus of a version from parsing it, or None.

    What is too large for the library is not judged: that is a warning.
    """
    key, values, _ = shape(text)
    if (key, version) in _fine and not any("\n" in value for value in values):
        return None
    problem = _judged(text, version)
    if problem is None and len(key) <= MAX_BYTES:
        if len(_fine) >= _MOST_KEPT:
            _fine.clear()
        _fine.add((key, version))
    return problem


def _judged(text: str, version: Version) -> Problem | None:
    if len(text.encode(errors="replace")) > MAX_BYTES:
        message = f"the expression is longer than {MAX_BYTES // 1024} KiB and was not looked at"
        return Problem("promql-unread", Severity.WARNING, message, SPLIT_HINT, 0)
    try:
        parsed = parse(text)
    except PromQLError as problem:
        return _newer(text, version, problem)
    if parsed.uses_window:
        variable = next(token for token in parsed.tokens if token.kind is Kind.VARIABLE)
        return _error("Prometheus has no variables", "write a duration such as 5m", variable.start)
    return next(_refused(parsed, version), None)


def _newer(text: str, version: Version, problem: PromQLError) -> Problem | None:
    """What the library refuses and some version takes; `problem` where none does."""
    for simpler, at, gate in _simpler(text):
        try:
            parsed = parse(simpler)
        except PromQLError:
            continue
        if gate and not gate.passes(version):
            return Problem("version", Severity.ERROR, gate.message(), gate.hint, at)
        allowed = _HOLT_WINTERS_NOW if gate is HOLT_WINTERS else ""
        return next(_refused(parsed, version, allowed), None)
    hint = _RANGE_HINT if problem.hint == WINDOW_HINT else problem.hint.removesuffix(f", with 5m in place of {WINDOW}")
    return _error(problem.message, hint, problem.start)


def _simpler(text: str) -> Iterator[tuple[str, int, Gate | None]]:
    """The expression without something that the library does not know, where that stands, and who takes it."""
    bare = _STRING.sub(lambda match: '"' + "x" * (len(match.group()) - 2) + '"', text)
    if match := _UNDERSCORE.search(bare):
        yield _UNDERSCORE.sub(lambda found: found.group().replace("_", ""), text), match.start(), UNDERSCORES
    if match := _HOLT_WINTERS_CALL.search(bare):
        yield _HOLT_WINTERS_CALL.sub(_HOLT_WINTERS_NOW, text), match.start(), HOLT_WINTERS
    calculated, at = without_calculations(text)
    if at >= 0:
        yield calculated, at, DURATION_EXPRESSION
    if match := _LITERAL_REGEX.search(text):
        yield _LITERAL_REGEX.sub("x", text), match.start(), None


def _error(message: str, hint: str, offset: int) -> Problem:
    return Problem("promql", Severity.ERROR, message, hint, offset)


def _refused(parsed: Parsed, version: Version, allowed: str = "") -> Iterator[Problem]:
    code = [token for token in parsed.tokens if token.kind is not Kind.COMMENT]
    yield from _calls(code, version, allowed)
    yield from _too_long(code)
    yield from _patterns(code, version)
    for token, gate in _gated(code):
        if not gate.passes(version):
            yield Problem("version", Severity.ERROR, gate.message(), gate.hint, token.start)


def _calls(code: list[Token], version: Version, allowed: str) -> Iterator[Problem]:
    for token, after in pairwise(code):
        name = token.text.lower() if token.kind is Kind.IDENTIFIER else ""
        if not name or not (after.text == "(" or after.text.lower() in GROUPINGS) or name == allowed:
            continue
        if name in EXPERIMENTAL and not _is_at(code, token):
            hint = _FILL_HINT if name.startswith("fill") else _FLAG_HINT
            yield Problem("experimental", Severity.ERROR, f"{token.text}() is experimental", hint, token.start)
        elif name in FUNCTIONS and not FUNCTIONS[name].passes(version):
            gate = FUNCTIONS[name]
            yield Problem("version", Severity.ERROR, gate.message(), gate.hint, token.start)


def _is_at(code: list[Token], token: Token) -> bool:
    """Whether it is the `start()` of `@ start()`."""
    index = code.index(token)
    return index > 0 and code[index - 1].text == "@"


def _too_long(code: list[Token]) -> Iterator[Problem]:
    for token in code:
        years = re.match(r"([0-9]+)y", token.text) if token.kind is Kind.DURATION else None
        if years and int(years[1]) > _LONGEST_YEARS:
            message = f"{token.text} is longer than Prometheus can count"
            yield _error(message, f"the longest duration is {_LONGEST_YEARS}y", token.start)


def _patterns(code: list[Token], version: Version) -> Iterator[Problem]:
    for operator, token in pairwise(code):
        if operator.text in ("=~", "!~") and (wrong := regex_problem(unquote(token.text), version)):
            yield _error(wrong[0], wrong[1], token.start)


def _gated(code: list[Token]) -> Iterator[tuple[Token, Gate]]:
    brackets: list[str] = []
    for index, token in enumerate(code):
        before = code[index - 1].text.lower() if index else ""
        if token.kind is Kind.OPEN:
            brackets.append(_bracket(token, before))
        elif token.kind is Kind.CLOSE:
            brackets.pop()
        inside = brackets[-1] if brackets else ""
        in_time = before == "offset" or (inside == "[" and before in ("[", ":"))
        if token.kind is Kind.STRING and inside == "{" and before in ("{", ","):
            yield token, QUOTED_NAMES
        elif token.kind is Kind.STRING and inside == "names":
            yield token, QUOTED_GROUPING
        elif token.kind is Kind.NUMBER and in_time:
            yield token, NUMBER_AS_DURATION
        elif token.kind is Kind.DURATION and not in_time and not _is_offset(code, index):
            yield token, DURATION_AS_NUMBER


def _bracket(token: Token, before: str) -> str:
    lists_names = token.text == "(" and before in GROUPINGS | MATCHINGS | SIDES
    return "names" if lists_names else token.text


def _is_offset(code: list[Token], index: int) -> bool:
    """Whether the duration at `index` is that of an `offset -5m`."""
    return index > 1 and code[index - 1].text in ("-", "+") and code[index - 2].text.lower() == "offset"
