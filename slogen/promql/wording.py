"""The library's messages in plain words."""

from __future__ import annotations

import re
from difflib import get_close_matches

from slogen.promql.tokens import WINDOW_HINT

_TYPES = {"vector": "an instant vector", "matrix": "a range", "scalar": "a number", "string": "a string"}
_RATE_HINT = "a function such as rate() turns a range into an instant vector: rate(requests_total[$window])"
_FUNCTIONS = (
    "abs", "absent", "avg", "avg_over_time", "ceil", "changes", "clamp", "clamp_max", "clamp_min", "count",
    "count_over_time", "delta", "deriv", "floor", "group", "histogram_avg", "histogram_count", "histogram_fraction",
    "histogram_quantile", "histogram_sum", "idelta", "increase", "irate", "label_join", "label_replace",
    "last_over_time", "max", "max_over_time", "min", "min_over_time", "predict_linear", "quantile",
    "quantile_over_time", "rate", "resets", "round", "scalar", "sgn", "sort", "stddev", "sum", "sum_over_time",
    "time", "timestamp", "topk", "vector",
)  # fmt: skip
"""Names to guess from when one is misspelt."""

_PLAIN = (
    (
        r"illegal regex for (?P<a>.*)",
        "'{a}' is not a regular expression (RE2)",
        "escape what is not meant: \\\\. \\\\( \\\\[",
    ),
    (
        r"expected type (?P<x>\w+) in call to function '(?P<a>.*)', got (?P<y>\w+)",
        "{a}() needs {x} and is given {y}",
        "give it {x}",
    ),
    (r"expected type (?P<x>\w+) in (?P<a>.*), got (?P<y>\w+)", "an {a} needs {x} and is given {y}", "give it {x}"),
    (
        r"expected (?P<x>at (?:least|most) )?(?P<b>\d+) argument\(s\) in call to '(?P<a>.*)', got (?P<y>\d+)",
        "{a}() takes {x}{b} argument(s) and is given {y}",
        "separate arguments by commas",
    ),
    (
        r"wrong number of arguments for aggregate expression provided, expected (?P<a>\d+), got (?P<b>\d+)",
        "the aggregation takes {a} argument(s) and is given {b}",
        "separate arguments by commas",
    ),
    (
        r"comparisons between scalars must use BOOL modifier",
        "comparing two numbers needs 'bool'",
        "write for example 1 == bool 1",
    ),
    (
        r"binary expression must contain only scalar and instant vector types",
        "an operator works on numbers and instant vectors only",
        _RATE_HINT,
    ),
    (
        r"set operator '(?P<a>\w+)' not allowed in binary scalar expression",
        "'{a}' needs a vector on both sides",
        "use a metric, or vector(1) for a number",
    ),
    (
        r"vector selector must contain at least one non-empty matcher",
        "the selector selects every series",
        "name a metric, or add a matcher that an empty label does not satisfy",
    ),
    (r"metric name must not be set twice.*", "the metric name is given twice", "leave __name__ out"),
    (
        r"subquery is only allowed on vector.*",
        "only an instant vector can be given a range with a step",
        "leave the [...] out",
    ),
    (r"ranges only allowed for vector selectors", "only a selector can be given a range", "write [$window:] instead"),
    (
        r"(?P<a>@|offset) modifier must be preceded by .*",
        "'{a}' moves a selector in time, and there is no selector right before it",
        "leave it out: slogen reads the present",
    ),
    (r"duration must be greater than 0", "a duration of zero", "write for example 5m"),
    (r"invalid promql query", "this is not PromQL", "try it in Prometheus first, with 5m in place of $window"),
)


def in_plain_words(problem: str) -> tuple[str, str]:
    """The library's message in plain words, and a hint."""
    unknown = re.fullmatch(r"unknown function with name '(.*)'", problem, re.DOTALL)
    if unknown:
        close = get_close_matches(unknown[1].lower(), _FUNCTIONS, n=1)
        hint = f"did you mean {close[0]}?" if close else "look for its name among Prometheus' functions"
        return f"there is no function '{unknown[1]}'", hint
    for pattern, message, hint in _PLAIN:
        match = re.fullmatch(pattern, problem, re.DOTALL)
        if match:
            said = {name: value or "" for name, value in match.groupdict().items()}
            types = {name: _TYPES.get(said.get(name, ""), said.get(name, "")) for name in ("x", "y")}
            if types == {"x": _TYPES["matrix"], "y": _TYPES["vector"]}:
                return message.format_map({**said, **types}), WINDOW_HINT
            if types == {"x": _TYPES["vector"], "y": _TYPES["matrix"]}:
                return message.format_map({**said, **types}), _RATE_HINT
            return message.format_map({**said, **types}), hint.format_map({**said, **types})
    return problem, "try it in Prometheus first, with 5m in place of $window"
