"""Dashboards on a real Prometheus: every query has an answer, and the figures are true.

Services of every shape have a past of three days, some of two hours, calm or in trouble (tests/scenes.py); what their
rules record of it is on the server. The truth is computed from what was made up, second by second.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from harness import boards, synthetic
from harness.api import ApiError, Sample, Series
from harness.boards import ALL, View
from harness.rules import seconds
from harness.server import Prometheus
from harness.tools import Tools
from scenes import DAY, HOUR, HURT, OBJECTIVE, PODS, QUIET, REGIONS, TO_LIMIT, Scene, made, play

pytestmark = pytest.mark.prometheus

END = synthetic.MIDNIGHT + 4 * DAY + 15 * HOUR
SHOWN = 6 * HOUR
PERIOD = 3 * DAY
PAST = PERIOD + 0.3 * DAY
YOUNG = 2 * HOUR
CALM = Scene("calm", END - PAST, END)
ABLAZE = Scene("ablaze", END - PAST, END, burning=True)
NEWBORN = Scene("newborn", END - YOUNG, END, lean=True)
HASTY = Scene("hasty", END - YOUNG, END, burning=True, lean=True)
SCENES = (CALM, ABLAZE, NEWBORN, HASTY)
FLEET = "slo_fleet"
BUDGET = 1 - OBJECTIVE
LATE = 60 + 30 + 30
"""Seconds by which the base's last evaluation, the scrapes that it reads, and their spread may lag."""

LEDGER_LATE = 240 + 60 + 30
"""The same for the ledger, which is recorded every four minutes."""

SERIES = len(REGIONS) * len(QUIET)
"""Series of bad events while all is well; each may be read one event too early or too late."""

VIEWS: Mapping[str, Mapping[str, str | tuple[str, ...]]] = {
    "all groups": {"region": ALL},
    "one group": {"region": HURT},
    "two groups": {"region": ("eu", "us")},
}
NOTHING: dict[str, str] = {
    "calm: panel '*: alerts' B": "no alert is pending or fires",
    "newborn: panel '*: alerts' B": "no alert is pending or fires",
    "calm: annotation 'Pages' *": "no alert fires",
    "calm: annotation 'Tickets' *": "no alert fires",
    "newborn: annotation 'Pages' *": "no alert fires",
    "newborn: annotation 'Tickets' *": "no alert fires",
    "ablaze: panel 'heap: alerts' B": "the trouble is not in the heap",
}
"""Queries that rightly find nothing, as patterns of dashboard and query, and why."""


@dataclass(frozen=True)
class World:
    """The server and the dashboards by file name, as Grafana loads them."""

    server: Prometheus
    boards: Mapping[str, dict[str, Any]]

    def asked(self, name: str, title: str, ref: str = "A") -> list[Sample | Series]:
        """What a query of a panel finds."""
        view = View(END - SHOWN, END)
        whole = self.panel(name, title)["title"]
        return list(boards.answers(self.server, self.boards[name], whole, view)[ref])

    def now(self, name: str, title: str, ref: str = "A", *by: str) -> dict[str, float]:
        """The last value of each series of a query, by the values of labels."""
        return {
            "/".join(filter(None, (one.labels.get(label, "") for label in by))): _last(one)
            for one in self.asked(name, title, ref)
            if isinstance(one, Sample) or one.times[-1] > END - LEDGER_LATE
        }

    def panel(self, name: str, title: str) -> dict[str, Any]:
        """The panel whose title begins like this; some go on with the time that they show."""
        (found,) = (one for one in boards.panels(self.boards[name]) if f"{one['title']},".startswith(f"{title},"))
        return found


def _last(one: Sample | Series) -> float:
    return one.value if isinstance(one, Sample) else float(one.values[-1])


@pytest.fixture(scope="module")
def world(tools: Tools) -> Iterator[World]:
    rules, found = made(SCENES)
    with Prometheus(tools) as server:
        play(server, rules, SHOWN + HOUR)
        yield World(server, found)


@pytest.mark.parametrize("chosen", VIEWS.values(), ids=list(VIEWS))
def test_every_query_has_an_answer(world: World, chosen: Mapping[str, str | tuple[str, ...]]) -> None:
    view, asked, wrong, used = View(END - SHOWN, END, chosen), set[str](), [], set[str]()
    for name, board in world.boards.items():
        for target in boards.targets(board):
            asked.add(f"{name}: {target}")
            known = {pattern for pattern in NOTHING if fnmatch.fnmatch(f"{name}: {target}", pattern)}
            try:
                found = bool(boards.ask(world.server, board, target, view))
            except ApiError as failure:
                wrong.append(f"{name}: {target}: {failure}")
                continue
            used |= known if not found else set()
            if not found and not known:
                wrong.append(f"{name}: {target}: no data: {target.expr}")
        wrong += [
            f"{name}: variable {one['name']} offers nothing"
            for one in boards.variables(board)
            if one["type"] in ("query", "custom") and not boards.options(world.server, board, one, view)
        ]
    assert {scene.name for scene in SCENES} | {FLEET} == world.boards.keys()
    assert len(asked) > 200
    assert not wrong, "\n".join(wrong)
    assert used == NOTHING.keys(), "reasons that are no longer wanted"


@dataclass(frozen=True)
class Truth:
    """An objective: bad and all events of a time, by which its figures are computed."""

    scene: Scene
    name: str
    budget: float

    def events(self, begin: float, end: float) -> tuple[float, float]:
        """Bad and all events within unix seconds."""
        if self.name == "requests":
            return self.scene.requests(begin, end)
        if self.name.startswith("latency"):
            return self.scene.late(begin, end, {"latency/p99": "1", "latency/p90": "0.3"}[self.name])
        minutes = (end - max(begin, self.scene.start)) / 60
        return self.scene.behind(begin, end) * minutes, minutes

    def burned(self, window: float) -> tuple[float, float]:
        """Burn rate over the last seconds, and by how much it may be off: an event of each series, and 2%."""
        bad, total = self.events(END - window - LATE, END - LATE)
        burn = bad / total / self.budget
        return burn, SERIES / total / self.budget + 0.02 * burn

    @property
    def left(self) -> tuple[float, float]:
        """Budget left, and by how much it may be off: what happened since the ledger's last evaluation, and 0.5%."""
        bad, total = self.events(END - PERIOD, END)
        recorded = min(1.0, (END - self.scene.start) / PERIOD)
        unseen = self.events(END - LEDGER_LATE, END)[0] / total / self.budget
        used = recorded * bad / total / self.budget
        return 1 - used, recorded * unseen + 0.005 * (1 + used)


TRUTHS = [
    *(
        Truth(scene, name, budget)
        for scene in (CALM, ABLAZE)
        for name, budget in (("requests", BUDGET), ("latency/p99", 0.01), ("latency/p90", 0.1), ("lag", 0.01))
    ),
    Truth(NEWBORN, "requests", BUDGET),
    Truth(HASTY, "requests", BUDGET),
]
each_objective = pytest.mark.parametrize("truth", TRUTHS, ids=lambda truth: f"{truth.scene.name}/{truth.name}")


def test_the_scenes_are_what_they_are_made_for() -> None:
    """In trouble an objective is spent, others are not yet; what a new one has spent looks like all to the naive."""
    left = {f"{truth.scene.name}/{truth.name}": truth.left[0] for truth in TRUTHS}
    assert left["ablaze/lag"] < 0 < left["ablaze/requests"] < 0.5 < left["calm/requests"]
    bad, total = HASTY.requests(HASTY.start, END)
    assert bad / total / BUDGET > 10
    assert 0.5 < left["hasty/requests"] < 0.9


@each_objective
def test_the_top_row_tells_the_truth(world: World, truth: Truth) -> None:
    name = truth.scene.name
    left, off = truth.left
    shown = world.now(name, "Budget left", "A", "slo", "objective")[truth.name]
    assert shown == pytest.approx(left, abs=off)

    window = _window(world.panel(name, "Burn rate now")["description"], truth.name)
    burn, burn_off = truth.burned(window)
    burns = world.now(name, "Burn rate now", "A", "slo", "objective")[truth.name]
    assert burns == pytest.approx(burn, abs=burn_off)

    lasts = world.now(name, "Time to exhaustion", "A", "slo", "objective")[truth.name]
    soonest, latest = (_lasting(left + sign * off, burn - sign * burn_off) for sign in (-1, 1))
    assert soonest <= lasts <= latest
    assert (lasts == 0) == (left < 0)


def _window(description: str, name: str) -> float:
    """The window that a description names for an objective, or for all."""
    named = re.search(rf"the last (\w+) \([^)]*\b{name}\b[^)]*\)", description) or re.search(
        r"the last (\w+)", description
    )
    assert named, description
    return seconds(named[1])


def _lasting(left: float, burn: float) -> float:
    return min(PERIOD * max(left, 0) / burn, PERIOD) if burn > 0 else PERIOD


@each_objective
def test_the_slo_s_own_panels_tell_the_truth(world: World, truth: Truth) -> None:
    board, name = truth.scene.name, truth.name
    title = f"{name}: SLI against its objective"
    queries = {one["legendFormat"]: one["refId"] for one in world.panel(board, title)["targets"]}
    over = {legend: refs for legend, refs in queries.items() if legend.startswith("over ")}
    for legend, ref in over.items():
        length = seconds(legend.removeprefix("over "))
        (shown,) = world.now(board, title, ref).values()
        if length == PERIOD:
            bad, total = truth.events(END - PERIOD, END)
            unseen = truth.events(END - LEDGER_LATE, END)[0]
            assert shown == pytest.approx(1 - bad / total, abs=(unseen + 2 + 0.005 * bad) / total)
        else:
            burn, off = truth.burned(length)
            assert shown == pytest.approx(1 - burn * truth.budget, abs=off * truth.budget)
    assert len(over) == 2
    (target,) = queries.keys() - over.keys()
    (wanted,) = world.now(board, title, queries[target]).values()
    assert wanted == pytest.approx(1 - truth.budget)

    (left,) = world.now(board, f"{name}: budget left").values()
    assert left == pytest.approx(truth.left[0], abs=truth.left[1])

    for one in world.asked(board, f"{name}: burn rate"):
        burn, off = truth.burned(seconds(one.labels["window"]))
        assert _last(one) == pytest.approx(burn, abs=off), one.labels


@each_objective
def test_good_and_bad_events_are_counted(world: World, truth: Truth) -> None:
    """Of the last minute that was recorded, per second; of slices, whether it was good or bad."""
    name = truth.scene.name
    title = f"{truth.name}: good and bad {'time' if truth.name == 'lag' else 'events'}"
    (good,), (bad,) = (list(world.now(name, title, ref).values()) for ref in "AB")
    spoilt, total = truth.events(END - HOUR, END)
    if truth.name == "lag":
        assert (good, bad) == ((0, 1) if truth.scene.burning else (1, 0))
        return
    assert good + bad == pytest.approx(total / HOUR, rel=0.03)
    assert bad == pytest.approx(spoilt / HOUR, abs=0.03 * spoilt / HOUR + 2 / 60 * 4)


@pytest.mark.parametrize("scene", [CALM, ABLAZE], ids=lambda scene: scene.name)
@pytest.mark.parametrize("label", ["route", "code"])
def test_who_is_hurt_is_named_first(world: World, scene: Scene, label: str) -> None:
    title = f"requests: bad events by {label}"
    shown = world.now(scene.name, title, "A", label)
    window = _window(world.panel(scene.name, title)["description"].replace("in the ", "in the last "), "requests")
    truth = {value: scene.requests(END - window, END, **{label: value})[0] for value in shown}
    assert sum(truth.values()) == scene.requests(END - window, END)[0]
    assert list(shown) == sorted(shown, key=lambda value: -shown[value])
    for value, bad in truth.items():
        assert shown[value] == pytest.approx(bad, rel=0.03, abs=4)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_groups_have_their_own_figures(world: World, scene: Scene) -> None:
    title = "requests: groups that burn fastest"
    burning, left, bad = (world.now(scene.name, title, ref, "region") for ref in "ABC")
    assert burning.keys() == left.keys() == bad.keys() == REGIONS.keys()
    window = _window(re.sub(r" over (\d)", r" the last \1", world.panel(scene.name, title)["description"]), "requests")
    recorded = min(1.0, (END - scene.start) / PERIOD)
    for region in REGIONS:
        spoilt, total = scene.requests(END - window - LEDGER_LATE / 2, END - LEDGER_LATE / 2, region=region)
        burn = spoilt / total / BUDGET
        late = scene.requests(END - LEDGER_LATE, END, region=region)[0]
        assert burning[region] == pytest.approx(burn, rel=0.02, abs=(2 + late) / total / BUDGET)
        spoilt, total = scene.requests(END - PERIOD, END, region=region)
        assert bad[region] == pytest.approx(spoilt, rel=0.01, abs=late + 2)
        used = recorded * spoilt / total / BUDGET
        assert left[region] == pytest.approx(1 - used, abs=recorded * (late + 2) / total / BUDGET + 0.01 * (1 + used))


def test_memory_leads_where_it_was_made_to(world: World) -> None:
    """The pod that leaks reaches its limit in an hour and a half; figures are at most two minutes old."""
    shown = world.now("ablaze", "container: time to exhaustion", "A", "pod")
    leaking, sane = (next(pod for pod in shown if pod.endswith(end)) for end in PODS)
    assert shown[leaking] == pytest.approx(TO_LIMIT, abs=150)
    assert shown[sane] > 6 * HOUR
    used = world.now("ablaze", "container: in use, of the limit", "A", "pod")
    for end in PODS:
        assert used[f"ablaze-6d8f7c9b5-{end}"] == pytest.approx(float(ABLAZE.memory(END, end)), abs=0.01)


def test_alerts_are_counted_where_they_fire(world: World) -> None:
    """At twelve times the rate that can be afforded the page fires; where all is well none does."""
    for name in ("calm", "newborn"):
        assert set(_firing(world, name).values()) == {0}
    found = _firing(world, "ablaze")
    assert found["requests"] >= 1
    assert found["lag"] >= 2
    assert found["container"] == found["autoscaler"] == 1
    assert found["heap"] == 0


def _firing(world: World, name: str) -> dict[str, float]:
    """What the top row says of how many alerts fire, by the name of what they are about."""
    refs = [one["refId"] for one in world.panel(name, "Alerts firing")["targets"]]
    return {
        key: value
        for ref in refs
        for key, value in world.now(name, "Alerts firing", ref, "slo", "objective", "resource").items()
    }


WITHIN, BURNING, SPENT = 0, 2, 3
"""States of an objective in the table of all of them."""


@each_objective
def test_every_objective_has_a_row_among_all_services(world: World, truth: Truth) -> None:
    service, (slo, _, objective) = truth.scene.name, truth.name.partition("/")
    row = {
        column: world.now(FLEET, "Every SLO", ref, "service", "slo", "objective")[f"{service}/{slo}/{objective or '-'}"]
        for column, ref in _columns(world).items()
    }
    left, off = truth.left
    assert row["Budget left"] == pytest.approx(left, abs=off)
    burn, burn_off = truth.burned(HOUR)
    assert row["Burn rate"] == pytest.approx(burn, abs=burn_off)
    assert row["Worst rate"] >= row["Burn rate"] - burn_off
    assert row["Objective"] == pytest.approx(1 - truth.budget)
    assert row["State"] == (SPENT if left < 0 else BURNING if burn > 1 else WITHIN)
    if burn <= 1:
        assert row["Exhausted in"] > PERIOD
    elif left > 0:
        shown = world.now(service, "Time to exhaustion", "A", "slo", "objective")[truth.name]
        assert row["Exhausted in"] == pytest.approx(shown, rel=0.35), (
            "over the last hour there, over the page's window here"
        )


def _columns(world: World) -> dict[str, str]:
    """Letters of the table's queries by the heads of their columns."""
    (names,) = (
        one["options"]["renameByName"]
        for one in world.panel(FLEET, "Every SLO")["transformations"]
        if one["id"] == "organize"
    )
    return {head: value[-1] for value, head in names.items() if value.startswith("Value #")}


def test_all_services_are_counted_together(world: World) -> None:
    """An SLO with two objectives counts once."""
    told = {title: world.now(FLEET, title)[""] for title in ("All", "Budget spent", "Burning", "Without data", "Pages")}
    named = {truth: (truth.scene.name, truth.name.partition("/")[0]) for truth in TRUTHS}
    every = set(named.values())
    spent = {name for truth, name in named.items() if truth.left[0] < 0}
    burning = {name for truth, name in named.items() if truth.burned(HOUR)[0] > 1}
    assert told["All"] == len(every)
    assert told["Budget spent"] == len(spent) == 1
    assert told["Burning"] == len(burning)
    assert told["Without data"] == 0
    assert told["Pages"] >= len({service for service, _ in burning})
    first, *_ = world.asked(FLEET, "Top burners")
    assert (first.labels["service"], first.labels["slo"]) == ("ablaze", "lag")
