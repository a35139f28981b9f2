"""What of a service can run out: `memory` and `saturation`, entries of the types in `slogen/resources/`."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, Union

from pydantic import Field

from slogen.discovery import plugins
from slogen.resource_fields import ResourceFields


@cache
def resource_types(kind: str) -> dict[str, type[ResourceFields]]:
    """The fields of each type of one kind, memory or saturation, by the type's name."""
    return {name: module.Resource for name, module in plugins("slogen.resources").items() if kind == module.KIND}


def entries(kind: str) -> Any:
    """A list of entries of that kind."""
    types = tuple(resource_types(kind).values())
    entry = Annotated[Union[types], Field(discriminator="type")]  # type: ignore[valid-type]  # noqa: UP007
    return Annotated[tuple[entry, ...], Field(max_length=20, strict=False)]
