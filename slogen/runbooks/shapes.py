"""The fast way to a page: parts of SLOs that differ in names and in the team's own words only are rendered once.

Such a part is kept as pieces of text and marks in turn, and a mark stands where an SLO has something of its own. Text
from specs is escaped before it is kept, so it never holds the `<<` of a mark; and no query has a line of three
backticks, which PromQL does not admit, so none ends its block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from slogen.model import Resource, Setting, Slo
from slogen.policies import policy_plugins
from slogen.promql.templating import Raw
from slogen.rules import ResourcePlan, ServicePlan, SloPlan
from slogen.runbooks.facts import Facts, facts
from slogen.runbooks.markdown import inline, link, tick
from slogen.runbooks.model import Page, Part
from slogen.runbooks.pages import Filling, each, filling, hurt, page_of, part_of, subject

if TYPE_CHECKING:
    from jinja2 import Template

_MARK = re.compile(r"(<<[a-z]+(?: \d+)*>>)")
_MOST = 200
_known: dict[Any, tuple[str, ...]] = {}
"""Of the last shapes that were met."""

_SERVICE, _NAME = "<<service>>", "<<name>>"
_FACTS = Facts(Raw("<<call>>"), Raw("<<rollback>>"), Raw("<<dashboard>>"))


def text_of(planned: ServicePlan, setting: Setting, template: Template) -> str:
    """The page of a service, as the template would print it."""
    page, shared = page_of(planned, setting, ()), facts(planned.service, setting)
    parts = [_part(one, planned, page, setting, shared, template) for one in each(planned)]
    names = tuple(Part(one[0], Raw(one[1]), Raw(""), (), Raw(""), ()) for one in map(_named, each(planned)))
    blocks = {"page": replace(page, parts=names)}
    head = "".join("".join(_block(template, name, blocks)) for name in ("title", "facts", "contents", "notes"))
    return head + "".join(parts) + "".join(_block(template, "end", blocks))


def _named(planned: SloPlan | ResourcePlan) -> tuple[str, str]:
    return ("slo" if isinstance(planned, SloPlan) else "resource"), subject(planned).name


def _block(template: Template, name: str, values: dict[str, Any]) -> Iterator[str]:
    return template.blocks[name](template.new_context(values))


def _part(
    planned: SloPlan | ResourcePlan,
    service: ServicePlan,
    page: Page,
    setting: Setting,
    shared: Facts,
    template: Template,
) -> str:
    filled = filling(planned, service.service, setting, shared)
    own = dict(_own(planned, page, shared, filled))
    key = _shape(planned, bool(page.notes), filled)
    if key not in _known:
        if len(_known) >= _MOST:
            _known.clear()
        _known[key] = tuple(_MARK.split(_marked(planned, page, filled, template)))
    return "".join([own.get(piece, piece) for piece in _known[key]])


def _marked(planned: SloPlan | ResourcePlan, page: Page, filled: Filling, template: Template) -> str:
    alerts, marks = list(planned.alerts()), {asked: mark for mark, asked, _ in _hurt(planned)}
    marked = Filling(
        Raw("<<description>>") if filled.description else Raw(""),
        Raw("<<notes>>") if filled.notes else Raw(""),
        lambda alert: Raw(f"<<summary {alerts.index(alert)}>>"),
        lambda alert: Raw(f"<<board {alerts.index(alert)}>>"),
        lambda objective, label, window: marks[objective.name, label, window],
    )
    neutral = replace(page, spec=Raw("<<spec>>"), rules=Raw("<<rules>>"), notes=Raw("x" if page.notes else ""))
    part = part_of(_neutral(planned), _FACTS, marked)
    text = "".join(_block(template, "part", {"page": neutral, "part": part}))
    for number, target in enumerate(_targets(subject(planned))):
        text = text.replace(target, f"<<target {number}>>")
    return text


def _neutral(planned: SloPlan | ResourcePlan) -> SloPlan | ResourcePlan:
    if isinstance(planned, ResourcePlan):
        return replace(planned, resource=replace(planned.resource, service=_SERVICE, name=_NAME))
    slo = planned.slo
    levels = tuple(replace(level, service=_SERVICE, slo=_NAME) for level in slo.levels)
    return replace(planned, slo=replace(slo, service=_SERVICE, name=_NAME, levels=levels))


def _own(planned: SloPlan | ResourcePlan, page: Page, shared: Facts, filled: Filling) -> Iterator[tuple[str, str]]:
    """What stands in place of each mark."""
    about = subject(planned)
    yield from ((_SERVICE, about.service), (_NAME, about.name))
    yield from (("<<call>>", shared.call), ("<<rollback>>", shared.rollback), ("<<dashboard>>", shared.dashboard))
    yield from (("<<spec>>", tick(page.spec)), ("<<rules>>", link(page.rules)))
    yield from (("<<description>>", filled.description), ("<<notes>>", filled.notes))
    for number, alert in enumerate(planned.alerts()):
        yield f"<<summary {number}>>", inline(filled.summary(alert))
        yield f"<<board {number}>>", filled.dashboard(alert)
    yield from ((mark, expr) for mark, _, expr in _hurt(planned))
    yield from ((f"<<target {number}>>", target) for number, target in enumerate(_targets(about)))


def _hurt(planned: SloPlan | ResourcePlan) -> Iterator[tuple[str, tuple[str, str, int], str]]:
    """Marks of the queries for who is hurt, what is asked, and the query."""
    slo = subject(planned)
    if not isinstance(slo, Slo) or not slo.objectives[0].indicator.breakdown_labels:
        return
    for alert in planned.alerts():
        window = alert.pairs[0].long if alert.pairs else policy_plugins()[alert.policy].runbook.contributors
        objective = next((one for one in slo.objectives if one.name == alert.objective), slo.objectives[0])
        for number, label in enumerate(objective.indicator.breakdown_labels if window else ()):
            mark = f"<<hurt {slo.objectives.index(objective)} {number} {window}>>"
            yield mark, (objective.name, label, window), hurt(slo, objective, label, window)


def _targets(about: Slo | Resource) -> list[str]:
    return [] if isinstance(about, Resource) else [str(one) for one in about.objectives[0].indicator.scrape_targets]


def _shape(planned: SloPlan | ResourcePlan, has_notes: bool, filled: Filling) -> Any:
    """All that a part depends on but what stands in place of its marks."""
    alerts = tuple(
        (one.name, one.objective, one.severity, one.wait, one.hold, one.pairs, one.guard, one.by)
        for one in planned.alerts()
    )
    said = has_notes, bool(filled.notes), bool(filled.description)
    if isinstance(planned, ResourcePlan):
        resource = planned.resource
        sections = repr(sorted(resource.policy.resource_sections.items()))
        recorded = tuple(figure.record for figure in resource.figures)
        return resource.source.sentence(), resource.by, sections, recorded, alerts, said
    slo, indicator = planned.slo, planned.slo.objectives[0].indicator
    return (
        (slo.period, slo.calendar, slo.cadence, slo.max_groups),
        tuple((one.name, one.target, one.overrides, one.indicator.sentence()) for one in slo.objectives),
        tuple((level.by, level.prefix) for level in slo.levels),
        tuple(slo.policy.sections.items()),
        (indicator.type, indicator.breakdown_labels, len(indicator.scrape_targets)),
        alerts,
        said,
    )
