"""Alert policies, one file each.

A plug-in holds `Params` (what an AlertPolicy document may set under the plug-in's name) and the functions of
`PolicyPlugin`: what it wants recorded, the alerts it raises, and what is wrong with its parameters for an SLO.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, cast

from pydantic import BaseModel

from slogen.discovery import plugins
from slogen.model import Draft, Needs, Objective, Slo


class PolicyPlugin(Protocol):
    """The shape of a module in this folder."""

    Params: type[BaseModel]

    def needs(self, slo: Slo, objective: Objective, params: Any) -> Needs:
        """Windows to record for an objective."""

    def alerts(self, slo: Slo, params: Any) -> Iterable[Draft]:
        """The alerts of an SLO, all objectives."""

    def problems(self, slo: Slo, params: Any) -> Iterable[tuple[str, str, str]]:
        """Code, message and hint of each reason why the parameters do not suit the SLO."""


def policy_plugins() -> dict[str, PolicyPlugin]:
    """The policy plug-ins by the name of their section in a document."""
    return cast("dict[str, PolicyPlugin]", plugins(__name__))
