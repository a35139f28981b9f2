"""What alerts carry besides their own words: links that the configuration gives, and text that is no template."""

from __future__ import annotations

import re
from urllib.parse import quote

from slogen import naming
from slogen.model import Labels, Service, Setting


def literal(text: str) -> str:
    """Text that Prometheus' templates print as it is."""
    return text.replace("{{", '{{ "{{" }}')


def links(setting: Setting, service: Service, alert: str, about: str, objective: str = "") -> Labels:
    """Dashboard and runbook of an alert about an SLO, or about a resource, as annotations."""
    values = {
        "service": service.name,
        "folder": quote(service.folder),
        "slo": about,
        "objective": objective,
        "alert": alert,
        "anchor": naming.runbook_anchor(alert, about, objective),
    }
    found = {"dashboard_url": setting.dashboard_url, "runbook_url": setting.runbook_url}
    return tuple((name, literal(_filled(link, values))) for name, link in found.items() if link)


def _filled(link: str, values: dict[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: values[found[1]], link)
