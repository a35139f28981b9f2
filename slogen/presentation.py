"""What a spec says of its dashboard and its owner, and what is wrong with that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from slogen.findings import Finding, closest, error, listed, warning
from slogen.model import OwnPanel, Setting
from slogen.source import Document
from slogen.spec.load import Spec
from slogen.spec.service import ServiceDocument


def own_panels(spec: Spec[ServiceDocument], findings: list[Finding]) -> tuple[OwnPanel, ...]:
    """The panels that a team adds; titles that are there twice go to `findings`."""
    seen = set[str]()
    for number, panel in enumerate(spec.model.spec.panels):
        if panel.title in seen:
            place = spec.document.place(("spec", "panels", number, "title"))
            findings.append(error("spec/duplicate-name", place, f"two panels are titled '{panel.title}'", "rename one"))
        seen.add(panel.title)
    return tuple(
        OwnPanel(
            one.title,
            one.description,
            one.unit,
            one.type,
            tuple((query.expr, query.legend) for query in one.queries),
            one.width,
            one.height,
        )
        for one in spec.model.spec.panels
    )


def unknown_owner(spec: Spec[ServiceDocument], setting: Setting) -> Iterator[Finding]:
    """An owner that the configuration does not list, where it lists any."""
    owner = spec.model.metadata.owner
    if owner and setting.owners and owner not in setting.owners:
        close = closest(owner, setting.owners)
        known = f"add it to owners: of the configuration, which has {listed(setting.owners)}"
        hint = f"did you mean '{close}'?" if close else known
        place = spec.document.place(("metadata", "owner"))
        yield warning("spec/owner", place, f"no owner is named '{owner}': the runbook cannot say whom to call", hint)


def breakdown_problems(sli: Any, document: Document, path: tuple[str | int, ...]) -> Iterator[Finding]:
    """Labels that are there twice, or that an expression aggregates away."""
    labels = sli.breakdown_labels
    for number, label in enumerate(labels):
        place = document.place((*path, number))
        if label in labels[:number]:
            yield error("sli/breakdown", place, f"the label '{label}' is there twice", "leave one out")
        elif lost := sli.lost_label((label,)):
            message = f"'{lost[0].text[:60]}' aggregates the label '{label}' away"
            yield error("sli/breakdown", place, message, f"keep it: sum by ({label}) (...), or leave it out here")
