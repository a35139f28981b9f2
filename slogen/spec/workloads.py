"""What runs a service in Kubernetes."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, PlainValidator, WithJsonSchema

from slogen.fields import Strict, kind_of, problem

_PATTERN = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"
_LONGEST = 253

Kind = Literal["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob"]


def _kubernetes_name(value: object) -> str:
    if not isinstance(value, str):
        raise problem("spec/name", f"a name is wanted, not {kind_of(value)}", "quote it if it looks like a number")
    if len(value) > _LONGEST or not re.fullmatch(rf"{_PATTERN}(\.{_PATTERN})*", value):
        hint = "use a-z, 0-9, - and ., as Kubernetes does"
        raise problem("spec/name", f"{value[:80]!r} cannot be the name of anything in Kubernetes", hint)
    return value


KubernetesName = Annotated[
    str,
    PlainValidator(_kubernetes_name),
    WithJsonSchema({"type": "string", "pattern": rf"^{_PATTERN}(\.{_PATTERN})*$", "maxLength": _LONGEST}),
]


class Workload(Strict):
    """One workload of the service; what its containers use, and what its manifest says, is looked up by it."""

    kind: Kind = Field(description="Kind of the workload.")
    namespace: KubernetesName = Field(description="Namespace that it runs in.")
    name: KubernetesName = Field(description="Its name.")
    container: KubernetesName | None = Field(
        None, description="The container that does the service's work; all but sidecars unless given."
    )


Workloads = Annotated[tuple[Workload, ...], Field(max_length=50, strict=False)]
