"""Mistakes in slice types are told at their place with a hint; the bounds of several objectives."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from compile import plan_of, repository

from slogen import naming
from slogen.findings import Finding, SpecError
from slogen.pipeline import compile_specs
from slogen.rules import Role

MARK = "▶"
HEAD = """\
apiVersion: slogen/v1
kind: Service
metadata: {name: edge, owner: team}
spec:
  slos:
    - name: a
"""
PROBE = "type: probe, targets: up, expected: 5"
FRESHNESS = "type: freshness, timestamp: done, maxAge: 1h"
THRESHOLD = "type: threshold, gauge: lag, above: 10"
RATIO = "type: ratio, bad: e, total: t, above: 5"
RAW = "type: raw, errorRatio: failed"


def spec(*lines: str) -> str:
    return HEAD + "".join(f"      {line}\n" for line in lines)


def one(sli: str) -> str:
    """An SLO with one objective on an SLI in flow style."""
    return spec("objective: 99", f"sli: {{{sli}}}")


def whole(sli: str) -> str:
    """The same, where a finding points at the SLI as a whole."""
    return spec("objective: 99", f"sli: ▶{{{sli}}}")


def findings(text: str) -> Sequence[Finding]:
    with repository(text.replace(MARK, "")):
        try:
            return compile_specs([]).warnings
        except SpecError as failure:
            return failure.findings


# A case: ▶ stands before each character that a finding points at; then its code and words of its hint.
CASES: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "more failures than targets": (one(f"{PROBE}, failures: ▶6"), [("sli/quorum", "failures: 5 or less")]),
    "no target expected": (one("type: probe, targets: up, expected: ▶0"), [("spec/limit", "1 or more")]),
    "half a target": (one("type: probe, targets: up, expected: ▶2.5"), [("spec/type", "without quotes")]),
    "expected left out": (whole("type: probe, targets: up"),
                          [("spec/missing", "add expected:")]),
    "targets aggregated": (one("type: probe, targets: ▶sum(up), expected: 5"),
                           [("promql/selector-wanted", "labels only")]),
    "neither above nor below": (whole("type: threshold, gauge: lag"),
                                [("sli/incomplete", "write above: ")]),
    "above and below": (whole(f"{THRESHOLD}, below: 1"), [("sli/incomplete", "write above:")]),
    "bound in quotes": (one("type: threshold, gauge: lag, above: ▶'10'"), [("spec/type", "without quotes")]),
    "bound with a unit": (one("type: threshold, gauge: lag, above: ▶10s"), [("spec/type", "without quotes or unit")]),
    "infinite bound": (one("type: threshold, gauge: lag, above: ▶.inf"), [("spec/type", "without quotes")]),
    "slice too short": (one(f"{THRESHOLD}, slice: ▶30s"), [("sli/slice", "slice: 1m")]),
    "slice too long": (one(f"{THRESHOLD}, slice: ▶5m"), [("sli/slice", "slice: 1m")]),
    "slice without a unit": (one(f"{THRESHOLD}, slice: ▶60"), [("spec/duration", "30s, 5m")]),
    "slice in words": (one(f"{RATIO}, slice: ▶a minute"), [("spec/duration", "30s, 5m")]),
    "missing otherwise": (one(f"{THRESHOLD}, missing: ▶ignore"), [("spec/literal-error", "'bad', 'good' or 'skip'")]),
    "aggregate otherwise": (one(f"{THRESHOLD}, aggregate: ▶avg"), [("spec/literal-error", "'any', 'all', 'share'")]),
    "a probe has no aggregate": (one(f"{PROBE}, ▶aggregate: any"), [("spec/unknown-key", "failures")]),
    "a raw ratio has no bound": (one(f"{RAW}, ▶above: 3"), [("spec/unknown-key", "errorRatio")]),
    "a ratio has no good": (whole("type: ratio, ▶good: g, total: t, above: 5"),
                            [("spec/missing", "add bad:"), ("spec/unknown-key", "bad")]),
    "freshness of a gauge": (whole("type: freshness, ▶gauge: x, maxAge: 1h"),
                             [("spec/missing", "add timestamp:"), ("spec/unknown-key", "timestamp")]),
    "events have no slice": (one("type: events, bad: e, total: t, ▶slice: 1m"), [("spec/unknown-key", "total")]),
    "events have no missing": (one("type: events, bad: e, total: t, ▶missing: bad"), [("spec/unknown-key", "total")]),
    "age without a unit": (one("type: freshness, timestamp: done, maxAge: ▶300"), [("spec/duration", "30s, 5m")]),
    "age of zero": (one("type: freshness, timestamp: done, maxAge: ▶0s"), [("spec/duration", "30s, 5m")]),
    "$window in a gauge": (one("type: threshold, gauge: '▶rate(lag[$window])', above: 1"),
                           [("promql/window", "such as [5m]")]),
    "$window in a time": (one("type: freshness, timestamp: '▶max_over_time(done[$window])', maxAge: 1h"),
                          [("promql/window", "such as [5m]")]),
    "a number for a gauge": (one("type: threshold, gauge: ▶2 + 1, above: 1"), [("promql/type", "a gauge with")]),
    "the time for a gauge": (one("type: threshold, gauge: ▶time(), above: 1"), [("promql/type", "a gauge with")]),
    "a number for a ratio": (one("type: raw, errorRatio: '▶0.1'"), [("promql/type", "a gauge with")]),
    "YAML's number for a gauge": (one("type: threshold, gauge: ▶3, above: 1"), [("promql/type", "quote it")]),
    "a range for a gauge": (one("type: threshold, gauge: '▶lag[5m]', above: 1"), [("promql/type", "a gauge with")]),
    "a gauge of the past": (one("type: threshold, gauge: lag ▶offset 5m, above: 1"), [("promql/modifier", "present")]),
    "a gauge without a name": (one("type: threshold, gauge: '▶{job=\"a\"}', above: 1"),
                               [("promql/no-metric", "metric")]),
    "counters over a fixed range": (one("type: ratio, bad: 'sum(rate(e[▶5m]))', total: t, above: 5"),
                                    [("promql/no-window", "[$window]")]),
    "ratio without a bound": (whole("type: ratio, bad: e, total: t"),
                              [("spec/missing", "add above:")]),
    "one objective without a bound": (
        spec("sli: {type: threshold, gauge: lag}", "objectives:", "  - {name: p, objective: 99, above: 10}",
             "  - ▶{name: q, objective: 90}"),
        [("sli/incomplete", "write above:")],
    ),
    "one objective with both bounds": (
        spec("sli: {type: threshold, gauge: lag}", "objectives:", "  - {name: p, objective: 99, above: 10}",
             "  - ▶{name: q, objective: 90, above: 20, below: 1}"),
        [("sli/incomplete", "write above:")],
    ),
    "a bound in words": (
        spec("sli: {type: threshold, gauge: lag}", "objectives:", "  - {name: p, objective: 99, above: ▶high}"),
        [("spec/type", "without quotes")],
    ),
    "an objective of another type's": (
        spec(f"sli: {{{THRESHOLD}}}", "objectives:", "  - {name: p, objective: 99, threshold: ▶1s}"),
        [("spec/unknown-key", "leave it out")],
    ),
    "objectives of a probe": (
        spec(f"sli: {{{PROBE}}}", "objectives:", "  - {name: p, objective: 99, above: ▶1}"),
        [("spec/unknown-key", "leave it out")],
    ),
}  # fmt: skip


def places(text: str) -> list[tuple[int, int]]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        parts = line.split(MARK)[:-1]
        found += [(number, len("".join(parts[: n + 1])) + 1) for n in range(len(parts))]
    return found


@pytest.mark.parametrize(("text", "wanted"), CASES.values(), ids=CASES)
def test_mistakes_are_told_at_their_place(text: str, wanted: list[tuple[str, str]]) -> None:
    found = findings(text)
    assert [(one.place.line, one.place.column) for one in found] == places(text)
    assert [one.code for one in found] == [code for code, _ in wanted]
    for one, (_, hint) in zip(found, wanted, strict=True):
        assert hint in one.hint
        assert one.message


SOUND = [PROBE, f"{PROBE}, failures: 5, missing: skip, slice: 2m", FRESHNESS, f"{FRESHNESS}, aggregate: max",
         THRESHOLD, "type: threshold, gauge: lag, below: -1.5, aggregate: share, missing: good",
         "type: threshold, gauge: 'max by (pod) (rate(lag_total[5m]))', above: 1e3, slice: 4m",
         RATIO, "type: ratio, bad: [e, f], total: 'sum(rate(t[$window]))', above: 0.5", RAW,
         "type: raw, errorRatio: 'sum(rate(e[$window])) / sum(rate(t[$window]))'"]  # fmt: skip


@pytest.mark.parametrize("sli", SOUND)
def test_what_is_sound_has_no_finding(sli: str) -> None:
    assert not findings(one(sli))


def bad_slices(text: str) -> dict[str, str]:
    """How each objective's bad slices are recorded."""
    (service,) = plan_of(text).services
    rules = service.slos[0].recordings()
    return {rule.objective: rule.expr for rule in rules if rule.role is Role.BAD and rule.record == naming.BAD_BASE}


def test_each_objective_has_a_bound_of_its_own() -> None:
    bounds = ("objectives:", "  - {name: p, objective: 99, above: 10}", "  - {name: q, objective: 90, above: 20}")
    found = bad_slices(spec("sli: {type: threshold, gauge: lag}", *bounds))
    assert {name: expr.split()[-1] for name, expr in found.items()} == {"p": "10)", "q": "20)"}


def test_an_objective_without_a_bound_takes_that_of_the_sli() -> None:
    found = bad_slices(
        spec(f"sli: {{{THRESHOLD}}}", "objectives:", "  - {name: p, objective: 99}",
             "  - {name: q, objective: 90, above: 20}")
    )  # fmt: skip
    assert {name: expr.split()[-1] for name, expr in found.items()} == {"p": "10)", "q": "20)"}


def test_the_source_is_read_once_a_slice() -> None:
    """The ledger sums what was recorded; no rule but those of the base names the gauge."""
    (service,) = plan_of(one(THRESHOLD)).services
    readers = [rule.record for rule in service.slos[0].recordings() if "lag" in rule.expr]
    assert set(readers) == {naming.TOTAL_BASE, naming.BAD_BASE}
