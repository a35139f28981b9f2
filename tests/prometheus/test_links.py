"""A link in an alert's annotations leads to its group, and to the time around it, on a real Prometheus."""

from __future__ import annotations

import json
import time
import urllib.request
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import yaml
from compile import plan_of, service
from harness.server import Prometheus

from slogen.rules import Alert

pytestmark = pytest.mark.prometheus

CONFIG = {"links": {"grafana": "https://grafana.example.com/"}}
GROUP = "EU west & {{more}}"


def firing(alert: Alert) -> dict[str, str]:
    """The annotations of an alert that fires at once and for good, about one group."""
    group = f'label_replace(vector(1), "region", "{GROUP}", "", "")'
    rule = {
        "alert": alert.name,
        "expr": group,
        "labels": dict(alert.labels),
        "annotations": {name: text for name, text in alert.annotations if name == "dashboard_url"},
    }
    rules = yaml.safe_dump({"groups": [{"name": "one", "interval": "1s", "rules": [rule]}]})
    with Prometheus(rule_files={"rules.yml": rules}) as server:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with urllib.request.urlopen(f"{server.url}/api/v1/alerts", timeout=10) as answer:
                alerts = json.load(answer)["data"]["alerts"]
            for one in alerts:
                # Its start is known from the second evaluation on.
                if time.time() - alert_start(one["activeAt"]) > 3:
                    found: dict[str, str] = one["annotations"]
                    return found
            time.sleep(0.2)
    raise AssertionError("the alert did not fire")


def alert_start(text: str) -> float:
    return datetime.fromisoformat(text[:19] + "+00:00").timestamp()


def test_a_link_shows_the_group_and_the_time_around_the_alert() -> None:
    planned = plan_of(service("shop", by=["region"]), CONFIG).services[0].slos[0]
    ticket = next(alert for alert in planned.alerts() if alert.pairs and alert.by)
    before = time.time()
    url = urlsplit(firing(ticket)["dashboard_url"])
    parameters = {name: values[0] for name, values in parse_qs(url.query).items()}
    assert (url.netloc, url.path) == ("grafana.example.com", "/d/slo-shop/shop")
    assert parameters["var-region"] == GROUP
    day = min(pair.long for pair in ticket.pairs)
    assert int(parameters["from"]) / 1000 == pytest.approx(before - day, abs=20)
    assert int(parameters["to"]) / 1000 == pytest.approx(before + 1800, abs=20)


@pytest.mark.parametrize("links", [{}, {"grafana": "https://g.example.com", "dashboard": "https://x/{uid}/{slo}"}])
def test_a_dashboard_of_their_own_comes_first(links: dict[str, str]) -> None:
    planned = plan_of(service("shop"), {"links": links}).services[0].slos[0]
    found = {dict(alert.annotations).get("dashboard_url") for alert in planned.alerts()}
    assert found == ({"https://x/slo-shop/availability"} if links else {None})
