"""What `slogen init` writes: the files below `files/`, and the JSON Schema of this version."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from slogen import __version__
from slogen.spec.schema import SCHEMA_ID, spec_schema

EXAMPLE = "slos/example.yaml"
_DOT = "dot_"
"""Stands for a leading dot, which packagers and ignore files treat specially."""


def scaffold() -> dict[str, str]:
    """Text of each file by its path in the repository."""
    found = dict(_read(files(__name__) / "files", ""))
    found[f"schemas/{SCHEMA_ID}"] = spec_schema()
    return dict(sorted(found.items()))


def _read(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        name = f".{entry.name.removeprefix(_DOT)}" if entry.name.startswith(_DOT) else entry.name
        if entry.is_dir():
            yield from _read(entry, f"{path}{name}/")
        else:
            yield f"{path}{name}", entry.read_text(encoding="utf-8").replace("@VERSION@", __version__)
