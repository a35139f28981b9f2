"""Small pieces of PromQL that indicators, policies and the plan are put together from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slogen.promql.durations import format_duration
from slogen.promql.quoting import quote


def series(name: str, labels: Iterable[tuple[str, str]]) -> str:
    """A selector of one recorded series."""
    return f"{name}{{{', '.join(f'{label}={quote(value)}' for label, value in labels)}}}"


def aggregate(operation: str, by: Sequence[str], inner: str) -> str:
    """`sum by (region) (inner)`, or `sum(inner)` without groups."""
    return f"{operation} by ({', '.join(by)}) ({inner})" if by else f"{operation}({inner})"


def finite(expr: str) -> str:
    """`expr` without what is not a number: one NaN would otherwise stay in every sum for the length of its window."""
    return f"({expr}) >= -Inf < Inf"


def lines(text: str) -> str:
    """`text` on lines of its own, indented, as what stands between two parentheses."""
    return "\n" + "".join(f"  {line}\n" for line in text.split("\n"))


def grouped(text: str) -> str:
    """`text` in parentheses, over several lines."""
    return f"({lines(text)})"


def on(by: Sequence[str]) -> str:
    """Match on the groups alone: both sides are one SLO's already."""
    return f"on ({', '.join(by)})"


def aligned(window: int) -> str:
    """Range over a series recorded in the same group, without its closed end.

    Such samples lie on the range's ends, where Prometheus 2 counts both and 3 one; a second less counts one on both.
    """
    return f"[{format_duration(window - 1)}]"


def union(terms: Sequence[str], by: Sequence[str], label: str) -> str:
    """The sum of those of `terms` that exist; a plain `+` would lose everything when one of them was never seen."""
    if len(terms) == 1:
        return terms[0]
    marked = (f'label_replace({term}, "{label}", "{number}", "", "")' for number, term in enumerate(terms, 1))
    return aggregate("sum", by, lines("\nor\n".join(marked)))


def increases(selector: str, interval: int, scrape: int, exact: bool) -> tuple[str, str]:
    """Events of one interval for each series of a counter: a factor for their sum, and the expression.

    `rate` reads one scrape more than the interval and extrapolates over the gaps at both ends, which add up to one
    scrape: the increase of exactly one interval, but never below a counter's zero, so the first errors of a counter
    are undercounted. The exact reading is the difference between the last sample and the one an interval ago: such
    differences telescope, through lost scrapes too. It falls back to `rate` where a counter is new, or was
    reset since the earliest sample that the earlier one may have found, two intervals ago.
    """
    rate = f"rate({selector}[{format_duration(interval + scrape)}])"
    if not exact:
        return f"{interval} * ", rate
    step = format_duration(interval)
    last = f"last_over_time({selector}[{step}])"
    before = f"last_over_time({selector}[{step}] offset {step})"
    difference = f"({last} - {before}) >= 0\nunless\nresets({selector}[{format_duration(2 * interval)}]) > 0"
    return "", f"{grouped(difference)}\nor\n{interval} * {rate}"


def covered(readable: str, exist: str) -> str:
    """The share of series that can be read, zero when none can; both are counts without labels."""
    return f"{grouped(f'{readable}{chr(10)}or{chr(10)}vector(0)')}\n/\n{exist}"


def or_zero(expr: str, by: Sequence[str], reference: str) -> str:
    """`expr`, or zero where it was never seen while `reference` exists."""
    return f"{expr}\nor {on(by)}\n0 * {reference}"
