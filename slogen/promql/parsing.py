"""PromQL text to a syntax tree, by the promql-parser library with a guard before it and a diagnosis after it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

import promql_parser

from slogen.promql.guard import SPLIT_HINT, check_length, check_tokens
from slogen.promql.keywords import DURATIONS, GROUPINGS, WORD_OPERATORS
from slogen.promql.tokens import Kind, PromQLError, Token, rewritten, tokenize

_SMALL, _FLAT = 4096, 100
"""Characters and parentheses that cannot overrun the library's stack."""


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
        return rewritten(self.text, self.tokens, window, backticks=True)


@lru_cache(maxsize=4096)
def parse(text: str, window: str = "5m") -> Parsed:
    """Parse an expression, `$window` standing for `window`; PromQLError says what is wrong and where."""
    check_length(text)
    tokens = tokenize(text)
    code = [token for token in tokens if token.kind is not Kind.COMMENT]
    if not code:
        raise PromQLError(
            "there is no expression", 0, len(text), 'write a metric such as http_requests_total{job="api"}'
        )
    check_tokens(code)
    try:
        ast = promql_parser.parse(rewritten(text, code, window))
    except ValueError as problem:
        from slogen.promql.diagnosis import diagnose  # noqa: PLC0415  # only for mistakes

        diagnose(text, code, window, str(problem))
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":
            raise
        raise PromQLError("the PromQL parser breaks on this expression", 0, len(text), SPLIT_HINT) from None
    uses_window = any(token.kind is Kind.VARIABLE for token in code)
    return Parsed(text, _kind(ast), ast, uses_window, tuple(tokens))


def is_valid(text: str) -> bool:
    """Whether `parse` would take it, without the tokens: for rules of slogen's own making, of which there are many."""
    if len(text) > _SMALL or text.count("(") > _FLAT:
        return _parses(text)
    try:
        promql_parser.parse(text)
    except ValueError:
        return False
    return True


def _parses(text: str) -> bool:
    try:
        parse(text)
    except PromQLError:
        return False
    return True


def calls(parsed: Parsed, name: str) -> list[Token]:
    """Where a function or aggregation of that name is called, as tokens of its name."""
    code = _code(parsed)
    return [
        token
        for index, token in enumerate(code[:-1])
        if token.kind is Kind.IDENTIFIER
        and token.text.lower() == name.lower()
        and (code[index + 1].text == "(" or code[index + 1].text.lower() in GROUPINGS)
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
        operand = before.kind in (Kind.IDENTIFIER, Kind.CLOSE) and before.text.lower() not in WORD_OPERATORS
        if operand and (after.kind in DURATIONS or after.text in ("-", "+")):
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
