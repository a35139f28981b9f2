"""`slogen schema`: the JSON Schema of the spec language."""

from __future__ import annotations

import click


@click.command()
def command() -> None:
    """Print the JSON Schema of the spec language, for editors.

    \b
    Example:
      slogen schema > schemas/slogen.schema.json
    """
    from slogen.spec.schema import spec_schema  # noqa: PLC0415

    click.echo(spec_schema(), nl=False)
