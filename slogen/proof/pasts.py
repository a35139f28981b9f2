"""A made-up past of an SLO's source, and what must be true of its rules then."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from slogen.model import StandIn
from slogen.promql.durations import format_duration
from slogen.promql.quoting import quote


@dataclass(frozen=True, slots=True)
class Stretch:
    """`length` seconds in which `events` happen from sample to sample, `errors` of them (0..1) bad.

    Good and bad events are whole numbers: what promtool adds up must never look like a counter's reset. With `every`
    above 1, events happen only before each so many samples. Where they are `gone`, there are no series; where the
    targets are `down` either, `up` is 0. Of a figure of a resource, `errors` is its value, which moves on a straight
    line to `until` where that is given.
    """

    length: int
    events: int = 0
    errors: Decimal = Decimal(0)
    every: int = 1
    gone: bool = False
    down: bool = False
    until: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """At second `at` an alert does not fire, or does: `count` of them."""

    at: int
    alert: str
    labels: tuple[tuple[str, str], ...]
    count: int

    @property
    def expr(self) -> str:
        """PromQL for how many fire."""
        return f"count({self.series}) or vector(0)"

    @property
    def series(self) -> str:
        """Selector of the alert while it fires."""
        return firing(self.alert, self.labels)


@dataclass(frozen=True, slots=True)
class Firing:
    """In the `span` seconds up to `at` an alert fires at some time, where `count` is 1, or never does.

    It is looked at each `every` seconds. `within` is the time it was given, if any.
    """

    at: int
    alert: str
    labels: tuple[tuple[str, str], ...]
    count: int
    span: int
    every: int
    within: int = 0

    @property
    def expr(self) -> str:
        """PromQL that is 1 where it fires at some time, else 0."""
        window = f"[{format_duration(self.span)}:{format_duration(self.every)}]"
        return f"max_over_time((count({self.series}) or vector(0)){window}) > bool 0"

    @property
    def series(self) -> str:
        """Selector of the alert while it fires."""
        return firing(self.alert, self.labels)


@dataclass(frozen=True, slots=True)
class Figure:
    """At second `at` a recorded figure lies between `low` and `high`."""

    at: int
    series: str
    low: Decimal
    high: Decimal

    @property
    def expr(self) -> str:
        """PromQL that is 1 where the figure is right, 0 where it is not, nothing where there is none."""
        return f"(sum({self.series}) >= bool {self.low:f}) * (sum({self.series}) <= bool {self.high:f})"


@dataclass(frozen=True, slots=True)
class Forecast:
    """When an alert fires after `since`, and resets after `until`, by its formulas: seconds; `spent` of the budget.

    A resource has no budget.
    """

    alert: str
    labels: tuple[tuple[str, str], ...]
    since: int
    fires: int
    until: int
    resets: int
    spent: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Past:
    """One test: what happens, and what must be true. `slow` is judged at the ledger's interval, else at the base's.

    Series that only bad events make grow are left out where `bad_unseen`, a histogram's buckets where `bucketless`. A
    second group stays healthy where `twin`; one more series of each has a sample only each `sparse`-th time, unless
    that is 0. A sample comes every `step` seconds; where
    `between`, half a step after those instants. What is recorded of windows other than `windows`, where there are any,
    is left out of account. It happens to the group with the labels `group`, as far as these are given. In a past that
    is written by hand, trouble begins at second `trouble`. A resource has `courses`, of each of its figures by name, in
    place of stretches.
    """

    name: str
    stretches: tuple[Stretch, ...]
    checks: tuple[Silence | Firing | Figure, ...]
    step: int
    slow: bool = False
    between: bool = False
    bad_unseen: bool = False
    bucketless: bool = False
    twin: bool = False
    sparse: int = 0
    forecast: Forecast | None = None
    windows: tuple[str, ...] = ()
    group: tuple[tuple[str, str], ...] = ()
    trouble: int = 0
    courses: tuple[tuple[str, tuple[Stretch, ...]], ...] = ()

    @property
    def length(self) -> int:
        """Seconds up to the last check."""
        return max(check.at for check in self.checks)


def firing(alert: str, labels: Iterable[tuple[str, str]]) -> str:
    """Selector of an alert while it fires."""
    every = (("alertname", alert), ("alertstate", "firing"), *labels)
    return f"ALERTS{{{', '.join(f'{name}={quote(value)}' for name, value in every)}}}"


def series_name(one: StandIn, extra: Iterable[tuple[str, str]] = (), sparse: bool = False) -> str:
    """A series as promtool reads it; labels of `extra` are those of its group, where it has none of that name."""
    labels = {**dict(extra), **dict(one.labels)}
    if sparse:
        labels["slogen_test"] = "sparse"
    return f"{one.metric}{{{', '.join(f'{name}={quote(value)}' for name, value in sorted(labels.items()))}}}"


def input_series(
    stand_ins: Iterable[StandIn], past: Past, extra: Sequence[tuple[str, str]] = ()
) -> Iterator[tuple[str, str]]:
    """Each series' name with labels and its values, in the notation of promtool's unit tests."""
    for one in stand_ins:
        if past.bad_unseen and not one.good and not one.is_gauge:
            continue
        if past.bucketless and one.metric.endswith("_bucket"):
            continue
        values = " ".join(_values(one, past.stretches, past.step))
        if past.between:
            values = " ".join(f"_ {value}" for value in _spelt(values))
        yield series_name(one, extra), values
        if past.sparse:
            few = " ".join(f"{value} _x{past.sparse - 1}" for value in list(_spelt(values))[:: past.sparse])
            yield series_name(one, extra, sparse=True), few


def up_series(target: str, past: Past) -> tuple[str, str]:
    """`up` of a target, in the same notation: 0 where it is down."""
    values = _values(StandIn("up", (), Decimal(1), Decimal(0), is_gauge=True), _ups(past.stretches), past.step)
    found = " ".join(values)
    return target, " ".join(f"_ {value}" for value in _spelt(found)) if past.between else found


def _ups(stretches: Iterable[Stretch]) -> list[Stretch]:
    return [Stretch(stretch.length, errors=Decimal(int(stretch.down))) for stretch in stretches]


def _values(one: StandIn, stretches: Sequence[Stretch], step: int) -> Iterator[str]:
    value, done, begin = Decimal(0), 0, 0
    for stretch in stretches:
        end = begin + stretch.length
        count = (end - 1) // step + 1 - done if end > done * step else 0
        done += count
        begin = end
        if count <= 0:
            continue
        if stretch.gone or stretch.down:
            yield from ("stale", f"_x{count - 1}") if count > 1 else ("stale",)
        elif one.is_gauge:
            yield _line(one, stretch, count, step)
        else:
            growth = one.good * round(stretch.events * (1 - stretch.errors)) + one.bad * round(
                stretch.events * stretch.errors
            )
            if stretch.every == 1:
                yield f"{_plain(value + growth)}+{_plain(growth)}x{count - 1}"
                value += growth * count
                continue
            for left in range(count, 0, -stretch.every):
                yield f"{_plain(value)}+0x{min(stretch.every, left) - 1}"
                value += growth * (left >= stretch.every)


def _line(one: StandIn, stretch: Stretch, count: int, step: int) -> str:
    begin = one.good + (one.bad - one.good) * stretch.errors
    if stretch.until is None:
        return f"{_plain(begin)}+0x{count - 1}"
    growth = round((one.bad - one.good) * (stretch.until - stretch.errors) * step / stretch.length, 9)
    return f"{_plain(begin)}{'-' if growth < 0 else '+'}{_plain(abs(growth))}x{count - 1}"


def course_series(stand_ins: Mapping[str, Iterable[StandIn]], past: Past) -> Iterator[tuple[str, str]]:
    """Of a resource: the series that stand for each figure that takes a course, and their values."""
    for figure, stretches in past.courses:
        for one in stand_ins[figure]:
            yield series_name(one), " ".join(_values(one, stretches, past.step))


def _spelt(values: str) -> Iterator[str]:
    """Values one by one."""
    for part in values.split():
        start, _, rest = part.partition("+")
        step, _, count = rest.partition("x")
        yield from (_plain(Decimal(start) + Decimal(step) * number) for number in range(int(count) + 1))


def _plain(value: Decimal) -> str:
    return format(value.normalize() if value else Decimal(0), "f")
