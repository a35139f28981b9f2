"""PromQL text to a syntax tree: the only caller of the promql-parser library, and the guard before it.

The library gives no positions, says little about a syntax error, and overruns the stack on deep input. So
the text is measured first, and what it refuses is then found again in the tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any, NoReturn

import promql_parser

from slogen.promql.quoting import quote
from slogen.promql.tokens import WINDOW_HINT, Kind, PromQLError, Token, tokenize, unquote

MAX_BYTES = 8 * 1024
MAX_DEPTH = 200
MAX_OPERATORS = 500

_LAST_SECOND = 1e10
_DIAGNOSIS_BYTES = 128 * 1024
_CLOSER = {"(": ")", "[": "]", "{": "}"}
_SET_OPERATORS = frozenset({"and", "or", "unless"})
_WORD_OPERATORS = _SET_OPERATORS | {"atan2"}
_GROUPINGS = frozenset({"by", "without"})
_MATCHINGS = frozenset({"on", "ignoring"})
_SIDES = frozenset({"group_left", "group_right"})
_RESERVED = _MATCHINGS | _SIDES | {"atan2", "bool", "smoothed", "anchored", "fill", "fill_left", "fill_right"}
_MATCHER_OPERATORS = frozenset({"=", "!=", "=~", "!~"})
_DURATIONS = frozenset({Kind.DURATION, Kind.NUMBER, Kind.VARIABLE})
_CLASSIC_METRIC = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_CLASSIC_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class Parsed:
    """An expression that parses. Offsets in `tokens` count in `text`, which is as a person wrote it."""

    text: str
    kind: str
    """`selector` (a bare instant vector selector), `range`, `scalar`, `string`, else `expression`."""
    ast: Any
    uses_window: bool
    tokens: tuple[Token, ...]

    def with_window(self, window: str) -> str:
        """The text with every `$window` replaced; one inside a string is text and stays."""
        return _rewritten(self.text, self.tokens, window, backticks=True)


@dataclass(frozen=True, slots=True)
class Matcher:
    """One label matcher, `op` being =, !=, =~ or !~."""

    name: str
    op: str
    value: str

    def __str__(self) -> str:
        name = self.name if _CLASSIC_LABEL.fullmatch(self.name) else quote(self.name)
        return f"{name}{self.op}{quote(self.value)}"


@dataclass(frozen=True, slots=True)
class Selector:
    """A metric name, empty when only matchers select, and its matchers; `str` is canonical PromQL."""

    metric: str
    matchers: tuple[Matcher, ...] = ()

    def __str__(self) -> str:
        inside = [str(matcher) for matcher in self.matchers]
        if _CLASSIC_METRIC.fullmatch(self.metric):
            return f"{self.metric}{{{','.join(inside)}}}" if inside else self.metric
        if self.metric:
            inside.insert(0, quote(self.metric))
        return f"{{{','.join(inside)}}}"

    def renamed(self, metric: str) -> Selector:
        """The same matchers on another metric."""
        return replace(self, metric=metric)

    def matching(self, *matchers: Matcher) -> Selector:
        """This selector with more matchers after its own; one that it already has is not repeated."""
        return replace(self, matchers=tuple(dict.fromkeys((*self.matchers, *matchers))))


@lru_cache(maxsize=4096)
def parse(text: str, window: str = "5m") -> Parsed:
    """Parse an expression, `$window` standing for `window`; PromQLError says what is wrong and where."""
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise PromQLError(f"the expression is longer than {MAX_BYTES // 1024} KiB", 0, len(text))
    tokens = tokenize(text)
    code = [token for token in tokens if token.kind is not Kind.COMMENT]
    if not code:
        raise PromQLError("there is no expression", 0, len(text))
    _check_size(code)
    _check_brackets(code)
    _check_matcher_lists(code)
    _check_times(code)
    try:
        ast = promql_parser.parse(_rewritten(text, code, window))
    except ValueError as problem:
        _diagnose(text, code, window, str(problem))
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":
            raise
        raise PromQLError("the PromQL parser breaks on this expression", 0, len(text)) from None
    uses_window = any(token.kind is Kind.VARIABLE for token in code)
    return Parsed(text, _kind(ast), ast, uses_window, tuple(tokens))


def selector_parts(parsed: Parsed) -> Selector:
    """The metric and matchers of a `selector` or `range`; PromQLError for anything else or with a modifier."""
    node = parsed.ast
    while isinstance(node, promql_parser.ParenExpr):
        node = node.expr
    if isinstance(node, promql_parser.MatrixSelector):
        node = node.vector_selector
    if not isinstance(node, promql_parser.VectorSelector):
        raise PromQLError("this is not a plain selector", 0, len(parsed.text), 'write for example up{job="api"}')
    modifier = find_modifier(parsed)
    if modifier:
        raise PromQLError(f"'{modifier.text}' has no place in a plain selector", modifier.start, modifier.end)
    matchers = [Matcher(m.name, _matcher_operator(m.op), m.value) for m in node.matchers.matchers]
    metric = node.name or ""
    for matcher in matchers:
        if not metric and matcher.name == "__name__" and matcher.op == "=":
            metric = matcher.value
            matchers.remove(matcher)
            break
    return Selector(metric, tuple(matchers))


def calls(parsed: Parsed, name: str) -> list[Token]:
    """Where a function or aggregation of that name is called, as tokens of its name."""
    code = _code(parsed)
    return [
        token
        for index, token in enumerate(code[:-1])
        if token.kind is Kind.IDENTIFIER
        and token.text.lower() == name.lower()
        and (code[index + 1].text == "(" or code[index + 1].text.lower() in _GROUPINGS)
    ]


def find_modifier(parsed: Parsed) -> Token | None:
    """The first `offset` or `@` that moves a selector in time."""
    code = _code(parsed)
    for index, token in enumerate(code):
        if token.text == "@" and token.kind is Kind.OPERATOR:
            return token
        if token.text.lower() != "offset" or not 0 < index < len(code) - 1:
            continue
        before, after = code[index - 1], code[index + 1]
        operand = before.kind in (Kind.IDENTIFIER, Kind.CLOSE) and before.text.lower() not in _WORD_OPERATORS
        if operand and (after.kind in _DURATIONS or after.text in ("-", "+")):
            return token
    return None


def fixed_ranges(parsed: Parsed) -> list[Token]:
    """Durations written out where `$window` could stand: the `5m` of `[5m]` and of `[5m:1m]`."""
    code = _code(parsed)
    return [
        token
        for before, token in pairwise(code)
        if before.text == "[" and before.kind is Kind.OPEN and token.kind is not Kind.VARIABLE
    ]


def _code(parsed: Parsed) -> list[Token]:
    return [token for token in parsed.tokens if token.kind is not Kind.COMMENT]


def _matcher_operator(op: object) -> str:
    return {"Equal": "=", "NotEqual": "!=", "Re": "=~", "NotRe": "!~"}[str(op).rpartition(".")[2]]


def _rewritten(text: str, tokens: list[Token] | tuple[Token, ...], window: str, *, backticks: bool = False) -> str:
    """The characters that `tokens` span, with the window in and, for the library, no backticks."""
    parts: list[str] = []
    position = tokens[0].start
    for token in tokens:
        if token.kind is Kind.VARIABLE:
            new = window
        elif token.kind is Kind.STRING and token.text[0] == "`" and not backticks:
            new = quote(token.text[1:-1])
        else:
            continue
        parts += (text[position : token.start], new)
        position = token.end
    parts.append(text[position : tokens[-1].end])
    return "".join(parts)


def _kind(ast: Any) -> str:
    if isinstance(ast, promql_parser.VectorSelector):
        return "selector"
    node = ast
    while isinstance(node, promql_parser.ParenExpr):
        node = node.expr
    if isinstance(node, promql_parser.MatrixSelector | promql_parser.SubqueryExpr):
        return "range"
    if isinstance(node, promql_parser.StringLiteral):
        return "string"
    return "scalar" if _is_scalar(node) else "expression"


def _is_scalar(ast: Any) -> bool:
    todo = [ast]
    while todo:
        node = todo.pop()
        if isinstance(node, promql_parser.ParenExpr | promql_parser.UnaryExpr):
            todo.append(node.expr)
        elif isinstance(node, promql_parser.BinaryExpr):
            todo += (node.lhs, node.rhs)
        elif isinstance(node, promql_parser.Call):
            if node.func.return_type != promql_parser.ValueType.Scalar:
                return False
        elif not isinstance(node, promql_parser.NumberLiteral):
            return False
    return True


def _check_size(tokens: list[Token]) -> None:
    depth = operators = 0
    for token in tokens:
        if token.kind is Kind.OPEN:
            depth += 1
        elif token.kind is Kind.CLOSE:
            depth -= 1
        elif token.kind is Kind.OPERATOR or token.text.lower() in _WORD_OPERATORS:
            operators += 1
        if depth > MAX_DEPTH:
            raise PromQLError(f"more than {MAX_DEPTH} brackets inside each other", token.start, token.end)
        if operators > MAX_OPERATORS:
            raise PromQLError(f"more than {MAX_OPERATORS} operators in one expression", token.start, token.end)


def _check_brackets(tokens: list[Token]) -> None:
    stack: list[Token] = []
    for token in tokens:
        if token.kind is Kind.OPEN:
            stack.append(token)
        elif token.kind is Kind.CLOSE:
            if not stack:
                raise PromQLError(f"'{token.text}' closes nothing", token.start, token.end)
            opener = stack.pop()
            if _CLOSER[opener.text] != token.text:
                message = f"'{token.text}' where '{opener.text}' wants its '{_CLOSER[opener.text]}'"
                raise PromQLError(message, token.start, token.end)
    if stack:
        raise PromQLError(f"'{stack[-1].text}' is never closed", stack[-1].start, stack[-1].end)


def _check_matcher_lists(tokens: list[Token]) -> None:
    """Refuse `or` between matchers: the library takes it from VictoriaMetrics, Prometheus does not know it."""
    inside = False
    for before, token in pairwise(tokens):
        if before.kind is Kind.OPEN:
            inside = before.text == "{"
        elif before.kind is Kind.CLOSE:
            inside = False
        if inside and before.kind is Kind.STRING and token.kind is Kind.IDENTIFIER and token.text.lower() == "or":
            hint = 'use a regular expression, e.g. job=~"a|b", or join two selectors by or'
            raise PromQLError("'or' between matchers is not Prometheus", token.start, token.end, hint)


def _check_times(tokens: list[Token]) -> None:
    """Refuse ranges, steps, offsets and times that overflow: the library panics on them."""
    signless = [token for token in tokens if token.text not in ("+", "-")]
    for before, token in pairwise(signless):
        if before.kind is Kind.STRING or before.text.lower() not in ("[", ":", "offset", "@"):
            continue
        if token.text.lower() in ("inf", "nan") or _is_endless(token):
            raise PromQLError(f"'{token.text}' is no time that Prometheus knows", token.start, token.end)


def _is_endless(token: Token) -> bool:
    if token.kind is Kind.NUMBER:
        return not token.text.lower().startswith("0x") and float(token.text) > _LAST_SECOND
    return token.kind is Kind.DURATION and re.search(r"[0-9]{10}|[0-9]{4}y", token.text) is not None


def _diagnose(text: str, tokens: list[Token], window: str, problem: str) -> NoReturn:
    """Find again, in the tokens, what the library refused."""
    _Grammar(tokens).check()
    first, last = _blame(text, tokens, window, problem)
    message, hint = _plain(problem)
    raise PromQLError(message, first.start, last.end, hint) from None


def _blame(text: str, tokens: list[Token], window: str, problem: str) -> tuple[Token, Token]:
    """The token that the message names, else the smallest part of the text that is refused for the same reason."""
    for index, token in enumerate(tokens):
        before = tokens[index - 1].text if index else ""
        after = tokens[index + 1].text if index + 1 < len(tokens) else ""
        named = (
            (after == "(" and problem == f"unknown function with name '{token.text}'")
            or (before in ("=~", "!~") and problem == f"illegal regex for {unquote(token.text)}")
            or (token.text == "__name__" and problem.startswith("metric name must not be set twice"))
        )
        if named:
            return token, token
    lighter = [_without_long_regex(before, token) for before, token in pairwise([tokens[0], *tokens])]
    budget = _DIAGNOSIS_BYTES
    for start, end in sorted(_parts(tokens), key=lambda part: (part[1] - part[0], part[0])):
        part = _rewritten(text, lighter[start : end + 1], window)
        budget -= len(part) + 50
        if budget < 0:
            break
        try:
            promql_parser.parse(part)
        except ValueError as smaller:
            if str(smaller) == problem:
                return tokens[start], tokens[end]
    return tokens[0], tokens[-1]


def _without_long_regex(before: Token, token: Token) -> Token:
    """A long regular expression costs more to compile than all the rest, and is not what is looked for here."""
    if before.text in ("=~", "!~") and len(token.text) > 6:
        return replace(token, kind=Kind.STRING, text="`.+`")
    return token


def _parts(tokens: list[Token]) -> Iterator[tuple[int, int]]:
    """First and last token of every bracket with what belongs before it: `rate(...)`, `sum by (x) (...)`, `up{...}`."""
    stack: list[int] = []
    opener_of: dict[int, int] = {}
    for index, token in enumerate(tokens):
        if token.kind is Kind.OPEN:
            stack.append(index)
        elif token.kind is Kind.CLOSE:
            start = stack.pop()
            opener_of[index] = start
            if start and tokens[start - 1].text == ")":
                start = max(opener_of[start - 1] - 1, 0)
            if start and tokens[start].text.lower() in _GROUPINGS:
                start -= 1
            elif start and tokens[start].text == "[" and tokens[start - 1].text == "}":
                start = opener_of[start - 1]
            if start and tokens[start].kind is Kind.OPEN and tokens[start - 1].kind is Kind.IDENTIFIER:
                start -= 1
            yield start, index


_TYPES = {"vector": "an instant vector", "matrix": "a range", "scalar": "a number", "string": "a string"}
_RATE_HINT = "a function such as rate() turns a range into an instant vector: rate(requests_total[$window])"
_PLAIN = (
    (r"unknown function with name '(?P<a>.*)'", "there is no function '{a}'", ""),
    (r"illegal regex for (?P<a>.*)", "'{a}' is not a regular expression (RE2)", ""),
    (
        r"expected type (?P<x>\w+) in call to function '(?P<a>.*)', got (?P<y>\w+)",
        "{a}() needs {x} and is given {y}",
        "",
    ),
    (r"expected type (?P<x>\w+) in (?P<a>.*), got (?P<y>\w+)", "an {a} needs {x} and is given {y}", ""),
    (
        r"expected (?P<x>at (?:least|most) )?(?P<b>\d+) argument\(s\) in call to '(?P<a>.*)', got (?P<y>\d+)",
        "{a}() takes {x}{b} argument(s) and is given {y}",
        "",
    ),
    (
        r"wrong number of arguments for aggregate expression provided, expected (?P<a>\d+), got (?P<b>\d+)",
        "the aggregation takes {a} argument(s) and is given {b}",
        "",
    ),
    (r"comparisons between scalars must use BOOL modifier", "comparing two numbers needs 'bool'", ""),
    (
        r"binary expression must contain only scalar and instant vector types",
        "an operator works on numbers and instant vectors only",
        _RATE_HINT,
    ),
    (r"set operator '(?P<a>\w+)' not allowed in binary scalar expression", "'{a}' needs a vector on both sides", ""),
    (
        r"vector selector must contain at least one non-empty matcher",
        "the selector selects every series",
        "name a metric, or add a matcher that an empty label does not satisfy",
    ),
    (r"metric name must not be set twice.*", "the metric name is given twice", ""),
    (r"subquery is only allowed on vector.*", "only an instant vector can be given a range with a step", ""),
    (r"ranges only allowed for vector selectors", "only a selector can be given a range", "write [$window:] instead"),
    (
        r"(?P<a>@|offset) modifier must be preceded by .*",
        "'{a}' moves a selector in time, and there is no selector right before it",
        "",
    ),
    (r"duration must be greater than 0", "a duration of zero", ""),
    (r"invalid promql query", "this is not PromQL", ""),
)


def _plain(problem: str) -> tuple[str, str]:
    """The library's message in plain words, and a hint."""
    for pattern, message, hint in _PLAIN:
        match = re.fullmatch(pattern, problem, re.DOTALL)
        if match:
            said = {name: value or "" for name, value in match.groupdict().items()}
            types = {name: _TYPES.get(said.get(name, ""), said.get(name, "")) for name in ("x", "y")}
            if types == {"x": _TYPES["matrix"], "y": _TYPES["vector"]}:
                return message.format_map({**said, **types}), WINDOW_HINT
            if types == {"x": _TYPES["vector"], "y": _TYPES["matrix"]}:
                return message.format_map({**said, **types}), _RATE_HINT
            return message.format_map({**said, **types}), hint
    return problem, ""


class _Grammar:
    """Walks the tokens by PromQL's grammar, for the one thing the library cannot say: where it stops fitting.

    It knows no types and no function names. Brackets are balanced already. An explicit stack instead of
    recursion, because the text is whatever a person wrote.
    """

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.index = 0
        self.inside: list[str] = []

    def check(self) -> None:
        """Raise PromQLError at the first token that cannot stand where it stands."""
        self._operand()
        while self.index < len(self.tokens):
            self._after_operand()

    def _peek(self) -> Token | None:
        return self.tokens[self.index] if self.index < len(self.tokens) else None

    def _is(self, *words: str) -> bool:
        token = self._peek()
        return token is not None and token.kind is not Kind.STRING and token.text.lower() in words

    def _take(self, *words: str) -> bool:
        if self._is(*words):
            self.index += 1
            return True
        return False

    def _fail(self, wanted: str = "") -> NoReturn:
        token = self._peek()
        before = self.tokens[self.index - 1] if self.index else None
        tail = f": {wanted} is missing" if wanted else ""
        if token is None and before:
            raise PromQLError(f"the expression stops after {_shown(before)}{tail}", before.start, before.end)
        assert token is not None  # noqa: S101
        place = f" after {_shown(before)}" if before else " at the beginning"
        raise PromQLError(f"unexpected {_shown(token)}{place}{tail}", token.start, token.end)

    def _need(self, word: str) -> None:
        if not self._take(word):
            self._fail(f"'{word}'")

    def _operand(self) -> None:
        while self._take("+", "-"):
            pass
        token = self._peek()
        if token is None or token.kind in (Kind.CLOSE, Kind.COMMA, Kind.COLON, Kind.OPERATOR):
            self._fail("a value")
        if token.text == "[":
            raise PromQLError("a range needs a selector before it", token.start, token.end, "write up[5m], not [5m]")
        if token.text.lower() in _RESERVED:
            hint = f'a metric of that name is written {{"{token.text}"}}'
            raise PromQLError(f"{_shown(token)} is a keyword, not a value", token.start, token.end, hint)
        self.index += 1
        if token.text == "(":
            self.inside.append("group")
            self._operand()
        elif token.text == "{":
            self._matchers()
        elif token.kind is Kind.IDENTIFIER and token.text.lower() not in ("inf", "nan"):
            self._named()

    def _named(self) -> None:
        if self._is(*_GROUPINGS):
            self.index += 1
            self._labels()
            if not self._is("("):
                self._fail("'('")
        if self._take("("):
            if not self._take(")"):
                self.inside.append("call")
                self._operand()
        elif self._take("{"):
            self._matchers()

    def _after_operand(self) -> None:
        token = self._peek()
        assert token is not None  # noqa: S101
        if self._take("["):
            self._range()
        elif self._take("offset"):
            self._take("-", "+")
            self._duration()
        elif self._take("@"):
            self._at()
        elif self._is(*_GROUPINGS) and self.tokens[self.index - 1].text == ")":
            self.index += 1
            self._labels()
        elif token.kind is Kind.COMMA and self.inside and self.inside[-1] == "call":
            self.index += 1
            self._operand()
        elif self.inside and self._take(")"):
            self.inside.pop()
        elif self._is(*_WORD_OPERATORS) or (token.kind is Kind.OPERATOR and token.text not in ("=", "=~", "!~")):
            self.index += 1
            self._operator_modifiers()
            self._operand()
        else:
            self._unexpected(token)

    def _unexpected(self, token: Token) -> NoReturn:
        before = self.tokens[self.index - 1]
        if token.text == "=":
            raise PromQLError("'=' compares nothing outside of { }", token.start, token.end, "write ==")
        if token.text == "(" and before.kind is Kind.CLOSE:
            self._fail("an operator")
        self._fail()

    def _operator_modifiers(self) -> None:
        self._take("bool")
        if self._take(*_MATCHINGS):
            self._labels()
        if self._take(*_SIDES) and self._is("("):
            self._labels()

    def _labels(self) -> None:
        self._need("(")
        while not self._take(")"):
            token = self._peek()
            if token is None or token.kind not in (Kind.IDENTIFIER, Kind.STRING):
                self._fail("a label name")
            self.index += 1
            if not self._is(")") and not self._take(","):
                self._fail("','")

    def _matchers(self) -> None:
        while not self._take("}"):
            name = self._peek()
            if name is None or name.kind not in (Kind.IDENTIFIER, Kind.STRING):
                self._fail("a label name")
            self.index += 1
            if self._take(*_MATCHER_OPERATORS):
                value = self._peek()
                if value is None or value.kind is not Kind.STRING:
                    self._unquoted(value)
                self.index += 1
            elif name.kind is Kind.IDENTIFIER:
                self._fail("one of = != =~ !~")
            if not self._is("}") and not self._take(","):
                self._fail("','")

    def _unquoted(self, value: Token | None) -> NoReturn:
        if value is None or value.kind not in (Kind.IDENTIFIER, Kind.NUMBER, Kind.DURATION, Kind.VARIABLE):
            self._fail("a quoted value")
        hint = f'write "{value.text}"'
        raise PromQLError(f"the label value {_shown(value)} is not in quotes", value.start, value.end, hint)

    def _range(self) -> None:
        self._duration()
        if self._take(":") and not self._is("]"):
            self._duration()
        if not self._take("]"):
            self._fail("']'")

    def _duration(self) -> None:
        token = self._peek()
        if token is None or token.kind not in _DURATIONS:
            self._fail("a duration such as 5m")
        self.index += 1

    def _at(self) -> None:
        self._take("-", "+")
        token = self._peek()
        if self._take("start", "end"):
            self._need("(")
            self._need(")")
        elif token is not None and token.kind is Kind.NUMBER:
            self.index += 1
        else:
            self._fail("a time in seconds, start() or end()")


def _shown(token: Token) -> str:
    text = token.text if len(token.text) <= 40 else f"{token.text[:40]}..."
    return text if token.kind is Kind.STRING else f"'{text}'"
