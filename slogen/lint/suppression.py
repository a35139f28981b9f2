"""Comments that say that a finding is meant to be so: which findings they cover, and which comments are idle."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from slogen.findings import Place
from slogen.lint.problems import Problem
from slogen.yamltext.comments import Comment
from slogen.yamltext.text import Text

_FORM = re.compile(r"slogen:(?P<word>[\w-]*+)[ \t]*+(?P<codes>[^\s,]++(?:,[ \t]*+[^\s,]++)*+)?(?P<rest>.*)")
_UNTIL = re.compile(r"(?:^|\s)until[ \t]++(?P<day>[0-9][\w./-]*+)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
HERE, FILE = "ignore", "ignore-file"
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

    def covers(self, code: str, place: Place) -> bool:
        """Whether a finding there is meant."""
        return self.code == code and place.file == self.place.file and (
            not self.first or self.first <= place.line <= self.last
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ignores:
    """What the comments of some files say, and what is wrong with those that say nothing."""

    ignores: tuple[Ignore, ...] = ()
    problems: tuple[tuple[str, Problem], ...] = ()


def read_ignores(source: Text, comments: Iterable[Comment]) -> Ignores:
    """The comments of one file."""
    ignores: list[Ignore] = []
    problems: list[tuple[str, Problem]] = []
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
        first, last = (0, 0) if word == FILE else _lines(source, comment, place.line)
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


def _lines(source: Text, comment: Comment, line: int) -> tuple[int, int]:
    """What a comment covers: the line it is on, or the next one if it is alone, and everything indented below that."""
    lines = source.text.split("\n")
    first = line
    if comment.is_alone:
        first += 1
        while first <= len(lines) and _is_idle(lines[first - 1]):
            first += 1
    if first > len(lines):
        return line, line
    indent, is_item = _indent(lines[first - 1])
    last = first
    for number in range(first + 1, len(lines) + 1):
        text = lines[number - 1]
        if not text.strip():
            continue
        own, item = _indent(text)
        if own < indent or (own == indent and (is_item or not item)):
            break
        last = number
    return (line if comment.is_alone else first), last


def _is_idle(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def _indent(line: str) -> tuple[int, bool]:
    stripped = line.lstrip(" ")
    return len(line) - len(stripped), stripped.startswith(("- ", "-\r")) or stripped == "-"


class Ledger:
    """Which comments cover something, and which do not."""

    def __init__(self, ignores: Sequence[Ignore], today: date) -> None:
        self._today = today
        self._ignores = ignores
        self._used: set[int] = set()
        self._by_file: dict[tuple[str, str], list[int]] = {}
        for number, one in enumerate(ignores):
            self._by_file.setdefault((one.place.file, one.code), []).append(number)

    def covers(self, code: str, place: Place) -> bool:
        """Whether a comment says that this is meant; one whose day is past says nothing any more."""
        found = [n for n in self._by_file.get((place.file, code), ()) if self._ignores[n].covers(code, place)]
        self._used.update(found)
        return any(not self._is_over(self._ignores[number]) for number in found)

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
