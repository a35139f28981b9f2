"""What exporters show of it: cAdvisor, kube-state-metrics and Micrometer, scraped every 30 s.

With what makes their series awkward: a container's series has the container's own id, so a restart begins another one;
a pod's counters begin again at zero; a series of errors is there from the first error on; all end with their pod.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import numpy as np
from harness.arrays import Floats, Ints
from harness.backfill import SeriesData

from incident.world import (
    DEPLOY,
    END,
    LIMIT,
    REGIONS,
    ROLLBACK,
    START,
    STEP,
    Life,
    Pod,
)  # fmt: skip

SCRAPE = 30
MIB = 1 << 20
UNKNOWN = -1.0
"""How Micrometer writes that a pool has no size of its own."""


def series(pods: list[Pod], begin: float = START, end: float = END) -> list[SeriesData]:
    """All series, scraped within [begin, end)."""
    found = [one for pod in pods for one in _of_pod(pod)]
    found += [one for region in REGIONS for one in _autoscaler(region)]
    return [one for one in (_within(one, begin, end) for one in found) if len(one.times)]


def _of_pod(pod: Pod) -> Iterator[SeriesData]:
    for number, life in enumerate(pod.lives):
        yield from _cadvisor(pod, life, number)
        yield from _micrometer(pod, life)
    yield from _kube_state(pod)


def _cadvisor(pod: Pod, life: Life, number: int) -> Iterator[SeriesData]:
    uid, own = _hash(pod.name)[:12], _hash(f"{pod.name}{number}")
    where = {"job": "kubelet", "region": pod.region, "namespace": "payments", "pod": pod.name}
    group = f"/kubepods/burstable/pod{uid}"
    app = {**where, "container": "app", "id": f"{group}/{own}", "name": own, "image": "payments"}
    whole = {**where, "container": "", "id": group, "name": "", "image": ""}
    times = _scrapes(pod.name, 3.1, life.began, life.ended)
    used = pod.working_set[_steps(times)] * MIB
    for labels, more in ((app, 0), (whole, MIB)):
        yield _series("container_memory_working_set_bytes", labels, times, used + more)
    yield _series("container_start_time_seconds", app, times, _same(times, life.began))
    yield _series("container_spec_memory_limit_bytes", app, times, _same(times, LIMIT * MIB))


def _kube_state(pod: Pod) -> Iterator[SeriesData]:
    labels = {"job": "kube-state-metrics", "region": pod.region, "namespace": "payments", "pod": pod.name}
    labels["container"] = "app"
    times = _scrapes(pod.region, 11.9, pod.created, pod.removed)
    limit = {**labels, "resource": "memory", "unit": "byte"}
    yield _series("kube_pod_container_resource_limits", limit, times, _same(times, LIMIT * MIB))
    starts = np.array([life.began for life in pod.lives[1:]])
    restarts = np.searchsorted(starts, times, side="right").astype(float)
    yield _series("kube_pod_container_status_restarts_total", labels, times, restarts)
    killed = times[restarts > 0]
    reason = {**labels, "reason": "OOMKilled"}
    yield _series("kube_pod_container_status_last_terminated_reason", reason, killed, _same(killed, 1))


def _micrometer(pod: Pod, life: Life) -> Iterator[SeriesData]:
    labels = {"job": "payments", "region": pod.region, "namespace": "payments", "pod": pod.name, "container": "app"}
    labels["instance"] = f"10.{int(_hash(pod.name)[:2], 16)}.{int(_hash(pod.name)[2:4], 16)}.7:8080"
    times = _scrapes(pod.name, 19.4, life.began + 25, life.ended)
    yield _series("process_start_time_seconds", labels, times, _same(times, life.began))
    yield _series("jvm_gc_live_data_size_bytes", labels, times, np.rint(pod.live[_steps(times)]) * MIB)
    yield _series("jvm_gc_max_data_size_bytes", labels, times, _same(times, pod.heap * MIB))
    for pool, most in (("G1 Old Gen", pod.heap * MIB), ("G1 Eden Space", UNKNOWN), ("G1 Survivor Space", UNKNOWN)):
        area = {**labels, "area": "heap", "id": pool}
        yield _series("jvm_memory_max_bytes", area, times, _same(times, most))
    asked = {**labels, "method": "POST", "uri": "/transfers"}
    for outcome, status, events in (("SUCCESS", "200", pod.served), ("SERVER_ERROR", "503", pod.failed)):
        mine = events.copy()
        mine[: _steps(np.array([life.began]))[0]] = 0
        count = np.floor(np.cumsum(mine))[_steps(times)]
        seen = count > 0
        full = {**asked, "outcome": outcome, "status": status}
        yield _series("http_server_requests_seconds_count", full, times[seen], count[seen])


def _autoscaler(region: str) -> Iterator[SeriesData]:
    """Three pods of three to six; of one to three while the new release's manifests are in force."""
    times = _scrapes(region, 11.9, START, END)
    new = (times >= DEPLOY) & (times < ROLLBACK)
    labels = {
        "job": "kube-state-metrics",
        "region": region,
        "namespace": "payments",
        "horizontalpodautoscaler": "payments",
    }
    target = {**labels, "scaletargetref_kind": "Deployment", "scaletargetref_name": "payments"}
    name = "kube_horizontalpodautoscaler"
    yield _series(f"{name}_info", target, times, _same(times, 1))
    yield _series(f"{name}_status_current_replicas", labels, times, _same(times, 3))
    yield _series(f"{name}_spec_max_replicas", labels, times, np.where(new, 3.0, 6.0))
    yield _series(f"{name}_spec_min_replicas", labels, times, np.where(new, 1.0, 3.0))


def _scrapes(who: str, offset: float, begin: float, end: float) -> Floats:
    """Instants at which a target is scraped, each target at its own second, a little unevenly."""
    rng = np.random.default_rng(int(_hash(who)[:8], 16))
    times = START + (offset + rng.uniform(0, 10)) % SCRAPE + np.arange(0, END - START - SCRAPE, SCRAPE)
    times = np.round(times + rng.uniform(-0.02, 0.02, len(times)), 3)
    kept: Floats = times[(times >= begin) & (times < end)]
    return kept


def _series(name: str, labels: Mapping[str, str], times: Floats, values: Floats) -> SeriesData:
    """A series that turns stale at the first scrape that does not find it."""
    stale = [float(times[-1]) + SCRAPE] if len(times) and times[-1] + 2 * SCRAPE < END else []
    return SeriesData(name, {name: value for name, value in labels.items() if value}, times, values, stale)


def _within(one: SeriesData, begin: float, end: float) -> SeriesData:
    kept = (one.times >= begin) & (one.times < end)
    stale = [time for time in one.stale if begin <= time < end]
    return SeriesData(one.name, one.labels, one.times[kept], one.values[kept], stale)


def _steps(times: Floats) -> Ints:
    """The last step that was over at each instant."""
    over: Ints = np.floor((times - START) / STEP).astype(np.int64) - 1
    return np.maximum(over, 0)


def _same(times: Floats, value: float) -> Floats:
    return np.full(len(times), float(value))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
