"""Why the library refuses an expression, found again in the tokens: it gives no place and says little."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import NoReturn

import promql_parser

from slogen.promql.grammar import Grammar
from slogen.promql.keywords import GROUPINGS
from slogen.promql.tokens import Kind, PromQLError, Token, rewritten, unquote
from slogen.promql.wording import in_plain_words

_DIAGNOSIS_BYTES = 128 * 1024


def diagnose(text: str, tokens: list[Token], window: str, problem: str) -> NoReturn:
    """Raise PromQLError where the tokens show what the library refused."""
    Grammar(tokens).check()
    first, last = _blame(text, tokens, window, problem)
    message, hint = in_plain_words(problem)
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
        part = rewritten(text, lighter[start : end + 1], window)
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
            if start and tokens[start].text.lower() in GROUPINGS:
                start -= 1
            elif start and tokens[start].text == "[" and tokens[start - 1].text == "}":
                start = opener_of[start - 1]
            if start and tokens[start].kind is Kind.OPEN and tokens[start - 1].kind is Kind.IDENTIFIER:
                start -= 1
            yield start, index
