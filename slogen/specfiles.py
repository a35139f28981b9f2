"""Which files a command reads: the specs below the paths it was given, and the configuration."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from slogen import naming

SPECS = Path("slos")
GENERATED = (
    naming.RULES_SUFFIX,
    naming.TESTS_SUFFIX,
    naming.CONFIG_MAP_SUFFIX,
    f"/{naming.INHIBIT_RULES}",
    f"/{naming.PROVISIONING}",
)
"""Ends of the paths of files that are outputs, wherever they lie."""

CONFIGS = (Path("slogen.yaml"), Path("slogen.yml"))


@dataclass(frozen=True, slots=True)
class Request:
    """The files that a command reads, and where it was asked to look."""

    asked: tuple[Path, ...]
    files: tuple[str, ...]
    folders: Mapping[str, str]

    def folder(self, file: str) -> str:
        """The folder below its root that a spec's outputs go to."""
        return self.folders.get(file, "")

    def asks(self, file: str) -> bool:
        """Whether a spec, perhaps one that is gone, lies where the command was asked to look."""
        return is_asked_for(file, self.asked)


def request(paths: Sequence[Path], config: Path | None) -> Request:
    """What a command reads for these paths, `slos/` where there are none."""
    asked = tuple(paths) or (SPECS,)
    folders = spec_folders(asked)
    return Request(asked, (*(path.as_posix() for path in config_files(config)), *folders), folders)


def config_files(config: Path | None) -> list[Path]:
    """The configuration that was named, or else `slogen.yaml` (or .yml) where it exists."""
    return [config] if config is not None else [path for path in CONFIGS if path.exists()]


def is_asked_for(file: str, asked: Sequence[Path]) -> bool:
    """Whether a spec, perhaps one that is gone, lies where a command was asked to look."""
    return any(Path(file).is_relative_to(path) for path in asked)


def spec_folders(asked: Sequence[Path]) -> dict[str, str]:
    """Spec files to read, and for each the folder below its root, which outputs mirror.

    A path inside `slos/` brings all of `slos/` along: policies and name clashes are the whole repository's.
    """
    folders: dict[str, str] = {}
    for path in asked:
        inside = path.is_relative_to(SPECS) and SPECS.is_dir()
        for file in find_spec_files([SPECS if inside and path.exists() else path]):
            if file in CONFIGS or file.as_posix().endswith(GENERATED):
                continue
            root = SPECS if file.is_relative_to(SPECS) else path
            folder = file.parent.relative_to(root).as_posix() if file != root else "."
            folders.setdefault(file.as_posix(), "" if folder == "." else folder)
    return folders


def find_spec_files(paths: Sequence[Path], suffixes: tuple[str, ...] = (".yaml", ".yml")) -> list[Path]:
    """The given files, and every one with such a suffix below the given folders, hidden ones left out, sorted.

    A path that is neither file nor readable folder stays in the list, for `read_files` to say so, and so does a
    folder that has the name of a file.
    """
    found: set[Path] = set()
    for path in paths:
        if not path.is_dir():
            found.add(path)
            continue
        for folder, folders, files in os.walk(path, onerror=lambda problem: found.add(Path(problem.filename))):
            names = [name for name in (*files, *folders) if not name.startswith(".")]
            found.update(Path(folder, name) for name in names if name.endswith(suffixes))
            folders[:] = [name for name in folders if name in names and Path(folder, name) not in found]
    return sorted(found, key=lambda path: path.as_posix())
