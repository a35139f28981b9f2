"""What all sections of a service's runbook share: whom to call, how to roll back, and where things are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from slogen import naming
from slogen.model import Service, Setting
from slogen.promql.templating import Raw
from slogen.runbooks.markdown import code, inline, link, tick
from slogen.workloads import Workload

_ROLLED_OUT = ("Deployment", "StatefulSet", "DaemonSet")


@dataclass(frozen=True, slots=True)
class Facts:
    """Markdown that does not differ between the alerts of a service."""

    call: Raw
    rollback: Raw
    dashboard: Raw


def facts(service: Service, setting: Setting) -> Facts:
    """The facts of a service."""
    return Facts(_call(service, setting), _rollback(service.workloads), _dashboard(service, setting))


def _call(service: Service, setting: Setting) -> Raw:
    if not service.owner:
        where = tick(service.file)
        return Raw(f"Nobody is known: the spec names no owner. Write `owner:` under `metadata` in {where}.")
    name, owner = inline(service.owner), setting.owners.get(service.owner)
    if owner is None:
        return Raw(f"**{name}**. How to reach them is not known: add them to `owners:` of the configuration.")
    told = [str(inline(owner.channel))] if owner.channel else []
    told += [f"[their page]({link(owner.link)})"] if owner.link else []
    last = f". If nobody answers: {inline(owner.escalation)}" if owner.escalation else ""
    ways = f": {', '.join(told)}" if told else ""
    return Raw(f"**{name}**{ways}{last}{'' if last.endswith('.') else '.'}")


def _rollback(workloads: tuple[Workload, ...]) -> Raw:
    commands = [command for one in workloads if one.kind in _ROLLED_OUT for command in _commands(one)]
    if commands:
        first = "Look at what was released last, and go back to the release before it where the times agree:"
        return Raw(f"{first}\n\n{code(chr(10).join(commands), 'sh')}")
    return Raw(
        "Find what was released or configured last, compare its time with the begin of the trouble, and take it back"
        " the way it came. With `workloads:` in the spec, the commands would stand here."
    )


def _commands(one: Workload) -> Iterator[str]:
    name = f"-n {one.namespace} {{}} {one.kind.lower()}/{one.name}"
    yield from (f"kubectl {name.format(f'rollout {verb}')}" for verb in ("history", "undo", "status"))


def _dashboard(service: Service, setting: Setting) -> Raw:
    uid = naming.dashboard_uid(service.name)
    if setting.boards.grafana:
        return Raw(f"[{service.name}]({link(f'{setting.boards.grafana}/d/{uid}/{service.name}')})")
    return Raw(f"{tick(naming.dashboard_file(service.folder, service.name))} (uid {tick(uid)})")
