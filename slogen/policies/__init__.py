"""Alert policies, one file each.

A plug-in holds `Params` (what an AlertPolicy document may set under the plug-in's name) and `alerts(slo, params)`;
where it wants anything recorded for its alerts, does not suit every SLO, or has alerts that make others needless, also
`needs`, `problems` and `MUTES`. `RUNBOOK` is what the service's runbook says of its alerts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

from slogen.advice import Advice
from slogen.discovery import plugins
from slogen.levels import Level
from slogen.model import Objective, Slo
from slogen.rules import Draft, Mute, Needs

Problem = tuple[str, str, str]
"""Code, message and hint of a reason why parameters do not suit an SLO."""


def _nothing(_slo: Slo, _level: Level, _objective: Objective, _params: Any) -> Needs:
    return Needs()


def _suits(_slo: Slo, _params: Any) -> Iterable[Problem]:
    return ()


@dataclass(frozen=True, slots=True)
class PolicyPlugin:
    """A module in this folder: its parameters, its alerts, what it wants recorded at a level for an objective, what is
    wrong with it for an SLO, which alerts its own make needless, and what runbooks say."""

    params: type[BaseModel]
    alerts: Callable[[Slo, Any], Iterable[Draft]]
    needs: Callable[[Slo, Level, Objective, Any], Needs]
    problems: Callable[[Slo, Any], Iterable[Problem]]
    mutes: tuple[Mute, ...]
    runbook: Advice


@cache
def policy_plugins() -> dict[str, PolicyPlugin]:
    """The policy plug-ins by the name of their section in a document."""
    return {
        name: PolicyPlugin(
            module.Params,
            module.alerts,
            getattr(module, "needs", _nothing),
            getattr(module, "problems", _suits),
            getattr(module, "MUTES", ()),
            getattr(module, "RUNBOOK", Advice()),
        )
        for name, module in plugins(__name__).items()
    }
