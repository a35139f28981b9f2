"""Latency: few of all requests are slow, by a histogram of their durations.

'p99 below 1s' and '99% of requests under 1s' are one promise; the second can be counted, so it has an error budget.
Several objectives on one histogram share one total. `good` narrows what is good: fast, and not failed either.

A classic histogram knows only its buckets, so the threshold must be one of them: interpolating between two buckets
overstates bad events about twofold. List the `buckets`, and slogen finds a threshold that is none of them; without the
list, the alert `SLOBucketMissing` finds it once the rules run. The unit of the buckets is told by the metric's name
(`_seconds`, `_milliseconds`, `_ms` ...), or by `unit`.

With `native: true` the histogram is a native one, and any threshold will do.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from slogen.fields import Threshold, problem
from slogen.model import Reading, Scope, StandIn
from slogen.promql.build import aggregate, covered, grouped, increases, lines, on, or_zero
from slogen.promql.durations import format_duration
from slogen.promql.examples import labels_for
from slogen.promql.selectors import Matcher, Selector
from slogen.queries import CounterSelector, Matchers
from slogen.sources import Sourced

_UNITS = {
    "seconds": Decimal(1),
    "milliseconds": Decimal("0.001"),
    "microseconds": Decimal("0.000001"),
    "minutes": Decimal(60),
}
_SUFFIXES = {**{f"_{unit}": unit for unit in _UNITS}, "_ms": "milliseconds", "_us": "microseconds"}

EXAMPLE = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: checkout}
spec:
  slos:
    - name: latency
      description: Payment requests that are answered in time.
      sli:
        type: latency
        histogram: http_request_duration_seconds{job="checkout"}
        good: '{code!~"5.."}'
        buckets: [100ms, 300ms, 1s, 3s]
      objectives:
        - {name: p99, threshold: 1s, objective: 99}
        - {name: p90, threshold: 300ms, objective: 90}

    - name: render-latency
      description: Receipts that are rendered in time, by a native histogram.
      objective: 98
      sli:
        type: latency
        histogram: render_duration_milliseconds{job="checkout"}
        native: true
        threshold: 80ms
"""


class Indicator(Sourced):
    """Counts requests faster than a threshold by a histogram."""

    causes: ClassVar[tuple[str, ...]] = (
        "A slow dependency: a database without an index, a lock, another service.",
        "Too few resources: CPU that is throttled, full connection pools, garbage collection.",
        "Requests that are larger or more costly than usual, or one slow route.",
        "A release that made something slower.",
    )
    per_objective: ClassVar[tuple[str, ...]] = ("threshold",)

    type: Literal["latency"]
    histogram: CounterSelector = Field(description="The histogram without _bucket, with its labels.")
    native: Annotated[bool, Field(description="True for a native histogram.")] = False
    threshold: Threshold | None = Field(
        None, description="Requests up to this time are good; or give one per objective."
    )
    unit: Literal["seconds", "milliseconds", "microseconds", "minutes"] | None = Field(
        None, description="Unit of the histogram, where its name does not end in one."
    )
    good: Matchers | None = Field(
        None, description="Narrows what is good, e.g. '{code!~\"5..\"}' for 'fast and not 5xx'."
    )
    buckets: list[Threshold] | None = Field(
        None, description="The buckets that exist, so that a wrong threshold is found here."
    )

    @model_validator(mode="after")
    def _sound(self) -> Self:
        metric = self._metric
        for suffix in ("_bucket", "_count", "_sum"):
            if metric.endswith(suffix):
                message = f"'{metric}' is a part of a histogram"
                raise problem(
                    "sli/histogram", message, f"write {metric.removesuffix(suffix)}", at=("histogram",), offset=0
                )
        if self.unit is None and self._named_unit is None:
            message = f"the unit of '{metric}' cannot be told from its name"
            raise problem(
                "sli/unit", message, "add unit: seconds (or milliseconds, microseconds, minutes)", at=("histogram",)
            )
        if any(matcher.name == "le" for matcher in self._selector.matchers):
            raise problem("sli/histogram", "the label le is chosen by the threshold", "leave le out", at=("histogram",))
        return self

    def problems(self) -> Iterator[PydanticCustomError]:
        """A threshold must be given, and be a bucket where the buckets are declared."""
        if self.threshold is None:
            yield problem("sli/incomplete", "'threshold' is missing", "write threshold: 300ms")
        elif self.buckets and self.threshold not in self.buckets and not self.native:
            known = ", ".join(_duration_text(bucket) for bucket in sorted(self.buckets))
            message = f"{_duration_text(self.threshold)} is not a bucket of {self._metric}"
            yield problem(
                "sli/bucket", message, f"choose one of {known}, or add a bucket to the service", at=("threshold",)
            )

    @property
    def has_coverage(self) -> bool:
        """A histogram's series can be counted."""
        return True

    @property
    def has_buckets(self) -> bool:
        """A native histogram has none that could be missing."""
        return not self.native

    @property
    def _metric(self) -> str:
        return self._selector.metric

    @property
    def _selector(self) -> Selector:
        assert self.histogram.selector is not None  # noqa: S101  # CounterSelector admits selectors only
        return self.histogram.selector

    @property
    def _named_unit(self) -> str | None:
        return next((unit for suffix, unit in _SUFFIXES.items() if self._metric.endswith(suffix)), None)

    @property
    def _bound(self) -> Decimal:
        unit = _UNITS[self.unit or self._named_unit or "seconds"]
        return (self.threshold or Decimal(1)) / unit

    @property
    def bucket(self) -> Matcher:
        """Matcher of the bucket that ends at the threshold."""
        return le(self._bound)

    def reading(self, variants: tuple[Self, ...], scope: Scope) -> Reading:
        """One total for all objectives; only series that have every objective's bucket are counted."""
        return self._native(variants, scope) if self.native else self._classic(variants, scope)

    def _classic(self, variants: tuple[Self, ...], scope: Scope) -> Reading:
        count = self._selector.renamed(f"{self._metric}_count")
        bucket = self._selector.renamed(f"{self._metric}_bucket")
        bounds = [le(variant._bound) for variant in variants]

        def rate(selector: Selector) -> str:
            return f"rate({selector}[{format_duration(scope.window)}])"

        def having(series: str, wanted: list[Matcher]) -> str:
            return "".join([series, *(f"\nand ignoring (le)\n{rate(bucket.matching(bound))}" for bound in wanted)])

        def events(selector: Selector, wanted: list[Matcher]) -> str:
            factor, increase = increases(str(selector), scope.interval, scope.scrape, scope.exact)
            inner = having(grouped(increase) if scope.exact and wanted else increase, wanted)
            return f"{factor}{aggregate('sum', scope.by, lines(inner) if chr(10) in inner else inner)}"

        bad = []
        for variant, bound in zip(variants, bounds, strict=True):
            others = [other for other in bounds if other != bound]
            good = events(bucket.matching(bound, *(variant.good or ())), others)
            bad.append(_slow(grouped(or_zero(good, scope.by, scope.total)) if variant.good else good, scope))
        total = events(count, bounds)
        readable = aggregate("count", scope.by, lines(having(rate(count), bounds)))
        buckets = [f"\nand ignoring (le)\n{bucket.matching(bound)}" for bound in dict.fromkeys(bounds)]
        fit = aggregate("count", scope.by, lines("".join([str(count), *buckets])))
        exist = aggregate("count", scope.by, str(count))
        lacking = f"1 - {on(scope.by)}\n{grouped(covered(fit, exist))}"
        return Reading(total, tuple(bad), covered(readable, fit), lacking)

    def _native(self, variants: tuple[Self, ...], scope: Scope) -> Reading:
        def rate(selector: Selector) -> str:
            return aggregate("sum", scope.by, f"rate({selector}[{format_duration(scope.window)}])")

        everything = rate(self._selector)
        bad = []
        for variant in variants:
            bound = _plain(variant._bound)
            if variant.good:
                narrowed = rate(self._selector.matching(*variant.good))
                good = (
                    f"(histogram_count({narrowed}) > 0)\n* {on(scope.by)}\n"
                    f"histogram_fraction(0, {bound}, {narrowed})\n* {scope.interval}"
                )
                bad.append(_slow(grouped(or_zero(good, scope.by, scope.total)), scope))
            else:
                slow = f"({scope.total} > 0)\n* {on(scope.by)}\n(1 - histogram_fraction(0, {bound}, {everything}))"
                bad.append(or_zero(slow, scope.by, scope.total))
        total = f"{scope.interval} * histogram_count({everything})"
        exist = aggregate("count", scope.by, str(self._selector))
        seen = aggregate("count", scope.by, f"rate({self._selector}[{format_duration(scope.window)}])")
        return Reading(total, tuple(bad), covered(seen, exist))

    def stand_ins(self, variants: tuple[Self, ...]) -> tuple[StandIn, ...]:
        """The count, and the bucket of each threshold, which bad events are too slow for."""
        if self.native:
            return ()
        count = self._selector.renamed(f"{self._metric}_count").matching(*(self.good or ()))
        own = labels_for(count)
        if own is None:
            return ()
        one, none = Decimal(1), Decimal(0)
        bounds = dict.fromkeys(_plain(variant._bound) for variant in variants)
        buckets = (tuple(sorted({**own, "le": bound}.items())) for bound in bounds)
        return (
            StandIn(count.metric, tuple(sorted(own.items())), one, one),
            *(StandIn(f"{self._metric}_bucket", labels, one, none) for labels in buckets),
        )

    def sentence(self) -> str:
        """What a good event is, in a few words for people."""
        fast = f"requests under {_duration_text(self.threshold or Decimal(0))}"
        return f"{fast} that match {{{', '.join(map(str, self.good))}}}" if self.good else fast


def _slow(good: str, scope: Scope) -> str:
    difference = f"{scope.total}\n- {on(scope.by)}\n{good},\n0"
    return f"clamp_min({lines(difference)})"


def le(bound: Decimal) -> Matcher:
    """Matcher of the bucket that ends at `bound`, as any client and version writes it.

    Whole numbers are stored as "1" by Prometheus 2 and as "1.0" by 3; Go writes a million as "1e+06".
    """
    plain = _plain(bound)
    if bound != bound.to_integral_value():
        return (
            Matcher("le", "=", plain)
            if bound >= Decimal("0.0001")
            else Matcher("le", "=~", f"{plain.replace('.', '[.]')}|{_go(bound)}")
        )
    forms = [f"{plain}([.]0)?", *([_go(bound)] if bound >= 1_000_000 else [])]
    return Matcher("le", "=~", "|".join(forms))


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _go(value: Decimal) -> str:
    mantissa, exponent = f"{value.normalize():e}".split("e")
    sign, digits = exponent[0], exponent[1:].rjust(2, "0")
    return f"{mantissa}e{sign}{digits}".replace("+", "[+]").replace(".", "[.]")


def _duration_text(seconds: Decimal) -> str:
    return f"{_plain(seconds)}s" if seconds >= 1 else f"{_plain(seconds * 1000)}ms"
