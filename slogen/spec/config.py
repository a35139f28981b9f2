"""`kind: Config`: what the repository's specs share, in `slogen.yaml`."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from slogen.fields import Duration, Filled, LabelName, Labels, Name, Strict, problem
from slogen.spec.grouping import Window
from slogen.spec.lint import Lint
from slogen.spec.manifests import ManifestRules

_VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})(?:\.\d{1,3})?")
OLDEST = (2, 42)
_PLACEHOLDER = re.compile(r"\{[^}]*\}")
PLACEHOLDERS = ("{service}", "{folder}", "{slo}", "{objective}", "{alert}", "{anchor}")


def _version(value: object) -> tuple[int, int]:
    match = _VERSION.fullmatch(str(value))
    if match is None:
        raise problem("config/version", f"{str(value)[:40]!r} is not a version", 'write "2.42" or "3.5", in quotes')
    version = (int(match[1]), int(match[2]))
    if version < OLDEST:
        raise problem("config/version", f"Prometheus {match[0]} is older than 2.42, the oldest supported", "update it")
    return version


def _link(value: object) -> str:
    if not isinstance(value, str) or not re.match(r"https?://|/", value):
        raise problem("config/link", "a link is wanted", "begin with https:// or /")
    for found in _PLACEHOLDER.findall(value):
        if found not in PLACEHOLDERS:
            raise problem("config/link", f"no such placeholder: {found[:40]}", f"use {', '.join(PLACEHOLDERS)}")
    return value


Version = Annotated[Any, PlainValidator(_version), WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "number"}]})]
Link = Annotated[str, PlainValidator(_link), WithJsonSchema({"type": "string", "pattern": "^(https?://|/)"})]


class Target(Strict):
    """The server that evaluates the rules."""

    engine: Literal["prometheus"] = Field("prometheus", description="Kind of server.")
    version: Version = Field((2, 42), description='Its version, e.g. "2.53".')
    retention: Duration | None = Field(None, description="How long it keeps data.")
    query_offset: Duration | None = Field(
        None, description="Evaluate this much in the past (needs 2.53), for late data."
    )


class Defaults(Strict):
    """What SLOs get when they name nothing themselves."""

    scrape_interval: Duration = Field(30, description="How often services are scraped; 30s unless given.")
    window: Window = Field(30 * 86400, description="Period of the error budget; 30d unless given.")
    policy: Name = Field("default", description="Alert policy.")
    labels: Labels = Field(default_factory=dict, description="Labels on every alert.")


class Severities(Strict):
    """Values of the severity label."""

    page: Filled = Field("page", description="Value for alerts that page.")
    ticket: Filled = Field("ticket", description="Value for alerts that open a ticket.")


class LabelNames(Strict):
    """Names of labels that alert routing knows."""

    severity: LabelName = Field("severity", description="Label of the severity.")
    owner: LabelName = Field("owner", description="Label of the owner.")


class Links(Strict):
    """Links in annotations; {service}, {folder}, {slo}, {objective}, {alert} and {anchor} are filled in."""

    dashboard: Link | None = Field(None, description="Dashboard of a service.")
    runbook: Link | None = Field(None, description="Runbook of an alert.")


class ConfigSpec(Strict):
    """What the repository's specs share."""

    target: Target = Field(default_factory=Target, description="The server that evaluates the rules.")
    defaults: Defaults = Field(default_factory=Defaults, description="What SLOs get when they name nothing themselves.")
    labels: LabelNames = Field(default_factory=LabelNames, description="Names of labels.")
    severities: Severities = Field(default_factory=Severities, description="Values of the severity label.")
    links: Links = Field(default_factory=Links, description="Links in annotations.")
    manifests: ManifestRules = Field(default_factory=ManifestRules, description="House rules for Kubernetes manifests.")
    lint: Lint = Field(default_factory=Lint, description="What slogen lint finds.")


class ConfigDocument(Strict):
    """The configuration of a repository."""

    api_version: Literal["slogen/v1"]
    kind: Literal["Config"]
    spec: ConfigSpec = Field(default_factory=ConfigSpec)
