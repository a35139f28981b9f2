"""Autoscalers at their maximum and throttled containers are told, of these workloads and no others.

Everything runs in Prometheus' own rule manager (`promtool test rules`), over what kube-state-metrics and cAdvisor tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from compile import plan_of, policy, rules_text
from harness.arrays import Floats
from harness.backfill import SeriesData
from harness.rules import load_rules
from harness.tools import Tools
from timelines import HOUR, TICK, Asked, ends, evaluate, firing, near, per_second, scraped, starts

from slogen import naming

pytestmark = pytest.mark.prometheus

AT_MAX, THROTTLED = "AutoscalerAtMax", "CPUThrottled"
POD, OTHER = "checkout-6d8f7c9b5-x2x7k", "checkout-6d8f7c9b5-q9w8z"
RISE, END = 1800.0, 2.0 * HOUR
LATE = 120.0
"""Seconds until a change is scraped and evaluated."""


def service(kind: str, namespaces: Sequence[str], **workload: Any) -> dict[str, Any]:
    """A service that watches one deployment in each namespace."""
    running = [{"kind": "Deployment", "namespace": one, "name": "checkout", **workload} for one in namespaces]
    spec = {"workloads": running, "saturation": [{"type": kind}]}
    return {"apiVersion": "slogen/v1", "kind": "Service", "metadata": {"name": "shop"}, "spec": spec}


def resolved(section: str, kind: str) -> Any:
    """Parameters of a policy as they are in force."""
    (resource,) = plan_of(service(kind, ["shop"])).services[0].resources
    return resource.resource.policy.resource_sections[section]


def condition(spec: Any, alert: str) -> str:
    """What an alert asks, whose value is how many are in trouble."""
    (rule,) = (rule for rule in load_rules(rules_text(spec)) if rule.name == alert)
    return rule.expr


def gauge(name: str, labels: dict[str, str], *changes: tuple[float, float]) -> SeriesData:
    """A value, and those it changes to at seconds."""
    times = np.arange(TICK, END + 1, 30, dtype=float)
    values: Floats = np.zeros(len(times))
    for moment, value in changes:
        values[times >= moment] = value
    return SeriesData(name, labels, times, values)


def autoscaler(
    namespace: str, bounds: tuple[int, int], *replicas: tuple[float, float], target: str = "checkout", **info: str
) -> Iterator[SeriesData]:
    """What two replicas of kube-state-metrics tell of an autoscaler."""
    least, most = bounds
    for replica in "ab":
        labels = {"job": "ksm", "instance": replica, "namespace": namespace, "horizontalpodautoscaler": f"{target}-hpa"}
        aimed = {"scaletargetref_kind": "Deployment", "scaletargetref_name": target, **info}
        yield gauge("kube_horizontalpodautoscaler_info", {**labels, **aimed}, (0, 1))
        yield gauge("kube_horizontalpodautoscaler_spec_min_replicas", labels, (0, least))
        yield gauge("kube_horizontalpodautoscaler_spec_max_replicas", labels, (0, most))
        yield gauge("kube_horizontalpodautoscaler_status_current_replicas", labels, *replicas)


def test_an_autoscaler_at_its_maximum_is_told(tools: Tools) -> None:
    """At the maximum for good, below it, there for less than the wait, without room, and not this service's."""
    wait = resolved("autoscaler_at_max", "autoscaler").wait
    series = [
        *autoscaler("full", (2, 8), (0, 4), (RISE, 8)),
        *autoscaler("room", (2, 8), (0, 4), (RISE, 7)),
        *autoscaler("peak", (2, 8), (0, 4), (RISE, 8), (RISE + wait - 240, 7)),
        *autoscaler("fixed", (8, 8), (0, 8)),
        *autoscaler("other", (2, 8), (0, 8), target="checkout-worker"),
        *autoscaler("kind", (2, 8), (0, 8), scaletargetref_kind="StatefulSet"),
        *autoscaler("unnamed", (2, 8), (0, 8)),
    ]
    labels = {"service": "shop", "resource": "autoscaler", "namespace": "full", "severity": "ticket"}
    ratio = naming.REPLICAS
    asked = [
        firing(AT_MAX, labels, RISE + wait, 0),
        firing(AT_MAX, labels, RISE + wait + LATE, 1),
        firing(AT_MAX, labels, END, 1),
        starts(AT_MAX, {}, END, 1),
        Asked(f'sum({ratio}{{namespace="full", horizontalpodautoscaler="checkout-hpa"}})', RISE, 0.5),
        Asked(f'sum({ratio}{{namespace="room"}})', END, 0.875),
        Asked(f"count({ratio})", END, 3),
    ]
    spec = service("autoscaler", ["full", "room", "peak", "fixed", "other", "kind"])
    evaluate(tools, rules_text(spec), series, asked)


def test_two_autoscalers_at_their_maximum_are_one_alert(tools: Tools) -> None:
    spec = service("autoscaler", ["shop"])
    spec["spec"]["workloads"].append({"kind": "Deployment", "namespace": "shop", "name": "worker"})
    series = [
        *autoscaler("shop", (2, 8), (0, 8)),
        *autoscaler("shop", (1, 3), (0, 3), target="worker"),
    ]
    asked = [starts(AT_MAX, {}, END, 1), Asked(f"sum({condition(spec, AT_MAX)})", END, 2)]
    evaluate(tools, rules_text(spec), series, asked)


PERIODS = 10.0
"""A second: the kernel counts ten periods of 100 ms."""


def periods(
    namespace: str, throttled: Callable[[Floats], Floats], pod: str = POD, container: str = "app", job: str = "kubelet"
) -> Iterator[SeriesData]:
    """What cAdvisor counts of a container with a CPU limit, whose pod counts too."""
    for own in (container, ""):
        labels = {"job": job, "namespace": namespace, "pod": pod, "id": f"/kubepods/{own}"}
        labels |= {"container": own} if own else {}
        counts = per_second(PERIODS) if own else per_second(100 * PERIODS)
        yield scraped("container_cpu_cfs_periods_total", labels, counts, (0, END + 1))
        yield scraped("container_cpu_cfs_throttled_periods_total", labels, throttled, (0, END + 1))


def share(portion: float) -> Callable[[Floats], Floats]:
    """From RISE on, so much of all periods."""
    return per_second(0.0, (RISE, portion * PERIODS))


def test_throttled_containers_are_told(tools: Tools) -> None:
    """Above the bound, below it, without a limit and so without periods, stopped, and of others."""
    params = resolved("cpu_throttled", "cpu")
    bound = float(params.above)
    idle = {"namespace": "stopped", "pod": POD, "container": "app"}
    series = [
        *periods("above", share(bound + 0.05)),
        *periods("above", share(bound + 0.1), pod=OTHER),
        *periods("above", share(bound - 0.05), pod="checkout-6d8f7c9b5-z4z4z"),
        *periods("above", share(bound + 0.5), container="istio-proxy"),
        *periods("twice", share(bound - 0.05)),
        *periods("twice", share(bound - 0.05), job="cadvisor"),
        *periods("below", share(bound - 0.05)),
        *periods("other", share(bound + 0.5), pod="checkout-worker-6d8f7c9b5-x2x7k"),
        gauge("container_cpu_usage_seconds_total", {"namespace": "bare", "pod": POD, "container": "app"}, (0, 9)),
        scraped("container_cpu_cfs_periods_total", idle, per_second(0), (0, END + 1)),
        scraped("container_cpu_cfs_throttled_periods_total", idle, per_second(0), (0, END + 1)),
    ]
    spec = service("cpu", ["above", "twice", "below", "other", "bare", "stopped"])
    labels = {"service": "shop", "namespace": "above", "container": "app", "severity": "ticket"}
    record = naming.THROTTLED
    asked = [
        firing(THROTTLED, labels, RISE + params.wait, 0),
        firing(THROTTLED, labels, RISE + params.wait + 300 + LATE, 1),
        starts(THROTTLED, {}, END, 1),
        Asked(f"sum({condition(spec, THROTTLED)})", END, 2),
        near(f'sum({record}{{namespace="above", pod="{POD}", container="app"}})', END, bound + 0.05, 0.001),
        near(f'sum({record}{{namespace="twice"}})', END, bound - 0.05, 0.001),
        Asked(f"count({record})", END, 5),
    ]
    evaluate(tools, rules_text(spec), series, asked)


def test_it_ends_when_a_container_is_gone(tools: Tools) -> None:
    params = resolved("cpu_throttled", "cpu")
    series = [ends(one, HOUR + 10) for one in periods("shop", per_second(PERIODS / 2))]
    asked = [
        firing(THROTTLED, {"namespace": "shop"}, HOUR, 1 if params.wait + 360 < HOUR else 0),
        firing(THROTTLED, {}, HOUR + 300 + LATE, 0),
    ]
    evaluate(tools, rules_text(service("cpu", ["shop"])), series, asked)


def test_bounds_and_severities_are_those_of_the_policy(tools: Tools) -> None:
    mine = policy("mine", extends="default", cpuThrottled={"above": 60, "wait": "1m", "severity": "page"})
    spec = service("cpu", ["above", "below"])
    spec["spec"]["saturation"][0]["alerting"] = {"policy": "mine"}
    series = [*periods("above", share(0.65)), *periods("below", share(0.55))]
    asked = [
        firing(THROTTLED, {"namespace": "above", "severity": "page"}, END, 1),
        starts(THROTTLED, {}, END, 1),
    ]
    evaluate(tools, rules_text([mine, spec]), series, asked)
