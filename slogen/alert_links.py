"""What alerts carry besides their own words: links that the configuration gives, and text that is no template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote

from slogen import naming
from slogen.model import Labels, Service, Setting
from slogen.promql.build import series

BEFORE = 3600
"""Seconds before an alert that a link to a dashboard shows, where its windows do not say otherwise."""

AHEAD = 1800
"""Seconds after the last evaluation of an alert that a link to a dashboard shows."""


def literal(text: str) -> str:
    """Text that Prometheus' templates print as it is."""
    return text.replace("{{", '{{ "{{" }}')


def links(
    setting: Setting,
    service: Service,
    alert: str,
    identity: Labels,
    *,
    by: tuple[str, ...] = (),
    behind: int = BEFORE,
) -> Labels:
    """Dashboard and runbook of an alert, as annotations.

    `identity` are the labels of the SLO, of its objective, or of the resource that the alert is about, `by` those of
    its group, and `behind` the seconds before it that matter.
    """
    told = dict(identity)
    about, objective = told.get(naming.SLO) or told[naming.RESOURCE], told.get(naming.OBJECTIVE, "")
    values = {
        "service": service.name,
        "folder": quote(service.folder),
        "slo": about,
        "objective": objective,
        "alert": alert,
        "anchor": naming.runbook_anchor(alert, about, objective),
        "uid": naming.dashboard_uid(service.name),
    }
    found = {}
    if setting.dashboard_url:
        found["dashboard_url"] = literal(_filled(setting.dashboard_url, values))
    elif setting.boards.grafana:
        board = f"{literal(setting.boards.grafana)}/d/{values['uid']}/{service.name}"
        found["dashboard_url"] = f"{board}?{''.join(_view(alert, identity, by, behind))}"
    if setting.runbook_url:
        found["runbook_url"] = literal(_filled(setting.runbook_url, values))
    return tuple(found.items())


def _view(alert: str, identity: Labels, by: tuple[str, ...], behind: int) -> Iterator[str]:
    """The parameters by which a dashboard shows what the alert is about: its group, and the time around it.

    `ALERTS_FOR_STATE` has the time at which an alert began; when it is told for the first time, that is now. As long
    as it goes on, the end lies ahead, so that the dashboard goes on too.
    """
    began = series("ALERTS_FOR_STATE", (("alertname", alert), *identity))
    yield f"from={_milliseconds(f'(min({began}) or vector(time())) - {behind}')}"
    yield f"&to={_milliseconds(f'vector(time() + {AHEAD})')}"
    for label in by:
        yield f"&var-{naming.dashboard_variable(label)}={{{{ $labels.{label} | urlquery }}}}"


def _milliseconds(query: str) -> str:
    return f"{{{{ with query `{query}` }}}}{{{{ . | first | value | printf `%.0f` }}}}000{{{{ end }}}}"


def _filled(link: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], link)
