"""Tokens of an expression that parses to its tree, by precedence (Pratt); agrees with the library's tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from slogen.promql.keywords import DURATIONS, GROUPINGS, MATCHINGS, SIDES
from slogen.promql.nodes import (
    KEEPING,
    Aggregation,
    Binary,
    Call,
    Matcher,
    Name,
    Node,
    Number,
    Paren,
    Selector,
    Shift,
    String,
    Subquery,
    Unary,
)
from slogen.promql.tokens import Kind, PromQLError, Token, unquote

_ORDINARY = ("sum", "avg", "count", "min", "max", "group", "stddev", "stdvar", "count_values", "quantile")
AGGREGATIONS = frozenset({*_ORDINARY, *KEEPING})
_BINDING = {
    "or": 1,
    **dict.fromkeys(("and", "unless"), 2),
    **dict.fromkeys(("==", "!=", "<=", "<", ">=", ">"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%", "atan2"), 5),
    "^": 6,
}
_SIGN = 5
"""A sign binds like a product: -a^b is -(a^b)."""

_FILLS = frozenset({"fill", "fill_left", "fill_right"})
_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400, "y": 365 * 86400}
_PART = re.compile(r"([0-9]+)(ms|[smhdwy])")


def tree(tokens: Sequence[Token], hides: bool = False) -> Node:
    """The tree of tokens, which hold no comments and parse; with `hides`, one for all expressions of that shape."""
    return _Parser(tokens, hides).whole()


def shape(text: str) -> tuple[str, tuple[str, ...], bool]:
    """What many expressions have in common: the text without the values of labels, these, and whether there are any.

    Hidden are values that `=` compares with, in plain double quotes; no other, as they say what is meant.
    """
    if "#" in text or "'" in text or "`" in text or "\\" in text:
        return text, (), False
    parts = text.split('"')
    values = []
    for index in range(1, len(parts) - 1, 2):
        before = parts[index - 1].rstrip()
        value = parts[index]
        if before[-1:] == "=" and value and "\n" not in value and not before.endswith(_SHOWN):
            values.append(parts[index])
            parts[index] = "\0"
    return '"'.join(parts), tuple(values), True


_SHOWN = ("!=", "==", "<=", ">=", "__name__=")


def seconds(text: str) -> float:
    """A duration of Prometheus, or a number of seconds."""
    if text[-1:].isdigit() or text[-1:] == "." or text[:2].lower() == "0x":
        return number(text)
    return sum(int(count) * _UNITS[unit] for count, unit in _PART.findall(text))


def number(text: str) -> float:
    """A number as PromQL writes it."""
    lower = text.lower()
    return float(int(lower, 16)) if lower.startswith("0x") else float(lower)


class _Parser:
    """Reads tokens from left to right."""

    def __init__(self, tokens: Sequence[Token], hides: bool) -> None:
        self.tokens = tokens
        self.hides = hides
        self.hidden = 0
        self.words = ["" if token.kind is Kind.STRING else token.text.lower() for token in tokens]
        self.words.append("")
        self.index = 0

    def whole(self) -> Node:
        node = self._expression(0)
        if self.index < len(self.tokens):
            token = self.tokens[self.index]
            raise PromQLError(f"unexpected '{token.text}'", token.start, token.end)
        return node

    def _take(self, word: str) -> bool:
        if self.words[self.index] == word:
            self.index += 1
            return True
        return False

    def _next(self) -> Token:
        if self.index >= len(self.tokens):
            token = self.tokens[-1]
            raise PromQLError("the expression stops here", token.start, token.end)
        self.index += 1
        return self.tokens[self.index - 1]

    def _expression(self, least: int) -> Node:
        left = self._operand()
        while (binding := _BINDING.get(op := self.words[self.index], 0)) > least:
            token = self.index
            self.index += 1
            left = self._binary(left, op, token, binding)
        return left

    def _binary(self, left: Node, op: str, token: int, binding: int) -> Binary:
        is_bool = self._take("bool")
        on = ignoring = None
        side, include = "", tuple[Name, ...]()
        word = self.words[self.index]
        if word in MATCHINGS:
            self.index += 1
            labels = self._labels()
            on, ignoring = (labels, None) if word == "on" else (None, labels)
        word = self.words[self.index]
        if word in SIDES:
            self.index += 1
            side = word.removeprefix("group_")
            include = self._labels() if self.words[self.index] == "(" else ()
        while self.words[self.index] in _FILLS:
            self.index += 1
            self._labels()
        right = self._expression(binding - (op == "^"))
        return Binary(left.first, right.last, op, token, left, right, is_bool, on, ignoring, side, include)

    def _operand(self) -> Node:
        start = self.index
        token = self._next()
        if token.kind is Kind.OPERATOR:
            return self._signed(token.text, start)
        if token.kind is Kind.NUMBER:
            node: Node = Number(start, start, number(token.text))
        elif token.kind is Kind.DURATION:
            node = Number(start, start, seconds(token.text))
        elif token.kind is Kind.STRING:
            node = String(start, start, unquote(token.text))
        elif token.text == "(":
            inner = self._expression(0)
            self._next()
            node = Paren(start, self.index - 1, inner)
        elif token.text == "{":
            node = self._selector(start, "")
        else:
            node = self._named(token, start)
        return self._postfix(node)

    def _signed(self, sign: str, start: int) -> Node:
        signs = [(sign, start)]
        while self.words[self.index] in ("+", "-"):
            signs.append((self.words[self.index], self.index))
            self.index += 1
        node = self._expression(_SIGN)
        for one, first in reversed(signs):
            if isinstance(node, Number):
                node = Number(first, node.last, -node.value if one == "-" else node.value)
            else:
                node = Unary(first, node.last, one, node)
        return node

    def _named(self, token: Token, start: int) -> Node:
        word, following = self.words[start], self.words[self.index]
        if word in AGGREGATIONS and (following == "(" or following in GROUPINGS):
            return self._aggregation(word, start)
        if following == "(":
            return Call(start, *self._arguments(token.text))
        if following == "{":
            self.index += 1
            return self._selector(start, token.text)
        if word in ("inf", "nan"):
            return Number(start, start, float(word))
        return Selector(start, start, token.text, ())

    def _arguments(self, name: str) -> tuple[int, str, tuple[Node, ...]]:
        self.index += 1
        args: list[Node] = []
        while not self._take(")"):
            args.append(self._expression(0))
            self._take(",")
        return self.index - 1, name, tuple(args)

    def _aggregation(self, op: str, start: int) -> Node:
        labels: dict[str, tuple[Name, ...]] = {}
        self._grouping(labels)
        _, _, args = self._arguments(op)
        self._grouping(labels)
        parameter = args[0] if len(args) > 1 else None
        return Aggregation(start, self.index - 1, op, args[-1], labels.get("by"), labels.get("without"), parameter)

    def _grouping(self, labels: dict[str, tuple[Name, ...]]) -> None:
        word = self.words[self.index]
        if word in GROUPINGS:
            self.index += 1
            labels[word] = self._labels()

    def _labels(self) -> tuple[Name, ...]:
        names = []
        self.index += 1
        while (token := self._next()).text != ")":
            if token.kind is not Kind.COMMA:
                text = unquote(token.text) if token.kind is Kind.STRING else token.text
                names.append(Name.at(text, self.index - 1))
        return tuple(names)

    def _selector(self, start: int, metric: str) -> Selector:
        matchers = []
        while (token := self._next()).text != "}":
            if token.kind is Kind.COMMA:
                continue
            at = self.index - 1
            name = unquote(token.text) if token.kind is Kind.STRING else token.text
            if self.tokens[self.index].kind is not Kind.OPERATOR:
                metric = name
                continue
            op, value = self._next().text, self._next()
            if name == "__name__" and op == "=" and not metric:
                metric = unquote(value.text)
            else:
                matchers.append(self._matcher(Name.at(name, at), op, value))
        return Selector(start, self.index - 1, metric, tuple(matchers))

    def _matcher(self, name: Name, op: str, value: Token) -> Matcher:
        text = unquote(value.text)
        if not self.hides or op != "=" or not text or name == "__name__":
            return Matcher(name, op, self.index - 1, text, -1)
        self.hidden += 1
        return Matcher(name, op, self.index - 1, None, self.hidden - 1)

    def _postfix(self, node: Node) -> Node:
        while True:
            word = self.words[self.index]
            if word == "[":
                node = self._range(node)
            elif word == "offset":
                node = self._shifted(node, self._offset)
            elif word == "@":
                node = self._shifted(node, self._at)
            elif word in ("smoothed", "anchored"):
                self.index += 1
            else:
                return node

    def _range(self, node: Node) -> Node:
        self.index += 1
        at = self.index
        length, step = seconds(self._next().text), None
        is_subquery = self._take(":")
        if is_subquery and self.tokens[self.index].kind in DURATIONS:
            step = seconds(self._next().text)
        self._next()
        last = self.index - 1
        if not is_subquery and isinstance(node, Selector):
            return replace(node, last=last, range=length, range_token=at)
        return Subquery(node.first, last, node, length, at, step)

    def _shifted(self, node: Node, how: Callable[[Shift], Shift]) -> Node:
        if not isinstance(node, Selector | Subquery):
            return node
        start = self.index
        self.index += 1
        shift = how(replace(node.shift, first=start if node.shift.first < 0 else node.shift.first))
        return replace(node, last=self.index - 1, shift=shift)

    def _offset(self, shift: Shift) -> Shift:
        sign = -1 if self.words[self.index] == "-" else 1
        if self.words[self.index] in ("-", "+"):
            self.index += 1
        return replace(shift, offset=sign * seconds(self._next().text))

    def _at(self, shift: Shift) -> Shift:
        sign = self._next().text if self.words[self.index] in ("-", "+") else ""
        at = self._next().text
        if self._take("("):
            self._next()
            at += "()"
        return replace(shift, at=sign + at)
