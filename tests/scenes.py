"""Services of every shape with a made-up past, and the truth about it: dashboards are held against both.

A scene is a service whose requests, latencies, lag and memory are known second by second. It is calm, or something has
been wrong with it since `TROUBLE` seconds before the end. What is true follows from those seconds alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from compile import repository
from harness.alerts import evaluate_alert
from harness.arrays import Floats, Ints
from harness.backfill import SeriesData, load
from harness.rules import Rule
from harness.server import Prometheus
from harness.staged import record
from harness.synthetic import counter, diurnal, scrape_times

from slogen import naming
from slogen.pipeline import compile_specs, render

HOUR = 3600
DAY = 86400
SCRAPE = 30
TROUBLE = 3 * HOUR
"""Seconds before the end at which it begins, where it does."""

DEPLOYED = TROUBLE + 600
"""Seconds before the end at which the last deploy was."""

TO_LIMIT = 5400
"""Seconds after the end at which the leaking pod reaches its limit."""

LEAKING = 6 * HOUR
LEAK_FROM = 0.4
MI = 1 << 20
LIMIT = 512.0 * MI
OBJECTIVE = 0.999
REGIONS = {"eu": 24.0, "us": 12.0, "ap": 4.0}
"""Requests a second at the peak of the day."""

ROUTES = {"/pay": 0.75, "/cart": 0.25}
QUIET = {("/pay", "500"): 0.0001, ("/cart", "500"): 0.0001}
"""Shares of a region's requests that fail at any time, by route and code."""

OUTAGE = {("/pay", "503"): 0.018, ("/pay", "500"): 0.002}
"""Shares of the requests of the hurt region that fail besides."""

HURT = "eu"
SLOW = {"0.3": (0.97, 0.7), "1": (0.998, 0.95)}
"""Shares of requests that are answered within so many seconds: while all is well, and in trouble."""

LAG = (40.0, 5000.0)
BOUND = 1000
PODS = ("x2x7k", "q9w8z")
HASHES = ("6d8f7c9b5", "7c9d8f6b4")
Key = tuple[str, str, str]


@dataclass(frozen=True)
class Scene:
    """A service, how it fares, and since how many seconds there is anything of it."""

    name: str
    start: float
    end: float
    period: str = "3d"
    burning: bool = False
    lean: bool = False

    def spec(self) -> dict[str, Any]:
        """Every shape that a dashboard has; a lean one has a single SLO."""
        requests = {
            "name": "requests",
            "description": "Requests that do not fail.",
            "objective": 99.9,
            "by": ["region"],
            "sli": {
                "type": "events",
                "bad": f'http_requests_total{{job="{self.name}", code=~"5.."}}',
                "total": f'http_requests_total{{job="{self.name}"}}',
                "breakdown": ["route", "code"],
            },
        }
        spec: dict[str, Any] = {"window": self.period, "slos": [requests]}
        if not self.lean:
            spec |= self._more(requests)
        metadata = {"name": self.name, "owner": "shop", "description": "Takes orders.", "labels": {"tier": "critical"}}
        return {"apiVersion": "slogen/v1", "kind": "Service", "metadata": metadata, "spec": spec}

    def _more(self, requests: Mapping[str, Any]) -> dict[str, Any]:
        job = f'{{job="{self.name}"}}'
        return {
            "workloads": [{"kind": "Deployment", "namespace": self.name, "name": self.name, "container": "app"}],
            "memory": [{"type": "container"}, {"type": "jvm", "name": "heap"}],
            "saturation": [{"type": "autoscaler"}, {"type": "cpu"}],
            "panels": [
                {
                    "title": "Requests by route",
                    "description": "Where the traffic goes.",
                    "unit": "reqps",
                    "queries": [
                        {
                            "expr": f"sum by (route) (rate(http_requests_total{job}[$__rate_interval]))",
                            "legend": "{{route}}",
                        }
                    ],
                },
                {
                    "title": "Targets",
                    "description": "Instances that are scraped.",
                    "unit": "short",
                    "type": "stat",
                    "queries": [f"count(up{job})"],
                },
                {
                    "title": "Slowest regions",
                    "description": "Requests of the last hour, the most first.",
                    "unit": "short",
                    "type": "table",
                    "queries": [f"sort_desc(sum by (region) (increase(http_requests_total{job}[$__range])))"],
                },
            ],
            "slos": [
                dict(requests),
                {
                    "name": "latency",
                    "description": "Requests that are answered in time.",
                    "sli": {
                        "type": "latency",
                        "histogram": f"http_request_duration_seconds{job}",
                        "breakdown": ["route"],
                    },
                    "objectives": [
                        {"name": "p99", "threshold": "1s", "objective": 99},
                        {"name": "p90", "threshold": "300ms", "objective": 90},
                    ],
                },
                {
                    "name": "lag",
                    "description": "Minutes in which orders are not behind.",
                    "objective": 99,
                    "sli": {"type": "threshold", "gauge": f"orders_lag{job}", "aggregate": "max", "above": BOUND},
                },
            ],
        }

    @cached_property
    def length(self) -> int:
        """Seconds of the past."""
        return round(self.end - self.start)

    @cached_property
    def _trouble(self) -> Floats:
        """1 in each second in which something is wrong, else 0."""
        seconds = np.arange(self.length)
        wrong: Floats = ((seconds >= self.length - TROUBLE) & self.burning).astype(float)
        return wrong

    def _load(self, peak: float) -> Floats:
        return diurnal(np.arange(self.length) + self.start % DAY, peak, 4.0)

    @cached_property
    def happened(self) -> dict[tuple[str, str, str], Ints]:
        """Requests of each second by region, route and code."""
        found: dict[Key, Ints] = {}
        for region, peak in REGIONS.items():
            load_, wrong = self._load(peak), self._trouble * (region == HURT)
            failing: dict[tuple[str, str], Floats] = {}
            for key in dict.fromkeys((*QUIET, *OUTAGE)):
                failing[key] = load_ * (QUIET.get(key, 0.0) + OUTAGE.get(key, 0.0) * wrong)
            for route, share in ROUTES.items():
                lost = sum((rate for (at, _), rate in failing.items() if at == route), np.zeros(self.length))
                found[region, route, "200"] = _whole(load_ * share - lost)
            found |= {(region, *key): _whole(rate) for key, rate in failing.items()}
        return found

    @cached_property
    def answered(self) -> dict[str, Ints]:
        """Requests of each second that were answered within so many seconds."""
        load_ = self._load(20.0)
        parts = {le: well + (ill - well) * self._trouble for le, (well, ill) in SLOW.items()}
        return {**{le: _whole(load_ * part) for le, part in parts.items()}, "+Inf": _whole(load_)}

    def requests(self, begin: float, end: float, **labels: str) -> tuple[int, int]:
        """Bad and all requests within unix seconds [begin, end), of one region, route or code."""
        names = ("region", "route", "code")
        wanted = [labels.get(name) for name in names]
        bad = total = 0
        for key, events in self.happened.items():
            if all(want in (None, has) for want, has in zip(wanted, key, strict=True)):
                count = int(events[self._part(begin, end)].sum())
                total += count
                bad += count * key[2].startswith("5")
        return bad, total

    def late(self, begin: float, end: float, bound: str) -> tuple[int, int]:
        """Requests that took longer than `bound` seconds, and all, within unix seconds [begin, end)."""
        part = self._part(begin, end)
        total = int(self.answered["+Inf"][part].sum())
        return total - int(self.answered[bound][part].sum()), total

    def behind(self, begin: float, end: float) -> float:
        """Share of the time in which the lag was above its bound."""
        return float(self._trouble[self._part(begin, end)].mean())

    def _part(self, begin: float, end: float) -> slice:
        return slice(max(0, round(begin - self.start)), max(0, round(end - self.start)))

    def series(self) -> Iterator[SeriesData]:
        """What is scraped of it."""
        name, job = self.name, {"job": self.name}
        times = scrape_times(self.start, self.length, SCRAPE, seed=len(name))
        for number in range(2):
            answers = 1 - self._at(times, self._trouble) * number
            yield SeriesData("up", {**job, "instance": f"{number}"}, times, answers)
        for (region, route, code), events in self.happened.items():
            labels = {**job, "instance": "0", "region": region, "route": route, "code": code}
            yield SeriesData("http_requests_total", labels, times, counter(events, self.start, times))
        if self.lean:
            return
        for le, events in self.answered.items():
            for route, share in ROUTES.items():
                values = counter(events, self.start, times) * share
                labels = {**job, "route": route}
                yield SeriesData("http_request_duration_seconds_bucket", {**labels, "le": le}, times, values)
                if le == "+Inf":
                    yield SeriesData("http_request_duration_seconds_count", labels, times, values)
        lag = np.where(self._at(times, self._trouble) > 0, LAG[1], LAG[0])
        yield SeriesData("orders_lag", job, times, lag)
        yield from self._cluster()

    def _at(self, times: Floats, values: Floats) -> Floats:
        found: Floats = values[np.clip((times - self.start).astype(int), 0, self.length - 1)]
        return found

    def memory(self, times: Floats | float, pod: str) -> Floats:
        """Share of its limit that a pod uses."""
        wave: Floats = 0.42 + 0.03 * np.sin(np.asarray(times) / DAY * 2 * np.pi)
        if not (self.burning and pod == PODS[0]):
            return wave
        begin = self.end - LEAKING
        leak: Floats = LEAK_FROM + (1 - LEAK_FROM) * (np.asarray(times) - begin) / (LEAKING + TO_LIMIT)
        return np.where(times >= begin, leak, wave)

    def _cluster(self) -> Iterator[SeriesData]:
        times = scrape_times(self.start, self.length, 2 * SCRAPE, seed=7)
        flat = np.ones(len(times))
        name, space = self.name, {"namespace": self.name}
        ksm = {"job": "ksm", "instance": "ksm:8080", **space}
        deployed = self.end - DEPLOYED
        for number, (hash_, made) in enumerate(zip(HASHES, (self.start - DAY, deployed), strict=True)):
            labels = {**ksm, "replicaset": f"{name}-{hash_}"}
            seen = times >= made
            yield SeriesData("kube_replicaset_created", labels, times[seen], made * flat[seen])
            owner = {**labels, "owner_kind": "Deployment", "owner_name": name, "owner_is_controller": "true"}
            yield SeriesData("kube_replicaset_owner", owner, times[seen], flat[seen])
            wanted = np.where((times >= deployed) == bool(number), 2.0, 0.0)
            for metric in ("kube_replicaset_spec_replicas", "kube_replicaset_status_replicas"):
                yield SeriesData(metric, labels, times[seen], wanted[seen])
        for pod in PODS:
            begun = self.start - HOUR
            own = {**space, "pod": f"{name}-{HASHES[0]}-{pod}", "container": "app"}
            kubelet = {"job": "kubelet", "instance": "10.0.0.1:10250", **own}
            state, process = {**ksm, **own}, {"job": name, "instance": f"{own['pod']}:8080", **own}
            used = self.memory(times, pod)
            throttled = np.where(self._at(times, self._trouble) > 0, 0.4, 0.02)
            passed = np.cumsum(np.diff(times, prepend=times[0]))
            held = np.cumsum(np.diff(times, prepend=times[0]) * throttled)
            for metric, labels, values in (
                ("container_memory_working_set_bytes", {**kubelet, "id": f"/{pod}", "image": "shop"}, LIMIT * used),
                ("container_start_time_seconds", {**kubelet, "id": f"/{pod}", "image": "shop"}, begun * flat),
                ("container_cpu_cfs_periods_total", kubelet, 10 * passed),
                ("container_cpu_cfs_throttled_periods_total", kubelet, 10 * held),
                ("kube_pod_container_resource_limits", {**state, "resource": "memory", "unit": "byte"}, LIMIT * flat),
                ("kube_pod_container_status_restarts_total", state, 0 * flat),
                ("jvm_gc_live_data_size_bytes", process, 0.35 * LIMIT / 2 * flat),
                ("jvm_gc_max_data_size_bytes", process, LIMIT / 2 * flat),
                ("jvm_memory_max_bytes", {**process, "area": "heap", "id": "G1 Old Gen"}, LIMIT / 2 * flat),
                ("process_start_time_seconds", process, begun * flat),
            ):
                yield SeriesData(metric, labels, times, values)
        scaler = {**ksm, "horizontalpodautoscaler": name}
        replicas = np.where(self._at(times, self._trouble) > 0, 10.0, 4.0)
        target = {"scaletargetref_kind": "Deployment", "scaletargetref_name": name}
        for metric, labels, values in (
            ("kube_horizontalpodautoscaler_status_current_replicas", scaler, replicas),
            ("kube_horizontalpodautoscaler_spec_max_replicas", scaler, 10 * flat),
            ("kube_horizontalpodautoscaler_spec_min_replicas", scaler, 2 * flat),
            ("kube_horizontalpodautoscaler_info", {**scaler, **target}, flat),
        ):
            yield SeriesData(metric, labels, times, values)


def _whole(rate: Floats) -> Ints:
    events: Ints = np.diff(np.floor(np.cumsum(rate) + 1e-9), prepend=0.0).astype(np.int64)
    return events


def made(
    scenes: Sequence[Scene], config: Mapping[str, Any] | None = None
) -> tuple[dict[Scene, str], dict[str, dict[str, Any]]]:
    """The rules of each scene, and the dashboards by the names of their files, as Grafana loads them."""
    with repository([scene.spec() for scene in scenes], config):
        plan = compile_specs([]).plan
        rules = {Path(file.path).name.partition(".")[0]: file.text for file in render(plan, ["prometheus"])}
        boards = [file for file in render(plan, ["grafana"]) if file.path.endswith(".json")]
    found = {Path(file.path).stem: json.loads(file.text) for file in boards}
    return {scene: rules[scene.name] for scene in scenes}, found


def play(server: Prometheus, scenes: Mapping[Scene, str], shown: float) -> None:
    """Loads what was scraped, and what each scene's rules record: events in full, all else of the last `shown` seconds.

    Rules begin when their scene does. Alerts are stored too, as Prometheus does.
    """
    load(server, [one for scene in scenes for one in scene.series()])
    end = max(scene.end for scene in scenes)
    alerts: list[SeriesData] = []
    for start in sorted({scene.start for scene in scenes}):
        rules = [text for scene, text in scenes.items() if scene.start == start]
        begin = max(start, end - shown)
        record(server, rules, start, end, only=_of_events)
        found = record(server, rules, begin, end, only=lambda rule: not _of_events(rule))
        alerts += [one for rule in found if rule.is_alert for one in _alerts(server, rule, begin, end)]
    load(server, alerts)


def _of_events(rule: Rule) -> bool:
    return rule.name.endswith((":base", ":ledger")) or rule.name == naming.GROUPS


def _alerts(server: Prometheus, rule: Rule, begin: float, end: float) -> Iterator[SeriesData]:
    for firing in evaluate_alert(server, rule, begin, end):
        told = {name: _filled(value, firing.labels) for name, value in firing.labels.items()}
        times = np.arange(firing.first, firing.last + 1, rule.interval)
        stale = [float(times[-1]) + rule.interval] if firing.last + rule.interval <= end else []
        yield SeriesData("ALERTS", {**told, "alertstate": "firing"}, times, np.ones(len(times)), stale)
        yield SeriesData("ALERTS_FOR_STATE", told, times, np.full(len(times), firing.first - rule.hold), stale)


def _filled(template: str, labels: Mapping[str, str]) -> str:
    return re.sub(r"\{\{ \$labels\.(\w+) \}\}", lambda found: labels.get(found[1], ""), template)
