"""The Config document to the settings that all services share, with its defaults where there is none."""

from __future__ import annotations

from collections.abc import Iterator

from slogen.attachments import template_folder, templates
from slogen.fields import merged
from slogen.findings import Finding, error, listed
from slogen.model import BoardSetting, Owner, Setting, Severity
from slogen.own_templates import template_problems
from slogen.policy_documents import builtin
from slogen.spec.config import ConfigSpec
from slogen.spec.load import Specs

QUERY_OFFSET_SINCE = (2, 53)


def resolve_config(specs: Specs) -> tuple[ConfigSpec, Setting, list[Finding]]:
    """The configuration as it was written and as it is meant, and what is wrong with it."""
    findings = list(_second_configs(specs))
    config = specs.configs[0].model.spec if specs.configs else ConfigSpec()
    if specs.configs:
        findings += _config_problems(specs, config)
    return config, _setting(specs, config), findings


def _setting(specs: Specs, config: ConfigSpec) -> Setting:
    target = config.target
    return Setting(
        retention=target.retention,
        query_offset=target.query_offset,
        severity_label=config.labels.severity,
        owner_label=config.labels.owner,
        severity_values={Severity.PAGE: config.severities.page, Severity.TICKET: config.severities.ticket},
        dashboard_url=config.links.dashboard or "",
        runbook_url=config.links.runbook or "",
        owners=_owners(config),
        boards=_boards(config),
        templates=templates(specs.configs[0], specs.texts) if specs.configs else {},
        template_folder=template_folder(specs.configs[0]) if specs.configs else "",
    )


def _owners(config: ConfigSpec) -> dict[str, Owner]:
    return {
        name: Owner(name, one.channel or "", one.escalation or "", one.link or "")
        for name, one in config.owners.items()
    }


def _boards(config: ConfigSpec) -> BoardSetting:
    written = config.dashboards
    wanted = written.config_map
    return BoardSetting(
        grafana=(config.links.grafana or "").rstrip("/"),
        folder=written.folder,
        deploys=written.deploys or "",
        config_map=None if wanted is None else (wanted.namespace or "", merged(wanted.labels)),
    )


def _second_configs(specs: Specs) -> Iterator[Finding]:
    for spec in specs.configs[1:]:
        message = f"a second Config; the first is at {specs.configs[0].document.place(())}"
        yield error("config/duplicate", spec.document.place(()), message, "keep one, in slogen.yaml")


def _config_problems(specs: Specs, config: ConfigSpec) -> Iterator[Finding]:
    document = specs.configs[0].document
    if config.target.query_offset is not None and config.target.version < QUERY_OFFSET_SINCE:
        message = "queryOffset needs Prometheus 2.53"
        yield error(
            "config/version",
            document.place(("spec", "target", "queryOffset")),
            message,
            'leave it out, or write version: "2.53"',
        )
    known = {spec.model.metadata.name for spec in specs.policies} | builtin().keys()
    if config.defaults.policy not in known:
        place = document.place(("spec", "defaults", "policy"))
        yield error(
            "policy/unknown",
            place,
            f"no policy is named '{config.defaults.policy}'",
            f"known: {listed(known)}",
        )
    own = templates(specs.configs[0], specs.texts)
    yield from template_problems(template_folder(specs.configs[0]), tuple(own.items()))
    if config.labels.severity == config.labels.owner:
        place = document.place(("spec", "labels", "owner"))
        yield error("config/labels", place, "severity and owner cannot be one label", "give them different names")
    if config.severities.page == config.severities.ticket:
        place = document.place(("spec", "severities"))
        yield error("config/severities", place, "page and ticket cannot have one value", "give them different values")
    for name in (config.labels.severity, config.labels.owner):
        if name in config.defaults.labels:
            place = document.place(("spec", "defaults", "labels", name), key=True)
            yield error("spec/identity-label", place, f"the label '{name}' is set by slogen", "choose another name")
