"""Memory is measured exactly as exporters expose it, and its alerts come when the signs' own formulas say.

Prometheus' rule manager (`promtool test rules`) runs the generated rules over made-up clusters; what the alerts' texts
say is read from a server. Truth comes from the clusters and from the policy's parameters, whatever those are.
"""

from __future__ import annotations

import re
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import yaml
from compile import plan_of, policy, rules_text
from harness.alerts import evaluate_alert
from harness.api import call
from harness.arrays import Floats
from harness.backfill import SeriesData
from harness.promtool import test_rules
from harness.server import Prometheus
from harness.staged import phases, record
from harness.synthetic import MIDNIGHT
from harness.tools import Tools
from timelines import HOUR, TICK, Asked, evaluate, firing, near, rules_behind, starts

from slogen import naming
from slogen.promql.build import series
from slogen.promql.durations import DAY
from slogen.resource_policies.memory_leak import EVERY

pytestmark = pytest.mark.prometheus

MI = 1 << 20
NO_LIMIT = 9223372036854771712.0
"""How cAdvisor writes that a container has none, with cgroups v1; with v2 it is zero."""

POD = "checkout-6d8f7c9b5-x2x7k"
OTHER = "checkout-6d8f7c9b5-q9w8z"
EXHAUSTION, LEAK, OOM, HEAP = "MemoryExhaustion", "MemoryLeak", "MemoryOOMKilled", "MemoryHeapLimit"
UNLIMITED, UNWATCHED = "MemoryLimitMissing", "MemoryUnwatched"

Sample = tuple[str, dict[str, str], float]
Entry = Mapping[str, Any]
Values = dict[tuple[str, ...], float]
"""By the values of labels."""


def workload(kind: str = "Deployment", name: str = "checkout", namespace: str = "shop", container: str = "") -> Entry:
    named = {"container": container} if container else {}
    return {"kind": kind, "namespace": namespace, "name": name, **named}


def service(*entries: Entry, workloads: Sequence[Entry] = (), kind: str = "memory") -> dict[str, Any]:
    """A service without SLOs that watches these resources."""
    running = {"workloads": [dict(one) for one in workloads]} if workloads else {}
    spec = {**running, kind: [dict(one) for one in entries]}
    return {"apiVersion": "slogen/v1", "kind": "Service", "metadata": {"name": "shop"}, "spec": spec}


def cadvisor(pod: str, container: str = "app", namespace: str = "shop", job: str = "kubelet") -> dict[str, str]:
    """Labels of a container; those of its pod's own cgroup where `container` is empty."""
    named = {"container": container, "image": f"hub/{container}:1", "name": f"{container}-7f"} if container else {}
    kept = {"job": job, "instance": "10.0.0.1:10250", "namespace": namespace, "pod": pod}
    return {**kept, "id": f"/kubepods/burstable/pod7/{container}", **named}


def kept(pod: str, container: str = "app", namespace: str = "shop", replica: str = "a", **own: str) -> dict[str, str]:
    """Labels that kube-state-metrics gives, one of its replicas."""
    return {"job": "ksm", "instance": replica, "namespace": namespace, "pod": pod, "container": container, **own}


def scraped(pod: str = POD, namespace: str = "shop", job: str = "checkout", **own: str) -> dict[str, str]:
    """Labels of what a process exposes itself, once scraped."""
    return {"job": job, "instance": f"{pod}:8080", "namespace": namespace, "pod": pod, "container": "app", **own}


def working(used: float, start: float, where: dict[str, str]) -> list[Sample]:
    found = (("container_memory_working_set_bytes", used), ("container_start_time_seconds", start))
    return [(name, where, value) for name, value in found]


def limit(pod: str, size: float, container: str = "app", **where: str) -> list[Sample]:
    """As two replicas of kube-state-metrics tell it, and a limit of CPU beside it."""
    name = "kube_pod_container_resource_limits"
    cpu = (name, kept(pod, container, resource="cpu", unit="core", **where), 2.0)
    memory = [kept(pod, container, replica=one, resource="memory", unit="byte", **where) for one in "ab"]
    return [cpu, *((name, labels, size) for labels in memory)]


@dataclass(frozen=True)
class Snapshot:
    """A cluster that does not change, and all that must be recorded of it after ten minutes: labels to value."""

    entry: Entry
    workloads: Sequence[Entry]
    series: Sequence[Sample]
    expected: Mapping[str, Values]
    labels: tuple[str, ...] = ("namespace", "pod", "container", "start")


AT = 600


def check(tools: Tools, case: Snapshot) -> None:
    text = rules_text(service(case.entry, workloads=case.workloads))
    fixed = {"service": "shop", "resource": case.entry["type"]}
    asked = []
    for name, values in case.expected.items():
        by = [one for one in case.labels if one != "start" or name in (naming.UTILISATION, naming.UPTIME)]
        by = ["namespace", "container"] if name == naming.UNLIMITED else by
        samples = [
            {"labels": series(name, {**fixed, **dict(zip(by, key, strict=True))}.items()), "value": value}
            for key, value in values.items()
        ]
        asked.append({"expr": name, "eval_time": f"{AT}s", "exp_samples": samples})
    given = [
        {"series": series(name, labels.items()), "values": f"{value!r}+0x80"} for name, labels, value in case.series
    ]
    test = {"interval": f"{TICK}s", "input_series": given, "promql_expr_test": asked}
    document = {"rule_files": ["rules.yml"], "evaluation_interval": "1m", "tests": [test]}
    ok, said = test_rules(tools, yaml.safe_dump(document), {"rules.yml": text})
    assert ok, said[:4000]


STRANGERS = (
    "checkout-worker-6d8f7c9b5-x2x7k",
    f"my-{POD}",
    "checkout-0",
    "checkout",
    "checkout-migrate-x2x7k",
    "checkout-29391240-x2x7k",
)
"""Pods of another deployment, a set, a job and a cron job whose names begin or end alike."""


def deployment() -> Snapshot:
    """Two pods, much that must not be counted among them, and a namesake whose name begins alike."""
    series = [
        *working(256 * MI, 100.5, cadvisor(POD)),
        *working(255 * MI, 100.5, cadvisor(POD, job="cadvisor")),
        *working(96 * MI, 90.0, cadvisor(POD, "cache")),
        *working(500 * MI, 90.0, cadvisor(POD, "istio-proxy")),
        *working(1 * MI, 80.0, cadvisor(POD, "POD")),
        *working(900 * MI, 80.0, cadvisor(POD, "")),
        *limit(POD, 512 * MI),
        *limit(POD, 512 * MI, "istio-proxy"),
        ("container_spec_memory_limit_bytes", cadvisor(POD), 1024.0 * MI),
        ("container_spec_memory_limit_bytes", cadvisor(POD, "cache"), 128.0 * MI),
        ("container_spec_memory_limit_bytes", cadvisor(POD, ""), 640.0 * MI),
        *working(64 * MI, 200.0, cadvisor(OTHER)),
        ("container_spec_memory_limit_bytes", cadvisor(OTHER), 0.0),
        *working(64 * MI, 200.0, cadvisor(OTHER, "cache")),
        ("container_spec_memory_limit_bytes", cadvisor(OTHER, "cache"), NO_LIMIT),
    ]
    for pod, namespace in [*((pod, "shop") for pod in STRANGERS), (POD, "staging")]:
        series += working(99 * MI, 50.0, cadvisor(pod, namespace=namespace))
        series += limit(pod, 100 * MI, namespace=namespace)
    used: Values = {("shop", POD, "app", "100.5"): 0.5, ("shop", POD, "cache", "90"): 0.75}
    return Snapshot(
        {"type": "container"},
        [workload()],
        series,
        {
            naming.UTILISATION: used,
            naming.UPTIME: {key: AT - float(key[3]) for key in used},
            naming.UNLIMITED: {("shop", "app"): 1.0, ("shop", "cache"): 1.0},
        },
    )


KINDS = {
    "StatefulSet": (["ledger-0", "ledger-12"], ["ledger-canary-0", "ledger-x"]),
    "DaemonSet": (["ledger-x2x7k"], ["ledger-x2x7k-b", "ledger-x2x7kb", "ledger-worker-x2x7k"]),
    "Job": (["ledger-x2x7k", "ledger-3-x2x7k"], ["ledger-29391240-0-x2x7k", "ledger-check-x2x7k"]),
    "CronJob": (["ledger-29391240-x2x7k", "ledger-29391240-3-x2x7k"], ["ledger-x2x7k", "ledger-old-29391240-x2x7k"]),
}
"""Names of pods, its own and those of others."""


def pods_of(kind: str) -> Snapshot:
    """Of this kind, with one container of several meant."""
    own, others = KINDS[kind]
    series: list[Sample] = []
    for pod in (*own, *others):
        series += working(64 * MI, 60.0, cadvisor(pod)) + working(99 * MI, 60.0, cadvisor(pod, "cache"))
        series += limit(pod, 256 * MI) + limit(pod, 100 * MI, "cache")
    used: Values = {("shop", pod, "app", "60"): 0.25 for pod in own}
    uptime = dict.fromkeys(used, AT - 60.0)
    expected: dict[str, Values] = {naming.UTILISATION: used, naming.UPTIME: uptime, naming.UNLIMITED: {}}
    return Snapshot({"type": "container"}, [workload(kind, "ledger", container="app")], series, expected)


def given_limit() -> Snapshot:
    """The limit that the spec gives counts, whatever the cluster says, and so nothing is unlimited."""
    series = [*working(256 * MI, 60.0, cadvisor(POD)), *limit(POD, 300 * MI), *working(64 * MI, 60.0, cadvisor(OTHER))]
    used: Values = {("shop", POD, "app", "60"): 0.25, ("shop", OTHER, "app", "60"): 0.0625}
    expected: dict[str, Values] = {naming.UTILISATION: used, naming.UNLIMITED: {}}
    return Snapshot({"type": "container", "limit": "1Gi"}, [workload()], series, expected)


Heap = Callable[[dict[str, str]], list[Sample]]


def micrometer(where: dict[str, str]) -> list[Sample]:
    bounds = {"G1 Eden Space": -1.0, "G1 Survivor Space": -1.0, "G1 Old Gen": 256.0 * MI}
    return [
        ("jvm_gc_live_data_size_bytes", where, 160.0 * MI),
        ("jvm_gc_max_data_size_bytes", where, 256.0 * MI),
        *(("jvm_memory_max_bytes", {**where, "area": "heap", "id": id_}, bound) for id_, bound in bounds.items()),
        ("jvm_memory_max_bytes", {**where, "area": "nonheap", "id": "Compressed Class Space"}, 1024.0 * MI),
        ("jvm_memory_used_bytes", {**where, "area": "heap", "id": "G1 Old Gen"}, 250.0 * MI),
    ]


def parallel(where: dict[str, str]) -> list[Sample]:
    """Micrometer with the parallel collector, whose pools all have bounds."""
    bounds = {"PS Eden Space": 80.0 * MI, "PS Survivor Space": 16.0 * MI, "PS Old Gen": 160.0 * MI}
    return [
        *(sample for sample in micrometer(where) if sample[0].startswith("jvm_gc")),
        *(("jvm_memory_max_bytes", {**where, "area": "heap", "id": id_}, bound) for id_, bound in bounds.items()),
    ]


def client_java(bound: str) -> Heap:
    def exposed(where: dict[str, str]) -> list[Sample]:
        used = {"G1 Eden Space": 0.0, "G1 Survivor Space": 8.0 * MI, "G1 Old Gen": 160.0 * MI}
        most = {"G1 Eden Space": 300.0 * MI, "G1 Survivor Space": -1.0, "G1 Old Gen": 256.0 * MI}
        pools = [("used", used), ("max", most)]
        return [
            *(
                (f"jvm_memory_pool_collection_{name}_bytes", {**where, "pool": pool}, value)
                for name, values in pools
                for pool, value in values.items()
            ),
            (bound, {**where, "area": "heap"}, 256.0 * MI),
            (bound, {**where, "area": "nonheap"}, -1.0),
        ]

    return exposed


HEAPS: dict[str, Heap] = {
    "micrometer": micrometer,
    "micrometer, parallel": parallel,
    "client 0.x": client_java("jvm_memory_bytes_max"),
    "client 1.x": client_java("jvm_memory_max_bytes"),
}


def heap(exposed: Heap, jobs: Sequence[str]) -> Snapshot:
    """160Mi survive of a heap of 256Mi in a container of 512Mi; one pod has not collected anything yet."""
    series = [*limit(POD, 512 * MI), *limit(POD, 4096 * MI, "istio-proxy")]
    for job in jobs:
        series += [*exposed(scraped(job=job)), ("process_start_time_seconds", scraped(job=job), 60.25)]
    series += exposed(scraped("checkout-worker-6d8f7c9b5-x2x7k"))
    fresh = exposed(scraped(OTHER))
    series += [(name, labels, 0.0 if "live" in name or "used" in name else value) for name, labels, value in fresh]
    series += [*limit(OTHER, 320 * MI), ("process_start_time_seconds", scraped(OTHER), 500.0)]
    used: Values = {("shop", POD, "60.25"): 0.625}
    return Snapshot(
        {"type": "jvm"},
        [workload()],
        series,
        {
            naming.UTILISATION: used,
            naming.UPTIME: {("shop", POD, "60.25"): 539.75},
            naming.HEAP_LIMIT: {("shop", POD): 0.5, ("shop", OTHER): 0.8},
        },
        ("namespace", "pod", "start"),
    )


def go_program() -> Snapshot:
    """The heap's goal and what lies beside the heap: 100 + 300 - 272 of 512Mi."""
    where, figures = scraped(), {"next_gc": 100.0, "sys": 300.0, "heap_sys": 272.0, "alloc": 500.0}
    series = [(f"go_memstats_{name}_bytes", where, value * MI) for name, value in figures.items()]
    series += [*limit(POD, 512 * MI), ("process_start_time_seconds", where, 60.0)]
    expected: dict[str, Values] = {
        naming.UTILISATION: {("shop", POD, "60"): 0.25},
        naming.UPTIME: {("shop", POD, "60"): 540.0},
    }
    return Snapshot({"type": "go"}, [workload()], series, expected, ("namespace", "pod", "start"))


def resident(used: float, where: dict[str, str]) -> list[Sample]:
    return [("process_resident_memory_bytes", where, used * MI), ("process_start_time_seconds", where, 60.0)]


def process_in_pod() -> Snapshot:
    """Of the container that is meant, or of no container that is told; not of another."""
    bare = {name: value for name, value in scraped(OTHER).items() if name != "container"}
    series = [*resident(128, scraped()), *resident(64, bare), *resident(200, {**scraped(), "container": "cache"})]
    series += [*limit(POD, 512 * MI), *limit(OTHER, 512 * MI), *limit(POD, 1024 * MI, "cache")]
    used: Values = {("shop", POD, "60"): 0.25, ("shop", OTHER, "60"): 0.125}
    expected: dict[str, Values] = {naming.UTILISATION: used, naming.UPTIME: dict.fromkeys(used, 540.0)}
    return Snapshot({"type": "process"}, [workload(container="app")], series, expected, ("namespace", "pod", "start"))


def process_and_sidecar() -> Snapshot:
    """Where no container is meant, all but sidecars, which expose the same metrics."""
    series = [
        *resident(128, scraped()),
        *resident(300, {**scraped(), "container": "istio-proxy"}),
        *limit(POD, 512 * MI),
    ]
    expected: dict[str, Values] = {naming.UTILISATION: {("shop", POD, "60"): 0.25}}
    return Snapshot({"type": "process"}, [workload()], series, expected, ("namespace", "pod", "start"))


def process_by_selector() -> Snapshot:
    """Two instances of one job, of which one is told twice."""
    first, second = ({"job": "till", "instance": f"till-{number}:1"} for number in (1, 2))
    series = [*resident(256, first), *resident(512, second), *resident(512, {**second, "zone": "a"})]
    series += resident(900, {"job": "till-test", "instance": "till-1:1"})
    used: Values = {("till", "till-1:1", "60"): 0.25, ("till", "till-2:1", "60"): 0.5}
    expected: dict[str, Values] = {naming.UTILISATION: used, naming.UPTIME: dict.fromkeys(used, 540.0)}
    entry = {"type": "process", "selector": '{job="till"}', "limit": "1Gi"}
    return Snapshot(entry, [], series, expected, ("job", "instance", "start"))


def process_of_both() -> Snapshot:
    """A selector without a limit finds pods, of which the limit is known, and nothing that runs elsewhere."""
    strangers = [{"app": "till", "job": "till", "instance": f"till-{number}:1"} for number in (1, 2)]
    series = [*resident(128, scraped(app="till")), *limit(POD, 512 * MI)]
    series += [sample for labels in strangers for sample in resident(300, labels)]
    used: Values = {("shop", POD, "60"): 0.25}
    expected: dict[str, Values] = {naming.UTILISATION: used, naming.UPTIME: dict.fromkeys(used, 540.0)}
    entry = {"type": "process", "selector": '{app="till"}'}
    return Snapshot(entry, [workload()], series, expected, ("namespace", "pod", "start"))


def nodes() -> Snapshot:
    """The usual jobs of the node exporter; nothing else that has the same metrics."""
    series: list[Sample] = []
    for job, instance, free in (("node", "n1", 256), ("node-exporter", "n2", 768), ("vm", "n3", 1)):
        figures = {"memory_MemTotal_bytes": 1024 * MI, "memory_MemAvailable_bytes": free * MI, "boot_time_seconds": 60}
        series += [(f"node_{name}", {"job": job, "instance": instance}, value) for name, value in figures.items()]
    used: Values = {("n1", "60"): 0.75, ("n2", "60"): 0.25}
    expected: dict[str, Values] = {naming.UTILISATION: used, naming.UPTIME: dict.fromkeys(used, 540.0)}
    return Snapshot({"type": "node"}, [], series, expected, ("instance", "start"))


SNAPSHOTS: dict[str, Snapshot] = {
    "deployment": deployment(),
    **{kind: pods_of(kind) for kind in KINDS},
    "limit given": given_limit(),
    **{name: heap(exposed, ["checkout"]) for name, exposed in HEAPS.items()},
    **{f"{name}, scraped twice": heap(exposed, ["checkout", "pods"]) for name, exposed in HEAPS.items()},
    "go": go_program(),
    "process": process_in_pod(),
    "process beside a sidecar": process_and_sidecar(),
    "process by selector": process_by_selector(),
    "process by selector, of a service with workloads": replace(process_by_selector(), workloads=[workload()]),
    "process by selector, limit of its container": process_of_both(),
    "node": nodes(),
}


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_what_is_recorded_of_each_type(tools: Tools, name: str) -> None:
    check(tools, SNAPSHOTS[name])


Shape = Callable[[Floats], Floats]
"""The share of the limit in use, by the second."""

LIMIT = 512.0 * MI
SCRAPE = 30


@dataclass(frozen=True)
class Life:
    """A container from start to end: its share of the limit, by the second since it started."""

    used: Shape
    start: float = 1.0
    end: float = np.inf
    pod: str = POD
    container: str = "app"


def told(lives: Iterable[Life], namespace: str, end: float, every: int = SCRAPE) -> Iterator[SeriesData]:
    """What cAdvisor and kube-state-metrics expose of them; those of one pod and container follow one another."""
    for life in lives:
        times = np.arange(TICK, end + 1, every, dtype=float)
        times = times[(times > life.start) & (times < life.end)]
        stale = [float(times[-1]) + every] if life.end < end else []
        where = {**cadvisor(life.pod, life.container, namespace), "id": f"/kubepods/{life.start:.0f}"}
        used, begun = LIMIT * life.used(times - life.start), np.full(len(times), life.start)
        yield SeriesData("container_memory_working_set_bytes", where, times, used, stale)
        yield SeriesData("container_start_time_seconds", where, times, begun, stale)
    for pod, container in dict.fromkeys((life.pod, life.container) for life in lives):
        labels = kept(pod, container, namespace, resource="memory", unit="byte")
        until = max(life.end for life in lives if (life.pod, life.container) == (pod, container))
        times = np.arange(TICK, min(end, until) + 1, every, dtype=float)
        yield SeriesData("kube_pod_container_resource_limits", labels, times, np.full(len(times), LIMIT))


def leaking(begin: float, seconds: float) -> Shape:
    """On a straight line from `begin` to the limit, which it reaches after so many seconds."""
    return lambda times: np.minimum(begin + (1 - begin) * times / seconds, 1.0)


def flat(level: float) -> Shape:
    return lambda times: np.full(len(times), level)


def ramp(level: float, seconds: float) -> Shape:
    return lambda times: level * np.minimum(times / seconds, 1.0)


def resolved(section: str, spec: Any = None) -> Any:
    """Parameters of a policy as they are in force."""
    plan = plan_of(spec or service({"type": "container"}, workloads=[workload()]))
    return plan.services[0].resources[0].resource.policy.resource_sections[section]


def first_told(begin: float, seconds: float, signs: Mapping[str, Any]) -> float:
    """Seconds after its start at which a container that leaks on a line is told: when a first sign has lasted.

    On a straight line every window says the same: the limit is `ahead` seconds away, and a line explains everything,
    once half of the window is recorded. What rises from the start on is always more than yesterday.
    """
    slope = (1 - begin) / seconds

    def when(sign: Any) -> float:
        waits = [sign.uptime, (float(sign.above) - begin) / slope]
        if sign.lines:
            waits.append(seconds - sign.ahead)
        if sign.fit is not None:
            waits.append(sign.fit.over / 2)
        if sign.risen is not None:
            waits.append(float(DAY) if slope * DAY > sign.risen else np.inf)
        return float(max(waits) + sign.lasting)

    return min(map(when, signs.values()))


SOON, LATE = 120.0, 120.0
"""Seconds around the moment of the formula: rules run each minute, scrapes come each half."""


def story_rules(namespaces: Iterable[str], extra: Sequence[Any] = (), **alerting: Any) -> str:
    """One container entry that watches one deployment in each namespace."""
    entry = {"type": "container", "alerting": alerting}
    return rules_text([*extra, service(entry, workloads=[workload(namespace=one) for one in namespaces])])


LEAKS = {"two-hours": (0.2, 2.0 * HOUR), "five-hours": (0.2, 5.0 * HOUR), "fast": (0.5, 1.25 * HOUR)}
QUIET: dict[str, list[Life]] = {
    "flat": [Life(flat(0.85))],
    "ramp": [Life(ramp(0.75, 600.0))],
    "restart": [Life(flat(0.3), end=2 * HOUR), Life(ramp(0.8, 300), start=2 * HOUR)],
    "replaced": [Life(flat(0.3), end=2 * HOUR), Life(ramp(0.8, 300), start=2 * HOUR, pod=OTHER)],
    "saved": [
        life
        for begin, end in pairwise(np.arange(0.0, 7 * HOUR, 1.5 * HOUR).tolist())
        for life in [Life(ramp(0.65, 1.5 * HOUR), start=begin + 1, end=end)]
    ],
}
"""What must not wake anybody, for hours; the last is deployed again and again before its leak is any trouble."""


def test_a_leak_pages_in_time_and_nothing_else_does(tools: Tools) -> None:
    signs, end = resolved("memory_exhaustion").signs, 5 * HOUR
    series: list[SeriesData] = []
    asked: list[Asked] = []
    for name, (begin, seconds) in LEAKS.items():
        series += told([Life(leaking(begin, seconds), end=seconds)], name, end)
        moment = 1 + first_told(begin, seconds, signs)
        assert moment + 10 * 60 < seconds, "told ten minutes before it is killed, at the least"
        asked += [firing(EXHAUSTION, {"namespace": name}, at, count) for at, count in around(moment)]
        asked.append(starts(EXHAUSTION, {"namespace": name, "severity": "page"}, end, 1))
    for name, lives in QUIET.items():
        series += told(lives, name, end)
        asked.append(starts(EXHAUSTION, {"namespace": name}, end, 0))
        asked.append(Asked(f'count({naming.UTILISATION}{{namespace="{name}"}})', end, 1))
    evaluate(tools, story_rules([*LEAKS, *QUIET]), series, asked)


def around(moment: float, before: float = SOON, after: float = LATE) -> list[tuple[float, int]]:
    """Not yet and not there; there."""
    return [(60 * ((moment - before) // 60), 0), (60 * ((moment + after) // 60), 1)]


SLOW = {"9h": (0.2, 24.0 * HOUR), "1d": (0.8, 32.0 * HOUR)}
"""Leaks by the sign that tells them first."""


def test_a_slow_leak_pages_by_a_long_sign(tools: Tools) -> None:
    """What is as full, and has risen by half of that since yesterday, does not."""
    signs, end = resolved("memory_exhaustion").signs, 33.0 * HOUR
    series: list[SeriesData] = []
    asked: list[Asked] = []
    for name, (begin, seconds) in SLOW.items():
        moment = first_told(begin, seconds, signs)
        assert moment == first_told(begin, seconds, {name: signs[name]}) < seconds - HOUR
        series += told([Life(leaking(begin, seconds), end=seconds)], name, end, 60)
        asked += [firing(EXHAUSTION, {"namespace": name}, at, count) for at, count in around(1 + moment)]
        asked.append(starts(EXHAUSTION, {"namespace": name}, end, 1))
    full, risen = signs["1d"].above, signs["1d"].risen
    series += told([Life(lambda times: 0.001 + float(full) + float(risen) / 2 * times / DAY)], "full", end, 60)
    asked.append(starts(EXHAUSTION, {"namespace": "full"}, end, 0))
    evaluate(tools, rules_behind(story_rules([*SLOW, "full"]), EXHAUSTION), series, asked)


CLIMB, SPEED, TOP = 11.0 * HOUR, 0.03 / HOUR, 0.93


def mornings(*tops: float) -> Shape:
    """Each day a straight climb, three hours at its top, and then as little as at first."""
    times, values = [], []
    for number, top in enumerate(tops):
        least = top - SPEED * CLIMB
        times += [number * DAY + at for at in (0, CLIMB, CLIMB + 3 * HOUR, CLIMB + 3 * HOUR + 60)]
        values += [least, top, top, least]
    return lambda at: np.interp(at, times, values)


def test_what_yesterday_had_already_does_not_page(tools: Tools) -> None:
    """A morning's climb is told on the first day, and then only beyond yesterday's top."""
    signs, end, more = resolved("memory_exhaustion").signs, 37.0 * HOUR, 0.005
    begin = TOP - SPEED * CLIMB
    reached = (1 - begin) / SPEED
    first = first_told(begin, reached, signs)
    by_day = {name: sign for name, sign in signs.items() if sign.beyond_yesterday}
    assert first == first_told(begin, reached, by_day) < CLIMB
    again = DAY + CLIMB - more / SPEED + min(sign.lasting for sign in by_day.values() if reached - CLIMB < sign.ahead)
    stories = {"usual": (TOP - more, [first]), "fuller": (TOP + more, [first, again])}
    series: list[SeriesData] = []
    asked: list[Asked] = []
    for name, (second, moments) in stories.items():
        series += told([Life(mornings(TOP, second))], name, end, 60)
        asked += [firing(EXHAUSTION, {"namespace": name}, *one) for at in moments for one in around(1 + at)]
        asked.append(starts(EXHAUSTION, {"namespace": name}, end, len(moments)))
    evaluate(tools, rules_behind(story_rules(stories), EXHAUSTION), series, asked)


@pytest.mark.parametrize("over", ["2h", "3h"], ids=["looked up", "recorded"])
def test_a_line_must_explain_a_window_of_which_half_is_known(tools: Tools, over: str) -> None:
    """A leak that jumps up and down by d each minute: of s^2 W^2 / 12 + d^2, a line explains the first."""
    window, slope, least = int(over[:-1]) * HOUR, 0.175 / HOUR, 0.8
    sign = {"above": 10, "uptime": "10m", "lines": ["1h"], "ahead": "10h", "fit": {"over": over, "least": least}}
    mine = policy("mine", extends="default", memoryExhaustion={"signs": {"mine": sign}})
    end = window + 1.0 * HOUR

    def jumping(known: float, share: float) -> Shape:
        jump = slope * known * np.sqrt((1 / share - 1) / 12)
        return lambda times: 0.2 + slope * times + jump * (-1) ** (times // 60)

    shapes = {"clear": jumping(window / 2, least + 0.05), "noisy": jumping(window, least - 0.05)}
    series = [one for name, shape in shapes.items() for one in told([Life(shape)], name, end)]
    asked = [firing(EXHAUSTION, {"namespace": "clear"}, *one) for one in around(window / 2)]
    asked.append(starts(EXHAUSTION, {}, end, 1))
    evaluate(tools, story_rules(shapes, [mine], policy="mine"), series, asked)


@pytest.mark.parametrize("pod", [POD, OTHER], ids=["restarted", "replaced"])
def test_no_forecast_reads_across_a_restart(tools: Tools, pod: str) -> None:
    """Of a new start nothing is foreseen before its hour and a quarter; then only by what it did itself."""
    restart, known = 3.0 * HOUR, 1.25 * HOUR
    end = restart + known + 300
    lives = [Life(leaking(0.1, 4.0 * HOUR), end=restart), Life(flat(0.25), start=restart, pod=pod)]
    mine = f'pod="{pod}", start="{restart:.0f}"'
    before = 0.1 + 0.9 * (restart - 60) / (4 * HOUR)
    asked = [
        near(f'sum({naming.EXHAUSTION}{{start="1"}})', restart - 60, (1 - before) * 4 * HOUR / 0.9, 60),
        near(f'sum({naming.FORECAST}{{bound="high"}})', restart - 60, before + 0.9 / 2, 0.01),
        near(f'sum({naming.FIT}{{window="1h"}})', restart - 60, 1, 1e-6),
        Asked(f"count({naming.FIT})", restart + HOUR / 2 - 60, None),
        Asked(f"count({naming.FIT}{{{mine}}})", end, None),  # no line explains what never moves
        Asked(f"count({naming.FORECAST})", restart + known - 60, None),
        Asked(f"count({naming.UTILISATION})", end, 1),
        Asked(f"sum({naming.UTILISATION}{{{mine}}})", end, 0.25),
        Asked(f"sum({naming.UPTIME}{{{mine}}})", end, end - restart),
        near(f'sum({naming.FORECAST}{{{mine}, bound="high"}})', end, 0.25, 1e-9),
        near(f'sum({naming.FORECAST}{{{mine}, bound="low"}})', end, 0.25, 1e-9),
        Asked(f"count({naming.FORECAST})", end, 2),
        *(Asked(f"count({naming.EXHAUSTION})", at, None) for at in (restart + 60, restart + known, end)),
    ]
    evaluate(tools, story_rules(["shop"]), [*told(lives, "shop", end)], asked)


SIGN = {"lines": ["5m"], "ahead": "10m", "above": 50, "uptime": "5m", "lasting": "2m"}
LOOP = 12 * 60.0


@pytest.mark.parametrize("hold", [10, 3])
def test_a_page_goes_on_through_a_crash_loop_while_it_is_held(tools: Tools, hold: int) -> None:
    """A container is killed every twelve minutes; no sign can be seen for eight of them."""
    mine = policy("mine", extends="default", memoryExhaustion={"signs": {"soon": SIGN}, "hold": f"{hold}m"})
    signs = resolved(
        "memory_exhaustion",
        [mine, service({"type": "container", "alerting": {"policy": "mine"}}, workloads=[workload()])],
    ).signs
    silent = first_told(0.2, LOOP, signs)
    end = 4 * LOOP
    lives = [Life(leaking(0.2, LOOP), start=max(1.0, n * LOOP), end=(n + 1) * LOOP) for n in range(4)]
    moments = [max(1.0, n * LOOP) + silent for n in range(4)]
    asked = [firing(EXHAUSTION, {}, at, count) for at, count in around(moments[0])]
    asked.append(starts(EXHAUSTION, {}, end, 1 if hold * 60 > silent else 4))
    evaluate(tools, story_rules(["shop"], [mine], policy="mine"), [*told(lives, "shop", end)], asked)


def counted(name: str, labels: dict[str, str], end: float, *changes: tuple[float, float]) -> SeriesData:
    """A value that changes at moments; before the first it is not there."""
    times = np.arange(TICK, end + 1, SCRAPE, dtype=float)
    moments, values = zip(*changes, strict=True)
    at = np.searchsorted(np.array(moments), times, side="right")
    return SeriesData(name, labels, times[at > 0], np.array(values)[at[at > 0] - 1])


def test_a_kill_is_told_until_its_hold_ends(tools: Tools) -> None:
    hold, killed, end = resolved("oom_killed").hold, 1800.0, 1800.0 + 600 + 2 * HOUR
    series = []
    for name, reason, restarts in (
        ("killed", "OOMKilled", [(0, 0), (killed, 1)]),
        ("crashed", "Error", [(0, 0), (killed, 1)]),
        ("long-ago", "OOMKilled", [(0, 3)]),
    ):
        for replica in "ab":
            where = kept(POD, namespace=name, replica=replica)
            series.append(counted("kube_pod_container_status_restarts_total", where, end, *restarts))
            reasoned = {**where, "reason": reason}
            series.append(
                counted("kube_pod_container_status_last_terminated_reason", reasoned, end, (restarts[-1][0], 1))
            )
    labels = {"namespace": "killed", "container": "app", "severity": "ticket"}
    over = killed + 600 + hold
    asked = [
        firing(OOM, labels, killed, 0),
        firing(OOM, labels, killed + LATE, 1),
        firing(OOM, labels, over - SOON, 1),
        firing(OOM, labels, over + LATE, 0),
        starts(OOM, {}, end - end % 60, 1),
    ]
    evaluate(tools, story_rules(["killed", "crashed", "long-ago"]), series, asked)


def test_a_heap_beyond_its_share_of_the_container_is_told(tools: Tools) -> None:
    params, end = resolved("heap_limit"), 2.0 * HOUR
    bound, size = params.above, 1000.0 * MI
    shares = {"above": float(bound) + 0.01, "at": float(bound), "below": float(bound) - 0.01}
    series = []
    for name, share in shares.items():
        labels = {**scraped(namespace=name), "area": "heap", "id": "G1 Old Gen"}
        series.append(counted("jvm_memory_max_bytes", labels, end, (0, share * size)))
        memory = kept(POD, namespace=name, resource="memory", unit="byte")
        series.append(counted("kube_pod_container_resource_limits", memory, end, (0, size)))
    spec = service({"type": "jvm"}, workloads=[workload(namespace=name) for name in shares])
    labels = {"namespace": "above", "severity": "ticket"}
    asked = [
        firing(HEAP, labels, 60 * (params.wait // 60), 0),
        firing(HEAP, labels, 60 * (params.wait // 60) + LATE, 1),
        starts(HEAP, {}, end, 1),
    ]
    evaluate(tools, rules_text(spec), series, asked)


def test_a_container_without_a_limit_is_told_and_not_forecast(tools: Tools) -> None:
    wait, born, end = resolved("memory_limit_missing").wait, 600.0, 3.0 * HOUR
    series = [one for one in told([Life(flat(0.5), start=born)], "bare", end) if "resource_limits" not in one.name]
    series += told([Life(flat(0.5), start=born)], "bounded", end)
    labels = {"namespace": "bare", "container": "app", "severity": "ticket"}
    moment = born + wait
    asked = [
        firing(UNLIMITED, labels, moment, 0),
        firing(UNLIMITED, labels, moment + LATE, 1),
        starts(UNLIMITED, {}, end, 1),
        Asked(f'count({naming.UTILISATION}{{namespace="bare"}})', end, None),
        Asked(f"count({naming.UTILISATION})", end, 1),
    ]
    evaluate(tools, story_rules(["bare", "bounded"]), series, asked)


def test_memory_that_nothing_is_known_of_is_told(tools: Tools) -> None:
    wait, gone = resolved("memory_unwatched").wait, 2.0 * HOUR
    end = gone + wait + 1200
    series = list(told([Life(flat(0.5), end=gone)], "shop", end))
    labels = {"service": "shop", "resource": "container", "severity": "ticket"}
    asked = [
        firing(UNWATCHED, labels, gone + wait, 0),
        firing(UNWATCHED, labels, gone + wait + LATE, 1),
        starts(UNWATCHED, {}, 60 * (end // 60), 1),
    ]
    evaluate(tools, story_rules(["shop"]), series, asked)
    evaluate(tools, story_rules(["shop"]), [], [firing(UNWATCHED, labels, wait + LATE, 1)])


def test_jobs_may_be_gone() -> None:
    def told_of(*kinds: str) -> bool:
        return f"alert: {UNWATCHED}" in rules_text(
            service({"type": "container"}, workloads=[workload(kind) for kind in kinds])
        )

    assert not told_of("Job")
    assert not told_of("Job", "CronJob")
    assert told_of("CronJob", "Deployment")


def daily(mean: float, swing: float, growth: float = 0.0) -> Shape:
    """High by day and low by night, and more from day to day by `growth`."""
    return lambda times: mean + swing * np.sin(2 * np.pi * times / DAY) + growth * times / DAY


def filling(hours: float) -> Shape:
    """A cache that fills 70%, fast at first."""
    return lambda times: 0.7 * (1 - np.exp(-times / (hours * HOUR)))


def grown(shape: Shape, end: float, params: Any) -> float | None:
    """Seconds since its start at which what is asked of a day's growth has lasted, looking each minute."""
    times = np.arange(0, end, 60.0)
    used = shape(times)
    held = 0.0
    for now in range(31 * 60 + 1, len(times)):
        floor, before = used[now - 359 : now + 1].min(), used[now - 1799 : now - 1439].min()
        steady = np.corrcoef(np.arange(1440), used[now - 1439 : now + 1])[0, 1] ** 2 > params.least
        leads = floor + params.ahead / DAY * (floor - before) > 1
        held = held + 60 if steady and leads and floor - before > params.rise else 0
        if held > params.lasting:
            return float(times[now])
    return None


def test_what_grows_steadily_from_day_to_day_is_told(tools: Tools) -> None:
    """A leak, when a line says so; a leak below a small swing, and one that a large swing hides; and what leads to the
    limit only because it just began, a cache that fills, where a line explains it: with a time constant of six hours it
    does, with three it does not."""
    params, end = resolved("memory_leak"), 2.75 * DAY
    begin, growth = 0.3, 0.14
    days = params.ahead / DAY
    stories: dict[str, Shape] = {
        "leak": lambda times: begin + growth * times / DAY,
        "swing-and-leak": daily(0.45, 0.02, 0.12),
        "hidden-leak": daily(0.45, 0.15, 0.12),
        "swing": daily(0.5, 0.35),
        "cache": filling(1),
        "cache-3h": filling(3),
        "cache-6h": filling(6),
        "slow": lambda times: 0.92 + 0.9 * float(params.rise) * times / DAY,
        "far": lambda times: 0.2 + 1.1 * float(params.rise) * times / DAY,
    }
    said = {name: grown(shape, end, params) for name, shape in stories.items()}
    loud = {name: moment for name, moment in said.items() if moment is not None}
    assert set(loud) == {"leak", "swing-and-leak", "cache-6h"}
    anything = params.model_copy(update={"least": 0})
    assert grown(stories["hidden-leak"], end, anything), "only the swing hides it"
    assert (explained(DAY / (6 * HOUR)) > params.least) == ("cache-6h" in loud)
    assert (explained(DAY / (3 * HOUR)) > params.least) == ("cache-3h" in loud)
    by_line = max(DAY + 7 * HOUR, 6 * HOUR + DAY * (1 - days * growth - begin) / growth)
    assert loud["leak"] == pytest.approx(by_line + params.lasting, abs=LATE)
    history = [one for name, shape in stories.items() for one in told([Life(shape)], name, end, 60)]
    with Prometheus(tools) as server:
        text = only_sign(story_rules(stories), "leak", LEAK)
        rules = record(server, text, MIDNIGHT, MIDNIGHT + end, extra=moved(history))
        (alert,) = (rule for rule in rules if rule.is_alert)
        phase = phases(rules)[alert.group]
        episodes = evaluate_alert(server, alert, MIDNIGHT, MIDNIGHT + end, phase=phase)
    found = {one.labels["namespace"]: one.first - MIDNIGHT for one in episodes}
    assert sorted(one.labels["namespace"] for one in episodes) == sorted(loud)
    assert {one.labels["severity"] for one in episodes} == {"ticket"}
    assert found == {name: pytest.approx(1 + at + EVERY / 2, abs=EVERY / 2 + LATE) for name, at in loud.items()}


def explained(days: float) -> float:
    """R squared of a line through a day of e^-x, of which the day is so many time constants, whenever it begins."""
    gone = np.exp(-days)
    mean = (1 - gone) / days
    variance = (1 - gone**2) / (2 * days) - mean**2
    together = (1 - (1 + days) * gone) / days - mean * days / 2
    return float(together**2 / (variance * days**2 / 12))


def moved(series: Iterable[SeriesData], by: float = MIDNIGHT) -> list[SeriesData]:
    """The same, later; the times at which containers start too."""
    return [
        SeriesData(
            one.name,
            one.labels,
            one.times + by,
            one.values + by * ("start_time" in one.name),
            [at + by for at in one.stale],
        )
        for one in series
    ]


def only_sign(rules: str, sign: str, alert: str) -> str:
    """Without the rules that this alert does not read; they only cost time."""
    read = {naming.UTILISATION, naming.UPTIME, naming.FLOOR, naming.AT_RISK, alert}
    document: dict[str, Any] = yaml.safe_load(rules)
    for group in document["groups"]:
        group["rules"] = [
            rule
            for rule in group["rules"]
            if rule.get("record", rule.get("alert")) in read and rule["labels"].get("sign", sign) == sign
        ]
    return yaml.safe_dump(document)


PAST = 32.5 * HOUR
UNTIL = PAST + 75 * 60
HOSTILE = 'a"b\\c{{ $value }} %d `x` é\n}'
EAGER = policy(
    "eager",
    extends="default",
    memoryExhaustion={"signs": {"soon": {"lines": ["15m"], "ahead": "6h", "above": 50, "uptime": "15m"}}},
    memoryLeak={"lasting": "5m"},
    heapLimit={"wait": "1m"},
)


def test_the_texts_of_alerts_name_who_and_when(tools: Tools) -> None:
    """Of a server that has watched three leaking pods of one deployment, another container, and a process.

    What is recorded reaches an hour beyond now, so that it does not matter when the alerts are looked at.
    """
    begin = 60 * (time.time() // 60) - PAST
    entries = [
        {"type": "container"},
        {"type": "process", "selector": '{app="till"}', "limit": "512Mi"},
        {"type": "jvm"},
    ]
    spec = service(*({**entry, "alerting": {"policy": "eager"}} for entry in entries), workloads=[workload()])
    text = rules_text([EAGER, spec])
    with Prometheus(tools, flags=["--web.enable-lifecycle"], rule_files={"rules.yml": "groups: []"}) as server:
        record(server, text, begin, begin + PAST + HOUR, extra=moved(troubled(), begin))
        (server.folder / "rules.yml").write_text(alerts_only(text), encoding="utf-8")
        urllib.request.urlopen(urllib.request.Request(f"{server.url}/-/reload", method="POST"), timeout=60).close()
        said = told_by(server, 10)
    age = time.time() - begin
    left = (UNTIL - age) / 60
    floor = 100 * leaking(0.3, UNTIL)(np.array([age - 6 * HOUR]))[0]
    assert (EXHAUSTION, "container", "app") in said
    assert re.findall(r"\d+", said[EXHAUSTION, "container", "app"].split(PODS[0])[0]) == ["3"]
    assert minutes(said[EXHAUSTION, "container", "app"]) == [(pod, approx(left + 10 * n)) for n, pod in enumerate(PODS)]
    assert re.findall(r"\d+", said[EXHAUSTION, "container", "cache"].split(PODS[0])[0]) == ["1"]
    assert minutes(said[EXHAUSTION, "container", "cache"]) == [(PODS[0], approx(left))]
    assert f"{HOSTILE} is out of memory in " in said[EXHAUSTION, "process", ""]
    assert [pod for pod, _ in shares(said[LEAK, "container", "app"])] == PODS
    assert shares(said[LEAK, "container", "app"])[0][1] == pytest.approx(floor, abs=1)
    assert f"{HOSTILE} 8" in said[LEAK, "process", ""]
    assert f" {PODS[2]} was killed;" in said[OOM, "container", "app"]
    assert PODS[0] not in said[OOM, "container", "app"]
    assert shares(said[HEAP, "jvm", ""])[0] == (PODS[1], 87.5)
    assert "(bare in shop)" in said[UNLIMITED, "container", "bare"]
    assert "Java heap" in said[UNWATCHED, "jvm", ""]
    assert not [text for text in said.values() if "<error" in text or "<no value>" in text or "NaN" in text]


def alerts_only(rules: str) -> str:
    """Each five seconds, from what is recorded already."""
    document: dict[str, Any] = yaml.safe_load(rules)
    for group in document["groups"]:
        group["interval"], group["rules"] = "5s", [rule for rule in group["rules"] if "alert" in rule]
    return yaml.safe_dump(document)


def approx(value: float) -> Any:
    return pytest.approx(value, abs=5)


def minutes(text: str) -> list[tuple[str, float]]:
    """Who is out of memory, in how many minutes."""
    found = re.findall(r"(\S+) is out of memory in (?:(\d+)h )?(\d+)m \d+s;", text)
    return [(pod, 60 * int(hours or 0) + int(rest)) for pod, hours, rest in found]


def shares(text: str) -> list[tuple[str, float]]:
    """Who has reached how many percent."""
    return [(pod, float(percent)) for pod, percent in re.findall(r" (\S+) ([\d.]+)%;", text)]


def told_by(server: Prometheus, enough: int) -> dict[tuple[str, ...], str]:
    """Descriptions of a server's alerts once there are so many, by name, resource and container."""
    deadline = time.monotonic() + 300
    while len(alerts := call(server.url, "alerts")["alerts"]) < enough and time.monotonic() < deadline:
        time.sleep(0.2)
    assert all("shop/" in alert["annotations"]["summary"] for alert in alerts)
    keys = ("alertname", "resource", "container")
    found = {tuple(one["labels"].get(key, "") for key in keys): one["annotations"]["description"] for one in alerts}
    assert len(found) == len(alerts) == enough, sorted(found)
    return found


PODS = [f"checkout-6d8f7c9b5-{suffix}" for suffix in ("b2b2b", "c4c4c", "d5d5d")]


def troubled() -> Iterator[SeriesData]:
    """Leaks that have 75 minutes and more to go, a heap of 448Mi in 512Mi, kills, and a container without limit."""
    until, end = UNTIL, PAST + HOUR
    times = np.arange(TICK, end, 60.0)

    def constant(name: str, labels: dict[str, str], value: float) -> SeriesData:
        return SeriesData(name, labels, times, np.full(len(times), value))

    lives = [Life(leaking(0.3, until + 600 * number), pod=pod) for number, pod in enumerate(PODS)]
    yield from told([*lives, Life(leaking(0.3, until), pod=PODS[0], container="cache")], "shop", end, 60)
    till = {"app": "till", "job": HOSTILE, "instance": HOSTILE}
    yield SeriesData("process_resident_memory_bytes", till, times, LIMIT * leaking(0.3, until)(times))
    yield constant("process_start_time_seconds", till, 1.0)
    yield constant("jvm_memory_max_bytes", {**scraped(PODS[1]), "area": "heap", "id": "G1 Old Gen"}, 448.0 * MI)
    where = kept(PODS[2])
    yield SeriesData("kube_pod_container_status_restarts_total", where, times, times // 300)
    yield constant("kube_pod_container_status_last_terminated_reason", {**where, "reason": "OOMKilled"}, 1.0)
    yield constant("container_memory_working_set_bytes", cadvisor(PODS[0], "bare"), 64.0 * MI)
