"""A receipt of the last build, so that building the same again takes no longer than looking.

It says which inputs gave which outputs, all by content, and lies in the user's cache folder, never in the repository.
It only ever answers 'all is as it was'; anything else, a missing or damaged receipt included, means a full build.
`SLOGEN_CACHE` names another folder, or is `off`.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import stat
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from slogen.findings import SpecError
from slogen.output import present_files

_LIBRARIES = ("jinja2", "promql_parser", "pydantic", "pydantic_core", "yaml")
_LARGEST = 1024 * 1024


def fingerprint(files: Iterable[Path], settings: Iterable[str]) -> str:
    """A hash of everything that a build depends on: the specs' content, the settings, this program, its libraries.

    Raises OSError where a file cannot be read; a full build then says so properly.
    """
    digest = hashlib.sha256()
    for setting in (*settings, sys.version, str(Path.cwd())):
        digest.update(f"{setting}\0".encode(errors="surrogateescape"))
    for file in files:
        digest.update(f"{file.as_posix()}\0{_hash(_read(file))}\0".encode(errors="surrogateescape"))
    for file in _program():
        digest.update(file.read_bytes())
    for file in _libraries():
        status = file.stat()
        digest.update(f"{file}\0{status.st_mtime_ns}\0{status.st_size}\0".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _read(file: Path) -> bytes:
    status = file.stat()
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        raise OSError(f"{file} is no file to compile")
    return file.read_bytes()


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


def recall(key: str, output: Path) -> str | None:
    """What the last build of `output` said, when it was this one and every file there is as it left it."""
    place = _place(output)
    if place is None:
        return None
    try:
        receipt = json.loads(place.read_text(encoding="utf-8"))
        if receipt["key"] != key or _contents(output) != receipt["files"]:
            return None
        return str(receipt["said"])
    except (OSError, ValueError, KeyError, TypeError, SpecError):
        return None


def remember(key: str, output: Path, said: str, wanted: Mapping[str, str]) -> None:
    """Keep a receipt of the build that just wrote `wanted` (text by path) to `output`.

    Does nothing where something else is there already, or where there is no place to keep it.
    """
    place = _place(output)
    if place is None:
        return
    with contextlib.suppress(OSError, SpecError):
        present = _contents(output)
        if any(present.get(path) != _hash(text.encode()) for path, text in wanted.items()):
            return
        receipt = {"key": key, "files": present, "said": said}
        place.parent.mkdir(parents=True, exist_ok=True)
        temporary = place.with_name(f"{place.name}.{secrets.token_hex(8)}")
        with temporary.open("x", encoding="utf-8") as file:
            json.dump(receipt, file)
        temporary.replace(place)


def _contents(output: Path) -> Mapping[str, str]:
    """Hashes of the generated files below a folder, and the names of all others."""
    return {path: _hash((text or "").encode(errors="surrogateescape")) for path, text in present_files(output)}


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def cache_folder() -> Path | None:
    """Where what can be made again is kept, or None where nothing is to be kept."""
    chosen = os.environ.get("SLOGEN_CACHE", "")
    if chosen == "off":
        return None
    home = os.environ.get("XDG_CACHE_HOME") or os.environ.get("HOME")
    if not chosen and not home:
        return None
    return Path(chosen) if chosen else Path(home or "", "" if os.environ.get("XDG_CACHE_HOME") else ".cache", "slogen")


def _place(output: Path) -> Path | None:
    folder = cache_folder()
    if folder is None:
        return None
    name = _hash(str(output.absolute()).encode(errors="surrogateescape"))[:24]
    return folder / "receipts" / f"{name}.json"
