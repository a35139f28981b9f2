"""A receipt of the last build, so that the next one compiles only what has changed.

It says what each spec file came to and which outputs it gave, all by content, and lies in the user's cache folder,
never in the repository. What a file comes to depends on its content and on what all files share; a receipt of another
program, other settings, other policies, or one that is missing or damaged, means that everything is compiled.
`SLOGEN_CACHE` names another folder, or is `off`.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import stat
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slogen.digests import digest
from slogen.findings import Finding, Place, Severity

_LIBRARIES = ("jinja2", "promql_parser", "pydantic", "pydantic_core", "yaml")
_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Record:
    """What one spec file came to: the digest of its content, whether it holds anything but services, their names and
    places, what is wrong with them, how much there is of those that were asked for, and the digests of their files and
    of those that it names."""

    content: str
    shares: bool
    names: tuple[tuple[str, Place], ...] = ()
    findings: tuple[Finding, ...] = ()
    services: int = 0
    rules: int = 0
    alerts: int = 0
    outputs: Mapping[str, str] = field(default_factory=dict)
    reads: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Receipt:
    """A build without errors: by which program and settings, with which shared documents, from and to which files.

    `findings` are those of the shared documents themselves, `common` the files of all services.
    """

    setup: str
    shared: Mapping[str, str]
    files: Mapping[str, Record]
    findings: tuple[Finding, ...]
    common: Mapping[str, str]


def setup(settings: Iterable[str]) -> str:
    """A digest of everything that a build depends on beside its input: the settings, this program, its libraries."""
    parts = [f"{setting}\0".encode(errors="surrogateescape") for setting in (*settings, sys.version, str(Path.cwd()))]
    parts += [file.read_bytes() for file in _program()]
    for file in _libraries():
        status = file.stat()
        parts.append(f"{file}\0{status.st_mtime_ns}\0{status.st_size}\0".encode(errors="surrogateescape"))
    return digest(b"".join(parts))


def content(file: str) -> str:
    """Digest of a file as it is now, nothing where it is none that could be compiled."""
    try:
        status = os.stat(file)  # noqa: PTH116  # half the time of a Path's
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
            return ""
        return digest_of(file)
    except OSError:
        return ""


def digest_of(file: str) -> str:
    """Digest of a file's content. Raises OSError where it cannot be read."""
    with open(file, "rb", buffering=0) as opened:  # noqa: PTH123
        return digest(opened.read())


def _program() -> Iterable[Path]:
    for parent, folders, names in os.walk(Path(__file__).parent):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(names) if not name.endswith(".pyc"))


def _libraries() -> Iterable[Path]:
    for folder in sys.path:
        for library in _LIBRARIES:
            found = Path(folder, library, "__init__.py")
            if found.exists():
                yield found


def recall(place: Path | None, key: str) -> Receipt | None:
    """The receipt that lies there, when it is whole and of this setup."""
    if place is None:
        return None
    try:
        seal, _, body = place.read_bytes().partition(b"\n")
        if seal.decode() != digest(body):
            return None
        kept = json.loads(body)
        if kept["setup"] != key:
            return None
        files = {file: _record(fields) for file, fields in kept["files"].items()}
        return Receipt(key, kept["shared"], files, _findings(kept["findings"]), kept["common"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def remember(place: Path | None, receipt: Receipt) -> None:
    """Keep a receipt, where there is a place to keep it."""
    if place is None:
        return
    kept = {
        "setup": receipt.setup,
        "shared": receipt.shared,
        "files": {file: _fields(record) for file, record in receipt.files.items()},
        "findings": [_told(finding) for finding in receipt.findings],
        "common": receipt.common,
    }
    body = json.dumps(kept, separators=(",", ":")).encode()
    with contextlib.suppress(OSError):
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_name(f"{place.name}.{secrets.token_hex(8)}")
        try:
            with temporary.open("xb") as file:
                file.write(digest(body).encode() + b"\n" + body)
            temporary.replace(place)
        finally:
            temporary.unlink(missing_ok=True)


def _fields(record: Record) -> list[Any]:
    names = [[name, place.file, place.line, place.column] for name, place in record.names]
    findings = [_told(finding) for finding in record.findings]
    counts = [record.services, record.rules, record.alerts]
    return [record.content, record.shares, names, findings, counts, record.outputs, record.reads]


def _record(fields: list[Any]) -> Record:
    found, shares, names, findings, counts, outputs, reads = fields
    places = tuple((name, Place(*place)) for name, *place in names)
    services, rules, alerts = counts
    return Record(found, shares, places, _findings(findings), services, rules, alerts, outputs, reads)


def _told(finding: Finding) -> list[Any]:
    place = finding.place
    return [finding.code, finding.severity, place.file, place.line, place.column, finding.message, finding.hint]


def _findings(kept: list[list[Any]]) -> tuple[Finding, ...]:
    return tuple(
        Finding(code, Severity(severity), Place(file, line, column), message, hint)
        for code, severity, file, line, column, message, hint in kept
    )


def cache_folder() -> Path | None:
    """Where what can be made again is kept, or None where nothing is to be kept."""
    chosen = os.environ.get("SLOGEN_CACHE", "")
    if chosen == "off":
        return None
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("HOME")
    if not chosen and not home:
        return None
    return Path(chosen) if chosen else Path(home or "", "" if os.environ.get("XDG_CACHE_HOME") else ".cache", "slogen")


def receipt_place(output: Path, settings: Iterable[str]) -> Path | None:
    """Where the receipt of a build lies: one for each output folder and way to build it."""
    folder = cache_folder()
    if folder is None:
        return None
    name = digest("\0".join([str(output.absolute()), *settings]).encode(errors="surrogateescape"))[:24]
    return folder / "receipts" / f"{name}.json"
