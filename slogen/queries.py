"""PromQL that a person wrote in a spec: counters, expressions in `$window`, histograms, label matchers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from slogen.fields import kind_of, problem
from slogen.promql.build import finite
from slogen.promql.durations import format_duration
from slogen.promql.parsing import Parsed, calls, find_modifier, fixed_ranges, parse
from slogen.promql.selectors import Matcher, Selector, selector_parts
from slogen.promql.tokens import Kind, PromQLError


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise problem(
            "promql/type",
            f"PromQL is wanted, not {kind_of(value)}",
            "quote it if YAML reads it otherwise: 'up{job=\"api\"}'",
        )
    return value


@dataclass(frozen=True, slots=True)
class Query:
    """PromQL that a person wrote: a counter's `selector`, or an expression in `$window` when that is None."""

    text: str
    parsed: Parsed
    selector: Selector | None

    def over(self, window: int) -> str:
        """The text, with `$window` put in."""
        return self.parsed.with_window(format_duration(window))

    def rate(self, window: int) -> str:
        """Events per second, read over `window` seconds; what an expression makes of no data is no data."""
        if self.selector is not None:
            return f"rate({self.text}[{format_duration(window)}])"
        return finite(self.over(window))


_KINDS = {"expression": "an expression", "range": "a range", "scalar": "a number", "string": "a string"}


def _parsed(text: str, offset: int = 0) -> Parsed:
    try:
        parsed = parse(text)
    except PromQLError as failure:
        raise problem("promql/syntax", failure.message, failure.hint, offset=max(failure.start - offset, 0)) from None
    if (token := find_modifier(parsed)) is not None:
        message = f"'{token.text}' moves the reading to another time than the alert's"
        raise problem("promql/modifier", message, "leave it out: slogen reads the present", offset=token.start - offset)
    return parsed


def _bare(parsed: Parsed, selector: Selector | None) -> Query:
    """Without comments: what is put around a query would end up in one."""
    text = parsed.text
    for token in reversed(parsed.tokens):
        if token.kind is Kind.COMMENT:
            text = text[: token.start].rstrip() + text[token.end :]
    return Query(text.strip(), parse(text.strip()), selector)


def _selector_of(parsed: Parsed) -> Selector:
    selector = selector_parts(parsed)
    if not selector.metric:
        raise problem(
            "promql/no-metric",
            "the selector names no metric",
            "begin with the metric: http_requests_total{...}",
            offset=0,
        )
    return selector


def _query(value: object) -> Query:
    text = _text(value).strip()
    shift = len(_text(value)) - len(_text(value).lstrip())
    try:
        return _checked_query(text)
    except PydanticCustomError as failure:
        context = dict(failure.context or {})
        if context.get("offset") is not None:
            context["offset"] += shift
        raise PydanticCustomError(failure.type, "{message}", context) from None


def _checked_query(text: str) -> Query:
    parsed = _parsed(text)
    if parsed.kind == "selector":
        return _bare(parsed, _selector_of(parsed))
    if parsed.kind == "range":
        start = next(token.start for token in reversed(parsed.tokens) if token.text == "[")
        raise problem(
            "promql/range",
            "a range by itself counts no events",
            "leave the [...] out, slogen adds it; or write sum(rate(...[$window]))",
            offset=start,
        )
    if parsed.kind != "expression":
        raise problem(
            "promql/type",
            f"{_KINDS.get(parsed.kind, 'this')} counts no events",
            "write a counter, or an expression such as sum(rate(x[$window]))",
            offset=0,
        )
    for token in calls(parsed, "increase"):
        hint = "write rate: slogen multiplies by the interval itself"
        raise problem(
            "promql/increase", "'increase' counts per window, events per second are wanted", hint, offset=token.start
        )
    if not parsed.uses_window and (fixed := fixed_ranges(parsed)):
        message = f"the range [{fixed[0].text}] is fixed, and slogen reads several"
        raise problem("promql/no-window", message, "write [$window] instead", offset=fixed[0].start)
    if not parsed.uses_window:
        hint = "read the counters over $window: sum(rate(http_requests_total[$window]))"
        raise problem("promql/no-window", "the expression does not use $window", hint, offset=0)
    _check_window(parsed)
    return _bare(parsed, None)


def _check_window(parsed: Parsed) -> None:
    for before, token, after in zip(parsed.tokens, parsed.tokens[1:], parsed.tokens[2:], strict=False):
        if token.text == "$window" and (before.text != "[" or after.text != "]"):
            subquery = after.text.startswith(":")
            message = "a subquery inside the SLI" if subquery else "$window outside of a range"
            raise problem(
                "promql/subquery" if subquery else "promql/window",
                message,
                "write rate(counter[$window])",
                offset=token.start,
            )


def _selector(value: object) -> Query:
    query = _text(value).strip()
    parsed = _parsed(query)
    if parsed.kind != "selector":
        hint = 'write the metric and its labels only: http_request_duration_seconds{job="api"}'
        message = f"a selector is wanted, not {_KINDS.get(parsed.kind, 'this')}"
        raise problem("promql/selector-wanted", message, hint, offset=0)
    return _bare(parsed, _selector_of(parsed))


def _matchers(value: object) -> tuple[Matcher, ...]:
    text = _text(value).strip()
    if not text.startswith("{"):
        raise problem(
            "promql/matchers-wanted", "label matchers in braces are wanted", "write '{code!~\"5..\"}'", offset=0
        )
    parsed = _parsed(f"x{text}", 1)
    if parsed.kind != "selector":
        raise problem(
            "promql/matchers-wanted", "label matchers in braces are wanted", "write '{code!~\"5..\"}'", offset=0
        )
    return selector_parts(parsed).matchers


def _as_list(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _gauge(value: object) -> Query:
    text = _text(value).strip()
    parsed = _parsed(text)
    if parsed.kind not in {"selector", "expression"}:
        hint = "write a gauge with its labels, or an expression that yields one"
        raise problem("promql/type", f"a {parsed.kind} is no gauge", hint, offset=0)
    _check_window(parsed)
    return _bare(parsed, _selector_of(parsed) if parsed.kind == "selector" else None)


def _plain_gauge(value: object) -> Query:
    query = _gauge(value)
    if query.parsed.uses_window:
        raise problem("promql/window", "$window has no meaning here", "write a range such as [5m]", offset=0)
    return query


CounterSelector = Annotated[Query, PlainValidator(_selector), WithJsonSchema({"type": "string", "minLength": 1})]
Counter = Annotated[Query, PlainValidator(_query), WithJsonSchema({"type": "string", "minLength": 1})]
Counters = Annotated[
    tuple[Counter, ...],
    BeforeValidator(_as_list),
    Field(min_length=1, strict=False),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
            ]
        }
    ),
]
Matchers = Annotated[
    tuple[Matcher, ...], PlainValidator(_matchers), WithJsonSchema({"type": "string", "pattern": r"^\s*\{"})
]


def _up(value: object) -> Query | str:
    if value == "off":
        return "off"
    query = _selector(value)
    if query.selector is None or query.selector.metric != "up":
        raise problem("sli/target", "a selector of up is wanted", 'write up{job="api"}, or off', offset=0)
    return query


Targets = Annotated[Any, PlainValidator(_up), WithJsonSchema({"type": "string", "minLength": 1})]
GaugeSelector = Annotated[Query, PlainValidator(_selector), WithJsonSchema({"type": "string", "minLength": 1})]
Gauge = Annotated[Query, PlainValidator(_plain_gauge), WithJsonSchema({"type": "string", "minLength": 1})]
Ratio = Annotated[Query, PlainValidator(_gauge), WithJsonSchema({"type": "string", "minLength": 1})]
