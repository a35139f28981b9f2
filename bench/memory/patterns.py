"""What a container's memory looks like: seven patterns without a leak, a JVM's heap, and six leaks.

One pod for a week, a sample of usage / limit a minute. Each seed draws its own level, noise, deploys and shape.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from memory.history import STEP, Floats, History, Ints

Rng = np.random.Generator

WEEK = 7 * 1440
DAY = 1440
HOUR = 60


@dataclass(frozen=True)
class Family:
    """A kind of pod; `make` returns usage and the minutes at which a container starts."""

    name: str
    make: Callable[[Rng], Pod]
    leaks: bool = False


@dataclass(frozen=True)
class Pod:
    """Usage / limit each minute (NaN: no container) and the minutes at which containers start, the first at 0."""

    usage: Floats
    starts: Sequence[int]


def histories(family: Family, seeds: Sequence[int]) -> History:
    """The pods of a family, one row per seed; shorter ones are filled with absence."""
    pods = [family.make(np.random.default_rng([seed, *family.name.encode()])) for seed in seeds]
    width = max(len(pod.usage) for pod in pods)
    ratio = np.full((len(pods), width), np.nan)
    age = np.full((len(pods), width), -1, dtype=np.int64)
    uptime = np.full((len(pods), width), np.nan)
    for row, (pod, seed) in enumerate(zip(pods, seeds, strict=True)):
        ratio[row, : len(pod.usage)] = pod.usage
        age[row, : len(pod.usage)] = _ages(pod)
        begun = np.random.default_rng([seed, 1]).integers(1, STEP)  # seconds before its first sample
        uptime[row] = np.where(age[row] >= 0, age[row] * STEP + begun, np.nan)
    return History(ratio, age, uptime)


def _ages(pod: Pod) -> Ints:
    minute = np.arange(len(pod.usage))
    starts = np.asarray(pod.starts)
    out = minute - starts[np.searchsorted(starts, minute, side="right") - 1]
    return np.where(np.isnan(pod.usage), -1, out)


# Parts


def noise(rng: Rng, length: int, highest: float = 0.0) -> Floats:
    """Small steps that fade within minutes to half an hour, and jitter from sample to sample.

    What is not killed keeps its distance: five standard deviations from the `highest` level to the limit.
    """
    fade = rng.uniform(2, 30)
    kernel = np.exp(-np.arange(int(5 * fade) + 1) / fade)
    kernel /= np.sqrt((kernel**2).sum())
    slow = np.convolve(rng.standard_normal(length + len(kernel)), kernel, "same")[:length]
    share = np.array([rng.uniform(0.002, 0.012), rng.uniform(0.0005, 0.005)])
    share *= min(1.0, (1 - highest) / 5 / np.hypot(*share))
    out: Floats = share[0] * slow + share[1] * rng.standard_normal(length)
    return out


def warm(minutes: Floats, rng: Rng, fast: tuple[float, float] = (1, 8), slow: tuple[float, float] = (0, 0)) -> Floats:
    """The share of its level that a container has reached, minutes after its start; part of it comes slowly."""
    begin = rng.uniform(0.1, 0.5)
    part = rng.uniform(0.1, 0.4) if slow[1] else 0.0
    quick = np.exp(-minutes / rng.uniform(*fast))
    late = np.exp(-minutes / rng.uniform(*slow)) if slow[1] else 0.0
    out: Floats = 1 - (1 - begin) * ((1 - part) * quick + part * late)
    return out


def usual(rng: Rng, low: float = 0.3) -> float:
    """A pod's level at its highest: one in seven runs hot, near its limit all the time."""
    return float(rng.uniform(0.88, 0.94) if rng.random() < 1 / 7 else rng.uniform(low, 0.88))


def deploys(rng: Rng, mean: float) -> list[int]:
    """Minute 0 and the minutes of a week at which a new container takes over, at least an hour apart."""
    at = np.sort(rng.integers(30, WEEK - 30, rng.poisson(mean)))
    out = [0]
    for minute in at.tolist():
        if minute - out[-1] > 60:
            out.append(minute)
    return out


def since(starts: Sequence[int], length: int = WEEK) -> Iterator[tuple[slice, Floats]]:
    """For each container: its columns and the minutes since its start."""
    for begin, end in zip(starts, [*starts[1:], length], strict=True):
        yield slice(begin, end), np.arange(end - begin, dtype=np.float64)


def deployed(rng: Rng, level: Floats, mean: float, **shape: tuple[float, float]) -> Pod:
    """A level that every container approaches anew."""
    starts = deploys(rng, mean)
    usage = np.minimum(level, 0.96)
    for part, minutes in since(starts):
        usage[part] = usage[part] * warm(minutes, rng, **shape)
    return Pod(np.clip(usage + noise(rng, WEEK, usage.max()), 0.01, 0.99), starts)


def daily(rng: Rng, depth: float, length: int = WEEK) -> Floats:
    """A wave of each day between 1 - depth and about 1; its peaks and hours differ a little from day to day."""
    minute = np.arange(length, dtype=np.float64) + rng.uniform(0, DAY)
    days = np.arange(int(length / DAY) + 4)
    height = np.interp(minute / DAY, days, rng.normal(1, 0.06, len(days)))
    wave = (1 - np.cos(2 * np.pi * minute / DAY)) / 2
    sharp = wave ** rng.uniform(0.7, 2.0)
    out: Floats = 1 - depth + depth * sharp * np.clip(height, 0.8, 1.12)
    return out


# Patterns without a leak


def steady(rng: Rng) -> Pod:
    """One level, two deploys a week."""
    return deployed(rng, np.full(WEEK, usual(rng)), 2)


def warm_up(rng: Rng) -> Pod:
    """A deploy a day, and containers that take an hour or two to fill their pools and caches."""
    return deployed(rng, np.full(WEEK, usual(rng, 0.4)), 7, fast=(3, 20), slow=(20, 90))


def diurnal(rng: Rng) -> Pod:
    """Follows the day."""
    return deployed(rng, usual(rng, 0.5) * daily(rng, rng.uniform(0.1, 0.5)), 2)


def weekly(rng: Rng) -> Pod:
    """Follows the day, and less so on two days of the week."""
    wave = daily(rng, rng.uniform(0.2, 0.5))
    day = (np.arange(WEEK) + int(rng.integers(0, WEEK))) % WEEK / DAY
    quiet = np.interp(day, [0, 4.8, 5.2, 6.8, 7.0], [1, 1, 0, 0, 1])
    least = rng.uniform(0.5, 0.8)
    return deployed(rng, usual(rng, 0.5) * wave * (least + (1 - least) * quiet), 2)


def step(rng: Rng) -> Pod:
    """Other levels at other times: a cache that is loaded, a feature that is switched on."""
    return deployed(rng, _levels(rng, rng.poisson(5), (1, 10)), 2)


def ramp(rng: Rng) -> Pod:
    """Rises over half an hour to six hours, stays, and comes back: a batch job, a campaign."""
    usage = np.full(WEEK, 0.0)
    low = rng.uniform(0.3, 0.6)
    at = int(rng.integers(0, DAY))
    while at < WEEK:
        rise, stay, fall = rng.uniform(30, 360), rng.uniform(60, 480), rng.uniform(30, 240)
        top = usual(rng, low) - low
        minute = np.arange(WEEK) - at
        usage = np.maximum(usage, np.interp(minute, [0, rise, rise + stay, rise + stay + fall], [0, top, top, 0]))
        at += int(rise + stay + fall + rng.exponential(2 * DAY))
    return deployed(rng, low + usage, 1)


def page_cache(rng: Rng) -> Pod:
    """File pages in active use count as working set: they fill what the kernel lets them have, and are reclaimed."""
    own = rng.uniform(0.25, 0.55)
    cap = (1 - own) * rng.uniform(0.45, 0.75)
    fill, often = rng.uniform(60, 720), rng.uniform(0.3, 3) / DAY
    starts = deploys(rng, 1)
    cache = np.empty(WEEK)
    for part, minutes in since(starts):
        level = np.empty(len(minutes))
        now = 0.0
        rate = 1 - np.exp(-1 / fill)
        reclaims = rng.random(len(minutes)) < often
        for i in range(len(minutes)):
            now += (cap - now) * rate
            if reclaims[i]:
                now *= rng.uniform(0.3, 0.9)
            level[i] = now
        cache[part] = level
    usage = np.full(WEEK, own)
    for part, minutes in since(starts):
        usage[part] *= warm(minutes, rng)
    return Pod(np.clip(usage + cache + noise(rng, WEEK, (usage + cache).max()), 0.01, 0.99), starts)


def _levels(rng: Rng, count: int, minutes: tuple[float, float]) -> Floats:
    """A level that changes `count` times, each within some minutes."""
    at = np.sort(rng.uniform(0, WEEK, count))
    levels = [usual(rng) for _ in range(count + 1)]
    usage = np.full(WEEK, levels[0])
    for begin, before, after in zip(at, levels, levels[1:], strict=False):
        usage += (after - before) * np.clip((np.arange(WEEK) - begin) / rng.uniform(*minutes), 0, 1)
    return usage


# A JVM


def _heap(rng: Rng, cycle: tuple[float, float]) -> tuple[Floats, Floats, Sequence[int]]:
    """Used heap and the live set after the last collection, both over the heap's maximum, and the starts."""
    starts = deploys(rng, 2)
    live = rng.uniform(0.2, 0.6) * daily(rng, rng.uniform(0.0, 0.2))
    full = rng.uniform(0.75, 0.95)
    period = rng.uniform(*cycle)
    used, after = np.empty(WEEK), np.full(WEEK, np.nan)
    for part, minutes in since(starts):
        target = live[part] * warm(minutes, rng, (3, 20), (20, 60))
        now, seen = target[0], target[0]
        for i in range(len(minutes)):
            now += (full - target[i]) / period * rng.uniform(0.5, 1.5)
            if now >= full:
                now = seen = target[i] * rng.normal(1, 0.015)
            used[part.start + i], after[part.start + i] = now, seen
    return used, after, starts


def raw_heap(cycle: tuple[float, float]) -> Callable[[Rng], Pod]:
    """Used heap as it is: a saw-tooth."""

    def make(rng: Rng) -> Pod:
        used, _, starts = _heap(rng, cycle)
        return Pod(used, starts)

    return make


def live_set(cycle: tuple[float, float]) -> Callable[[Rng], Pod]:
    """What is left of the heap after a collection."""

    def make(rng: Rng) -> Pod:
        _, live, starts = _heap(rng, cycle)
        return Pod(live, starts)

    return make


def jvm_container(cycle: tuple[float, float]) -> Callable[[Rng], Pod]:
    """The container around it: pages that the heap has touched once stay, so it rises to a plateau."""

    def make(rng: Rng) -> Pod:
        used, _, starts = _heap(rng, cycle)
        share, other = rng.uniform(0.6, 0.78), rng.uniform(0.08, 0.16)
        usage = np.empty(WEEK)
        for part, minutes in since(starts):
            usage[part] = share * np.maximum.accumulate(used[part]) + other * warm(minutes, rng)
        return Pod(np.clip(usage + 0.3 * noise(rng, WEEK, usage.max()), 0.01, 0.99), starts)

    return make


# Leaks


def leak(minutes: tuple[float, float], daily_share: float = 0.0) -> Callable[[Rng], Pod]:
    """A container that leaks from its start until it is killed that many minutes later, and the two after it.

    The rate follows the load: noise that lasts for an hour, a bend, and for slow leaks the day.
    """

    def make(rng: Rng) -> Pod:
        level, kill = rng.uniform(0.25, 0.6), rng.uniform(*minutes)
        bend, wave = rng.uniform(0.9, 1.15), rng.uniform(0, daily_share)
        fade = (1.0, min(8.0, kill / 15))
        parts, starts, length = [], [], 0
        for _ in range(3):
            many = int(kill * 1.6) + 10
            at = np.arange(many, dtype=np.float64)
            hours = np.arange(0, many + 60, 60)
            rate = np.interp(at, hours, np.clip(rng.normal(1, 0.2, len(hours)), 0.3, None))
            load = daily(rng, 2 * wave, many)
            lost = np.cumsum(rate * load * np.maximum(at, 1) ** (bend - 1))
            lost /= lost[int(kill)]
            usage = level * warm(at, rng, fade) + (1 - level) * lost
            usage += noise(rng, many) + 0.5 * wave * level * (load - load.mean())
            dead = int(np.argmax(usage >= 1))
            starts.append(length)
            parts += [usage[:dead], np.full(int(rng.integers(1, 6)), np.nan)]
            length += len(parts[-2]) + len(parts[-1])
        usage = np.concatenate(parts)[:WEEK]
        return Pod(usage, [start for start in starts if start < WEEK])

    return make


SHORT, LONG = (2.0, 12.0), (60.0, 300.0)

LEAK_FREE = (
    Family("steady", steady),
    Family("warm-up", warm_up),
    Family("diurnal", diurnal),
    Family("weekly", weekly),
    Family("step", step),
    Family("ramp", ramp),
    Family("page cache", page_cache),
)
JVM = (
    Family("JVM short, live set", live_set(SHORT)),
    Family("JVM long, live set", live_set(LONG)),
    Family("JVM short, container", jvm_container(SHORT)),
    Family("JVM long, container", jvm_container(LONG)),
    Family("JVM short, raw heap", raw_heap(SHORT)),
    Family("JVM long, raw heap", raw_heap(LONG)),
)
LEAKS = (
    Family("43 min", leak((40, 46)), leaks=True),
    Family("2 to 3 h", leak((120, 180)), leaks=True),
    Family("3 to 5 h", leak((185, 300)), leaks=True),
    Family("7.5 h", leak((360, 540), 0.1), leaks=True),
    Family("a day", leak((1150, 1900), 0.2), leaks=True),
    Family("4 days", leak((4600, 7000), 0.2), leaks=True),
)
FAMILIES = (*LEAK_FREE, *JVM, *LEAKS)
