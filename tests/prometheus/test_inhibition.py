"""What the generated inhibit rules mute on a running Alertmanager, and that docs/alertmanager.md tells the truth."""

from __future__ import annotations

import re
import subprocess
import time as clock
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from compile import METRIC, plan_of, policy, rules_text, service, service_of
from harness.alertmanager import Alertmanager, Held, Notification, Posted, Receiver, check_config
from harness.backfill import SeriesData
from harness.tools import Tools
from timelines import HOUR, Asked, at_moments, evaluate, rules_behind, scraped, starts

from slogen import naming
from slogen.pipeline import render
from slogen.policies import policy_plugins
from slogen.rules import Mute, Plan

pytestmark = pytest.mark.prometheus

Labels = dict[str, str]

PAGE, TICKET = "SLOBudgetBurnPage", "SLOBudgetBurnTicket"
MUTES = [mute for plugin in policy_plugins().values() for mute in plugin.mutes]

MANUAL = (Path(__file__).parents[2] / "docs" / "alertmanager.md").read_text(encoding="utf-8")
(CONFIG,) = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)
APPEND, APPEND_TO_OWN, ADD_CLUSTER = re.findall(r"```sh\n(.*?)```", MANUAL, re.DOTALL)
ONE_RECEIVER = """
route: {receiver: all, group_by: [service, slo], group_wait: 10s, group_interval: 5m, repeat_interval: 12h}
receivers: [{name: all, webhook_configs: [{url: "https://all.example.org/"}]}]
"""

REGIONS = ("eu", "us")
GROUPS = ("", *(f"region={region}" for region in REGIONS))
OF_ALL_GROUPS = {"": set(GROUPS), **{group: {group} for group in GROUPS[1:]}}
"""Groups whose tickets a page mutes, by the page's own; nothing stands for the SLO as a whole."""

EVERYWHERE = {"policy": "every", "page": {"scope": "both"}, "ticket": {"scope": "both"}}
LATENCY = {"type": "latency", "histogram": 'http_request_duration_seconds{job="shop"}'}
OBJECTIVES = [
    {"name": "p99", "threshold": "1s", "objective": 99},
    {"name": "p90", "threshold": "300ms", "objective": 90},
]


@cache
def everything() -> Plan:
    """Two services of the same SLOs, with groups, with objectives and with neither, and every alert there is."""
    sections: dict[str, Any] = {section: {} for section in ("budgetNearlySpent", "groupGone")}
    sli = service()["spec"]["slos"][0]["sli"]
    slos: list[Mapping[str, Any]] = [
        {"name": "plain", "objective": 99.9, "sli": sli, "alerting": {"policy": "every"}},
        {"name": "availability", "objective": 99.9, "sli": sli, "by": ["region"], "alerting": EVERYWHERE},
        {"name": "latency", "objectives": OBJECTIVES, "sli": LATENCY, "by": ["region"], "alerting": EVERYWHERE},
    ]
    every = policy("every", extends="default", **sections)
    return plan_of([every, *(service_of(*slos, name=name) for name in ("shop", "cart"))])


def alerts_of(plan: Plan) -> Iterator[Labels]:
    """The labels with which Prometheus sends each alert, of each region where it has groups."""
    for alert in (alert for one in plan.services for slo in one.slos for alert in slo.alerts()):
        for region in REGIONS if alert.by else ("",):
            labels = {name: value.replace("{{ $labels.region }}", region) for name, value in alert.labels}
            yield {"alertname": alert.name, **labels, **({"region": region} if region else {})}


@cache
def inhibit_rules() -> str:
    """The generated file."""
    (file,) = render(everything(), ["alertmanager"])
    return file.text


def configuration(base: str = ONE_RECEIVER, rules: str = "", url: str = "") -> str:
    """A configuration with the generated rules; it tells what it has to tell within a second, where there is a URL."""
    for key, value in {"group_wait": "300ms", "group_interval": "200ms"}.items():
        base = re.sub(rf"{key}: \w+", f"{key}: {value}", base)
    return re.sub(r'"https://.*?"', f'"{url}"' if url else r"\g<0>", base) + (rules or inhibit_rules())


class Muting:
    """An Alertmanager that is asked which of the alerts it holds are muted."""

    def __init__(self, server: Alertmanager) -> None:
        self.server = server
        self.start = clock.time()
        self.asked = 0

    def after(self, *firing: Labels, ended: Iterable[Labels] = ()) -> list[Held]:
        """The alerts that are muted after some more begin to fire and some end.

        Alertmanager takes alerts in order: when the last of all mutes its ticket, those before have had their effect. A
        list of alerts is made one by one while that goes on, so another one is asked for then.
        """
        self.asked += 1
        mine = {"service": "asked", "slo": str(self.asked)}
        sent = [Posted(labels, self.start, clock.time()) for labels in ended]
        sent += [Posted(labels, self.start) for labels in (*firing, {"alertname": TICKET, **mine})]
        self.server.post(*sent, Posted({"alertname": PAGE, **mine}, self.start))
        deadline = clock.monotonic() + 20
        while clock.monotonic() < deadline:
            if any(one.inhibitors and one.labels["slo"] == mine["slo"] for one in self.server.alerts()):
                held = self.server.alerts()
                return [one for one in held if one.inhibitors and one.labels["service"] != "asked"]
            clock.sleep(0.01)
        raise AssertionError("a page does not mute its ticket")


def _key(labels: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(labels.items()))


def _is_muted(mute: Mute, source: Labels, target: Labels) -> bool:
    own, other = ({name: one.get(name) for name in ("service", "slo", "objective")} for one in (source, target))
    group = source.get(naming.GROUP, "")
    return own == other and target.get(naming.GROUP, "") in (OF_ALL_GROUPS[group] if mute.all_groups else {group})


@pytest.mark.parametrize("mute", MUTES, ids=lambda mute: f"{mute.source}-{mute.target}")
def test_an_alert_mutes_those_of_its_slo_objective_and_group_and_no_others(mute: Mute) -> None:
    """Each source in turn, with all targets firing: none of another service, SLO, objective or region, none of the SLO
    as a whole by one of a group, and nothing itself."""
    sources, targets = (
        [labels for labels in alerts_of(everything()) if labels["alertname"] == name]
        for name in (mute.source, mute.target)
    )
    assert sources
    assert targets
    with Alertmanager(configuration()) as server:
        muting = Muting(server)
        assert muting.after(*targets) == []
        last: list[Labels] = []
        for source in sources:
            found = muting.after(source, ended=last)
            wanted = [target for target in targets if _is_muted(mute, source, target)]
            assert sorted(_key(one.labels) for one in found) == sorted(map(_key, wanted))
            prints = {one.fingerprint for one in server.alerts() if one.labels == source}
            assert {inhibitor for one in found for inhibitor in one.inhibitors} <= prints
            last = [source]


def test_of_all_alerts_firing_at_once_only_those_of_the_manual_are_muted() -> None:
    every = list(alerts_of(everything()))
    with Alertmanager(configuration()) as server:
        muted = {one.labels["alertname"] for one in Muting(server).after(*every)}
    assert muted == {mute.target for mute in MUTES}
    assert len({labels["alertname"] for labels in every}) > len(muted) + len({mute.source for mute in MUTES})
    rows = re.findall(r"^\| `(SLO\w+)`.*?\| `(SLO\w+)`", MANUAL, re.MULTILINE)
    assert set(rows) == {(mute.source, mute.target) for mute in MUTES}


def test_the_manual_s_configuration_and_commands_work(tmp_path: Path) -> None:
    own = "inhibit_rules:\n  - source_matchers: [a=b]\n    target_matchers: [c=d]\n"
    rules = yaml.safe_load(inhibit_rules())["inhibit_rules"]
    merged = {}
    for command, base in ((APPEND, CONFIG), (APPEND_TO_OWN, CONFIG + own), (ADD_CLUSTER, CONFIG)):
        (tmp_path / "alertmanager.yml").write_text(base, encoding="utf-8")
        generated = tmp_path / "generated" / naming.INHIBIT_RULES
        generated.parent.mkdir(parents=True, exist_ok=True)
        generated.write_text(inhibit_rules(), encoding="utf-8")
        done = subprocess.run(["sh", "-euc", command], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        text = (tmp_path / "merged.yml").read_text(encoding="utf-8")
        assert check_config(text)[0]
        merged[command] = yaml.safe_load(text)
        assert {key: merged[command][key] for key in ("route", "receivers")} == yaml.safe_load(CONFIG)
    assert merged[APPEND]["inhibit_rules"] == rules
    assert merged[APPEND_TO_OWN]["inhibit_rules"] == yaml.safe_load(own)["inhibit_rules"] + rules
    assert merged[ADD_CLUSTER]["inhibit_rules"] == [{**rule, "equal": ["cluster", *rule["equal"]]} for rule in rules]
    assert not check_config(CONFIG + inhibit_rules().replace("=", "", 1))[0]


@pytest.mark.parametrize("adapted", [False, True])
def test_clusters_are_told_apart_where_their_label_is_added(adapted: bool) -> None:
    page, ticket = ({"alertname": name, "service": "shop", "slo": "availability"} for name in (PAGE, TICKET))
    rules = inhibit_rules()
    if adapted:
        rules = subprocess.run(
            ["sed", *re.findall(r"sed '(.*?)'", ADD_CLUSTER)], input=rules, capture_output=True, text=True, check=True
        ).stdout
    with Alertmanager(configuration(rules=rules)) as server:
        found = Muting(server).after({**ticket, "cluster": "one"}, {**page, "cluster": "two"})
    assert bool(found) is not adapted


def begun(notifications: Sequence[Notification]) -> list[set[tuple[str, str]]]:
    """Alert names and groups of which a notification is the first to say that they fire."""
    told = set[tuple[str, str]]()
    found = []
    for one in notifications:
        news = {(alert["alertname"], alert.get(naming.GROUP, "")) for alert in one.firing} - told
        told |= news
        found += [news] if news else []
    return found


@pytest.mark.parametrize(("more", "wanted"), [("", [2, 4]), (", slo_group", [1, 1, 2, 2]), (", objective", [2, 2, 2])])
def test_alerts_of_one_slo_are_one_notification(more: str, wanted: list[int]) -> None:
    """Tickets of two regions, for p99 and p90, and for another SLO that has but one objective."""
    tickets = [labels for labels in alerts_of(everything()) if labels["alertname"] == TICKET]
    chosen = [one for one in tickets if one["service"] == "shop" and one["slo"] != "plain" and "region" in one]
    assert len(chosen) == 6
    base = CONFIG.replace("[service, slo]", f"[service, slo{more}]")
    with Receiver() as receiver, Alertmanager(configuration(base, url=receiver.url)) as server:
        server.post(*(Posted(labels, clock.time()) for labels in chosen))
        told = receiver.wait(lambda told: sum(len(one.firing) for one in told) >= 6)
    assert sorted(len(one.firing) for one in told) == wanted


OUTAGE = (12 * HOUR, 16 * HOUR)
END = 27 * HOUR
PER_SECOND_OF_REPLAY = 2 * HOUR


def _ticking(rules: str) -> str:
    """The same rules with a ledger of samples four minutes apart, although promtool evaluates all of it each minute."""
    document: dict[str, Any] = yaml.safe_load(rules)
    for rule in (rule for group in document["groups"] for rule in group["rules"]):
        if rule.get("record", "").endswith(":ledger"):
            rule["expr"] = f"({rule['expr']}) and on () (vector(time() % 240) == 0)"
    return yaml.safe_dump(document)


def _requests(seed: int) -> list[SeriesData]:
    """Ten requests an hour by two regions in turn, all of which fail in the outage."""
    rng = np.random.default_rng(seed)
    arrivals = np.sort(rng.uniform(0, END, rng.poisson(10 * END / HOUR)))
    failing = (arrivals >= OUTAGE[0]) & (arrivals < OUTAGE[1])
    return [
        scraped(METRIC, {"job": "shop", "region": region, "code": code}, at_moments(found[number::2]), (0, END))
        for number, region in enumerate(REGIONS)
        for code, found in (("200", arrivals[~failing]), ("500", arrivals[failing]))
    ]


def _episode(tools: Tools, rules: str, labels: Labels, seed: int) -> tuple[float, float]:
    """When the alert with exactly these labels fires, once, from and to which evaluation.

    promtool shows a value only where another one is expected.
    """
    name, rest = labels["alertname"], {key: value for key, value in labels.items() if key != "alertname"}
    kept = _ticking(rules_behind(rules, name))
    matchers = "".join(f', {key}="{value}"' for key, value in rest.items())
    fires = f'timestamp(ALERTS{{alertstate="firing", alertname="{name}"{matchers}}})'
    wanted = [Asked(f"max({which}_over_time({fires}[{END}s:1m]))", END, None) for which in ("min", "max")]
    with pytest.raises(AssertionError) as shown:
        evaluate(tools, kept, _requests(seed), [starts(name, rest, END, 1), *wanted])
    said = str(shown.value)
    found = [float(value) for value in re.findall(r"got:\s*\{\} (\S+)", said)]
    assert len(found) == len(wanted), said
    return found[0], found[1]


@pytest.mark.parametrize(
    ("by", "base", "seed"),
    [((), CONFIG, 0), (("region",), CONFIG, 1), ((), ONE_RECEIVER, 2)],
    ids=["no groups", "by region", "one receiver"],
)
def test_an_outage_at_ten_requests_an_hour_is_one_notification_while_it_pages(
    tools: Tools, by: tuple[str, ...], base: str, seed: int
) -> None:
    """The page and the tickets (one for each region where there are groups) of a total outage of four hours, at the
    minutes at which Prometheus' rule manager has them, replayed at two hours a second.

    While the page fires there is one notification, of the page. When it has ended the tickets, which look at longer
    windows, are told in one more; with one receiver for both, most often in the one that tells the end of the page.
    """
    extra: dict[str, Any] = {"by": list(by)} if by else {}
    spec = service(**extra)
    rules = rules_text(spec)
    alerts = [one for one in alerts_of(plan_of(spec)) if one["alertname"] in {PAGE, TICKET}]
    (page,) = (one for one in alerts if one["alertname"] == PAGE)
    tickets = [one for one in alerts if one != page]
    spans = {_key(one): _episode(tools, rules, one, seed) for one in alerts}
    first, last = spans[_key(page)]
    assert OUTAGE[0] < first < OUTAGE[0] + HOUR
    assert OUTAGE[1] < last
    assert all(first <= spans[_key(one)][0] < last < spans[_key(one)][1] < END - 60 for one in tickets)
    # In life the order of a page and a ticket of the same minute is that of their groups' evaluations.
    moments = sorted({moment for span in spans.values() for moment in (span[0], span[1] + 60)})
    with Receiver() as receiver, Alertmanager(configuration(base, url=receiver.url)) as server:
        since: dict[tuple[tuple[str, str], ...], float] = {}
        for number, moment in enumerate(moments):
            if number:
                clock.sleep((moment - moments[number - 1]) / PER_SECOND_OF_REPLAY)
            begin = [one for one in (*tickets, page) if spans[_key(one)][0] == moment]
            # What began longer ago than group_wait is told at once, so this must be the time of the replay.
            since |= {_key(one): clock.time() for one in begin}
            ended = [one for one in alerts if spans[_key(one)][1] + 60 == moment]
            if page in ended:
                assert [(one.firing, one.resolved) for one in receiver.wait(bool)] == [((page,), ())]
            server.post(
                *(Posted(one, since[_key(one)]) for one in begin),
                *(Posted(one, since[_key(one)], clock.time()) for one in ended),
            )
            if page in ended:
                receiver.wait(lambda told: tickets[0] in (alert for one in told for alert in one.firing))
        told = receiver.wait(lambda told: sum(len(one.resolved) for one in told) == len(alerts))
    assert begun(told) == [{(PAGE, "")}, {(TICKET, one.get(naming.GROUP, "")) for one in tickets}]
    assert told[0].receiver == ("all" if base == ONE_RECEIVER else "pager")


def test_a_ticket_that_was_told_is_not_told_again_after_its_page() -> None:
    """A slow burn that grows: the ticket, then the page, then the end of the page."""
    plain = [one for one in alerts_of(everything()) if (one["service"], one["slo"]) == ("shop", "plain")]
    page, ticket = (next(one for one in plain if one["alertname"] == name) for name in (PAGE, TICKET))
    with Receiver() as receiver, Alertmanager(configuration(CONFIG, url=receiver.url)) as server:
        start = clock.time()
        server.post(Posted(ticket, start))
        receiver.wait(lambda told: len(told) == 1)
        server.post(Posted(page, start))
        receiver.wait(lambda told: len(told) == 2)
        server.post(Posted(page, start, clock.time()))
        receiver.wait(lambda told: len(told) == 3)
        clock.sleep(1)
        told = [(one.receiver, one.firing, one.resolved) for one in receiver.notifications]
    assert told == [("tickets", (ticket,), ()), ("pager", (page,), ()), ("pager", (), (page,))]
