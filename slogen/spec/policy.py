"""`kind: AlertPolicy`: parameters for the policy plug-ins, under a name that SLOs refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, create_model

from slogen.fields import Name, Strict, Text
from slogen.policies import policy_plugins


class Metadata(Strict):
    """Which policy it is."""

    name: Name = Field(description="Name that SLOs refer to.")
    description: Text = Field("", description="What it is for.")


class PolicyBase(Strict):
    """Which alerts there are. A section that is left out raises none, unless the extended policy has it."""

    extends: Name | None = Field(None, description="Policy whose sections are taken over, key by key.")


def section_key(name: str) -> str:
    """Key of a plug-in's section in a document: `burn_rate` is written burnRate."""
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)


def _policy_model() -> type[PolicyBase]:
    fields: dict[str, Any] = {
        name: (plugin.params | Literal["off"] | None, Field(None, description=(plugin.params.__doc__ or "").strip()))
        for name, plugin in policy_plugins().items()
    }
    return create_model("PolicySpec", __base__=PolicyBase, __doc__=PolicyBase.__doc__, **fields)


if TYPE_CHECKING:
    PolicySpec = PolicyBase
else:
    PolicySpec = _policy_model()


class PolicyDocument(Strict):
    """An alert policy that SLOs share."""

    api_version: Literal["slogen/v1"]
    kind: Literal["AlertPolicy"]
    metadata: Metadata
    spec: PolicySpec
