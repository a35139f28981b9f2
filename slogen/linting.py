"""Specs and files of rules to what is wrong with them: `slogen lint` as a whole."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

from slogen.findings import Finding, Place, Severity, error
from slogen.lint.checking import Checker, Gathered, rules
from slogen.lint.limits import Limits
from slogen.lint.problems import Found
from slogen.lint.reporting import told
from slogen.lint.subject import Context, FileSubject, ServiceSubject
from slogen.lint.suppression import Ignores, Ledger, read_ignores
from slogen.live import AUTHORIZATION, UnreachableError
from slogen.model import Setting
from slogen.pipeline import Draft, compile_file, compile_source
from slogen.rulefiles.gates import Version
from slogen.rulefiles.reading import read_rules
from slogen.rulefiles.validity import problems
from slogen.settings import resolve_config
from slogen.shared import read_shared
from slogen.source import SourceFile, file_bytes, parse_bytes, shown_path
from slogen.spec.config import ConfigSpec
from slogen.spec.load import Specs, load_specs
from slogen.specfiles import SPECS, config_files, find_spec_files, spec_folders
from slogen.specfiles import Request as SpecRequest
from slogen.verdict import Names, same_names
from slogen.workers import batches, sizes, work_on
from slogen.yamltext.comments import comments
from slogen.yamltext.dialect import FOREIGN

GENERATED = Path("generated/prometheus")
SUFFIXES = (".yaml", ".yml", ".rules")
BATCH = 1024 * 1024
"""Bytes of files that are looked at in one go."""

REFUSED = "rulefile/"
"""Beginning of the codes of what Prometheus refuses in a file of rules that slogen can read."""

WORTH = 512 * 1024
"""Bytes below which one process is done sooner than several."""

_HEAD = 4096
_SPEC = re.compile(
    rb"""^(?:\xef\xbb\xbf)?[ \t]*["']?apiVersion["']?[ \t]*:[ \t]*["']?slogen/|\{[^}\n]*apiVersion[^}\n]*slogen/""",
    re.M,
)
_RULES = re.compile(
    rb"""^(?:\xef\xbb\xbf)?["']?groups["']?[ \t]*:|kind["']?[ \t]*:[ \t]*["']?PrometheusRule|\A\s*\{\s*["']?groups""",
    re.M,
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is linted: files and folders, `slos/` and `generated/prometheus/` where there are none.

    `changed` are the files to tell of, None for all. `prometheus` and `alertmanager` as in Context, the latter a file.
    """

    paths: tuple[Path, ...] = ()
    config: Path | None = None
    today: date = date.min
    changed: Collection[str] | None = None
    prometheus: Any = None
    alertmanager: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """All findings in the order of files and lines, how much was looked at, and how many findings are meant so."""

    found: tuple[Found, ...]
    services: int = 0
    files: int = 0
    rules: int = 0
    ignored: int = 0
    is_unusable: bool = False


@dataclass(slots=True)
class Batch:
    """What came of some files."""

    gathered: Gathered = field(default_factory=Gathered)
    findings: list[Finding] = field(default_factory=list)
    names: Names = ()
    ignores: list[Ignores] = field(default_factory=list)
    services: int = 0
    files: int = 0
    rules: int = 0

    def add(self, other: Batch) -> None:
        """Take over what came of others."""
        self.gathered.add(other.gathered)
        self.findings += other.findings
        self.names += other.names
        self.ignores += other.ignores
        self.services += other.services
        self.files += other.files
        self.rules += other.rules


@dataclass(frozen=True)
class Job:
    """What all batches have in common."""

    specs: SpecRequest
    shared: Specs
    context: Context
    severities: Mapping[str, str]
    kinds: Mapping[str, str]

    @cached_property
    def checker(self) -> Checker:
        """The rules that are on; one in each process, as it remembers shapes of expressions."""
        return Checker(self.context, self.severities)


def lint(request: Request) -> Outcome:
    """Everything that is wrong; raises nothing for bad input, which is among the findings."""
    paths = request.paths or tuple(path for path in (SPECS, GENERATED) if path.is_dir()) or (SPECS,)
    kinds, findings = classify(paths, request.paths)
    asked = tuple(dict.fromkeys(path for path in paths if _has_specs(path, kinds)))
    wanted = _specs(asked, kinds, request.config)
    shared, _ = read_shared(wanted.files)
    config, setting, wrong = resolve_config(shared)
    context, more = _context(request, config, setting)
    findings += [*wrong, *more]
    job = Job(wanted, shared, context, config.lint.severities, kinds)
    files = {**dict.fromkeys(wanted.files), **dict.fromkeys(file for file, kind in kinds.items() if kind == "rules")}
    whole = Batch(findings=findings)
    try:
        _work(job, files, whole)
    except UnreachableError as failure:
        message = f"the server cannot be asked: {failure}"
        hint = f"is its address right? A header for it is taken from {AUTHORIZATION}"
        refused = error("live/unreachable", Place(context.prometheus.shown), message, hint)
        return Outcome(tuple(told([], [refused], {})), is_unusable=True)
    return concluded(whole, job, request)


def _work(job: Job, files: Collection[str], whole: Batch) -> None:
    if job.context.prometheus is not None:
        job.context.prometheus.version()
    measured = sizes(files)
    for batch in work_on([*batches(measured, BATCH)], check_batch, job, sum(measured.values()) < WORTH):
        whole.add(batch)


def concluded(whole: Batch, job: Job, request: Request) -> Outcome:
    """What is to be told, once every file has been looked at."""
    checker = job.checker
    whole.gathered.add(checker.repository(whole.gathered.facts))
    whole.findings += same_names(whole.names)
    ledger = Ledger([one for found in whole.ignores for one in found.ignores], request.today)
    problems = whole.gathered.problems
    open_problems = [(code, one) for code, one in problems if not ledger.covers(code, one.place)]
    findings = [*dict.fromkeys(whole.findings)]
    told_findings = [
        one for one in findings if one.severity is Severity.ERROR or not ledger.covers(one.code, one.place)
    ]
    ignored = len(problems) - len(open_problems) + len(findings) - len(told_findings)
    known = {*rules(), *(one.code for one in findings)}
    own = [one for found in whole.ignores for one in found.problems]
    own += ledger.idle({*checker.active, *(one.code for one in findings)}, known)
    open_problems += [(code, one) for code, one in own if code in checker.active]
    found = told(open_problems, told_findings, job.severities)
    shown = [one for one in found if request.changed is None or one.finding.place.file in request.changed]
    unusable = any(one.severity is Severity.ERROR and not one.code.startswith(REFUSED) for one in findings)
    return Outcome(tuple(shown), whole.services, whole.files, whole.rules, ignored, unusable)


def check_batch(job: Job, files: Sequence[str]) -> Batch:
    """What is wrong in some files by themselves."""
    batch, services, subjects = Batch(), list[ServiceSubject](), list[FileSubject]()
    for file in files:
        if job.kinds.get(file) != "rules":
            services += _specs_of(compile_file(file, job.specs, job.shared), batch)
            continue
        data = file_bytes(Path(file), Path(), FOREIGN)
        if isinstance(data, Finding):
            batch.findings.append(data)
        else:
            subjects.append(_rules_of(data, shown_path(Path(file), Path()), batch, job.context.version))
    return _checked(job, batch, services, subjects)


def _checked(job: Job, batch: Batch, services: Sequence[ServiceSubject], subjects: Sequence[FileSubject]) -> Batch:
    batch.services, batch.files = len(services), len(subjects)
    batch.rules = sum(len(subject.rules) for subject in subjects)
    batch.gathered.add(job.checker.services(services))
    batch.gathered.add(job.checker.files(subjects))
    return batch


def _rules_of(data: bytes, file: str, batch: Batch, version: Version) -> FileSubject:
    read = read_rules(data, file)
    batch.findings += problems(read, version)
    if read.file.comments:
        batch.ignores.append(read_ignores(read.file.source, read.file.comments))
    return FileSubject(read)


def _specs_of(draft: Draft, batch: Batch) -> Iterator[ServiceSubject]:
    """Services of a file, unless it has an error: of what is no spec yet, rules would say what is not so."""
    batch.findings += draft.findings
    batch.names += draft.names
    own = draft.specs
    documents = [one.document for kind in (own.services, own.policies, own.configs) for one in kind]
    if documents:
        source = documents[0].written[0]
        batch.ignores.append(read_ignores(source, comments(source)))
    if not any(one.severity is Severity.ERROR for one in draft.findings):
        written = {one.model.metadata.name: one.document for one in own.services}
        for plan in draft.plan.services:
            yield ServiceSubject(written[plan.service.name], (), plan)


def classify(paths: Sequence[Path], named: Sequence[Path]) -> tuple[dict[str, str], list[Finding]]:
    """What each file below the paths holds, `specs` or `rules`, and those that were named and hold neither."""
    kinds: dict[str, str] = {}
    findings: list[Finding] = []
    for path in find_spec_files(paths, SUFFIXES):
        kind = kind_of_file(path)
        if kind:
            kinds[path.as_posix()] = kind
        elif path in named:
            place = Place(shown_path(path, Path()))
            message, hint = "there are neither specs nor rules in this file", "name files or folders that hold some"
            findings.append(error("lint/nothing", place, message, hint))
    if not kinds and not findings:
        message, hint = "there is nothing to lint here", "name files of specs or rules, or folders of them"
        findings.append(error("lint/nothing", Place(str(paths[0])), message, hint))
    return kinds, findings


def kind_of_file(path: Path) -> str:
    """`specs`, `rules` or nothing; what cannot be read is left to who reads it."""
    for most in (_HEAD, FOREIGN.max_bytes):
        data = file_bytes(path, Path(), FOREIGN, most)
        if isinstance(data, Finding):
            return "rules"
        if _SPEC.search(data):
            return "specs"
        if _RULES.search(data):
            return "rules"
        if len(data) < most:
            break
    return ""


def _has_specs(path: Path, kinds: Mapping[str, str]) -> bool:
    return any(kind == "specs" and Path(file).is_relative_to(path) for file, kind in kinds.items())


def _specs(asked: tuple[Path, ...], kinds: Mapping[str, str], config: Path | None) -> SpecRequest:
    """The specs to read: those asked for, all of `slos/` with one of it, and the configuration."""
    folders = {
        file: folder
        for file, folder in spec_folders(asked).items()
        if kinds.get(file) == "specs" or (file not in kinds and kind_of_file(Path(file)) == "specs")
    }
    return SpecRequest(asked, (*(path.as_posix() for path in config_files(config)), *folders), folders)


def _context(request: Request, config: ConfigSpec, setting: Setting) -> tuple[Context, list[Finding]]:
    """What lint rules may know of, and what is wrong with the file of Alertmanager that was named."""
    limits = Limits(**{name: getattr(config.lint.limits, name) for name in type(config.lint.limits).model_fields})
    context = Context(
        setting=setting,
        version=config.target.version,
        scrape=config.defaults.scrape_interval,
        limits=limits,
        today=request.today,
        is_whole=not request.paths or any(path.is_dir() for path in request.paths),
        prometheus=request.prometheus,
    )
    if request.alertmanager is None:
        return context, []
    file = shown_path(request.alertmanager, Path())
    data = file_bytes(request.alertmanager, Path(), FOREIGN)
    documents, findings = ([], [data]) if isinstance(data, Finding) else parse_bytes(data, file, FOREIGN)
    if not findings and not any(isinstance(one.data, dict) and "route" in one.data for one in documents[:1]):
        message = "this is no configuration of Alertmanager: it has no route"
        findings = [error("lint/alertmanager", Place(file), message, "name the file that Alertmanager is started with")]
    return replace(context, alertmanager=documents[0] if documents else None), findings


ALERTMANAGER = "alertmanager.yml"
"""Name of Alertmanager's configuration among examples."""


def lint_texts(texts: Mapping[str, str], **known: Any) -> tuple[Found, ...]:
    """What is wrong in texts by the names of their files, such as examples of rules; `known` are fields of Context."""
    kinds = {name: "specs" if _SPEC.search(text.encode()) else "rules" for name, text in texts.items()}
    if ALERTMANAGER in texts:
        kinds[ALERTMANAGER] = "alertmanager"
        known["alertmanager"] = parse_bytes(texts[ALERTMANAGER].encode(), ALERTMANAGER, FOREIGN)[0][0]
    sources = {
        name: SourceFile(name, text.encode(), *parse_bytes(text.encode(), name))
        for name, text in texts.items()
        if kinds[name] == "specs"
    }
    shared = Specs()
    for source in sources.values():
        own, _ = load_specs(source.documents)
        shared.policies.extend(own.policies)
        shared.configs.extend(own.configs)
    config, setting, wrong = resolve_config(shared)
    request = Request(today=known.get("today", date.min))
    context = replace(_context(request, config, setting)[0], **known)
    job = Job(SpecRequest((Path(),), tuple(texts), {}), shared, context, config.lint.severities, kinds)
    batch, services, subjects = Batch(findings=wrong), list[ServiceSubject](), list[FileSubject]()
    for name, text in texts.items():
        if name in sources:
            services += _specs_of(compile_source(sources[name], job.specs, job.shared), batch)
        elif kinds[name] == "rules":
            subjects.append(_rules_of(text.encode(), name, batch, context.version))
    return concluded(_checked(job, batch, services, subjects), job, request).found


EXAMPLE_DAY = date(2026, 1, 31)
"""The day on which examples are linted."""


def texts(example: str | Mapping[str, str]) -> dict[str, str]:
    """An example of a lint rule, by file names."""
    return {"example.yaml": example.lstrip("\n")} if isinstance(example, str) else dict(example)


def example_findings(example: str | Mapping[str, str]) -> tuple[Found, ...]:
    """What is wrong in an example of a lint rule."""
    return lint_texts(texts(example), today=EXAMPLE_DAY)
