"""The project's own slos/, generated/ and schemas/: sound, up to date, what Prometheus takes, and of everything one."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
import yaml
from harness.promtool import check_rules
from harness.tools import Tools
from pydantic import BaseModel

from slogen.calendars import LENGTHS
from slogen.linting import Request, lint
from slogen.output import changes
from slogen.pipeline import compile_specs, render
from slogen.policies import policy_plugins
from slogen.policy_documents import builtin
from slogen.queries import Query
from slogen.rules import Plan
from slogen.slices import Aggregate, Missing
from slogen.source import Document, read_files
from slogen.spec.load import Specs, load_specs
from slogen.spec.schema import spec_schema
from slogen.spec.service import Notice, ServiceDocument, indicator_types

ROOT = Path(__file__).parent.parent
SPECS = [ROOT / "slogen.yaml", *sorted((ROOT / "slos").rglob("*.yaml"))]
SCHEMA = ROOT / "schemas" / "slogen.schema.json"
PARTS = ("good", "bad", "total")
RULES = sorted((ROOT / "generated" / "prometheus").rglob("*.yml"))


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_there_are_examples() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in SPECS}
    assert {"slos/checkout.yaml", "slos/prometheus.yaml", "slos/node-exporter.yaml"} <= names
    assert any(path.parent.name != "slos" for path in SPECS[1:]), "one in a folder of its own"
    assert RULES


def test_they_are_sound_without_a_warning() -> None:
    assert compile_specs([]).warnings == ()


def test_generated_is_up_to_date() -> None:
    compiled = compile_specs([])
    drift = changes(render(compiled.plan), ROOT / "generated", compiled.owns)
    assert [change.path for change in drift] == [], "run `make build`"


def test_the_schema_is_up_to_date() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == spec_schema(), "run `make docs`"


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_editors_find_the_schema_and_it_admits_the_spec(path: Path) -> None:
    """Read as YAML 1.2, in which `off` is text, as editors and slogen read it."""
    named = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# yaml-language-server: $schema=")
    assert (path.parent / named).resolve() == SCHEMA
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    read = documents(path)
    assert read
    for document in read:
        jsonschema.validate(document.data, schema, cls=jsonschema.Draft202012Validator)


def documents(*paths: Path) -> list[Document]:
    found, findings = read_files(paths, ROOT)
    assert findings == []
    return found


@cache
def examples() -> tuple[Specs, Plan]:
    """Everything in slos/, as it was written and as it was planned."""
    specs, findings = load_specs(documents(*SPECS))
    assert findings == []
    with contextlib.chdir(ROOT):
        return specs, compile_specs([]).plan


def slos(specs: Specs) -> Iterator[Any]:
    return (slo for service in specs.services for slo in service.model.spec.slos)


def given(specs: Specs, field: str) -> set[str]:
    """Values that examples write for a field of their SLI, not those that they leave to its default."""
    return {getattr(slo.sli, field) for slo in slos(specs) if field in slo.sli.model_fields_set}


def events(specs: Specs) -> Iterator[dict[str, Any]]:
    """For each SLI of type events the two parts that it gives."""
    for slo in slos(specs):
        if slo.sli.type == "events":
            yield {part: found for part in PARTS if (found := getattr(slo.sli, part))}


def form(counters: tuple[Query, ...]) -> str:
    return "list" if len(counters) > 1 else "expression" if counters[0].selector is None else "counter"


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a field may hold."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from models(part)


def key(model: type[BaseModel], name: str) -> str:
    """A field under the name of the class that brings it, so that what many types share is one."""
    lines = (one for one in reversed(model.__mro__) if issubclass(one, BaseModel) and name in one.model_fields)
    owner = next(lines)
    return f"{owner.__module__.rpartition('.')[2]}.{owner.__name__}.{name}"


def keys(model: type[BaseModel]) -> set[str]:
    """Every key that a document of this model may have, at any depth."""
    below = [inner for field in model.model_fields.values() for inner in models(field.annotation)]
    return {key(model, name) for name in model.model_fields}.union(*map(keys, below))


def written(value: object) -> set[str]:
    """The keys that a document has."""
    if isinstance(value, BaseModel):
        own = value.model_fields_set
        return {key(type(value), name) for name in own}.union(*(written(getattr(value, name)) for name in own))
    return set().union(*map(written, value)) if isinstance(value, tuple) else set()


Uses = Callable[[Specs, Plan], tuple[set[str], set[str]]]
"""What there is of something, and what of it the examples use."""

USES: dict[str, Uses] = {
    "key of a service": lambda specs, _: (
        keys(ServiceDocument),
        set().union(*(written(service.model) for service in specs.services)),
    ),
    "SLI type": lambda specs, _: (set(indicator_types()), {slo.sli.type for slo in slos(specs)}),
    "policy section that alerts": lambda _, plan: (
        set(policy_plugins()),
        {alert.policy for service in plan.services for slo in service.slos for alert in slo.alerts()},
    ),
    "built-in policy": lambda _, plan: (
        set(builtin()),
        {slo.slo.policy.name for service in plan.services for slo in service.slos},
    ),
    "way to switch a section of a policy off": lambda specs, _: (
        {"off"},
        {value for policy in specs.policies for _, value in policy.model.spec if value == "off"},
    ),
    "value of missing": lambda specs, _: (set(get_args(Missing)), given(specs, "missing")),
    "value of aggregate": lambda specs, _: (set(get_args(Aggregate)), given(specs, "aggregate")),
    "form of target": lambda specs, _: (
        {"selector", "off"},
        {"selector" if isinstance(target, Query) else target for target in given(specs, "target")},
    ),
    "two of good, bad and total": lambda specs, _: (
        set(map(" and ".join, combinations(PARTS, 2))),
        set(map(" and ".join, events(specs))),
    ),
    "form of counters": lambda specs, _: (
        {"counter", "list", "expression"},
        {form(counters) for given_parts in events(specs) for counters in given_parts.values()},
    ),
    "calendar period": lambda _, plan: (
        set(LENGTHS),
        {slo.slo.calendar.name for service in plan.services for slo in service.slos if slo.slo.calendar},
    ),
    "form of by": lambda specs, _: (
        {"list", "mapping"},
        {"list" if isinstance(slo.by, tuple) else "mapping" for slo in slos(specs) if slo.by is not None},
    ),
    "scope of alerts": lambda specs, _: (
        {scope for part in get_args(Notice.model_fields["scope"].annotation) for scope in get_args(part)},
        {scope for slo in slos(specs) for scope in (slo.alerting.page.scope, slo.alerting.ticket.scope) if scope},
    ),
}


@pytest.mark.parametrize("what", USES)
def test_there_is_an_example_of_every(what: str) -> None:
    """What is new in the language is shown in slos/, and so compiled and loaded by the tests below."""
    there_is, used = USES[what](*examples())
    assert there_is, "nothing was looked for"
    missing = sorted(there_is - used)
    assert missing == [], f"slos/ has no example of this {what}: {', '.join(missing)}"


@pytest.mark.prometheus
def test_promtool_finds_nothing_to_say(tools: Tools) -> None:
    content, said = check_rules(tools, RULES)
    assert content, said


@pytest.mark.prometheus
def test_prometheus_loads_them_by_glob(tools: Tools, tmp_path: Path) -> None:
    """One glob for each folder: Prometheus takes a wildcard in a path's last part only."""
    shutil.copytree(ROOT / "generated", tmp_path / "generated")
    folders = sorted({path.parent.relative_to(ROOT).as_posix() for path in RULES})
    config = {"rule_files": [f"{folder}/*.yml" for folder in folders]}
    (tmp_path / "prometheus.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command = [str(tools.promtool), "check", "config", "--lint=all", "--lint-fatal", str(tmp_path / "prometheus.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("rules found") == len(RULES)


def test_lint_finds_nothing_in_specs_and_rules() -> None:
    outcome = lint(Request(today=date(2026, 1, 31)))
    assert [str(one.finding) for one in outcome.found] == []
    assert outcome.rules > 1000
    assert outcome.ignored > 0
