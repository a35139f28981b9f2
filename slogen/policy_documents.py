"""AlertPolicy documents to policies: built-in ones and the team's, with `extends` followed."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from slogen.findings import Finding, error, listed
from slogen.model import Policy
from slogen.policies import policy_plugins
from slogen.source import parse_documents
from slogen.spec.load import Spec, load_specs
from slogen.spec.policy import PolicyDocument

PolicySpecs = dict[str, Spec[PolicyDocument]]

DEEPEST = 10

_BUILTIN = Path(__file__).parent / "spec" / "builtin"


@cache
def builtin() -> PolicySpecs:
    """The policies inside the package, by name."""
    found: PolicySpecs = {}
    for entry in sorted(_BUILTIN.iterdir()):
        documents, _ = parse_documents(entry.read_text(encoding="utf-8"), f"builtin/{entry.name}")
        specs, findings = load_specs(documents)
        assert not findings, findings  # noqa: S101  # the package's own files are tested
        found |= {spec.model.metadata.name: spec for spec in specs.policies}
    return found


def resolve_policies(specs: Iterable[Spec[PolicyDocument]]) -> tuple[dict[str, Policy], list[Finding]]:
    """All policies by name, and what is wrong with the team's: names used twice, bad or circular `extends`."""
    known, findings = dict(builtin()), list[Finding]()
    for spec in specs:
        name, place = spec.model.metadata.name, spec.document.place(("metadata", "name"))
        if name in known:
            other = "built in" if name in builtin() else f"at {known[name].document.place(('metadata', 'name'))}"
            findings.append(
                error("spec/duplicate-name", place, f"the policy '{name}' exists already, {other}", "rename it")
            )
        else:
            known[name] = spec
    policies: dict[str, Policy] = {}
    for name, spec in known.items():
        problem = _extends_problem(name, known)
        if problem:
            findings.append(error("policy/extends", spec.document.place(("spec", "extends")), *problem))
        sections = {} if problem else _sections(name, known)
        mine = {plugin: params for plugin, params in sorted(sections.items()) if plugin in policy_plugins()}
        others = {plugin: params for plugin, params in sorted(sections.items()) if plugin not in mine}
        policies[name] = Policy(name, mine, others)
    return policies, findings


def _extends_problem(name: str, known: PolicySpecs) -> tuple[str, str] | None:
    seen, at = [name], known[name].model.spec.extends
    while at is not None:
        if len(seen) > DEEPEST:
            return f"more than {DEEPEST} policies extend one another", "extend default, or one of your own, directly"
        if at in seen:
            return f"policies extend each other: {' -> '.join([*seen, at])}", "break the circle"
        if at not in known:
            return f"no policy is named '{at}'", f"known: {listed(known)}"
        seen.append(at)
        at = known[at].model.spec.extends
    return None


def _sections(name: str, known: PolicySpecs) -> dict[str, Any]:
    spec: Any = known[name].model.spec
    sections = _sections(spec.extends, known) if spec.extends is not None else {}
    for plugin in type(spec).model_fields:
        if plugin == "extends" or plugin not in spec.model_fields_set:
            continue
        section = getattr(spec, plugin)
        if section == "off":
            sections.pop(plugin, None)
        elif section is not None:
            sections[plugin] = _over(sections.get(plugin), section)
    return sections


def _over(inherited: Any, own: Any) -> Any:
    return (
        own
        if inherited is None
        else inherited.model_copy(update={name: getattr(own, name) for name in own.model_fields_set})
    )
