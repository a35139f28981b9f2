"""The command line: one file per command, imported when it is called."""

from __future__ import annotations

import sys
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import click

from slogen import __version__
from slogen.findings import SpecError, closest


class Commands(click.Group):
    """Finds commands by file name and turns a SpecError into its findings and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, sorted."""
        return sorted(
            found.name.replace("_", "-") for found in iter_modules(__path__) if not found.name.startswith("_")
        )

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command of that name, or None."""
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = import_module(f"{__name__}.{name.replace('-', '_')}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Click's own, with a guess for a misspelt name."""
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as failure:
            close = closest(args[0], self.list_commands(ctx))
            hint = f" Did you mean '{close}'?" if close else ""
            raise click.UsageError(failure.message.removesuffix(".") + "." + hint, ctx) from None

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a user's mistake is told and exits with 2, anything else keeps its traceback."""
        try:
            return super().invoke(ctx)
        except SpecError as failure:
            from slogen.cli._print import print_findings  # noqa: PLC0415  # only for mistakes

            print_findings(failure.findings)
            ctx.exit(2)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="slogen")
def main() -> None:
    """Compile SLO specs into Prometheus rules and alerts with exact error budgets.

    \b
    Example:
      slogen init          write a first spec, a configuration and a CI workflow
      slogen build         compile slos/ into generated/
    """


if __name__ == "__main__":
    sys.exit(main())
