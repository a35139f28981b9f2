"""`kind: AlertPolicy`: parameters for the policy plug-ins, under a name that SLOs refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, create_model

from slogen.fields import Name, Strict, Text, problem
from slogen.policies import policy_plugins
from slogen.resource_policies import resource_policy_plugins


class Metadata(Strict):
    """Which policy it is."""

    name: Name = Field(description="Name that SLOs refer to.")
    description: Text = Field("", description="What it is for.")


class PolicyBase(Strict):
    """Which alerts there are. A section that is left out raises none, unless the extended policy has it."""

    extends: Name | None = Field(None, description="Policy whose sections are taken over, key by key.")


def _given(value: object) -> object:
    if value is None:
        raise problem("policy/empty", "an empty section says nothing", "write {} for its defaults, or off")
    return value


def _policy_model() -> type[PolicyBase]:
    fields: dict[str, Any] = {
        name: (
            Annotated[plugin.params | Literal["off"] | None, BeforeValidator(_given)],
            Field(None, description=(plugin.params.__doc__ or "").strip()),
        )
        for name, plugin in (policy_plugins() | resource_policy_plugins()).items()
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
