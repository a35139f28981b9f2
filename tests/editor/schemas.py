"""In an editor, the schemas complete keys and values, tell what a key means, and underline what is wrong.

Run by `make test-editor`, which installs the YAML language server that editors use.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from client import Client, language_server

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = (ROOT / "schemas" / "prometheus-rules.schema.json").as_uri()
RULES = (ROOT / "unsaved.rules.yml").as_uri()
SPEC = (ROOT / "slos" / "unsaved.yaml").as_uri()
MODELINE = "# yaml-language-server: $schema=../schemas/slogen.schema.json\n"


@pytest.fixture
def editor() -> Iterator[Client]:
    with language_server(Path(os.environ["SLOGEN_LANGUAGE_SERVER"]), {SCHEMA: "*.rules.yml"}) as client:
        yield client


def _place(text: str) -> tuple[str, int, int]:
    """The text without its mark ¦, and the line and column where it stood, from 0."""
    before, _, after = text.partition("¦")
    return before + after, before.count("\n"), len(before) - before.rfind("\n") - 1


def _said(editor: Client, uri: str, text: str) -> dict[int, str]:
    """What is underlined: its line, from 1, and the words."""
    return {found["range"]["start"]["line"] + 1: found["message"] for found in editor.open(uri, text)}


GROUP = "groups:\n  - name: api\n    rules:\n"


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("¦\n", {"groups"}),
        ("groups:\n  - name: api\n    ¦\n", {"interval", "query_offset", "limit", "labels", "rules"}),
        (GROUP + "      - alert: Down\n        expr: up == 0\n        ¦\n", {"for", "keep_firing_for", "annotations"}),
        (GROUP + "      - ¦\n", {"alert", "record", "expr"}),
        (GROUP + "      - alert: Down\n        expr: up == 0\n        for: ¦\n", {"5m"}),
    ],
)
def test_rules_are_completed(editor: Client, text: str, offered: set[str]) -> None:
    written, line, column = _place(text)
    editor.open(RULES, written)
    assert offered <= editor.complete(RULES, line, column).keys()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gro¦ups: []\n", "Groups of rules."),
        ("groups:\n  - name: api\n    query_off¦set: 1m\n", "Since Prometheus 2.53."),
        (
            GROUP + "      - alert: Down\n        expr: up == 0\n        keep_firing¦_for: 5m\n",
            "Since Prometheus 2.42.",
        ),
        (GROUP + "      - alert: Down\n        expr: up == 0\n        lab¦els: {a: b}\n", "may hold templates"),
    ],
)
def test_keys_of_rules_tell_what_they_mean(editor: Client, text: str, words: str) -> None:
    written, line, column = _place(text)
    editor.open(RULES, written)
    assert words in editor.hover(RULES, line, column)


def test_mistakes_in_rules_are_underlined(editor: Client) -> None:
    text = """
groups:
  - name: api
    interval: 5
    rules:
      - alert: Down
        expr: up == 0
        fro: 5m
        labels:
          __name__: x
      - record: up{}
        expr: up
        for: 5m
      - expr: up
      - record: a
        alert: A
        expr: up
      - alert: A
        expr: up == 0
        for: 5 minutes
"""
    assert _said(editor, RULES, text) == {
        4: "A duration has a unit: write for example 30s, 5m or 1h30m.",
        8: "Property fro is not allowed.",
        10: "A label has a name, and not __name__.",
        11: "A name of a series has no braces; what selects series goes into expr.",
        13: "A recording rule has no for.",
        14: 'Missing property "alert".',
        16: "A rule either records or alerts: remove record or alert.",
        20: "A duration is written like 30s, 5m or 1h30m: units from large to small, each once.",
    }


def test_good_rules_are_left_alone(editor: Client) -> None:
    for path in sorted((ROOT / "generated" / "prometheus").rglob("*.rules.yml"))[:5]:
        assert _said(editor, RULES, path.read_text(encoding="utf-8")) == {}, path


SERVICE = f"{MODELINE}apiVersion: slogen/v1\nkind: Service\nmetadata:\n  name: api\n"
HEAD = f"{SERVICE}spec:\n  slos:\n    - name: availability\n"


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        (f"{MODELINE}apiVersion: slogen/v1\nkind: ¦\n", {"Service", "AlertPolicy", "Config"}),
        (f"{HEAD}      ¦\n", {"objective", "sli", "alerting", "window"}),
        (f"{HEAD}      objective: 99.9\n      sli:\n        type: ¦\n", {"events", "latency", "ratio"}),
    ],
)
def test_specs_are_completed(editor: Client, text: str, offered: set[str]) -> None:
    written, line, column = _place(text)
    editor.open(SPEC, written)
    assert offered <= editor.complete(SPEC, line, column).keys()


SLI = "      sli: {type: events, bad: a_total, total: b_total}\n"


def test_keys_of_specs_tell_what_they_mean(editor: Client) -> None:
    written, line, column = _place(f"{HEAD}      obj¦ective: 99.9\n{SLI}")
    assert _said(editor, SPEC, written) == {}
    assert len(editor.hover(SPEC, line, column)) > 20


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (f"{HEAD}      objektive: 99.9\n      objective: 99.9\n{SLI}", 9),
        (f"{HEAD}      objective: many\n{SLI}", 9),
        (f"{HEAD}      objective: 99.9\n      sli: {{type: evnts}}\n", 10),
    ],
)
def test_mistakes_in_specs_are_underlined(editor: Client, text: str, line: int) -> None:
    assert line in _said(editor, SPEC, text)


def test_the_specs_here_are_left_alone(editor: Client) -> None:
    for path in sorted((ROOT / "slos").glob("*.yaml")):
        assert _said(editor, path.as_uri(), path.read_text(encoding="utf-8")) == {}, path
