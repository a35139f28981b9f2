"""Files that specs name: notes for runbooks, and the team's own templates.

They are read as the specs are: ordinary files of the repository, of a bounded size, in UTF-8.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from slogen.digests import digest
from slogen.findings import Finding, Place, error
from slogen.notes import NotesFile
from slogen.source import Document
from slogen.spec.config import ConfigDocument
from slogen.spec.load import Spec, Specs
from slogen.spec.service import ServiceDocument

LARGEST = 128 * 1024
"""Bytes of one file."""

MOST_TEMPLATES = 50
TEMPLATE_SUFFIX = ".j2"


@dataclass(frozen=True, slots=True)
class Attached:
    """Texts by the path that names them in findings, the digests of what was read, and what could not be."""

    texts: dict[str, str] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)


def attached(specs: Specs) -> Attached:
    """What these documents name files for."""
    found = Attached()
    for spec in specs.services:
        for notes, place in _notes(spec):
            _read_notes(notes, spec.document, place, found)
    for config in specs.configs:
        if config.model.spec.templates is not None:
            _read_templates(config, config.model.spec.templates, found)
    return found


def path_of(document: Document, written: str) -> str:
    """A path that a document names, from the current folder."""
    return os.path.normpath(Path(document.file).parent / written)


def digest_of(path: str) -> str:
    """Digest of an attached file, or of all templates of a folder; nothing where it cannot be read."""
    try:
        if Path(path).is_dir():
            told = [f"{name}\0{digest(Path(path, name).read_bytes())}\0" for name in sorted(_templates(Path(path)))]
            return digest("".join(told).encode(errors="surrogateescape"))
        return digest(Path(path).read_bytes()) if Path(path).is_file() else ""
    except OSError:
        return ""


def _notes(spec: Spec[ServiceDocument]) -> Iterator[tuple[NotesFile, Place]]:
    parts: list[tuple[Any, tuple[str | int, ...]]] = [(spec.model.spec, ("spec",))]
    for kind in ("memory", "saturation", "slos"):
        parts += ((one, ("spec", kind, number)) for number, one in enumerate(getattr(spec.model.spec, kind)))
    for part, path in parts:
        if isinstance(part.runbook, NotesFile):
            yield part.runbook, spec.document.place((*path, "runbook", "file"))


def _read_notes(notes: NotesFile, document: Document, place: Place, found: Attached) -> None:
    path = path_of(document, notes.file)
    text = _text(path, place, found)
    found.digests[path] = digest_of(path)
    if text is not None:
        found.texts[path] = text


def _read_templates(config: Spec[ConfigDocument], written: str, found: Attached) -> None:
    folder, place = path_of(config.document, written), config.document.place(("spec", "templates"))
    if not Path(folder).is_dir():
        found.findings.append(error("spec/attachment", place, f"there is no folder {folder}", "name one that exists"))
        return
    if problem := _outside(folder):
        found.findings.append(error("spec/attachment", place, *problem))
        return
    names = sorted(_templates(Path(folder)))
    if len(names) > MOST_TEMPLATES:
        message = f"{len(names)} templates, and {MOST_TEMPLATES} are the most"
        found.findings.append(error("spec/attachment", place, message, "leave some out"))
        return
    found.digests[folder] = digest_of(folder)
    for name in names:
        text = _text(f"{folder}/{name}", place, found)
        if text is not None:
            found.texts[f"{folder}/{name}"] = text


def _templates(folder: Path) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in names:
            if name.endswith(TEMPLATE_SUFFIX) and not name.startswith("."):
                yield Path(parent, name).relative_to(folder).as_posix()


def template_folder(config: Spec[ConfigDocument]) -> str:
    """The folder of a configuration's templates, empty where it names none."""
    written = config.model.spec.templates
    return "" if written is None else path_of(config.document, written)


def templates(config: Spec[ConfigDocument], texts: Mapping[str, str]) -> dict[str, str]:
    """The templates of a configuration, by name below its folder."""
    if config.model.spec.templates is None:
        return {}
    start = f"{template_folder(config)}/"
    return {path.removeprefix(start): text for path, text in texts.items() if path.startswith(start)}


def _outside(path: str) -> tuple[str, str] | None:
    if Path(path).resolve().is_relative_to(Path.cwd().resolve()):
        return None
    return f"{path} lies outside of the repository", "name one inside it"


def _text(path: str, place: Place, found: Attached) -> str | None:
    wrong: tuple[str, str] | None = _outside(path)
    try:
        if wrong is None and not Path(path).is_file():
            wrong = f"there is no file {path}", "name one that exists, from the folder of this file"
        if wrong is None:
            with Path(path).open("rb") as file:
                data = file.read(LARGEST + 1)
            if len(data) <= LARGEST:
                return data.decode("utf-8").removeprefix("\ufeff").replace("\r\n", "\n")
            wrong = f"{path} is larger than {LARGEST // 1024} KiB", "shorten it"
    except UnicodeDecodeError as failure:
        wrong = f"{path}: byte {failure.start} is not UTF-8", "save it as UTF-8"
    except OSError as failure:
        wrong = f"{path} cannot be read: {failure.strerror}", "mend its permissions"
    found.findings.append(error("spec/attachment", place, *wrong))
    return None
