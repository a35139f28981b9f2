"""Outputs, one file each with its templates beside it.

A plug-in's `artefacts(plan)` yields the files of its target, each per service or, where it names no service, for the
whole repository.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, cast

from slogen.discovery import plugins
from slogen.rules import Artefact, Plan


class Target(Protocol):
    """The shape of a module in this folder."""

    def artefacts(self, plan: Plan) -> Iterable[Artefact]:
        """Files to write, with paths below the output folder."""


def target_plugins() -> dict[str, Target]:
    """The targets by name."""
    return cast("dict[str, Target]", plugins(__name__))
