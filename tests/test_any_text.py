"""Any text in a description, a label, an annotation or a selector's value comes out as the same text."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from compile import rules_text, service
from hypothesis import given, settings
from hypothesis import strategies as st

from slogen.alert_links import literal
from slogen.promql.parsing import parse
from slogen.promql.quoting import quote
from slogen.promql.selectors import selector_parts
from slogen.promql.templating import block, environment, yaml_quote

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NASTY = [
    "p99 > 300ms # see runbook", "no", "0755", "22:22", "{{ $labels.x }}", "<< x >>", "<% raw %>", "[[ x ]]",
    "a: b", "- a",
    "'", '"', "\\", "\n", " lead", "trail ", "\t", "\x00", "\x85", "\u2028", "\ufeff", "😀", "${x}", "|-", "",
]  # fmt: skip


def check_scalar(text: str) -> None:
    assert yaml.load(f"x: {yaml_quote(text)}", yaml.CSafeLoader) == {"x": text}  # CSafeLoader is safe
    assert yaml.load(f"x:\n  y: {block(text, 4)}\n  z: 1", yaml.CSafeLoader)["x"]["y"] == text


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_survives(text: str) -> None:
    check_scalar(text)


@given(TEXT)
@settings(deadline=None)
def test_any_text_survives_yaml(text: str) -> None:
    check_scalar(text)


@given(TEXT)
@settings(deadline=None)
def test_any_text_survives_a_template(text: str) -> None:
    made = environment("slogen/targets").from_string("a: << text >>\nb: << text | block(2) >>\nc: 1\n")
    assert yaml.load(made.render(text=text), yaml.CSafeLoader) == {"a": text, "b": text, "c": 1}


@given(TEXT.filter(lambda text: "\x00" not in text))
@settings(deadline=None)
def test_any_label_value_survives_promql(text: str) -> None:
    (matcher,) = selector_parts(parse(f"up{{job={quote(text)}}}")).matchers
    assert matcher.value == text


@given(TEXT)
@settings(deadline=None)
def test_braces_in_words_are_not_templates(text: str) -> None:
    escaped = literal(text)
    assert escaped.replace('{{ "{{" }}', "{{") == text
    assert "{{" not in escaped.replace('{{ "{{" }}', "")


def test_a_template_prints_text_and_whole_numbers_only() -> None:
    made = environment("slogen/targets").from_string("<< value >>")
    for value in (0.1, True, None, Decimal(1), Path()):
        with pytest.raises(TypeError, match="text and whole numbers"):
            made.render(value=value)


@given(TEXT, TEXT, TEXT)
@settings(deadline=None, max_examples=60)
def test_any_text_survives_the_whole_way(description: str, label: str, value: str) -> None:
    counter = f"http_requests_total{{job={quote(value)}}}"
    failed = f'http_requests_total{{job={quote(value)}, code="500"}}'
    spec = service(
        description=description,
        sli={"type": "events", "bad": failed, "total": counter},
        alerting={"labels": {"note": label}},
    )
    spec["metadata"]["description"] = description
    groups = yaml.load(rules_text(_as_yaml(spec)), yaml.CSafeLoader)["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    (info,) = [rule for rule in rules if rule.get("record") == "slo:info"]
    assert info["labels"]["note"] == label
    for rule in rules:
        if "alert" in rule:
            assert rule["labels"]["note"].replace('{{ "{{" }}', "{{") == label
            assert rule["annotations"]["description"].replace('{{ "{{" }}', "{{").endswith(description)
    bad = next(rule["expr"] for rule in rules if rule.get("record") == "slo:bad_events:base")
    assert quote(value) in bad


def _as_yaml(spec: dict[str, Any]) -> str:
    """JSON is YAML, once what does not print is escaped in a way that YAML knows."""
    text = json.dumps(spec, ensure_ascii=False)
    return "".join(char if char.isprintable() else f"\\U{ord(char):08x}" for char in text)
