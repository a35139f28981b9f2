"""How Grafana finds the dashboards: a provisioning file, and ConfigMaps for the sidecar that loads them in Kubernetes.

https://grafana.com/docs/grafana/latest/administration/provisioning/#dashboards
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from slogen import naming
from slogen.findings import Finding, Place, SpecError, error
from slogen.output import header
from slogen.promql.templating import environment
from slogen.rules import Artefact, Plan

LARGEST = 1024 * 1024
"""Bytes that Kubernetes lets a ConfigMap hold."""


def provisioning(plan: Plan) -> Artefact:
    """The file that makes Grafana load every dashboard into the folder of the configuration."""
    text = _template("provisioning").render(header=header(""), folder=_literal(plan.setting.boards.folder))
    return Artefact(naming.PROVISIONING, text, "")


def config_maps(plan: Plan, boards: Iterable[Artefact]) -> Iterator[Artefact]:
    """A ConfigMap for each dashboard, where the configuration asks for them.

    Raises SpecError, after the last one, for those that Kubernetes would refuse.
    """
    wanted = plan.setting.boards.config_map
    if wanted is None:
        return
    namespace, labels = wanted
    services = {naming.dashboard_file(one.service.folder, one.service.name): one.service for one in plan.services}
    refused = list[Finding]()
    for board in boards:
        service = services.get(board.path)
        path = PurePosixPath(board.path)
        if len(board.text.encode()) > LARGEST:
            refused.append(_too_large(path, service.place if service else Place(board.path)))
            continue
        text = _template("configmap").render(
            header=header(board.source),
            name=naming.config_map(service.name) if service else naming.FLEET_CONFIG_MAP,
            namespace=namespace,
            labels=labels,
            folder=plan.setting.boards.folder,
            file=path.name,
            board=board.text.rstrip(),
        )
        folder = service.folder if service else ""
        yield Artefact(naming.config_map_file(folder, path.stem), text, board.source)
    if refused:
        raise SpecError(refused)


def _too_large(path: PurePosixPath, place: Place) -> Finding:
    message = f"the dashboard {path.name} has more than 1 MiB, the most that a ConfigMap may hold"
    return error(
        "grafana/too-large", place, message, "give some of its SLOs to another service, or leave configMap out"
    )


def _template(name: str) -> Any:
    return environment(str(Path(__file__).parent)).get_template(f"grafana.{name}.yaml.j2")


def _literal(text: str) -> str:
    """Text in which Grafana, which fills environment variables into such a file, finds none."""
    return text.replace("$", "$$")
