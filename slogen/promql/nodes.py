"""An expression as a tree that knows which of its tokens each part is made of.

Token numbers, not characters: expressions that differ in nothing but the values of some labels share one tree. A node
spans the tokens `first` to `last`, comments not counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


class Name(str):
    """A label name, or another word, that knows its token."""

    __slots__ = ("token",)
    token: int

    @classmethod
    def at(cls, text: str, token: int) -> Name:
        """The word `text`, written as that token."""
        name = cls(text)
        name.token = token
        return name


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """Any part of an expression."""

    first: int
    last: int

    def kids(self) -> tuple[Node, ...]:
        """The expressions that this one is made of, in order."""
        return ()

    def walk(self) -> Iterator[Node]:
        """This expression and everything inside of it, from the outside in."""
        todo: list[Node] = [self]
        while todo:
            node = todo.pop()
            yield node
            todo += reversed(node.kids())

    def bare(self) -> Node:
        """This expression without parentheses around it."""
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Number(Node):
    """A number, signed perhaps; a duration is one of seconds."""

    value: float


@dataclass(frozen=True, slots=True, eq=False)
class String(Node):
    """A text in quotes."""

    value: str


@dataclass(frozen=True, slots=True, eq=False)
class Matcher:
    """A matcher, `op` being =, !=, =~ or !~: its label's name, and the token and text of its value.

    `fixed` is None for a value that expressions of one shape differ in: it is number `slot` of those.
    """

    name: Name
    op: str
    token: int
    fixed: str | None
    slot: int


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """`offset` in seconds, and `@` as it was written; `first` is the token of the first of them, -1 without any."""

    offset: float = 0
    at: str = ""
    first: int = -1


@dataclass(frozen=True, slots=True, eq=False)
class Selector(Node):
    """Series by metric, empty where only matchers select, and matchers; `range` is in seconds, None for an instant.

    `range_token` is the token of the duration between [ and ].
    """

    metric: str
    matchers: tuple[Matcher, ...]
    range: float | None = None
    range_token: int = -1
    shift: Shift = Shift()

    def matcher(self, label: str) -> Matcher | None:
        """The first matcher on a label."""
        return next((one for one in self.matchers if one.name == label), None)


@dataclass(frozen=True, slots=True, eq=False)
class Subquery(Node):
    """An expression evaluated over a range, in steps of `step` seconds or of the default."""

    inner: Node
    range: float
    range_token: int
    step: float | None
    shift: Shift = Shift()

    def kids(self) -> tuple[Node, ...]:
        """The inner expression."""
        return (self.inner,)


@dataclass(frozen=True, slots=True, eq=False)
class Call(Node):
    """A function and its arguments; the name is token `first`."""

    name: str
    args: tuple[Node, ...]

    def kids(self) -> tuple[Node, ...]:
        """The arguments."""
        return self.args


@dataclass(frozen=True, slots=True, eq=False)
class Aggregation(Node):
    """An aggregation, named by token `first`, `by` labels or `without` them; `parameter` is the 3 of topk(3, x)."""

    op: str
    inner: Node
    by: tuple[Name, ...] | None = None
    without: tuple[Name, ...] | None = None
    parameter: Node | None = None

    def kids(self) -> tuple[Node, ...]:
        """The parameter, if any, and what is aggregated."""
        return (self.inner,) if self.parameter is None else (self.parameter, self.inner)

    def keeps(self, label: str) -> bool:
        """Whether the result may carry a label that its series have."""
        if self.op in KEEPING:
            return True
        return label not in self.without if self.without is not None else label in (self.by or ())


KEEPING = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
"""Aggregations that leave series as they are."""


@dataclass(frozen=True, slots=True, eq=False)
class Binary(Node):
    """Two operands; `op`, in small letters, is token `token`. `side` is left or right for group_left, group_right."""

    op: str
    token: int
    left: Node
    right: Node
    is_bool: bool = False
    on: tuple[Name, ...] | None = None
    ignoring: tuple[Name, ...] | None = None
    side: str = ""
    include: tuple[Name, ...] = ()

    def kids(self) -> tuple[Node, ...]:
        """Both operands."""
        return (self.left, self.right)

    @property
    def is_comparison(self) -> bool:
        """Whether it compares."""
        return self.op in COMPARISONS

    @property
    def is_set(self) -> bool:
        """Whether it is `and`, `or` or `unless`."""
        return self.op in SETS


COMPARISONS = frozenset({"==", "!=", "<", "<=", ">", ">="})
SETS = frozenset({"and", "or", "unless"})


@dataclass(frozen=True, slots=True, eq=False)
class Unary(Node):
    """A sign before what is no number."""

    op: str
    inner: Node

    def kids(self) -> tuple[Node, ...]:
        """What the sign is before."""
        return (self.inner,)


@dataclass(frozen=True, slots=True, eq=False)
class Paren(Node):
    """An expression in parentheses."""

    inner: Node

    def kids(self) -> tuple[Node, ...]:
        """What is inside."""
        return (self.inner,)

    def bare(self) -> Node:
        """What is inside of all parentheses."""
        node: Node = self
        while isinstance(node, Paren):
            node = node.inner
        return node
