"""What happened: traffic, a leak, pods that die. No rule reads this; only what exporters would show of it.

A step is five seconds. A region's requests go to its pods. What is above a pod's capacity fails, and a JVM that has
just started is cold and can do less. The new release keeps something of each request. Its heap may grow to all of its
container's limit, so the collector sees no need to be thrifty, and the kernel kills the container.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from harness.arrays import Floats

STEP = 5
HOUR = 3600
START = 1_762_225_200.0  # 2025-11-04T03:00:00Z, a Tuesday
WATCHED = START + 6 * HOUR
ROUTINE = START + 8 * HOUR
DEPLOY = START + 30 * HOUR
ROLLBACK = DEPLOY + 9 * HOUR
END = ROLLBACK + 2 * HOUR
SETTLEMENT = 2 * HOUR

LIMIT = 2048.0
OUTSIDE_HEAP = 310.0
HEAP_BEFORE, HEAP_AFTER = 1536.0, 2048.0
LEAK = 0.00062
CAPACITY = 58.0
RETRIED = 0.8
"""Share of failed requests that clients send again in the next step."""
REGIONS = {"eu-central": (150.0, 15), "eu-west": (140.0, 16)}
"""Requests per second at the peak, and its hour."""
PODS = 3
SECONDS_DOWN, SECONDS_COLD, SECONDS_UNREADY = 50, 300, 240


@dataclass
class Life:
    """One start of a container, from the first second of its process to its last."""

    began: float
    ended: float = END
    killed: bool = False


@dataclass
class Pod:
    """One pod. Histories are per step: MiB of working set, MiB that a collection left, requests, failed requests."""

    region: str
    name: str
    leaks: bool
    created: float
    removed: float
    share: float
    leader: bool
    lives: list[Life] = field(default_factory=list)
    working_set: Floats = field(default_factory=lambda: np.zeros(0))
    live: Floats = field(default_factory=lambda: np.zeros(0))
    served: Floats = field(default_factory=lambda: np.zeros(0))
    failed: Floats = field(default_factory=lambda: np.zeros(0))
    kept: float = 0.0
    collected: float = 0.0
    touched: float = 0.0
    cached: float = 0.0

    @property
    def heap(self) -> float:
        """The most that its heap may grow to."""
        return HEAP_AFTER if self.leaks else HEAP_BEFORE

    def alive(self, now: float) -> bool:
        """Whether its process runs."""
        return bool(self.lives) and self.lives[-1].began <= now < self.lives[-1].ended

    def serves(self, now: float) -> bool:
        """Whether requests are sent to it. The new release has no readiness probe."""
        return self.alive(now) and (self.leaks or now - self.lives[-1].began >= SECONDS_UNREADY)


def wave(now: float, peak_hour: float) -> float:
    """Traffic of a day, 0..1."""
    return float((1 - np.cos((now % 86400 / HOUR - peak_hour + 12) * np.pi / 12)) / 2)


def happened() -> list[Pod]:
    """All pods with their histories; the same every time."""
    rng = np.random.default_rng(20251104)
    pods = _pods(rng)
    steps = round((END - START) / STEP)
    for pod in pods:
        pod.working_set, pod.live, pod.served, pod.failed = (np.zeros(steps) for _ in range(4))
    noise, again = dict.fromkeys(REGIONS, 0.0), dict.fromkeys(REGIONS, 0.0)
    for step in range(steps):
        now = START + step * STEP
        for region, (peak, hour) in REGIONS.items():
            noise[region] = 0.98 * noise[region] + 0.02 * rng.normal(0, 0.15)
            here = [pod for pod in pods if pod.region == region and pod.created <= now < pod.removed]
            traffic = peak * (0.2 + 0.8 * wave(now, hour)) * (1 + noise[region])
            again[region] = RETRIED * _serve(here, traffic + again[region], now, step)
            for pod in here:
                _remember(pod, wave(now, hour), now, step, rng)
    return pods


def _pods(rng: np.random.Generator) -> list[Pod]:
    """Pods of the releases, replaced one by one, two minutes apart, one region after the other."""
    out = []
    waves = [
        (START - 9 * 86400, "7c9d8f6b54"),
        (ROUTINE, "6bd4c7f9d8"),
        (DEPLOY, "58f7b6d9c4"),
        (ROLLBACK, "6bd4c7f9d8"),
    ]
    for number, (released, revision) in enumerate(waves):
        for r, region in enumerate(REGIONS):
            for i in range(PODS):
                late = 360 * r + 120 * i
                created = released + late
                removed = waves[number + 1][0] + late + SECONDS_UNREADY + 15 if number < len(waves) - 1 else END + STEP
                suffix = "".join(rng.choice(list("bcdfghjklmnpqrstvwxz2456789"), 5))
                pod = Pod(region, f"payments-{revision}-{suffix}", released == DEPLOY, created, removed, 0.0, i == 0)
                pod.share = float(1 + rng.uniform(-0.08, 0.08))
                pod.lives.append(Life(created + 10, removed))
                pod.collected, pod.touched = 400.0, 600.0 if created < START else 150.0
                out.append(pod)
    return out


def _serve(pods: list[Pod], traffic: float, now: float, step: int) -> float:
    """Failed requests per second."""
    serving = [pod for pod in pods if pod.serves(now)]
    shares = sum(pod.share for pod in serving)
    for pod in serving:
        asked = traffic * pod.share / shares * STEP
        warm = min(1.0, 0.3 + 0.7 * (now - pod.lives[-1].began) / SECONDS_COLD)
        done = min(asked, CAPACITY * warm * STEP)
        pod.served[step], pod.failed[step] = done, asked - done
        if pod.leaks:
            pod.kept += asked * LEAK
    return float(sum(pod.failed[step] for pod in serving)) / STEP


def _remember(pod: Pod, load: float, now: float, step: int, rng: np.random.Generator) -> None:
    """Memory of a pod at the end of a step, and its end where that is too much."""
    if not pod.alive(now):
        return
    in_use = 420 + 230 * load + pod.kept
    clock = now % 86400 - SETTLEMENT
    if pod.leader and 0 <= clock < HOUR:
        in_use += 250 * min(1.0, clock / 1200, (HOUR - clock) / 1200)
    if rng.random() < STEP / 150:
        pod.collected = in_use * (1 + rng.normal(0, 0.012))
    wanted = pod.collected + (120 + 0.22 * pod.collected) * rng.uniform(0.35, 1)
    rising = wanted > pod.touched
    pod.touched += (min(wanted, pod.heap) - pod.touched) * (STEP / 60 if rising else STEP / 600)
    pod.cached = 0.95 * pod.cached + rng.normal(0, 4)
    pod.live[step], pod.working_set[step] = pod.collected, OUTSIDE_HEAP + 40 * load + pod.cached + pod.touched
    if pod.working_set[step] >= LIMIT:
        pod.lives[-1].ended, pod.lives[-1].killed = now + STEP, True
        pod.lives.append(Life(now + STEP + SECONDS_DOWN, pod.removed))
        pod.kept, pod.collected, pod.touched = 0.0, 300.0, 150.0


def deaths(pods: list[Pod]) -> list[tuple[float, Pod]]:
    """When the kernel killed which pod's container, the first death first."""
    found = [(life.ended, pod) for pod in pods for life in pod.lives if life.killed]
    return sorted(found, key=lambda death: death[0])
