"""`slogen validate`: are the specs sound?"""

from __future__ import annotations

from pathlib import Path

import click

from slogen.cli import _options


@click.command()
@_options.paths
@_options.config
@_options.strict
@click.pass_context
def command(ctx: click.Context, paths: tuple[Path, ...], config: Path | None, strict: bool) -> None:
    """Check specs and tell every problem with its line; write nothing.

    PATHS are spec files or folders of them, slos/ when none is given. Exits with 0 when they are sound, 2 when not.

    \b
    Example:
      slogen validate
      slogen validate slos/checkout.yaml --strict
    """
    from slogen.cli._print import plural, print_findings  # noqa: PLC0415
    from slogen.pipeline import compile_specs  # noqa: PLC0415

    compiled = compile_specs(paths, config)
    print_findings(compiled.warnings)
    slos = sum(len(service.slos) for service in compiled.plan.services)
    services = plural(len(compiled.plan.services), "service")
    click.echo(f"{services} with {plural(slos, 'SLO')}: all sound.", err=True)
    if strict and compiled.warnings:
        ctx.exit(1)
