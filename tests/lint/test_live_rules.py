"""Each live rule on a real Prometheus that has what its example says, and what happens when there is none."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from types import ModuleType

import numpy as np
import pytest
from click.testing import CliRunner
from compile import repository, service
from harness.backfill import SeriesData, load
from harness.server import Prometheus

from slogen.cli import main
from slogen.lint.checking import rules
from slogen.linting import EXAMPLE_DAY, lint_texts, texts
from slogen.live import LiveServer
from slogen.promql.parsing import parse
from slogen.promql.selectors import selector_parts

pytestmark = pytest.mark.prometheus
LIVE = {code: module for code, module in rules().items() if getattr(module, "NEEDS", "") == "prometheus"}
_PART = re.compile(r"(_|[\d.]+)(?:\+([\d.]+))?x(\d+)")


def values(text: str) -> Iterator[float]:
    """What promtool makes of `5000+10x60 _x20`."""
    for first, step, count in (found.groups() for found in map(_PART.fullmatch, text.split()) if found):
        for number in range(int(count) + 1):
            yield np.nan if first == "_" else float(first) + number * float(step or 0)


def series(served: Mapping[str, str], every: int) -> Iterator[SeriesData]:
    """Samples up to now."""
    now = time.time()
    for text, notation in served.items():
        selector = selector_parts(parse(text))
        found = np.array(list(values(notation)))
        times = now - every * np.arange(len(found))[::-1]
        there = ~np.isnan(found)
        labels = {matcher.name: matcher.value for matcher in selector.matchers}
        yield SeriesData(selector.metric, labels, times[there], found[there])


@pytest.mark.parametrize(("code", "module"), LIVE.items(), ids=list(LIVE))
def test_a_live_rule_finds_its_bad_example_only(code: str, module: ModuleType) -> None:
    loaded = {"rules.yml": module.LOADED} if hasattr(module, "LOADED") else None
    with Prometheus(rule_files=loaded) as server:
        load(server, list(series(module.SERVED, getattr(module, "EVERY", 30))))
        live = LiveServer(server.url)
        found = lint_texts(texts(module.BAD), today=EXAMPLE_DAY, prometheus=live)
        assert {code} <= {one.finding.code for one in found} <= {code, *getattr(module, "ALSO", ())}, found
        assert [str(one.finding) for one in lint_texts(texts(module.GOOD), today=EXAMPLE_DAY, prometheus=live)] == []


def test_a_server_that_is_not_there_is_told_once() -> None:
    with repository(service()):
        result = CliRunner().invoke(main, ["lint", "--prometheus", "http://127.0.0.1:9"], catch_exceptions=False)
        assert result.exit_code == 2
        assert result.output.count("cannot be asked") == 1
        result = CliRunner().invoke(main, ["lint", "--prometheus", "file:///etc/passwd"], catch_exceptions=False)
        assert result.exit_code == 2
        assert "an address such as" in result.output
