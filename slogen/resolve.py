"""Specs to Services: defaults filled in, policies looked up, and what only a look at everything can find."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from slogen.attachments import path_of
from slogen.calendars import LENGTHS, Calendar, calendar
from slogen.fields import merged
from slogen.findings import Finding, Place, closest, error, listed, warning
from slogen.groups import group_problems, levels_of, overrides
from slogen.low_traffic import tiny_budgets
from slogen.model import Cadence, Notice, Objective, Policy, Service, Setting, Severity, Slo
from slogen.notes import NotesFile
from slogen.policies import policy_plugins
from slogen.policy_documents import resolve_policies
from slogen.presentation import breakdown_problems, own_panels, unknown_owner
from slogen.promql.durations import DAY, format_duration
from slogen.reach import out_of_reach
from slogen.resource_specs import own_labels, resources, workloads
from slogen.scenarios import scenario, scenario_problems
from slogen.settings import resolve_config
from slogen.spec.config import Defaults
from slogen.spec.grouping import CalendarWindow
from slogen.spec.load import Spec, Specs
from slogen.spec.service import ObjectiveSpec, ServiceDocument, SloSpec

LONGEST_SCRAPE = 120
LONGEST_PERIOD = 365 * DAY
LEDGER_LIMIT = 240
"""Seconds; an instant read finds a sample for five minutes, so a recording must come sooner."""


def resolve(specs: Specs, folder_of: Callable[[str], str]) -> tuple[list[Service], Setting, list[Finding]]:
    """Services as they are meant, in order of name; `folder_of` gives the folder a spec's outputs go to."""
    config, setting, findings = resolve_config(specs)
    policies, found = resolve_policies(specs.policies)
    findings += found
    services = []
    for spec in specs.services:
        room = _Room(spec, config.defaults, setting, policies, specs.texts)
        services.append(room.service(folder_of(spec.document.file)))
        findings += room.findings
    return sorted(services, key=lambda service: service.name), setting, findings


def cadence(scrape: int, slice_length: int | None = None) -> Cadence:
    """The base is a slice, or a minute or two scrapes; the ledger the most bases that fit into four minutes."""
    base = slice_length or -(-max(60, 2 * scrape) // scrape) * scrape
    return Cadence(scrape, base, max(LEDGER_LIMIT // base, 1) * base)


def _period(window: int | CalendarWindow, beat: Cadence) -> tuple[int, Calendar | None]:
    """Seconds of the period, nominal ones for a calendar period, and which kind of calendar period."""
    if isinstance(window, CalendarWindow):
        return LENGTHS[window.calendar][0], calendar(window.calendar, beat.ledger)
    return window, None


class _Room:
    """Resolves one service and collects what is wrong with it."""

    def __init__(
        self,
        spec: Spec[ServiceDocument],
        defaults: Defaults,
        setting: Setting,
        policies: dict[str, Policy],
        texts: Mapping[str, str],
    ) -> None:
        self.spec, self.defaults, self.setting, self.policies, self.texts = spec, defaults, setting, policies, texts
        self.findings: list[Finding] = []

    def service(self, folder: str) -> Service:
        model, document = self.spec.model, self.spec.document
        metadata = model.metadata
        self._reserved(metadata.labels, ("metadata", "labels"))
        self._same_slos()
        self.findings += unknown_owner(self.spec, self.setting)
        for labels, path in own_labels(self.spec):
            self._reserved(labels, path)
        return Service(
            name=metadata.name,
            owner=metadata.owner or "",
            description=metadata.description,
            labels=merged(self.defaults.labels, metadata.labels),
            slos=tuple(self._slo(slo, ("spec", "slos", number)) for number, slo in enumerate(model.spec.slos)),
            file=document.file,
            folder=folder,
            place=document.place(("metadata", "name")),
            workloads=workloads(model.spec.workloads),
            resources=tuple(resources(self.spec, self._policy, self._notes, self.findings)),
            runbook=self._notes(model.spec.runbook),
            panels=own_panels(self.spec, self.findings),
        )

    def _slo(self, slo: SloSpec, path: tuple[str | int, ...]) -> Slo:
        service = self.spec.model
        window = slo.window or service.spec.window or self.defaults.window
        scrape = slo.scrape_interval or service.spec.scrape_interval or self.defaults.scrape_interval
        entries: Sequence[SloSpec | ObjectiveSpec] = [slo] if slo.objectives is None else slo.objectives
        names = [""] if slo.objectives is None else [entry.name for entry in slo.objectives]
        alerting = slo.alerting
        self._reserved(alerting.labels, (*path, "alerting", "labels"))
        notices = {}
        for severity in Severity:
            notice = getattr(alerting, severity.value)
            self._reserved(notice.labels, (*path, "alerting", severity.value, "labels"))
            annotations = merged(alerting.annotations, notice.annotations)
            notices[severity] = Notice(notice.disabled, merged(notice.labels), annotations)
        beat = cadence(scrape, slo.sli.slice_length)
        period, kind = _period(window, beat)
        levels = levels_of(service.metadata.name, slo)
        resolved = Slo(
            service=service.metadata.name,
            name=slo.name,
            description=slo.description,
            period=period,
            cadence=beat,
            objectives=tuple(
                Objective(name, entry.objective, indicator, overrides(entry.overrides))
                for name, entry, indicator in zip(names, entries, slo.indicators(), strict=True)
                if entry.objective is not None
            ),
            policy=self._policy(alerting.policy, path),
            labels=merged(alerting.labels),
            notices=notices,
            place=self.spec.document.place(path),
            levels=levels.recorded,
            scopes=levels.scopes,
            max_groups=levels.max_groups,
            calendar=kind,
            scenarios=tuple(map(scenario, slo.tests)),
            runbook=self._notes(slo.runbook),
            depends_on=slo.depends_on,
        )
        self.findings += breakdown_problems(slo.sli, self.spec.document, (*path, "sli", "breakdown"))
        self.findings += self._time_problems(resolved, slo, path)
        self.findings += self._group_problems(resolved, slo, path)
        self.findings += self._traffic_problems(resolved, slo, path)
        self.findings += self._policy_problems(resolved, path)
        self.findings += self._test_problems(resolved, slo, path)
        return resolved

    def _traffic_problems(self, slo: Slo, spec: SloSpec, path: tuple[str | int, ...]) -> Iterator[Finding]:
        for level in slo.levels:
            if level.traffic is None:
                continue
            where = ("by", "expectedTraffic") if level.by else ("expectedTraffic",)
            place = self.spec.document.place((*path, *where))
            if slo.objectives[0].indicator.slice_length is not None:
                message = f"an SLI of type {spec.sli.type} counts time, not events"
                yield error("spec/traffic", place, message, "leave expectedTraffic out, or count events")
                continue
            for message, hint in tiny_budgets(slo, level):
                yield warning("spec/tiny-budget", place, message, hint)

    def _group_problems(self, slo: Slo, spec: SloSpec, path: tuple[str | int, ...]) -> Iterator[Finding]:
        taken = {self.setting.severity_label, self.setting.owner_label}
        for labels in (self.defaults.labels, self.spec.model.metadata.labels, spec.alerting.labels):
            taken |= labels.keys()
        for severity in Severity:
            taken |= getattr(spec.alerting, severity.value).labels.keys()
        for where, code, message, hint in group_problems(spec, slo.objectives[0].indicator, frozenset(taken)):
            yield error(code, self.spec.document.place((*path, *where)), message, hint)

    def _test_problems(self, slo: Slo, spec: SloSpec, path: tuple[str | int, ...]) -> Iterator[Finding]:
        for where, code, message, hint in scenario_problems(slo, spec.tests):
            yield error(code, self.spec.document.place((*path, "tests", *where)), message, hint)
        if spec.tests and not slo.objectives[0].indicator.stand_ins(slo.variants):
            message = "these tests cannot be run: no series can be made up for an expression"
            hint = "name counters instead of an expression, or leave the tests out"
            yield warning("test/not-run", self.spec.document.place((*path, "tests"), key=True), message, hint)

    def _notes(self, notes: str | NotesFile | None) -> str:
        if isinstance(notes, NotesFile):
            return self.texts.get(path_of(self.spec.document, notes.file), "").strip()
        return (notes or "").strip()

    def _policy(self, name: str | None, path: tuple[str | int, ...]) -> Policy:
        wanted = name or self.defaults.policy
        if wanted in self.policies:
            return self.policies[wanted]
        if name is not None:
            close = closest(wanted, self.policies)
            hint = f"did you mean '{close}'?" if close else f"known: {listed(self.policies)}"
            place = self.spec.document.place((*path, "alerting", "policy"))
            self.findings.append(error("policy/unknown", place, f"no policy is named '{wanted}'", hint))
        return Policy(wanted, {})

    def _reserved(self, labels: dict[str, str], path: tuple[str | int, ...]) -> None:
        for name in (self.setting.severity_label, self.setting.owner_label):
            if name in labels:
                message = f"the label '{name}' is set by slogen"
                hint = (
                    "write metadata.owner instead"
                    if name == self.setting.owner_label
                    else "choose it by the policy's pairs"
                )
                place = self.spec.document.place((*path, name), key=True)
                self.findings.append(error("spec/identity-label", place, message, hint))

    def _same_slos(self) -> None:
        seen: dict[str, Place] = {}
        for number, slo in enumerate(self.spec.model.spec.slos):
            place = self.spec.document.place(("spec", "slos", number, "name"))
            if slo.name in seen:
                message = f"two SLOs of this service are named '{slo.name}', the other at {seen[slo.name]}"
                self.findings.append(error("spec/duplicate-name", place, message, "rename one of them"))
            seen.setdefault(slo.name, place)

    def _where(self, slo_path: tuple[str | int, ...], key: str) -> Place:
        """The key where it was written: at the SLO, at the service, or else the SLO that inherits it."""
        document = self.spec.document
        data: Any = document.data
        for step in slo_path:
            data = data[step]
        if isinstance(data, dict) and key in data:
            return document.place((*slo_path, key))
        spec = document.data["spec"] if isinstance(document.data, dict) else {}
        return document.place(("spec", key)) if key in spec else document.place((*slo_path, "name"))

    def _time_problems(self, slo: Slo, spec: SloSpec, path: tuple[str | int, ...]) -> Iterator[Finding]:
        beat, period = slo.cadence, slo.period_name
        scrape, interval = format_duration(beat.scrape), self._where(path, "scrapeInterval")
        if beat.scrape > LONGEST_SCRAPE:
            message = f"a scrape interval of {scrape} is too long: Prometheus forgets a sample after five minutes"
            yield error("spec/scrape-interval", interval, message, "scrape every 2m at the longest")
            return
        if getattr(spec.sli, "reads_counters", False) and beat.base < 2 * beat.scrape:
            place = self.spec.document.place((*path, "sli", "slice"))
            message = f"a slice of {format_duration(beat.base)} holds less than two scrapes of {scrape}"
            yield error("sli/slice", place, message, "make the slice longer, or scrape more often")
        if slo.period < DAY:
            yield error(
                "spec/window",
                self._where(path, "window"),
                f"a period of {period} is too short",
                "write 1d or more; 28d or 30d is usual",
            )
        elif slo.period > LONGEST_PERIOD:
            message = f"a period of {period} is too long to be summed every few minutes"
            yield error("spec/window", self._where(path, "window"), message, "write 365d or less; 28d or 30d is usual")
        elif slo.calendar is None and slo.period % beat.ledger:
            every = format_duration(beat.ledger)
            message = (
                f"a scrape interval of {scrape} does not divide the period {period}: events are recorded every {every}"
            )
            yield error("spec/scrape-interval", interval, message, "scrape every 10s, 15s, 20s, 30s or 1m")
        longest = slo.calendar.longest if slo.calendar else slo.period
        if self.setting.retention is not None and longest > self.setting.retention:
            message = f"the period {period} is longer than the retention, {format_duration(self.setting.retention)}"
            yield warning(
                "spec/retention",
                self._where(path, "window"),
                message,
                "the budget will miss what was deleted; shorten the window or keep data for longer",
            )

    def _policy_problems(self, slo: Slo, path: tuple[str | int, ...]) -> Iterator[Finding]:
        place = self.spec.document.place((*path, "alerting", "policy"))
        for name, params in slo.policy.sections.items():
            for code, message, hint in policy_plugins()[name].problems(slo, params):
                yield error(code, place, message, f"in policy '{slo.policy.name}': {hint}")
        for certain, message, hint in out_of_reach(slo):
            tell = error if certain else warning
            yield tell("policy/cannot-fire", place, message, f"in policy '{slo.policy.name}': {hint}")
