"""The two sides of a comparison: a folder as it is, or what it was at a git revision.

A revision is laid out in a temporary folder, specs and configuration only, and then read like any folder. Nothing of
it is run, and a link in it leads nowhere but to another file of that revision.
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from slogen.attachments import LARGEST, TEMPLATE_SUFFIX
from slogen.difference.comparing import compare
from slogen.difference.cost import cost_of
from slogen.difference.report import Report
from slogen.digests import digest
from slogen.findings import Finding, Place, SpecError, error
from slogen.notes import MARKDOWN
from slogen.pipeline import compile_specs, render
from slogen.revisions import Blob, blobs, contents
from slogen.rules import Plan
from slogen.specfiles import CONFIGS, SPECS, request
from slogen.yamltext.dialect import SPEC

SUFFIXES = (".yaml", ".yml")
_NAMES_FILES = re.compile(rb"\bfile\b|\btemplates\b")
WORKING_TREE = "the working tree"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a side is found: a folder, or a commit of the repository that the current folder lies in.

    `name` is what people call it. A `named` folder may be one of specs itself.
    """

    name: str
    folder: Path = Path()
    commit: str = ""
    named: bool = False

    @property
    def prefix(self) -> str:
        """What stands before its paths in findings, as git writes it: `main:slos/checkout.yaml`."""
        if self.commit:
            return f"{self.name}:"
        return "" if self.folder == Path() else f"{self.folder.as_posix()}/"


@dataclass(frozen=True, slots=True)
class Side:
    """What was found: the plan (None where no spec is), digests of the files, and the text of each output."""

    plan: Plan | None
    files: Mapping[str, str]
    outputs: Mapping[str, str]


def compared(before: Source, after: Source, paths: Sequence[Path], config: Path | None, today: date) -> Report:
    """What differs. Raises SpecError with the problems of both sides where one of them is unusable."""
    sides, findings = [], list[Finding]()
    for source in (before, after):
        try:
            sides.append(_read(source, paths, config))
        except SpecError as failure:
            findings += _placed(source, failure.findings)
    if findings:
        raise SpecError(findings)
    old, new = sides
    plans = old.plan or new.plan, new.plan or old.plan
    if plans[0] is None or plans[1] is None:
        where = str((paths or (SPECS,))[0])
        message = "there is no spec here on either side"
        raise SpecError([error("spec/none", Place(where), message, "write kind: Service, or name another path")])
    was = plans[0] if old.plan else replace(plans[0], services=())
    now = plans[1] if new.plan else replace(plans[1], services=())
    return Report(
        before.name,
        after.name,
        compare(was, now),
        old.files != new.files,
        (cost_of(was), cost_of(now)),
        _differing(old.outputs, new.outputs),
        today,
    )


def _read(source: Source, paths: Sequence[Path], config: Path | None) -> Side:
    if not source.commit:
        return _read_folder(source, source.folder, paths, config)
    with tempfile.TemporaryDirectory(prefix="slogen-diff-") as folder:
        wanted = [*(paths or (SPECS,)), SPECS, *CONFIGS, *([config] if config else [])]
        try:
            _lay_out(source.commit, list(dict.fromkeys(path.as_posix() for path in wanted)), Path(folder))
        except ValueError as failure:
            raise SpecError([error("git/failed", Place(""), str(failure), "see what git says of it")]) from None
        return _read_folder(source, Path(folder), paths, config)


def _read_folder(source: Source, folder: Path, paths: Sequence[Path], config: Path | None) -> Side:
    with contextlib.chdir(folder):
        asked = [path for path in paths or _specs(source) if path.exists() or path.is_symlink()]
        if not asked:
            return Side(None, {}, {})
        plan = compile_specs(asked, config).plan
        wanted = request(asked, config)
        told = [file for file in wanted.files if wanted.asks(file) or file not in wanted.folders]
        files = {file: digest(Path(file).read_bytes()) for file in told}
        outputs = {artefact.path: digest(artefact.text.encode()) for artefact in render(plan)}
    return Side(plan, files, outputs)


def _specs(source: Source) -> tuple[Path, ...]:
    """`slos/`, or the folder itself where it was named and holds none."""
    return (Path(),) if source.named and not SPECS.exists() else (SPECS,)


def _placed(source: Source, findings: Sequence[Finding]) -> list[Finding]:
    """Findings that say of which side they are."""
    said = f"on the side of {source.name}: "
    return [
        replace(one, message=said + one.message, place=replace(one.place, file=f"{source.prefix}{one.place.file}"))
        for one in findings
    ]


def _lay_out(commit: str, paths: Sequence[str], folder: Path) -> None:
    """Write the specs of a commit into an empty folder, and the notes and templates that they may name.

    Raises SpecError for links that lead nowhere, or ValueError.
    """
    found = list(blobs(commit, paths, SUFFIXES))
    wrong = [
        error("yaml/unreadable", Place(one.path), one.wrong, "mend or remove the link") for one in found if one.wrong
    ]
    if wrong:
        raise SpecError(wrong)
    if any(_NAMES_FILES.search(text) for text in _write(found, SPEC.max_bytes, folder)):
        attached = blobs(commit, ["."], (MARKDOWN, TEMPLATE_SUFFIX))
        _write([one for one in attached if not one.wrong], LARGEST, folder)


def _write(found: Sequence[Blob], largest: int, folder: Path) -> list[bytes]:
    small = [one for one in found if one.size <= largest]
    texts = dict(zip((one.path for one in small), contents([one.name for one in small]), strict=True))
    for one in found:
        # What is too large is not fetched: one byte too many has the reader say so.
        text = texts.get(one.path, b" " * (largest + 1))
        place = folder / one.path
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text)
        except OSError as failure:
            raise ValueError(f"{one.path} cannot be laid out: {failure.strerror}") from None
    return list(texts.values())


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Outputs that differ, by the target that makes them."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path)):
        target = path.split("/")[0]
        found[target] = (*found.get(target, ()), path)
    return found
