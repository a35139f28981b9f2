"""The recording rules of one SLO: events per interval, and every longer figure as a sum of those.

The base is read every `cadence.base` seconds and feeds the windows up to six hours; the ledger reads the source once
more, every `cadence.ledger`, and feeds the longer windows and the period. So the source is read twice, whatever the
windows, and a window costs its length over the interval, whatever the source's cardinality. Where an SLO has groups,
the source is read per group, and the SLO as a whole is their sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from slogen import naming
from slogen.levels import Level
from slogen.model import Labels, Objective, Reading, Scope, Slo
from slogen.promql.build import aggregate, aligned, grouped, lines, union
from slogen.promql.durations import DAY, format_duration
from slogen.rules import Needs, Recording, Role

COVERAGE_STEP = 1800
"""Seconds. What was recorded is counted exactly for the last day and at this step before."""

MEMORY, MEMORY_STEP = 6 * 3600, 6 * 3600
"""Seconds through which it is remembered when an SLO was first seen, and the step at which older records are read."""

Block = tuple[Recording, ...]
"""Rules that must share a group."""

NeedsOf = Callable[[Level, Objective], Needs]

BASE = (naming.TOTAL_BASE, naming.BAD_BASE)
LEDGER = (naming.TOTAL_LEDGER, naming.BAD_LEDGER)


def base(slo: Slo, needs: NeedsOf) -> Iterator[Block]:
    """Events per base interval, then the short windows of each level and objective."""
    reading = _reading(slo, BASE)
    yield tuple(_events(slo, reading, BASE))
    for level in slo.levels:
        for objective in slo.objectives:
            wanted = needs(level, objective)
            yield tuple(_windows(level, objective, wanted, wanted.fast, BASE))


def ledger(slo: Slo, needs: NeedsOf) -> Iterator[Block]:
    """Events per ledger interval, how much of the source can be read, long windows and the period."""
    sliced = slo.objectives[0].indicator.slice_length is not None
    events = [*_events(slo, _slices(slo) if sliced else _reading(slo, LEDGER), LEDGER), *_by_calendar(slo)]
    whole = slo.objectives[0].indicator.reading(slo.variants, _scope(slo, slo.level, (), BASE))
    found = ((naming.SOURCE_COVERAGE, whole.coverage), (naming.BUCKETS_MISSING, whole.buckets_missing))
    events += [Recording(name, expr, slo.labels_of(), Role.SOURCE_COVERAGE) for name, expr in found if expr is not None]
    yield tuple(events)
    for level in slo.levels:
        yield (*_history(slo, level), *_targets_of_groups(slo, level))
        for objective in slo.objectives:
            wanted = needs(level, objective)
            slow = (wanted.burn | wanted.bad) - wanted.fast
            yield (*_windows(level, objective, wanted, slow, LEDGER), *_budget(slo, level, objective))


def meta(slo: Slo, labels: Labels, needs: NeedsOf) -> Iterator[Recording]:
    """What people and boards join on: the objective, the period, labels that are no identity; which targets are up."""
    period = (naming.WINDOW, slo.period_name)
    for objective in slo.objectives:
        identity = slo.labels_of(objective.name)
        yield Recording(naming.TARGET, f"vector({objective.target})", identity, Role.META, objective.name)
        yield Recording(naming.INFO, "vector(1)", (*identity, period, *labels), Role.META, objective.name)
    if slo.calendar is None:
        yield Recording(naming.PERIOD_SECONDS, f"vector({slo.period})", slo.labels_of(), Role.META)
    targets = slo.objectives[0].indicator.scrape_targets
    if targets and any(needs(level, objective).targets for level in slo.levels for objective in slo.objectives):
        up = "\nor\n".join(map(str, targets))
        expr = aggregate("avg", (), f"{lines(up)}" if len(targets) > 1 else up)
        yield Recording(naming.TARGETS_UP, expr, slo.labels_of(), Role.TARGETS)


def _source(slo: Slo) -> Level:
    """The level at which the source is read."""
    return Level(slo.service, slo.name, naming.SOURCE_LEVEL, slo.by, past=slo.level.past) if slo.by else slo.level


def _scope(slo: Slo, level: Level, by: tuple[str, ...], names: tuple[str, str]) -> Scope:
    exact = names is LEDGER
    interval = slo.cadence.ledger if exact else slo.cadence.base
    return Scope(interval, slo.cadence.scrape, by, level.series(names[0]), level.series(naming.LAST_SEEN), exact)


def _reading(slo: Slo, names: tuple[str, str]) -> Reading:
    source = _source(slo)
    return slo.objectives[0].indicator.reading(slo.variants, _scope(slo, source, source.by, names))


def _slices(slo: Slo) -> Reading:
    """The slices of one ledger interval, whatever the phases of the two groups."""
    source, tile = _source(slo), f"[{format_duration(slo.cadence.ledger - 1)}999ms]"
    bad = (f"sum_over_time({source.series(naming.BAD_BASE, one.name)}{tile})" for one in slo.objectives)
    return Reading(f"sum_over_time({source.series(naming.TOTAL_BASE)}{tile})", tuple(bad))


def _events(slo: Slo, reading: Reading, names: tuple[str, str]) -> Iterator[Recording]:
    source = _source(slo)
    total, bad = names
    if reading.last_seen is not None:
        yield _recording(source, naming.LAST_SEEN, _remembered(source, reading.last_seen), Role.GROUPS)
    yield _recording(source, total, reading.total, Role.TOTAL)
    for objective, expr in zip(slo.objectives, reading.bad, strict=True):
        yield _recording(source, bad, expr, Role.BAD, objective.name)
    if not slo.by:
        return
    if names is BASE:
        expr = aggregate("count", (), source.series(total))
        yield Recording(naming.GROUPS, expr, slo.labels_of(), Role.GROUPS)
    for level in slo.levels:
        yield _recording(level, total, _of_source(slo, level, source.series(total)), Role.TOTAL)
        for objective in slo.objectives:
            expr = _of_source(slo, level, source.series(bad, objective.name))
            yield _recording(level, bad, expr, Role.BAD, objective.name)


def _remembered(source: Level, last_seen: str) -> str:
    """When groups had data, under former names too: one that is down while its SLO is renamed is not forgotten."""
    if not source.renamed():
        return last_seen
    before = source.aggregate("max", f"last_over_time({source.ever(naming.LAST_SEEN)}{aligned(DAY)})")
    return f"{last_seen}\nor {source.match}\n{before} > time() - {DAY}"


def _of_source(slo: Slo, level: Level, source: str) -> str:
    """The sum of all groups, or each of them while they are not too many."""
    if not level.by:
        return aggregate("sum", (), source)
    return f"{source}\nand on ()\n{slo_groups(slo)} <= {slo.max_groups}"


def slo_groups(slo: Slo) -> str:
    """Selector of the number of groups that the source has."""
    return Level(slo.service, slo.name).series(naming.GROUPS)


def _targets_of_groups(slo: Slo, level: Level) -> Iterator[Recording]:
    """The objective that each group has, where groups differ, for as long as the group has a budget."""
    for objective in slo.objectives:
        if level.by and objective.overrides:
            total = level.series(naming.TOTAL_PERIOD)
            own = [
                f"0 * {total[:-1]}, {', '.join(map(str, override.match))}}} + {override.target}"
                for override in objective.overrides
            ]
            expr = f"\nor {level.match}\n".join([*own, f"0 * {total} + {objective.target}"])
            yield _recording(level, naming.TARGET, expr, Role.META, objective.name)


def _recording(
    level: Level, record: str, expr: str, role: Role, objective: str = "", window: int | None = None
) -> Recording:
    own = ((naming.WINDOW, format_duration(window)),) if window else ()
    return Recording(level.name(record), expr, (*level.labels(objective), *own), role, objective, window, level.by)


def _over_budget(level: Level, objective: Objective) -> str:
    if level.by and objective.overrides:
        return f"/ {level.match}\n(1 - {level.series(naming.TARGET, objective.name)})"
    return f"/ {objective.budget}"


def _windows(
    level: Level, objective: Objective, needs: Needs, windows: frozenset[int], names: tuple[str, str]
) -> Iterator[Recording]:
    for window in sorted(windows):
        bad = level.summed(names[1], objective.name, window)
        if window in needs.bad:
            yield _recording(level, naming.BAD_WINDOW, bad, Role.GUARD, objective.name, window)
            bad = level.series(naming.BAD_WINDOW, objective.name, (naming.WINDOW, format_duration(window)))
        if window in needs.burn:
            total = level.summed(names[0], "", window)
            expr = f"{bad}\n/ {level.match}\n({total} > 0)\n{_over_budget(level, objective)}"
            yield _recording(level, naming.BURN_RATE, expr, Role.BURN_RATE, objective.name, window)


def _by_calendar(slo: Slo) -> Iterator[Recording]:
    """The ledger once more, under the name of the calendar period that it belongs to."""
    if slo.calendar is None:
        return
    seconds = f"{slo.calendar.present} * 0 + {slo.calendar.length}"
    yield Recording(naming.PERIOD_SECONDS, seconds, slo.labels_of(), Role.PERIOD)
    for level in slo.levels:
        for record, copy, objective in (
            (naming.TOTAL_LEDGER, naming.TOTAL_CALENDAR, ""),
            *((naming.BAD_LEDGER, naming.BAD_CALENDAR, one.name) for one in slo.objectives),
        ):
            present = f"(0 * {_present(slo)} + 1)"
            expr = f"{level.series(record, objective)}\n* on () group_left ({naming.PERIOD})\n{present}"
            yield _recording(level, copy, expr, Role.PERIOD, objective)


def _to_date(slo: Slo, level: Level, expr: str) -> str:
    """`expr`, read from the copies by calendar period, of the present period.

    The present one is that of the last copy, not of the clock: these rules may run at another phase than the ledger's.
    """
    return level.aggregate("sum", lines(f"{expr}\nand on ({naming.PERIOD})\n{_present(slo)}"))


def _present(slo: Slo) -> str:
    return Level(slo.service, slo.name).series(naming.PERIOD_SECONDS)


def _of_period(slo: Slo, level: Level, record: str, copy: str, objective: str = "") -> str:
    if slo.calendar is None:
        return level.summed(record, objective, slo.period)
    longest = format_duration(slo.calendar.longest)
    return _to_date(slo, level, f"sum_over_time({level.ever(copy, objective)}[{longest}])")


def _recorded(slo: Slo, level: Level) -> str:
    """Seconds of the period that were recorded."""
    length = slo.period if slo.calendar is None else slo.calendar.longest
    total = level.ever(naming.TOTAL_LEDGER if slo.calendar is None else naming.TOTAL_CALENDAR)
    counts = [(slo.cadence.ledger, f"count_over_time({total}{aligned(min(length, DAY))})")]
    if length > DAY:
        older = f"[{format_duration(length - DAY - 1)}:{format_duration(COVERAGE_STEP)}] offset 1d"
        counts.append((COVERAGE_STEP, f"count_over_time({total}{older})"))
    if slo.calendar is None:
        terms = [level.aggregate("sum", f"{each} * {count}") for each, count in counts]
    else:
        terms = [f"{each} * {_to_date(slo, level, count)}" for each, count in counts]
    return union(terms, level.by, naming.TERM)


def _history(slo: Slo, level: Level) -> Iterator[Recording]:
    total, match = level.series(naming.TOTAL_LEDGER), level.match
    length = str(slo.period) if slo.calendar is None else f"scalar({_present(slo)})"
    elapsed = str(slo.period) if slo.calendar is None else slo.calendar.elapsed

    def record(name: str, expr: str) -> Recording:
        return _recording(level, name, expr, Role.PERIOD)

    yield record(naming.TOTAL_PERIOD, _of_period(slo, level, naming.TOTAL_LEDGER, naming.TOTAL_CALENDAR))
    yield record(naming.COVERAGE, f"clamp_max({_recorded(slo, level)} / {length}, 1)")
    first_seen, coverage = level.series(naming.FIRST_SEEN), level.series(naming.COVERAGE)
    told = level.pooled("min", f"last_over_time({level.ever(naming.FIRST_SEEN)}{aligned(MEMORY)})")
    history = format_duration(slo.period if slo.calendar is None else slo.calendar.longest)
    seen = f"{level.ever(naming.FIRST_SEEN)} + 0 or {match} timestamp(0 * {level.ever(naming.TOTAL_LEDGER)})"
    sparse = level.pooled("min", f"min_over_time(({seen})[{history}:{format_duration(MEMORY_STEP)}])")
    yield record(
        naming.FIRST_SEEN,
        grouped(f"{told}\nor {match}\n{sparse}\nor {match}\ntimestamp({total})") + f"\nand {match}\n{coverage}",
    )
    yield record(
        naming.MISSING,
        f"clamp_min(clamp_max(time() - {first_seen}, {elapsed}) - {match} {length} * {coverage}, 0)",
    )


def _budget(slo: Slo, level: Level, objective: Objective) -> Iterator[Recording]:
    total, coverage = level.series(naming.TOTAL_PERIOD), level.series(naming.COVERAGE)
    match = level.match

    def record(name: str, expr: str) -> Recording:
        return _recording(level, name, expr, Role.PERIOD, objective.name)

    bad = _of_period(slo, level, naming.BAD_LEDGER, naming.BAD_CALENDAR, objective.name)
    yield record(naming.BAD_PERIOD, bad)
    yield record(naming.ERROR_RATIO, f"{level.series(naming.BAD_PERIOD, objective.name)}\n/ {match}\n({total} > 0)")
    ratio = level.series(naming.ERROR_RATIO, objective.name)
    used = f"{coverage}\n* {match}\n{ratio}\n{_over_budget(level, objective)}"
    yield record(naming.BUDGET_USED, f"{used}\nor {match}\n0 * {total}")
