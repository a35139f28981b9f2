"""Expressions of rules, for lint rules to walk through: trees that are shared, and what each of them stands for.

Most rules of a repository differ in the values of some labels only. Such expressions have one shape: one tree.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TypeVar

from slogen.promql.nodes import Aggregation, Binary, Call, Matcher, Name, Node, Selector, Subquery
from slogen.promql.parsing import parse
from slogen.promql.tokens import Kind, PromQLError, Token, tokenize
from slogen.promql.tree import shape, tree

Part = Node | Name | Matcher | int
"""What a problem can point at: a node, a label, a matcher, or a token by its number."""

Sort = TypeVar("Sort", bound=Node)


class Shape:
    """The tree that expressions of one shape share, and its parts by what they are, in the order of the text."""

    __slots__ = ("_parents", "aggregations", "binaries", "calls", "nodes", "root", "selectors", "subqueries")

    def __init__(self, root: Node) -> None:
        self.root = root
        self.nodes = tuple(root.walk())
        self.selectors = self._of(Selector)
        self.calls = self._of(Call)
        self.aggregations = self._of(Aggregation)
        self.binaries = self._of(Binary)
        self.subqueries = self._of(Subquery)
        self._parents: dict[Node, Node] | None = None

    def _of(self, sort: type[Sort]) -> tuple[Sort, ...]:
        return tuple(node for node in self.nodes if isinstance(node, sort))

    def parent(self, node: Node) -> Node | None:
        """The node that holds it, nothing for the root."""
        if self._parents is None:
            self._parents = {kid: one for one in self.nodes for kid in one.kids()}
        return self._parents.get(node)


class Expression:
    """An expression of a rule; its parts are those of its shape.

    `is_particular` tells that somebody has asked for what other expressions of the shape do not have.
    """

    __slots__ = ("_values", "is_particular", "shape", "text")

    def __init__(self, text: str, shape: Shape, values: tuple[str, ...]) -> None:
        self.text = text
        self.shape = shape
        self._values = values
        self.is_particular = False

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
        return self.text[start:end]

    def span(self, part: Part) -> tuple[int, int]:
        """Offsets of a part: of its first character, and after its last."""
        self.is_particular = True
        first, last = _tokens_of(part)
        tokens = code(self.text)
        return tokens[first].start, tokens[last].end


def _tokens_of(part: Part) -> tuple[int, int]:
    if isinstance(part, int):
        return part, part
    if isinstance(part, Name):
        return part.token, part.token
    if isinstance(part, Matcher):
        return part.name.token, part.token
    return part.first, part.last


@lru_cache(maxsize=4096)
def code(text: str) -> tuple[Token, ...]:
    """The tokens of an expression that its nodes count, which are no comments."""
    return tuple(token for token in tokenize(text) if token.kind is not Kind.COMMENT)


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
        known = _shapes[key] = Shape(tree([one for one in parsed.tokens if one.kind is not Kind.COMMENT], hides))
    return Expression(text, known, values)
