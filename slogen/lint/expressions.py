"""Expressions of rules, for lint rules to walk through: trees that are shared, and what each of them stands for.

Most rules of a repository differ in the values of some labels only. Such expressions have one shape: one tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from slogen.promql.nodes import Aggregation, Binary, Call, Matcher, Name, Node, Selector, Subquery
from slogen.promql.parsing import parse
from slogen.promql.tokens import Kind, PromQLError, Token
from slogen.promql.tree import shape, tree

Part = Node | Name | Matcher | int
"""What a problem can point at: a node, a label, a matcher, or a token by its number."""

Sort = TypeVar("Sort", bound=Node)


class Shape:
    """The tree that expressions of one shape share, and its parts by what they are, in the order of the text.

    `_tokens` and `_values` are those of the first expression of the shape: in the others, tokens stand as much further
    on as the values before them are longer.
    """

    __slots__ = (
        "_hidden",
        "_parents",
        "_tokens",
        "_values",
        "aggregations",
        "binaries",
        "calls",
        "nodes",
        "root",
        "selectors",
        "subqueries",
    )

    def __init__(self, root: Node, tokens: Sequence[Token], values: tuple[str, ...]) -> None:
        self.root = root
        self._tokens = tuple((token.start, token.end) for token in tokens)
        self._values = values
        self.nodes = tuple(root.walk())
        self.selectors = self._of(Selector)
        self.calls = self._of(Call)
        self.aggregations = self._of(Aggregation)
        self.binaries = self._of(Binary)
        self.subqueries = self._of(Subquery)
        matchers = (one for selector in self.selectors for one in selector.matchers)
        self._hidden = tuple(sorted((one.token, one.slot) for one in matchers if one.fixed is None))
        self._parents: dict[Node, Node] | None = None

    def _of(self, sort: type[Sort]) -> tuple[Sort, ...]:
        return tuple(node for node in self.nodes if isinstance(node, sort))

    def span(self, first: int, last: int, values: tuple[str, ...]) -> tuple[int, int]:
        """Where tokens begin and end, the first and the last of a part, in the text with these values."""
        start, end = self._tokens[first][0], self._tokens[last][1]
        for token, slot in self._hidden:
            longer = len(values[slot]) - len(self._values[slot])
            start += longer if token < first else 0
            end += longer if token <= last else 0
        return start, end

    def parent(self, node: Node) -> Node | None:
        """The node that holds it, nothing for the root."""
        if self._parents is None:
            self._parents = {kid: one for one in self.nodes for kid in one.kids()}
        return self._parents.get(node)


class Expression:
    """An expression of a rule; its parts are those of its shape.

    `is_particular` tells that somebody has asked for what other expressions of the shape do not have.
    """

    __slots__ = ("_text", "_values", "is_particular", "shape")

    def __init__(self, text: str, shape: Shape, values: tuple[str, ...]) -> None:
        self._text = text
        self.shape = shape
        self._values = values
        self.is_particular = False

    @property
    def text(self) -> str:
        """The whole expression as it is written."""
        self.is_particular = True
        return self._text

    @property
    def root(self) -> Node:
        """The whole expression."""
        return self.shape.root

    def value(self, matcher: Matcher) -> str:
        """What a matcher compares with."""
        if matcher.fixed is not None:
            return matcher.fixed
        self.is_particular = True
        return self._values[matcher.slot]

    def text_of(self, part: Part) -> str:
        """A part as it is written."""
        start, end = self.span(part)
        return self._text[start:end]

    def span(self, part: Part) -> tuple[int, int]:
        """Offsets of a part: of its first character, and after its last."""
        self.is_particular = True
        return self.shape.span(*_tokens_of(part), self._values)


def _tokens_of(part: Part) -> tuple[int, int]:
    if isinstance(part, int):
        return part, part
    if isinstance(part, Name):
        return part.token, part.token
    if isinstance(part, Matcher):
        return part.name.token, part.token
    return part.first, part.last


_shapes: dict[str, Shape] = {}
_MOST = 20_000


def expression(text: str) -> Expression:
    """Reads an expression. Raises PromQLError where Prometheus would refuse it."""
    key, values, hides = shape(text)
    known = _shapes.get(key)
    if known is None:
        parsed = parse(text)
        if parsed.uses_window:
            token = next(token for token in parsed.tokens if token.kind is Kind.VARIABLE)
            raise PromQLError(f"'{token.text}' is not PromQL", token.start, token.end, "write a range such as 5m")
        if len(_shapes) >= _MOST:
            _shapes.clear()
        tokens = [token for token in parsed.tokens if token.kind is not Kind.COMMENT]
        known = _shapes[key] = Shape(tree(tokens, hides), tokens, values)
    return Expression(text, known, values)
