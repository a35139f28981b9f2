"""Writes the reference pages that are made from the code; --check tells drift instead.

docs/cli.md, docs/spec.md, the JSON Schema, and a page for each SLI type and each section of an alert policy: what its
module's docstring says, its keys, and what its `EXAMPLE`, a whole spec file, compiles to.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, get_args

import click
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

import slogen.spec
from slogen import naming
from slogen.cli import main as program
from slogen.cli._lint_formats import rendered
from slogen.discovery import plugins
from slogen.findings import Severity
from slogen.lint import checking as lint
from slogen.linting import EXAMPLE_DAY, Request, example_findings, texts
from slogen.linting import lint as run_lint
from slogen.manifest_check import claims_of
from slogen.manifests.checking import rules
from slogen.manifests.house import Limits, Problem
from slogen.manifests.reading import read_cluster
from slogen.plan import make_plan
from slogen.policies import policy_plugins
from slogen.policy_documents import builtin, resolve_policies
from slogen.promql.build import series
from slogen.promql.durations import format_duration
from slogen.resolve import resolve
from slogen.resource_policies import resource_policy_plugins
from slogen.rules import Draft, Plan, Recording, ResourceDraft, SloPlan
from slogen.source import parse_documents
from slogen.spec.load import load_specs
from slogen.spec.schema import spec_schema
from slogen.yamltext.dialect import FOREIGN

ROOT = Path(__file__).resolve().parent.parent
MISTAKES = ROOT / "examples" / "mistakes"
MADE = "<!-- Made by scripts/docs.py; do not edit. -->"
INDICATORS, POLICIES = "slogen.indicators", "slogen.policies"
RESOURCES, RESOURCE_POLICIES = "slogen.resources", "slogen.resource_policies"

Table = list[tuple[str, ...]]


class LackingError(Exception):
    """A plug-in without something that its page is made of; the message says which and what."""


def cli_page() -> str:
    """The help of every command."""
    context = click.Context(program, info_name="slogen", terminal_width=100)
    parts = [f"{MADE}\n\n# Commands\n", _help(program, context)]
    for name in program.list_commands(context):
        command = program.get_command(context, name)
        if command is None:
            continue
        child = click.Context(command, info_name=name, parent=context, terminal_width=100)
        parts.append(f"## slogen {name}\n\n{_help(command, child)}")
    return "\n".join(parts)


def _help(command: click.Command, context: click.Context) -> str:
    return f"```text\n{command.get_help(context)}\n```\n"


def spec_page() -> str:
    """Every key of every document, from the JSON Schema."""
    schema = json.loads(spec_schema())
    definitions = schema["$defs"]
    pages = "Each [SLI type](sli/README.md) and each section of an [alert policy](policies/README.md) has a page too."
    lines = [MADE, "", "# Spec reference", "", schema["description"], "", pages, ""]
    for branch in schema["allOf"]:
        kind = branch["if"]["properties"]["kind"]["const"]
        lines += [f"## kind: {kind}", ""]
        seen: set[str] = set()
        lines += _model(_name(branch["then"]["$ref"]), definitions, "", seen)
    return _page(lines)


def _page(lines: list[str]) -> str:
    return "\n".join(lines).rstrip() + "\n"


def _name(reference: str) -> str:
    return reference.rsplit("/", 1)[1]


def _model(name: str, definitions: dict[str, Any], path: str, seen: set[str]) -> Iterator[str]:
    if name in seen:
        return
    seen.add(name)
    model = definitions[name]
    if path:
        yield from [f"### `{path}`", ""]
    if model.get("description"):
        yield from [model["description"], ""]
    required, inner = set(model.get("required", [])), list[tuple[str, str]]()
    rows: Table = [("key", "value", "default", "meaning")]
    for key, value in model["properties"].items():
        shown, references = _type(value, definitions)
        mark = " (required)" if key in required else ""
        rows.append((f"`{key}`{mark}", shown, value.get("written", ""), value.get("description", "")))
        array = "[]" if "array" in {value.get("type"), *(part.get("type") for part in value.get("anyOf", []))} else ""
        inner += [(f"{path}.{key}{array}".lstrip("."), reference) for reference in references]
    yield from _table(rows)
    for where, reference in inner:
        tag = definitions[reference]["properties"].get("type", {}).get("const")
        yield from _model(reference, definitions, f"{where} (type: {tag})" if tag else where, seen)


def _type(value: dict[str, Any], definitions: dict[str, Any]) -> tuple[str, list[str]]:
    """How a value is told in a table, and the models it is made of."""
    if "$ref" in value:
        name = _name(value["$ref"])
        return ("a mapping", [name]) if "properties" in definitions[name] else _type(definitions[name], definitions)
    if parts := value.get("anyOf") or value.get("oneOf"):
        told = [_type(part, definitions) for part in parts]
        words = dict.fromkeys(word for word, _ in told if word)
        return " or ".join(words), [reference for _, references in told for reference in references]
    if choices := [value["const"]] if "const" in value else value.get("enum"):
        return " or ".join(f"`{choice}`" for choice in choices), []
    if named := [one["$ref"] for one in value.get("patternProperties", {}).values() if "$ref" in one]:
        return "a mapping by name", [*map(_name, named)]
    if value.get("type") == "array":
        word, references = _type(value.get("items", {}), definitions)
        return f"a list of {word or 'values'}", references
    return _WORDS[value["type"]], []


_WORDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "a mapping",
    "null": "",
}


def _table(rows: Table) -> list[str]:
    """A table of Markdown, without columns that are empty, and an empty line."""
    used = [number for number in range(len(rows[0])) if any(row[number] for row in rows[1:])]
    head, *body = ([row[number] for number in used] for row in rows)
    written = [f"| {' | '.join(row)} |" for row in (head, *body)]
    return [written[0], "|" + "---|" * len(used), *written[1:], ""]


def _keys(model: type[BaseModel]) -> list[str]:
    """The keys of a model, its own before those that it inherits, and of those inside it, with their defaults."""
    schema = model.model_json_schema()
    definitions = {**schema.pop("$defs", {}), model.__name__: schema}
    for one in set(_models(model)):
        known = definitions[one.__name__]["properties"]
        own = sorted(one.model_fields.items(), key=lambda field: field[0] not in one.__annotations__)
        for name, field in own:
            value = known[field.alias or name] = known.pop(field.alias or name)
            value["written"] = _default(one, name, field)
            value["description"] = _without_default(value, f"{one.__module__}.{one.__name__}.{name}")
    del schema["description"]
    return list(_model(model.__name__, definitions, "", set()))


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a type is made of, one of them perhaps the type itself."""
    parts = list(get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        parts += [field.annotation for field in annotation.model_fields.values()]
    for part in parts:
        yield from _models(part)


def _default(model: type[BaseModel], name: str, field: FieldInfo) -> str:
    """What a person would write for the default: the first of several ways of writing that means it."""
    if field.is_required():
        return ""
    value = field.get_default(call_default_factory=True)
    if value is None:
        value = getattr(model, f"when_{name}", None)
    ways: tuple[Any, ...] = ()
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        ways = (str(value),)
    elif isinstance(value, int):
        ways = (value, format_duration(value))
    elif isinstance(value, Decimal):
        ways = (value, value * 100)
    wanted: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    for way in ways:
        with contextlib.suppress(ValidationError):
            if TypeAdapter(wanted).validate_python(way) == value:
                return f"{way.normalize():f}" if isinstance(way, Decimal) else str(way)
    return ""


def _without_default(value: dict[str, Any], where: str) -> str:
    """A key's description without its default, which the table tells; it must be the same one."""
    description, default = str(value.get("description", "")), value["written"]
    said = re.search(r"[;.] (\S+) unless given\.$", description)
    if said is None:
        return description
    if said[1] != default:
        raise LackingError(f"{where}: its description says '{said[1]} unless given', but its default is '{default}'")
    return f"{description[: said.start()]}."


@cache
def compiled(example: str, where: str) -> Plan:
    """The plan of an EXAMPLE, which must be sound without a warning."""
    documents, findings = parse_documents(example, "EXAMPLE")
    specs, found = load_specs(documents)
    services, setting, more = resolve(specs, lambda _: "")
    for finding in (*findings, *found, *more):
        raise LackingError(f"{where}: {finding.place}: {finding.message}")
    return make_plan(services, setting)


def explained(module: ModuleType) -> tuple[str, str, Plan]:
    """Of a plug-in: its docstring's first line and the rest of it, and the plan of its EXAMPLE."""
    where = f"{module.__name__.replace('.', '/')}.py"
    title, _, about = inspect.cleandoc(module.__doc__ or "").partition("\n")
    _, colon, summary = title.partition(": ")
    if not colon:
        raise LackingError(
            f"{where}: no docstring with a first line 'Name: what it is for.', of which its page is made"
        )
    if not isinstance(getattr(module, "EXAMPLE", None), str):
        raise LackingError(f"{where}: no EXAMPLE, a constant that holds a whole spec file, for its page")
    return summary[0].upper() + summary[1:], about.strip(), compiled(module.EXAMPLE, where)


def _opening(name: str, module: ModuleType) -> list[str]:
    summary, about, _ = explained(module)
    return [MADE, "", f"# {name}", "", summary, "", *([about, ""] if about else [])]


def _example(module: ModuleType) -> list[str]:
    return ["## Example", "", "```yaml", module.EXAMPLE.rstrip(), "```", ""]


def sli_page(name: str) -> str:
    """An SLI type: what it is for, its keys, an example, what that records and which alerts it has."""
    module = plugins(INDICATORS)[name]
    slos = _slos_of_type(name, module)
    kind = {
        "events": "Its budget is one of events: weighted by traffic.",
        "time": "Its budget is one of time: it looks at each [slice](../writing-slos.md#slices) once.",
    }[_unit(slos)]
    lines = [*_opening(name, module), kind, "", "## Keys", "", *_keys(module.Indicator), *_example(module)]
    every = format_duration(slos[0].slo.cadence.base)
    lines += ["## What it records", "", f"Every {every}, in the example; longer windows and the budget are sums of it"]
    lines[-1] += " (see [how it works](../how-it-works.md)):"
    lines += ["", "```promql", *_base_rules(slos), "```", ""]
    lines += ["## Its alerts", "", "In the example, by the [default policy](../policies/README.md#default):", ""]
    rows: Table = [("alert", "section", "severity", "wait")]
    for planned in slos:
        for alert in planned.alerts():
            section = to_camel(alert.policy)
            row = (f"`{alert.name}`", f"[{section}](../policies/{section}.md)", alert.severity.value, _wait(alert.wait))
            rows += [row] if row not in rows else []
    return _page([*lines, *_table(rows)])


def _slos_of_type(name: str, module: ModuleType) -> list[SloPlan]:
    slos = [slo for service in explained(module)[2].services for slo in service.slos]
    found = [planned for planned in slos if planned.slo.objectives[0].indicator.type == name]
    if not found:
        raise LackingError(f"{INDICATORS.replace('.', '/')}/{name}.py: EXAMPLE has no SLI of type {name}")
    return found


def _unit(slos: list[SloPlan]) -> str:
    return "events" if slos[0].slo.objectives[0].indicator.slice_length is None else "time"


def _base_rules(slos: list[SloPlan]) -> Iterator[str]:
    recordings = [rule for planned in slos for rule in planned.recordings() if _is_base(rule)]
    for number, rule in enumerate(recordings):
        yield from [""] if number else []
        yield from [f"# {series(rule.record, rule.labels)}", rule.expr]


def _is_base(rule: Recording) -> bool:
    return rule.record in {naming.TOTAL_BASE, naming.BAD_BASE}


def _wait(seconds: int) -> str:
    return format_duration(seconds) if seconds else "none"


def sli_index() -> str:
    """Which SLI type is for what."""
    rows: Table = [("what should be true", "type", "its budget is one of")]
    for unit in ("events", "time"):
        for name, module in plugins(INDICATORS).items():
            if _unit(_slos_of_type(name, module)) == unit:
                rows.append((explained(module)[0], f"[`{name}`]({name}.md)", unit))
    lines = [MADE, "", "# SLI types", "", "Which one do I need?", "", *_table(rows)]
    lines += [
        "A budget of events is weighted by traffic: it is a number of requests that may fail. A budget of time looks",
        "at the source once in each [slice of time](../writing-slos.md#slices) and finds it good or bad: a quiet night",
        "weighs as much as a busy day. Where both would do, take events: they count what people met.",
    ]
    return _page(lines)


def policy_page(name: str) -> str:
    """A section of an alert policy: what it is for, its keys, an example and what the alerts of that say."""
    module, section = _policy_modules()[name], to_camel(name)
    drafts = _drafts(name, module)
    on = [f"`{policy}`" for policy, sections in _builtin_sections().items() if name in sections]
    where = f"It is part of the built-in policies {', '.join(on)}." if on else "It is off unless a policy names it."
    lines = [*_opening(section, module), where, "", "## Keys", "", *_keys(module.Params), *_example(module)]
    lines += ["## Its alerts", "", "In the example; `…` stands for what is filled in.", ""]
    rows: Table = [("alert", "severity", "wait", "summary")]
    rows += [(f"`{one.name}`", one.severity.value, _wait(one.wait), told(one.summary)) for one in drafts]
    lines += _table(list(dict.fromkeys(rows)))
    for alert, description in dict.fromkeys((one.name, told(one.description)) for one in drafts):
        lines += [f"The description of `{alert}`:", "", f"> {description}", ""]
    mutes = getattr(module, "MUTES", ())
    lines += [line for mute in mutes for line in _mute(mute.source, mute.target)]
    return _page(lines)


def _mute(source: str, target: str) -> list[str]:
    return [f"While `{source}` fires, `{target}` need not be sent: see [Alertmanager](../alertmanager.md).", ""]


def _policy_modules() -> dict[str, ModuleType]:
    return {**plugins(POLICIES), **plugins(RESOURCE_POLICIES)}


def _drafts(name: str, module: ModuleType, defaults: bool = False) -> list[Draft | ResourceDraft]:
    """What the plug-in itself makes of its EXAMPLE, by the example's parameters or by the defaults."""
    plugin: Any = (policy_plugins() | resource_policy_plugins())[name]
    services = explained(module)[2].services
    about: list[tuple[Any, Mapping[str, Any]]] = [
        *((planned.slo, planned.slo.policy.sections) for service in services for planned in service.slos),
        *((one, one.policy.resource_sections) for service in services for one in service.service.resources),
    ]
    found = []
    for subject, sections in about:
        if name in sections:
            params = _default_params(name, plugin) if defaults else sections[name]
            found += list(plugin.alerts(subject, params))
    if not found:
        raise LackingError(f"{module.__name__.replace('.', '/')}.py: EXAMPLE raises no alert of {to_camel(name)}")
    return found


def _default_params(name: str, plugin: Any) -> BaseModel:
    params: BaseModel = _builtin_sections()["default"].get(name) or plugin.params()
    return params


@cache
def _builtin_sections() -> dict[str, dict[str, Any]]:
    """Parameters by section, of each policy that is built in and raises alerts."""
    policies, _ = resolve_policies([])
    return {name: {**policy.sections, **policy.resource_sections} for name, policy in policies.items()}


def told(template: str) -> str:
    """An alert's template as it reads: figures as an ellipsis, what is said only at times in brackets."""
    sometimes = re.sub(r"\{\{ with .*? \}\}(?:\{\{ else \}\})? ?(.*?)\{\{ end \}\}", r" [\1]", template)
    each = re.sub(r"\{\{ range .*? \}\} ?(.*?);\{\{ end \}\}", r" \1; …", sometimes)
    return re.sub(r"\{\{.*?\}\}", "…", each)


def policy_index() -> str:
    """Every section, its alerts, and the policies that are built in."""
    lines = [MADE, "", "# Alert policies", ""]
    lines += [
        "A policy is a document of kind AlertPolicy. Each section of it is one of these; a section that is left out",
        "raises no alert, unless the policy that is extended has it. An SLO, or an entry of `memory` or `saturation`,",
        "names its policy by `alerting.policy`.",
        "",
        "## Of SLOs",
        "",
        *_policy_table(POLICIES),
        "## Of memory and saturation",
        "",
        *_policy_table(RESOURCE_POLICIES),
        "## Built-in policies",
        "",
    ]
    folder = Path(slogen.spec.__file__).parent / "builtin"
    for name, spec in builtin().items():
        text = (folder / f"{name}.yaml").read_text(encoding="utf-8")
        lines += [f"### {name}", "", spec.model.metadata.description, "", "```yaml", text.rstrip(), "```", ""]
    return _page(lines)


def _policy_table(package: str) -> list[str]:
    rows: Table = [("section", "alert", "by default", "severity", "what it tells")]
    for name, module in plugins(package).items():
        drafts, section = _drafts(name, module, defaults=True), to_camel(name)
        alerts = " ".join(f"`{alert}`" for alert in dict.fromkeys(one.name for one in drafts))
        severities = ", ".join(dict.fromkeys(one.severity.value for one in drafts))
        on = "on" if name in _builtin_sections()["default"] else "off"
        rows.append((f"[`{section}`]({section}.md)", alerts, on, severities, explained(module)[0]))
    return _table(rows)


def resource_page(name: str) -> str:
    """A type of resource: what it is for, its keys, an example, what that records and which alerts it has."""
    module = plugins(RESOURCES)[name]
    planned = next(
        (
            one
            for service in explained(module)[2].services
            for one in service.resources
            if one.resource.source.type == name
        ),
        None,
    )
    if planned is None:
        raise LackingError(f"{RESOURCES.replace('.', '/')}/{name}.py: EXAMPLE has no resource of type {name}")
    lines = [*_opening(name, module), f"It is an entry of `{module.KIND}`.", "", "## Keys", "", *_keys(module.Resource)]
    lines += [
        *_example(module),
        "## What it records",
        "",
        f"Every {format_duration(planned.groups[0].interval)}, in the",
    ]
    lines[-1] += " example:"
    lines += ["", "```promql"]
    for number, figure in enumerate(planned.resource.figures):
        lines += [""] if number else []
        lines += [f"# {series(figure.record, (*planned.resource.identity, *figure.labels))}", figure.expr]
    lines += ["```", "", "## Its alerts", "", "By the [default policy](../policies/README.md#default):", ""]
    rows: Table = [("alert", "section", "severity")]
    for alert in planned.alerts():
        section = to_camel(alert.policy)
        rows.append((f"`{alert.name}`", f"[{section}](../policies/{section}.md)", alert.severity.value))
    return _page([*lines, *_table(rows)])


def resource_index() -> str:
    """Which type of resource is for what."""
    rows: Table = [("what runs out", "type", "an entry of")]
    for kind in ("memory", "saturation"):
        for name, module in plugins(RESOURCES).items():
            if kind == module.KIND:
                rows.append((explained(module)[0], f"[`{name}`]({name}.md)", f"`{kind}`"))
    return _page([MADE, "", "# Memory and saturation", "", "See [how it works](../memory.md).", "", *_table(rows)])


def manifest_rules_page() -> str:
    """Each rule for manifests: what must be so and why, a manifest that breaks it, what is told, one that keeps it."""
    modules = rules()
    lines = [MADE, "", "# Rules for manifests", ""]
    lines += ["What [`slogen check-manifests`](manifests.md) holds manifests against, and why.", ""]
    rows: Table = [("rule", "by default", "what must be so")]
    for name, module in modules.items():
        rows.append((f"[`{name}`](#{name})", module.SEVERITY.value, _rule_docs(module)[0]))
    lines += _table(rows)
    for name, module in modules.items():
        summary, about = _rule_docs(module)
        lines += [f"## {name}", "", summary, "", about, "", "```yaml", module.BAD.strip(), "```", ""]
        for problem in problems(module, module.BAD):
            lines += [f"> {problem.place.line}:{problem.place.column}: {problem.message}", f"> ({problem.hint})", ""]
        lines += ["Instead:", "", "```yaml", module.GOOD.strip(), "```", ""]
    return _page(lines)


def _rule_docs(module: ModuleType) -> tuple[str, str]:
    where = f"{module.__name__.replace('.', '/')}.py"
    title, _, about = inspect.cleandoc(module.__doc__ or "").partition("\n")
    _, colon, summary = title.partition(": ")
    if not colon or not about.strip():
        raise LackingError(f"{where}: no docstring of 'Title: what must be so.' and what happens otherwise")
    return summary[0].upper() + summary[1:], about.strip()


def problems(module: ModuleType, example: str) -> list[Problem]:
    """What a rule finds in one of its examples, of which documents of slogen are the specs."""
    documents, _ = parse_documents(example.strip(), "EXAMPLE", FOREIGN)
    own = [one for one in documents if isinstance(one.data, dict) and one.data.get("apiVersion") == "slogen/v1"]
    specs, _ = load_specs(own)
    cluster = replace(read_cluster(documents).cluster, claims=tuple(claims_of(specs)), is_whole=True)
    return list(module.check(cluster, Limits()))


def lint_page(code: str) -> str:
    """A lint rule: what must be so and why, an example that breaks it and what is told, one that keeps it."""
    module = lint.rules()[code]
    summary, about = _rule_docs(module)
    lines = [MADE, "", f"# {code}", "", summary, "", about, "", f"Severity: {module.SEVERITY.value}", ""]
    lines += [*_lint_example(module.BAD), *_lint_findings(module.BAD), "Instead:", "", *_lint_example(module.GOOD)]
    lines += ["## Where it is meant so", ""]
    if code.startswith("lint/"):
        lines += [f"Turn it off for the whole repository by `{code}: off` in `spec.lint.severities` of `slogen.yaml`."]
    else:
        lines += [
            "Say why, on the line above what is meant:",
            "",
            "```yaml",
            f"# slogen:ignore {code} REASON",
            "```",
            "",
        ]
        lines += ["See [lint](../lint.md#what-is-meant-so) for scopes and days, and for turning a rule off altogether."]
    return _page(lines)


def _lint_example(example: str | Mapping[str, str]) -> Iterator[str]:
    for name, text in texts(example).items():
        yield from [f"`{name}`:", ""] if not isinstance(example, str) else []
        yield from ["```yaml", text.strip("\n"), "```", ""]


def _lint_findings(example: str | Mapping[str, str]) -> Iterator[str]:
    for one in example_findings(example):
        place, finding = one.finding.place, one.finding
        where = f"{place.line}:{place.column}" if isinstance(example, str) else str(place)
        yield from [f"> {where}: {finding.severity}: {finding.message} [{finding.code}]", f"> ({finding.hint})", ""]


def lint_index() -> str:
    """Every lint rule, by family."""
    lines = [MADE, "", "# Lint rules", "", "What [`slogen lint`](../lint.md) looks for.", ""]
    families: dict[str, Table] = {}
    for code, module in lint.rules().items():
        rows = families.setdefault(code.partition("/")[0], [("code", "severity", "what must be so")])
        severity: Severity = module.SEVERITY
        rows.append((f"[`{code}`]({lint_file(code)})", severity.value, _rule_docs(module)[0]))
    for family, rows in families.items():
        about = inspect.cleandoc(import_module(f"{lint.RULES}.{family}").__doc__ or "")
        lines += [f"## {family}", "", about, "", *_table(rows)]
    return _page(lines)


def lint_file(code: str) -> str:
    """The page of a lint rule, in docs/lint/."""
    return f"{code.replace('/', '-')}.md"


def lint_sample(form: str) -> str:
    """What lint says of examples/mistakes, in one of its formats."""
    with contextlib.chdir(MISTAKES):
        found = run_lint(Request((Path("slos"), Path("rules")), today=EXAMPLE_DAY)).found
    return rendered(form, found)


def pages() -> dict[str, Callable[[], str]]:
    """Every page that is made, by its path."""
    made: dict[str, Callable[[], str]] = {
        "docs/cli.md": cli_page,
        "docs/spec.md": spec_page,
        "docs/manifest-rules.md": manifest_rules_page,
        "schemas/slogen.schema.json": spec_schema,
        "docs/sli/README.md": sli_index,
        "docs/policies/README.md": policy_index,
        "docs/resources/README.md": resource_index,
        "docs/lint/README.md": lint_index,
    }
    for form, suffix in (("sarif", "sarif"), ("github", "github.txt"), ("markdown", "md"), ("text", "txt")):
        made[f"docs/samples/lint.{suffix}"] = lambda form=form: lint_sample(form)  # type: ignore[misc]
    for code in lint.rules():
        made[f"docs/lint/{lint_file(code)}"] = lambda code=code: lint_page(code)  # type: ignore[misc]
    for name in plugins(INDICATORS):
        made[f"docs/sli/{name}.md"] = lambda name=name: sli_page(name)  # type: ignore[misc]
    for name in plugins(RESOURCES):
        made[f"docs/resources/{name}.md"] = lambda name=name: resource_page(name)  # type: ignore[misc]
    for name in _policy_modules():
        made[f"docs/policies/{to_camel(name)}.md"] = lambda name=name: policy_page(name)  # type: ignore[misc]
    return made


def run(check: bool) -> int:
    """Write the pages, or tell which differ, and what cannot be made and why; the number of those."""
    made, wrong = pages(), dict[str, None]()
    for name, page in made.items():
        path = ROOT / name
        try:
            text = page()
        except LackingError as lacking:
            wrong[str(lacking)] = None
            continue
        if check and (not path.exists() or path.read_text(encoding="utf-8") != text):
            wrong[f"{name} is not up to date: run make docs"] = None
        elif not check:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for path in (ROOT / "docs").glob("*/*.md"):
        name = path.relative_to(ROOT).as_posix()
        if name not in made and path.read_text(encoding="utf-8").startswith(MADE):
            if check:
                wrong[f"{name} is of a plug-in that is gone: run make docs"] = None
            else:
                path.unlink()
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return len(wrong)


if __name__ == "__main__":
    sys.exit(1 if run("--check" in sys.argv[1:]) else 0)
