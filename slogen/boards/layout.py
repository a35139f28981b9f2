"""Where panels stand on the grid of 24 columns, and by which numbers Grafana knows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from slogen.boards.model import COLUMNS, Board, Panel, Row

_IDS = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Placed:
    """A panel, or the head of a row with the panels that are hidden below it, and where it stands."""

    id: int
    what: Panel | Row
    x: int
    y: int
    width: int
    height: int
    hidden: tuple[Placed, ...] = ()


def placed(board: Board) -> Iterator[Placed]:
    """Everything on a board from top to bottom."""
    ids, y = _Ids(), 0
    for row in board.rows:
        panels, below = _panels(row, y + bool(row.title), ids)
        if row.title:
            number = ids.of(f"row {row.title}")
            yield Placed(number, row, 0, y, COLUMNS, 1, panels if row.collapsed else ())
        if not (row.title and row.collapsed):
            yield from panels
        y = y + 1 if row.title and row.collapsed else below


def _panels(row: Row, y: int, ids: _Ids) -> tuple[tuple[Placed, ...], int]:
    found, x, tallest = list[Placed](), 0, 0
    for panel in row.panels:
        width = min(panel.width, COLUMNS)
        if x + width > COLUMNS:
            x, y, tallest = 0, y + tallest, 0
        found.append(Placed(ids.of(panel.title), panel, x, y, width, panel.height))
        x, tallest = x + width, max(tallest, panel.height)
    return tuple(found), y + tallest


class _Ids:
    """Numbers that follow from titles alone, so that no panel's changes when another one comes or goes."""

    def __init__(self) -> None:
        self._taken = set[int]()

    def of(self, title: str) -> int:
        number = crc32(title.encode(errors="surrogatepass")) & _IDS or 1
        while number in self._taken:
            number = number % _IDS + 1
        self._taken.add(number)
        return number
