"""The numpy evaluator against a real Prometheus: a pod of each family, every rule, alert intervals side by side."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from harness.alerts import evaluate_alert
from harness.backfill import SeriesData, backfill
from harness.remote_write import Marker
from harness.rules import Rule
from harness.server import Prometheus

from memory.history import STEP, Bools, History
from memory.patterns import FAMILIES, histories
from memory.policy import EARLIER, EARLIER_TICKET, PAGE, RIVALS, TICKET, Condition
from memory.terms import RATIO, UPTIME

START = 1_767_225_600.0
"""2026-01-01T00:00:00Z, the minute of column 0."""
POLICIES = (PAGE, TICKET, EARLIER, EARLIER_TICKET, *RIVALS)
Spans = dict[str, list[tuple[float, float]]]


def run(seed: int) -> int:
    """Prints how far the two are apart; 1 if any firing interval differs by more than an evaluation."""
    server = Prometheus()
    wrong = compared = 0
    with server:
        pods = {family.name: histories(family, [seed]) for family in FAMILIES}
        columns = max(pod.ratio.shape[1] for pod in pods.values())
        server.stop()
        backfill(server.tools, server.data_dir, [one for name, pod in pods.items() for one in _series(name, pod)])
        server.start()
        server.write_stale(marker for name, pod in pods.items() for marker in _ends(name, pod))
        for policy in POLICIES:
            for condition in policy.any_of:
                real = _fired(server, condition, columns)
                found = (_spans(name, pod, condition, columns) for name, pod in pods.items())
                ours = {key: spans for one in found for key, spans in one}
                apart = [key for key in {*real, *ours} if not _alike(real.get(key, []), ours.get(key, []))]
                count = sum(map(len, real.values()))
                compared += count
                wrong += len(apart)
                print(f"{policy.name:20} {condition.name:10} {count:4} firing intervals, {len(apart)} series differ")
                for key in apart[:3]:
                    print("   ", key, real.get(key), ours.get(key))
    version = ".".join(map(str, server.tools.version))
    print(f"{len(FAMILIES)} pods on Prometheus {version}: {compared} firing intervals, {wrong} series differ")
    return 1 if wrong else 0


def _containers(name: str, pod: History) -> Iterator[tuple[dict[str, str], slice]]:
    """Labels and columns of each container that a pod runs."""
    begins = np.flatnonzero(pod.age[0] == 0)
    for number, begin in enumerate(begins.tolist()):
        end = int(begins[number + 1]) if number + 1 < len(begins) else pod.age.shape[1]
        gone = np.flatnonzero(pod.age[0, begin:end] < 0)
        yield {"pod": name, "id": str(number)}, slice(begin, begin + int(gone[0]) if len(gone) else end)


def _series(name: str, pod: History) -> Iterator[SeriesData]:
    for labels, part in _containers(name, pod):
        at = START + STEP * np.arange(part.start, part.stop)
        yield SeriesData(RATIO, labels, at, pod.ratio[0, part])
        yield SeriesData(UPTIME, labels, at, pod.uptime[0, part])


def _ends(name: str, pod: History) -> Iterator[Marker]:
    """A rule marks its series as ended at the first evaluation without it."""
    for labels, part in _containers(name, pod):
        if part.stop < pod.age.shape[1]:
            for metric in (RATIO, UPTIME):
                yield Marker(metric, labels, [START + STEP * part.stop])


def _fired(server: Prometheus, condition: Condition, columns: int) -> Spans:
    rule = Rule("memory", STEP, 0, "Memory", True, condition.promql(), {}, condition.hold, condition.keep)
    out: Spans = {}
    for one in evaluate_alert(server, rule, START, START + STEP * (columns - 1), phase=START % STEP):
        key = f"{one.labels['pod']} {one.labels['id']}"
        out.setdefault(key, []).append(((one.first - START) / STEP, (one.last - START) / STEP))
    return out


def _spans(
    name: str, pod: History, condition: Condition, columns: int
) -> Iterator[tuple[str, list[tuple[float, float]]]]:
    """Each container as a pod of its own, with room for what is kept firing after its end."""
    for labels, part in _containers(name, pod):
        room = min(condition.keep // STEP + 1, columns - part.stop)
        beyond = ((0, 0), (0, room))
        alone = History(
            np.pad(pod.ratio[:, part], beyond, constant_values=np.nan),
            np.pad(pod.age[:, part], beyond, constant_values=-1),
            np.pad(pod.uptime[:, part], beyond, constant_values=np.nan),
        )
        yield f"{labels['pod']} {labels['id']}", _intervals(condition.fires(alone)[0], part.start)


def _intervals(fires: Bools, offset: int) -> list[tuple[float, float]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], fires, [False]]).astype(int)))
    return [(float(a + offset), float(b - 1 + offset)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _alike(real: list[tuple[float, float]], ours: list[tuple[float, float]]) -> bool:
    """As many intervals, each beginning and ending within one evaluation of the other's."""
    return len(real) == len(ours) and bool(np.all(np.abs(np.subtract(real, ours)) <= 1)) if real or ours else True
