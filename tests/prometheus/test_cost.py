"""The rules of an SLO read few samples, whatever its period: every rule counted, on a real Prometheus."""

from __future__ import annotations

from collections.abc import Iterator

import cost
import pytest
from compile import METRIC
from harness.server import Prometheus
from harness.synthetic import MIDNIGHT
from harness.tools import Tools

pytestmark = pytest.mark.prometheus

END = MIDNIGHT + 100 * 86_400.0
RAW = 'sum(increase(http_requests_total{job="shop"}[1h]))'


@pytest.fixture(scope="module")
def server(tools: Tools) -> Iterator[Prometheus]:
    with Prometheus(tools) as running:
        cost.fill(running, cost.BOUNDS, END)
        yield running


@pytest.mark.parametrize("days", cost.BOUNDS)
def test_an_slo_reads_few_samples_a_minute(server: Prometheus, days: int) -> None:
    costs = cost.by_role(days, server, END)
    assert cost.whole(costs).samples <= cost.BOUNDS[days], costs


def test_the_history_is_full(server: Prometheus) -> None:
    """Else the figures above would be small for want of data."""
    assert server.query(f"count({METRIC})", END)[0].value == 100
    assert server.query(f'count({METRIC}{{code=~"5.."}})', END)[0].value == 20
    assert server.stats(RAW, END)[0] == pytest.approx(100 * 120, rel=0.02)
    for days, slo in cost.slos(cost.BOUNDS).items():
        events = f'count_over_time(slo:bad_events:ledger{{service="{cost.service_name(days)}"}}[{days}d])'
        assert server.query(events, END)[0].value == pytest.approx(slo.period / slo.cadence.ledger, abs=2)
        for name in ("slo:burn_rate:window", "slo:budget_used:period", "slo:missing_seconds:period"):
            assert server.query(f'{name}{{service="{cost.service_name(days)}"}}', END)
