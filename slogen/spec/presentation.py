"""What people see: owners, panels of their own, and how dashboards are made."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema

from slogen.fields import Filled, Strict, Text, problem, text
from slogen.promql.parsing import parse
from slogen.promql.tokens import PromQLError
from slogen.spec.workloads import KubernetesName

_VARIABLE = re.compile(r"\$(?:__(?:rate_)?interval|__range)\b|\$\{__(?:rate_)?interval\}|\$\{__range\}")
_LABEL_VALUE = r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?"
_LABEL_NAME = r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?(?=.)" + _LABEL_VALUE
_LINK = re.compile(r"(?:https?://|/)\S*")
MOST_PANELS = 24


def shown(query: str) -> str:
    """A panel's query with a length of time in place of Grafana's own variables; they are as long."""
    return _VARIABLE.sub(lambda found: "5m".rjust(len(found[0])), query)


def _query(value: object) -> str:
    written = text(value)
    try:
        parse(shown(written))
    except PromQLError as failure:
        raise problem("promql/syntax", failure.message, failure.hint, offset=failure.start) from None
    return written


def _web(value: object) -> str:
    if not _LINK.fullmatch(text(value)):
        raise problem("config/link", "a link is wanted", "begin with https:// or /")
    return text(value)


WebLink = Annotated[str, PlainValidator(_web), WithJsonSchema({"type": "string", "pattern": r"^(https?://|/)\S*$"})]
PanelQuery = Annotated[str, PlainValidator(_query), WithJsonSchema({"type": "string"})]


class Owner(Strict):
    """Whom to call."""

    channel: Filled | None = Field(None, description="Where the team talks, such as '#payments'.")
    escalation: Filled | None = Field(None, description="Who is called when nobody answers, and how.")
    link: WebLink | None = Field(None, description="The team's page, or its on-call rota.")


class QuerySpec(Strict):
    """One query of a panel."""

    expr: PanelQuery = Field(description="PromQL; $__rate_interval, $__interval and $__range are Grafana's.")
    legend: Text = Field("", description="Name of each series, such as {{pod}}.")


def _long_form(value: object) -> object:
    return {"expr": value} if isinstance(value, str) else value


class PanelSpec(Strict):
    """A panel of the team's own on the service's dashboard."""

    title: Filled = Field(description="Title, unique on the dashboard.")
    description: Filled = Field(description="How to read it.")
    unit: Filled = Field(description="Unit of the values as Grafana names it: s, bytes, percentunit, reqps, short.")
    type: Literal["timeseries", "stat", "table"] = Field("timeseries", description="Kind of panel.")
    queries: Annotated[
        tuple[Annotated[QuerySpec, BeforeValidator(_long_form, json_schema_input_type=str | QuerySpec)], ...],
        Field(min_length=1, max_length=10, strict=False),
    ] = Field(description="PromQL, each a text or with a legend.")
    width: Annotated[int, Field(ge=4, le=24)] = Field(8, description="Columns of 24.")
    height: Annotated[int, Field(ge=3, le=24)] = Field(8, description="Rows of the grid.")


Panels = Annotated[tuple[PanelSpec, ...], Field(max_length=MOST_PANELS, strict=False)]


def _label_name(value: object) -> str:
    if not re.fullmatch(_LABEL_NAME, text(value)):
        hint = "write it as grafana_dashboard or example.com/dashboards"
        raise problem("config/kubernetes-label", f"{text(value)[:80]!r} is no label of Kubernetes", hint)
    return text(value)


def _label_value(value: object) -> str:
    if not re.fullmatch(_LABEL_VALUE, text(value)):
        hint = "write up to 63 of A-Z, a-z, 0-9, -, _ and ., the first and the last one a letter or a digit"
        raise problem("config/kubernetes-label", f"{text(value)[:80]!r} is no value of a label of Kubernetes", hint)
    return text(value)


KubernetesLabels = dict[
    Annotated[str, PlainValidator(_label_name), WithJsonSchema({"type": "string", "pattern": f"^{_LABEL_NAME}$"})],
    Annotated[str, PlainValidator(_label_value), WithJsonSchema({"type": "string", "pattern": f"^{_LABEL_VALUE}$"})],
]


class ConfigMap(Strict):
    """Dashboards as Kubernetes ConfigMaps, for the sidecar that loads them."""

    namespace: KubernetesName | None = Field(None, description="Namespace of the ConfigMaps.")
    labels: KubernetesLabels = Field(
        default_factory=lambda: {"grafana_dashboard": "1"}, description="Labels by which the sidecar finds them."
    )


class Dashboards(Strict):
    """How dashboards are made."""

    folder: Filled = Field("SLOs", description="Grafana folder that they are provisioned to.")
    deploys: PanelQuery | None = Field(
        None,
        description="PromQL that has a sample when a service is deployed, $service being its name; else new ReplicaSets"
        " of its workloads.",
    )
    config_map: ConfigMap | None = Field(None, description="Write ConfigMaps too.")
