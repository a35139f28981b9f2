"""Comments that say that a finding is meant to be so: which findings they cover, and which comments are idle."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from slogen.findings import Place
from slogen.lint.problems import Problem
from slogen.yamltext.comments import Comment
from slogen.yamltext.text import Text

_FORM = re.compile(r"slogen:(?P<word>[\w-]*+)[ \t]*+(?P<codes>[^\s,]++(?:,[ \t]*+[^\s,]++)*+)?(?P<rest>.*)")
_UNTIL = re.compile(r"(?:^|\s)until[ \t]++(?P<day>[0-9][\w./-]*+)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
HERE, FILE = "ignore", "ignore-file"
_WHOLE = 1 << 60
WRITE = "write: # slogen:ignore CODE why"


@dataclass(frozen=True, slots=True)
class Ignore:
    """One code that a comment at `place` names, and the lines on which it holds, the whole file being 0 to 0."""

    place: Place
    code: str
    reason: str
    until: date | None
    first: int
    last: int

    def covers(self, place: Place) -> bool:
        """Whether it holds for a line of its file."""
        return not self.first or self.first <= place.line <= self.last


@dataclass(frozen=True, slots=True)
class Ignores:
    """What the comments of some files say, and what is wrong with those that say nothing."""

    ignores: tuple[Ignore, ...] = ()
    problems: tuple[tuple[str, Problem], ...] = ()


def read_ignores(source: Text, comments: Iterable[Comment]) -> Ignores:
    """The comments of one file."""
    ignores: list[Ignore] = []
    problems: list[tuple[str, Problem]] = []
    blocks: _Blocks | None = None
    for comment in comments:
        place = source.place(comment.start)
        match = _FORM.fullmatch(comment.text)
        word = match["word"] if match else ""
        if match is None or word not in (HERE, FILE):
            message = f"'slogen:{word}' is no comment that slogen knows, so it does nothing"
            problems.append(("lint/ignore-form", Problem(place, message, WRITE)))
            continue
        if not match["codes"]:
            message = "this comment names no code, so it does nothing"
            problems.append(("lint/ignore-form", Problem(place, message, WRITE)))
            continue
        until, reason, wrong = _until(match["rest"])
        if wrong:
            message = f"'{wrong[:40]}' is no day, so this comment does nothing"
            problems.append(("lint/ignore-form", Problem(place, message, "write: until 2027-01-31")))
            continue
        if not reason:
            problems.append(("lint/ignore-reason", _no_reason(place)))
        blocks = blocks or _Blocks(source.text.replace("\r\n", "\n").replace("\r", "\n"))
        first, last = (0, 0) if word == FILE else blocks.below(place.line, comment.is_alone)
        codes = [code.strip() for code in match["codes"].split(",")]
        ignores += [Ignore(place, code, reason, until, first, last) for code in codes]
    return Ignores(tuple(ignores), tuple(problems))


def _no_reason(place: Place) -> Problem:
    message = "this comment does not say why, so nobody will know whether it can go"
    return Problem(place, message, "write the reason after the code")


def _until(rest: str) -> tuple[date | None, str, str]:
    """The day, the reason without it, and what is written in its place and is none."""
    match = _UNTIL.search(rest)
    if match is None:
        return None, rest.strip(" \t:-"), ""
    reason = (rest[: match.start()] + rest[match.end() :]).strip(" \t:-")
    try:
        return date.fromisoformat(match["day"] if _DAY.fullmatch(match["day"]) else ""), reason, ""
    except ValueError:
        return None, reason, match["day"]


class _Blocks:
    """For each line of a text, which line a comment above it means, and where what begins there ends."""

    def __init__(self, text: str) -> None:
        lines = text.split("\n")
        self._ends = list(range(1, len(lines) + 1))
        self._next = list(range(2, len(lines) + 2))
        begun: list[tuple[int, int, bool]] = []
        last = 0
        for number, line in enumerate(lines, 1):
            stripped = line.strip()
            if not stripped or stripped[0] == "#":
                continue
            for before in range(max(last, 1), number):
                self._next[before - 1] = number
            indent, is_item = len(line) - len(line.lstrip(" ")), stripped == "-" or stripped.startswith("- ")
            while begun and (begun[-1][1] > indent or (begun[-1][1] == indent and (begun[-1][2] or not is_item))):
                self._ends[begun.pop()[0] - 1] = last
            begun.append((number, indent, is_item))
            last = number
        for number, _, _ in begun:
            self._ends[number - 1] = last

    def below(self, line: int, is_alone: bool) -> tuple[int, int]:
        """What a comment covers: the line it is on, or the next if it is alone, and all that is indented below that."""
        first = min(self._next[line - 1], len(self._ends)) if is_alone else line
        return line, max(self._ends[first - 1], line)


class Ledger:
    """Which comments cover something, and which do not."""

    def __init__(self, ignores: Sequence[Ignore], today: date) -> None:
        self._today = today
        self._ignores = ignores
        self._used: set[int] = set()
        self._by_file: dict[tuple[str, str], list[int]] = {}
        for number in sorted(range(len(ignores)), key=lambda number: ignores[number].first):
            self._by_file.setdefault((ignores[number].place.file, ignores[number].code), []).append(number)
        self._furthest = {
            key: [*accumulate((ignores[number].last or _WHOLE for number in numbers), max)]
            for key, numbers in self._by_file.items()
        }

    def covers(self, code: str, place: Place) -> bool:
        """Whether a comment says that this is meant; one whose day is past says nothing any more."""
        found = list(self._covering(code, place))
        self._used.update(found)
        return any(not self._is_over(self._ignores[number]) for number in found)

    def _covering(self, code: str, place: Place) -> Iterator[int]:
        """Backwards from the last comment that begins before the place, as long as one reaches it."""
        key = (place.file, code)
        numbers, furthest = self._by_file.get(key, []), self._furthest.get(key, [])
        at = bisect_right(numbers, place.line, key=lambda number: self._ignores[number].first) - 1
        while at >= 0 and furthest[at] >= place.line:
            if self._ignores[numbers[at]].covers(place):
                yield numbers[at]
            at -= 1

    def _is_over(self, one: Ignore) -> bool:
        return one.until is not None and one.until < self._today

    def idle(self, ran: Iterable[str], known: Iterable[str]) -> Iterator[tuple[str, Problem]]:
        """Problems of comments: their day is past, their code does not exist, or they cover nothing.

        `ran` are codes that would have been told, `known` those that exist.
        """
        ran, known = set(ran), set(known)
        for number, one in enumerate(self._ignores):
            if self._is_over(one):
                message = f"this comment held until {one.until}, and {one.code} is told again"
                hint = "mend what it was for and remove it, or set a new day with its reason"
                yield "lint/ignore-over", Problem(one.place, message, hint)
            elif number in self._used:
                continue
            elif one.code not in known:
                yield "lint/ignore-unknown", _unknown(one, known)
            elif one.code in ran:
                message = f"nothing here needs this comment: {one.code} finds nothing that it covers"
                yield "lint/ignore-unused", Problem(one.place, message, "remove it")


def _unknown(one: Ignore, known: Iterable[str]) -> Problem:
    from slogen.findings import closest  # noqa: PLC0415  # only for mistakes

    close = closest(one.code, known)
    hint = f"did you mean '{close}'?" if close else "slogen lint --explain all lists every code"
    return Problem(one.place, f"there is no finding with the code '{one.code[:60]}'", hint)
