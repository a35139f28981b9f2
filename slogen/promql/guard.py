"""What is checked before the library sees an expression: it overruns the stack, panics, or takes what is not PromQL."""

from __future__ import annotations

import re
from itertools import pairwise

from slogen.promql.keywords import WORD_OPERATORS
from slogen.promql.tokens import Kind, PromQLError, Token

MAX_BYTES = 8 * 1024
MAX_DEPTH = 200
MAX_OPERATORS = 500

_LAST_SECOND = 1e10
SPLIT_HINT = "record a part of it by a rule of your own, and use that series here"
_CLOSER = {"(": ")", "[": "]", "{": "}"}
_OPENER = {closer: opener for opener, closer in _CLOSER.items()}


def check_length(text: str) -> None:
    """Refuse a text that is too long to be taken apart."""
    if len(text.encode(errors="replace")) > MAX_BYTES:
        raise PromQLError(f"the expression is longer than {MAX_BYTES // 1024} KiB", 0, len(text), SPLIT_HINT)


def check_tokens(tokens: list[Token]) -> None:
    """Refuse tokens, comments left out, that the library must not see."""
    _check_size(tokens)
    _check_brackets(tokens)
    _check_matcher_lists(tokens)
    _check_times(tokens)


def _check_size(tokens: list[Token]) -> None:
    depth = operators = 0
    for token in tokens:
        if token.kind is Kind.OPEN:
            depth += 1
        elif token.kind is Kind.CLOSE:
            depth -= 1
        elif token.kind is Kind.OPERATOR or token.text.lower() in WORD_OPERATORS:
            operators += 1
        if depth > MAX_DEPTH:
            raise PromQLError(f"more than {MAX_DEPTH} brackets inside each other", token.start, token.end, SPLIT_HINT)
        if operators > MAX_OPERATORS:
            raise PromQLError(
                f"more than {MAX_OPERATORS} operators in one expression", token.start, token.end, SPLIT_HINT
            )


def _check_brackets(tokens: list[Token]) -> None:
    stack: list[Token] = []
    for token in tokens:
        if token.kind is Kind.OPEN:
            stack.append(token)
        elif token.kind is Kind.CLOSE:
            if not stack:
                hint = f"remove it, or open it with '{_OPENER[token.text]}'"
                raise PromQLError(f"'{token.text}' closes nothing", token.start, token.end, hint)
            opener = stack.pop()
            if _CLOSER[opener.text] != token.text:
                message = f"'{token.text}' where '{opener.text}' wants its '{_CLOSER[opener.text]}'"
                hint = f"write '{_CLOSER[opener.text]}' before it, or in its place"
                raise PromQLError(message, token.start, token.end, hint)
    if stack:
        hint = f"add '{_CLOSER[stack[-1].text]}' where it ends"
        raise PromQLError(f"'{stack[-1].text}' is never closed", stack[-1].start, stack[-1].end, hint)


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
            hint = "write a duration such as 5m, or after @ a time in seconds"
            raise PromQLError(f"'{token.text}' is no time that Prometheus knows", token.start, token.end, hint)


def _is_endless(token: Token) -> bool:
    if token.kind is Kind.NUMBER:
        return not token.text.lower().startswith("0x") and float(token.text) > _LAST_SECOND
    return token.kind is Kind.DURATION and re.search(r"[0-9]{10}|[0-9]{4}y", token.text) is not None
