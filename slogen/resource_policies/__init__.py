"""Alert policies of resources, one file each.

A plug-in holds `Params` (what an AlertPolicy document may set under the plug-in's name), `EXAMPLE` and
`alerts(resource, params)`, which yields none for a resource that lacks what it reads; where it wants anything recorded
first, also `recordings(resource, params)`, where it need not look each minute, `EVERY`, and where its alerts make
others needless, `MUTES`. `RUNBOOK` is what the service's runbook says of its alerts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

from slogen import forecast
from slogen.advice import Advice
from slogen.discovery import plugins
from slogen.model import Resource
from slogen.rules import Mute, Recording, ResourceDraft


def _nothing(_resource: Resource, _params: Any) -> Iterable[Recording]:
    return ()


@dataclass(frozen=True, slots=True)
class ResourcePolicyPlugin:
    """A module in this folder: its parameters, how often it looks (seconds), what it wants recorded, its alerts,
    which others they mute, and what runbooks say."""

    params: type[BaseModel]
    every: int
    recordings: Callable[[Resource, Any], Iterable[Recording]]
    alerts: Callable[[Resource, Any], Iterable[ResourceDraft]]
    mutes: tuple[Mute, ...]
    runbook: Advice


@cache
def resource_policy_plugins() -> dict[str, ResourcePolicyPlugin]:
    """The plug-ins by the name of their section in a document."""
    return {
        name: ResourcePolicyPlugin(
            module.Params,
            getattr(module, "EVERY", forecast.EVERY),
            getattr(module, "recordings", _nothing),
            module.alerts,
            getattr(module, "MUTES", ()),
            getattr(module, "RUNBOOK", Advice()),
        )
        for name, module in plugins(__name__).items()
    }
