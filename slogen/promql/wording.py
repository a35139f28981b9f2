"""The library's messages in plain words."""

from __future__ import annotations

import re

from slogen.promql.tokens import WINDOW_HINT

_TYPES = {"vector": "an instant vector", "matrix": "a range", "scalar": "a number", "string": "a string"}
_RATE_HINT = "a function such as rate() turns a range into an instant vector: rate(requests_total[$window])"
_PLAIN = (
    (r"unknown function with name '(?P<a>.*)'", "there is no function '{a}'", ""),
    (r"illegal regex for (?P<a>.*)", "'{a}' is not a regular expression (RE2)", ""),
    (
        r"expected type (?P<x>\w+) in call to function '(?P<a>.*)', got (?P<y>\w+)",
        "{a}() needs {x} and is given {y}",
        "",
    ),
    (r"expected type (?P<x>\w+) in (?P<a>.*), got (?P<y>\w+)", "an {a} needs {x} and is given {y}", ""),
    (
        r"expected (?P<x>at (?:least|most) )?(?P<b>\d+) argument\(s\) in call to '(?P<a>.*)', got (?P<y>\d+)",
        "{a}() takes {x}{b} argument(s) and is given {y}",
        "",
    ),
    (
        r"wrong number of arguments for aggregate expression provided, expected (?P<a>\d+), got (?P<b>\d+)",
        "the aggregation takes {a} argument(s) and is given {b}",
        "",
    ),
    (r"comparisons between scalars must use BOOL modifier", "comparing two numbers needs 'bool'", ""),
    (
        r"binary expression must contain only scalar and instant vector types",
        "an operator works on numbers and instant vectors only",
        _RATE_HINT,
    ),
    (r"set operator '(?P<a>\w+)' not allowed in binary scalar expression", "'{a}' needs a vector on both sides", ""),
    (
        r"vector selector must contain at least one non-empty matcher",
        "the selector selects every series",
        "name a metric, or add a matcher that an empty label does not satisfy",
    ),
    (r"metric name must not be set twice.*", "the metric name is given twice", ""),
    (r"subquery is only allowed on vector.*", "only an instant vector can be given a range with a step", ""),
    (r"ranges only allowed for vector selectors", "only a selector can be given a range", "write [$window:] instead"),
    (
        r"(?P<a>@|offset) modifier must be preceded by .*",
        "'{a}' moves a selector in time, and there is no selector right before it",
        "",
    ),
    (r"duration must be greater than 0", "a duration of zero", ""),
    (r"invalid promql query", "this is not PromQL", ""),
)


def in_plain_words(problem: str) -> tuple[str, str]:
    """The library's message in plain words, and a hint."""
    for pattern, message, hint in _PLAIN:
        match = re.fullmatch(pattern, problem, re.DOTALL)
        if match:
            said = {name: value or "" for name, value in match.groupdict().items()}
            types = {name: _TYPES.get(said.get(name, ""), said.get(name, "")) for name in ("x", "y")}
            if types == {"x": _TYPES["matrix"], "y": _TYPES["vector"]}:
                return message.format_map({**said, **types}), WINDOW_HINT
            if types == {"x": _TYPES["vector"], "y": _TYPES["matrix"]}:
                return message.format_map({**said, **types}), _RATE_HINT
            return message.format_map({**said, **types}), hint
    return problem, ""
