"""Every rule over a cluster: its problems as findings, with the severities of the house and without what is exempt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pkgutil import iter_modules
from types import ModuleType

from slogen.discovery import plugins
from slogen.findings import Finding, Severity, warning
from slogen.manifests.house import Exemption, House, Problem
from slogen.manifests.model import Cluster

RULES = "slogen.manifests.rules"


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found, and how many findings were exempt."""

    findings: tuple[Finding, ...]
    exempt: int


def rules() -> dict[str, ModuleType]:
    """Rules by the name that findings and the configuration use."""
    return {name.replace("_", "-"): module for name, module in plugins(RULES).items()}


def rule_names() -> list[str]:
    """Names of the rules, without loading them."""
    from slogen.manifests import rules as package  # noqa: PLC0415  # its modules are not needed to name them

    found = (one.name for one in iter_modules(package.__path__))
    return sorted(name.replace("_", "-") for name in found if not name.startswith("_"))


def check(cluster: Cluster, house: House, today: date, tell_unused: bool = True) -> Checked:
    """Hold a cluster against the rules; exemptions that are over or that nothing needs are findings too."""
    findings: list[Finding] = []
    used: set[int] = set()
    exempt = 0
    current = [(number, one) for number, one in enumerate(house.exemptions) if one.until >= today]
    for name, module in rules().items():
        severity = house.severities.get(name, module.SEVERITY)
        matching = [(number, one) for number, one in current if one.rule in {name, "*"}]
        for problem in module.check(cluster, house.limits) if severity != "off" else ():
            covering = [number for number, one in matching if _covers(one, problem)]
            used.update(covering)
            exempt += bool(covering)
            if not covering:
                code = f"manifest/{name}"
                findings.append(Finding(code, Severity(severity), problem.place, problem.message, problem.hint))
    findings += _exemption_findings(house.exemptions, used, today, tell_unused)
    return Checked(tuple(findings), exempt)


def _covers(exemption: Exemption, problem: Problem) -> bool:
    if exemption.container and exemption.container != problem.container:
        return False
    return problem.subject.is_like(exemption.kind, exemption.namespace, exemption.name)


def _exemption_findings(
    exemptions: Sequence[Exemption], used: set[int], today: date, tell_unused: bool
) -> Iterator[Finding]:
    for number, one in enumerate(exemptions):
        what = f"{one.rule} for {one.kind}/{one.namespace}/{one.name}"
        if one.until < today:
            message = f"this exemption from {what} ended on {one.until}: {one.reason}"
            hint = "mend what it exempted and remove it, or set a new date with its reason"
            yield warning("manifest/exemption-expired", one.place, message, hint)
        elif tell_unused and number not in used:
            message = f"nothing needs this exemption from {what} any more"
            yield warning("manifest/exemption-unused", one.place, message, "remove it")
