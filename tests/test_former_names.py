"""`formerly:` in specs: what may be written, and what is made of it. That history goes on: prometheus/test_formerly."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from compile import EVENTS, compiled, plan_of, rules_text, service_of

from slogen.findings import SpecError
from slogen.lint.expressions import Shape, expression
from slogen.promql.nodes import Node, Subquery


def named(name: str, formerly: object = None, **more: Any) -> dict[str, Any]:
    own = {} if formerly is None else {"formerly": formerly}
    return {"name": name, **own, "objective": 99, "sli": EVENTS, **more}


def service_named(name: str, formerly: object = None) -> dict[str, Any]:
    document = service_of(named("a"), name=name)
    if formerly is not None:
        document["metadata"]["formerly"] = formerly
    return document


def objectives(*entries: dict[str, Any]) -> dict[str, Any]:
    latency = {"type": "latency", "histogram": "duration_seconds"}
    return service_of({"name": "latency", "sli": latency, "objectives": list(entries)})


FAST = {"name": "fast", "threshold": "1s", "objective": 90}

WRONG = {
    "its own name": (service_of(named("a", "a")), "'a' is what the SLO is called now"),
    "a name in use": (service_of(named("a", "b"), named("b")), "there still is an SLO named 'b'"),
    "claimed twice": (service_of(named("a", "x"), named("b", ["y", "x"])), "'a' was formerly 'x' as well"),
    "no name": (service_of(named("a", "Not A Name")), "'Not A Name' cannot be a name"),
    "none": (service_of(named("a", [])), "the list is empty"),
    "an objective in use": (
        objectives({**FAST, "formerly": "slow"}, {**FAST, "name": "slow", "threshold": "2s"}),
        "there still is an objective named 'slow'",
    ),
    "a service's own": ([service_named("shop", "shop")], "there still is a service named 'shop'"),
    "a service in use": (
        [service_named("shop", "store"), service_named("store")],
        "there still is a service named 'store'",
    ),
    "a service claimed twice": (
        [service_named("shop", "x"), service_named("store", ["x"])],
        "another service was formerly 'x' as well",
    ),
}


@pytest.mark.parametrize(("spec", "message"), WRONG.values(), ids=WRONG)
def test_a_former_name_that_could_mean_two_things_is_refused(spec: Any, message: str) -> None:
    with pytest.raises(SpecError) as failure:
        compiled(spec)
    (found,) = failure.value.findings
    assert message in found.message
    assert found.hint
    assert found.place.line > 1


def test_one_name_or_several_may_be_written() -> None:
    for formerly, names in (("b", ("b",)), (["b", "c"], ("b", "c"))):
        ((slo,),) = (one.slos for one in plan_of(service_of(named("a", formerly))).services)
        assert slo.slo.level.past.slo == names


def test_ranges_read_former_names_and_nothing_else_does() -> None:
    """Whatever reads one instant of a series must find one series: the old one lingers for five minutes."""
    text = rules_text(service_of(named("a", "b"), scrapeInterval="30s"))
    readers = 0
    for one in (rule["expr"] for group in yaml.safe_load(text)["groups"] for rule in group["rules"]):
        shape = expression(one)
        for selector in shape.shape.selectors:
            if any(matcher.op == "=~" and shape.value(matcher) == "a|b" for matcher in selector.matchers):
                readers += 1
                assert selector.range is not None or _is_ranged(shape.shape, selector), one
    assert readers
    assert "slo=~" not in rules_text(service_of(named("a")))


def _is_ranged(shape: Shape, node: Node) -> bool:
    """Whether a subquery reads it, whose result is one series again."""
    above = shape.parent(node)
    while above is not None and not isinstance(above, Subquery):
        above = shape.parent(above)
    return above is not None


def test_what_has_no_former_name_is_compiled_as_ever() -> None:
    with_other = rules_text(service_of(named("c"), named("a", "b")))
    alone = rules_text(service_of(named("c")))
    assert alone.split("groups:\n", 1)[1].rstrip() in with_other
