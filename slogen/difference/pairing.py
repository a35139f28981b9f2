"""Which service, SLO or objective of one side is which of the other: by name, by `formerly:`, or by its content."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Generic, TypeVar

T = TypeVar("T")


class How(Enum):
    """By what two of them were found to be the same."""

    NAME = auto()
    FORMERLY = auto()
    CONTENT = auto()
    """A new name and the same content, without `formerly:`."""


@dataclass(frozen=True, slots=True)
class Pairing(Generic[T]):
    """One thing on both sides, or on one of them."""

    before: T | None
    after: T | None
    how: How = How.NAME


def paired(
    before: Sequence[T],
    after: Sequence[T],
    name: Callable[[T], str],
    formerly: Callable[[T], tuple[str, ...]],
    content: Callable[[T], object],
) -> Iterator[Pairing[T]]:
    """Everything of both sides once, in the order of the new side, what is gone last.

    Equal content tells a rename only where it is that of one gone and one new thing.
    """
    gone = {name(one): one for one in before}
    new = []
    for one in after:
        if name(one) in gone:
            yield Pairing(gone.pop(name(one)), one)
        else:
            new.append(one)
    left = []
    for one in new:
        former = next((old for old in formerly(one) if old in gone), None)
        if former is None:
            left.append(one)
        else:
            yield Pairing(gone.pop(former), one, How.FORMERLY)
    for one in left:
        same = [old for old in gone if content(gone[old]) == content(one)]
        rivals = [other for other in left if content(other) == content(one)]
        if len(same) == len(rivals) == 1:
            yield Pairing(gone.pop(same[0]), one, How.CONTENT)
        else:
            yield Pairing(None, one)
    for old in gone.values():
        yield Pairing(old, None)
