"""Alerts go where Alertmanager sends them: the tree as slogen reads it against amtool's."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slogen.lint.routing import receivers, routing
from slogen.source import Document, parse_bytes
from slogen.yamltext.dialect import FOREIGN

pytestmark = pytest.mark.prometheus

NAMES = ("severity", "owner", "slo_group")
VALUES = ("page", "ticket", "a.b", "region=eu", "")
PATTERNS = ("page|ticket", "p.*", "", ".+", "a\\.b", "region=(eu|us)", "[a-z]+")
LABELS = [
    {"severity": "page", "owner": "a.b"},
    {"severity": "ticket", "slo_group": "region=eu"},
    {"severity": "page", "owner": "page", "slo_group": "region=us"},
    {"owner": "axb"},
]

matchers = st.one_of(
    st.builds('{}{}"{}"'.format, st.sampled_from(NAMES), st.sampled_from(["=", "!="]), st.sampled_from(VALUES)),
    st.builds('{}{}{}'.format, st.sampled_from(NAMES), st.sampled_from(["=", "!="]), st.sampled_from(["page", "a.b"])),
    st.builds(
        lambda name, op, value: f"{name} {op} " + '"' + value.replace("\\", "\\\\") + '"',
        st.sampled_from(NAMES), st.sampled_from(["=~", "!~"]), st.sampled_from(PATTERNS),
    ),
)  # fmt: skip


def route(children: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {},
        optional={
            "receiver": st.sampled_from(["one", "two", "three"]),
            "matchers": st.lists(matchers, min_size=1, max_size=2),
            "match": st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES), max_size=1),
            "match_re": st.dictionaries(st.sampled_from(NAMES), st.sampled_from(PATTERNS), max_size=1),
            "continue": st.booleans(),
            "routes": st.lists(children, max_size=3),
        },
    )


trees: st.SearchStrategy[dict[str, Any]] = st.recursive(st.builds(dict), route, max_leaves=6)


def document(config: dict[str, Any]) -> Document:
    (found,), findings = parse_bytes(yaml.safe_dump(config).encode(), "alertmanager.yml", FOREIGN)
    assert not findings
    return found


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(trees, max_size=4))
def test_an_alert_reaches_what_amtool_says(tmp_path: Path, routes: list[dict[str, Any]]) -> None:
    config = {
        "route": {"receiver": "default", "routes": routes},
        "receivers": [{"name": name} for name in ("default", "one", "two", "three")],
    }
    file = tmp_path / "alertmanager.yml"
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    tree = routing(document(config))
    assert tree is not None
    for labels in LABELS:
        command = ["amtool", "config", "routes", "test", f"--config.file={file}"]
        done = subprocess.run(
            [*command, *(f"{name}={value}" for name, value in labels.items())],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        told = [one.strip() for one in done.stdout.replace("\n", ",").split(",") if one.strip()]
        assert [one.receiver for one in tree.reached(labels)] == told, (config, labels)


def test_a_pattern_cannot_make_it_slow() -> None:
    tree = routing(document({"route": {"receiver": "a", "routes": [{"match_re": {"x": "(a+)+$"}, "receiver": "b"}]}}))
    assert tree is not None
    assert [one.receiver for one in tree.reached({"x": "a" * 5000 + "b"})] == ["a"]


@pytest.mark.parametrize(
    "text", ["[]", "route: 3", "route: {routes: [3, {routes: {a: b}}]}", "receivers: [1, {name: 2}]"]
)
def test_what_is_no_configuration_is_none(text: str) -> None:
    (found,), _ = parse_bytes(text.encode(), "x.yml", FOREIGN)
    tree = routing(found)
    assert tree is None or not next(tree.reached({})).receiver
    assert receivers(found) == {}
