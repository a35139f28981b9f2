"""A walk over the tokens by PromQL's grammar, for the one thing the library cannot say: where it stops fitting."""

from __future__ import annotations

from typing import NoReturn

from slogen.promql.keywords import (
    DURATIONS,
    GROUPINGS,
    MATCHER_OPERATORS,
    MATCHINGS,
    RESERVED,
    SIDES,
    WORD_OPERATORS,
)
from slogen.promql.tokens import Kind, PromQLError, Token


class Grammar:
    """Walks the tokens and stops where they stop fitting.

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
            hint = f"write {wanted or 'what belongs'} after it, or remove it"
            raise PromQLError(f"the expression stops after {_shown(before)}{tail}", before.start, before.end, hint)
        assert token is not None  # noqa: S101
        place = f" after {_shown(before)}" if before else " at the beginning"
        hint = f"write {wanted} before it" if wanted else "remove it, or put an operator or a comma before it"
        raise PromQLError(f"unexpected {_shown(token)}{place}{tail}", token.start, token.end, hint)

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
        if token.text.lower() in RESERVED:
            hint = f'a metric of that name is written {{__name__="{token.text}"}}'
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
        if self._is(*GROUPINGS):
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
        elif self._is(*GROUPINGS) and self.tokens[self.index - 1].text == ")":
            self.index += 1
            self._labels()
        elif token.kind is Kind.COMMA and self.inside and self.inside[-1] == "call":
            self.index += 1
            self._operand()
        elif self.inside and self._take(")"):
            self.inside.pop()
        elif self._is(*WORD_OPERATORS) or (token.kind is Kind.OPERATOR and token.text not in ("=", "=~", "!~")):
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
        if self._take(*MATCHINGS):
            self._labels()
        if self._take(*SIDES) and self._is("("):
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
            if self._take(*MATCHER_OPERATORS):
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
        if token is None or token.kind not in DURATIONS:
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
