"""Plug-in folders: a module in the folder is a plug-in, its file name is its name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType


@cache
def plugins(package: str) -> dict[str, ModuleType]:
    """Modules of `package` by name, sorted; names that start with an underscore are not plug-ins."""
    folder = import_module(package)
    names = sorted(found.name for found in iter_modules(folder.__path__) if not found.name.startswith("_"))
    return {name: import_module(f"{package}.{name}") for name in names}


def families(package: str) -> list[str]:
    """Names of the folders in `package` that hold plug-ins, sorted."""
    folder = import_module(package)
    return sorted(one.name for one in iter_modules(folder.__path__) if one.ispkg and not one.name.startswith("_"))


def codes(package: str) -> list[str]:
    """`family/plug-in` for each plug-in in the folders of `package`, with dashes, without loading them."""
    found = []
    for family in families(package):
        folder = import_module(f"{package}.{family}")
        names = (one.name for one in iter_modules(folder.__path__))
        found += [f"{family}/{name.replace('_', '-')}" for name in names if not name.startswith("_")]
    return sorted(found)
