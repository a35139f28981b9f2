"""Labels that some selectors match and others do not: what series for a made-up past are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from slogen.promql.selectors import Matcher, Selector

_PLAIN = ("", "200", "ok", "a", "b", "500")
"""Values to try where nothing says which; the empty one is a label that is not there."""

_MOST = 12
_parser: Any = re._parser  # type: ignore[attr-defined]  # the standard library's own reading of a pattern


def labels_for(matching: Selector, refused: Sequence[Selector] = ()) -> dict[str, str] | None:
    """Labels of a series that `matching` selects and none of `refused` does, or None if none is found."""
    against = [selector for selector in refused if selector.metric == matching.metric]
    names = sorted({matcher.name for selector in (matching, *against) for matcher in selector.matchers})
    admitted = {name: list(_admitted(name, matching.matchers, against)) for name in names}
    if not all(admitted.values()):
        return None
    chosen = {name: values[0] for name, values in admitted.items()}
    for selector in against:
        if _selects(selector, chosen) and not _avoid(selector, chosen, admitted, against):
            return None
    if any(_selects(selector, chosen) for selector in against):
        return None
    return {name: value for name, value in chosen.items() if value}


def selects(selector: Selector, metric: str, labels: dict[str, str]) -> bool:
    """Whether a selector selects a series."""
    return selector.metric == metric and _selects(selector, labels)


def _avoid(
    selector: Selector, chosen: dict[str, str], admitted: dict[str, list[str]], against: Sequence[Selector]
) -> bool:
    """Change one label so that `selector` fails; prefers what lets every other one fail too."""
    found = False
    for matcher in selector.matchers:
        for value in admitted[matcher.name]:
            if not _accepts(matcher, value):
                tried = {**chosen, matcher.name: value}
                if not found or not any(_selects(other, tried) for other in against):
                    chosen.update(tried)
                    found = True
                if not any(_selects(other, chosen) for other in against):
                    return True
    return found


def _selects(selector: Selector, labels: dict[str, str]) -> bool:
    return all(_accepts(matcher, labels.get(matcher.name, "")) for matcher in selector.matchers)


def _accepts(matcher: Matcher, value: str) -> bool:
    if matcher.op in {"=", "!="}:
        return (matcher.value == value) == (matcher.op == "=")
    pattern = _compiled(matcher.value)
    return pattern is not None and (pattern.fullmatch(value) is not None) == (matcher.op == "=~")


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except (re.error, RecursionError, OverflowError):
        return None


def _admitted(name: str, matchers: Iterable[Matcher], against: Sequence[Selector]) -> Iterator[str]:
    own = [matcher for matcher in matchers if matcher.name == name]
    others = [matcher for selector in against for matcher in selector.matchers if matcher.name == name]
    tried = dict.fromkeys(value for matcher in (*own, *others) for value in _values(matcher))
    plain = (*_PLAIN[1:], "") if own else _PLAIN
    for value in dict.fromkeys((*tried, *plain)):
        if all(_accepts(matcher, value) for matcher in own):
            yield value


def _values(matcher: Matcher) -> list[str]:
    return [matcher.value] if matcher.op in {"=", "!="} else list(examples(matcher.value))


@lru_cache(maxsize=1024)
def examples(pattern: str) -> tuple[str, ...]:
    """A few short texts that a regular expression matches as a whole, none where it cannot be read."""
    compiled = _compiled(pattern)
    if compiled is None or len(pattern) > 1000:
        return ()
    try:
        found = list(islice(_texts(_parser.parse(pattern)), _MOST))
    except (re.error, RecursionError, OverflowError):
        return ()
    return tuple(dict.fromkeys(text for text in found if compiled.fullmatch(text) and text.isprintable()))


def _texts(nodes: Any) -> Iterator[str]:
    found = [""]
    for operation, argument in nodes:
        parts = list(islice(_of_node(str(operation), argument), _MOST)) or [""]
        found = [before + part for part in parts for before in found][:_MOST]
    yield from found


def _of_node(operation: str, argument: Any) -> Iterator[str]:
    if operation == "LITERAL":
        yield chr(argument)
    elif operation == "ANY":
        yield from "0a"
    elif operation == "IN":
        yield _of_set(argument)
    elif operation == "BRANCH":
        for branch in argument[1]:
            yield from islice(_texts(branch), 2)
    elif operation == "SUBPATTERN":
        yield from _texts(argument[-1])
    elif operation in {"MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"}:
        least, _, repeated = argument
        for count in dict.fromkeys((max(int(least), 1), int(least))):
            if count <= 64:
                yield from (text * count for text in islice(_texts(repeated), 2))


def _of_set(argument: Any) -> str:
    negated = str(argument[0][0]) == "NEGATE"
    for char in "0a1bA-_./: zZ9":
        if any(_in_set(str(operation), value, char) for operation, value in argument) != negated:
            return char
    operation, value = argument[-1]
    return chr(value) if str(operation) == "LITERAL" else chr(value[0]) if str(operation) == "RANGE" else "0"


def _in_set(operation: str, value: Any, char: str) -> bool:
    if operation == "LITERAL":
        return ord(char) == int(value)
    if operation == "RANGE":
        return int(value[0]) <= ord(char) <= int(value[1])
    if operation == "CATEGORY":
        return {
            "CATEGORY_DIGIT": char.isdigit(),
            "CATEGORY_NOT_DIGIT": not char.isdigit(),
            "CATEGORY_SPACE": char.isspace(),
            "CATEGORY_NOT_SPACE": not char.isspace(),
            "CATEGORY_WORD": char.isalnum() or char == "_",
            "CATEGORY_NOT_WORD": not (char.isalnum() or char == "_"),
        }.get(str(value), False)
    return False
