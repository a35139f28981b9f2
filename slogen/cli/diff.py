"""`slogen diff`: what a change of specs means."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slogen.cli import _options

if TYPE_CHECKING:
    from slogen.sides import Source

_FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)


@click.command()
@click.argument("base", required=False, metavar="[BASE]")
@_options.paths
@click.option(
    "--from", "from_", type=_FOLDER, help="Compare this folder instead of a revision; then all arguments are PATHS."
)
@click.option("--to", type=_FOLDER, help="With --from: compare it with this folder instead of the working tree.")
@_options.config
@click.option("--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
@click.option("--exit-code", is_flag=True, help="Exit with 1 when more than words changed.")
@click.pass_context
def command(
    ctx: click.Context,
    base: str | None,
    paths: tuple[Path, ...],
    from_: Path | None,
    to: Path | None,
    config: Path | None,
    form: str,
    exit_code: bool,
) -> None:
    """Tell what a change of specs means: budgets, alerts, history, cost; the most dangerous first.

    BASE is a git revision to compare the working tree with, or two as in main..HEAD (main...HEAD: where they parted);
    without it, where HEAD left origin/main or main. PATHS are spec files or folders of them, slos/ when none is given.
    Exits with 0, whatever changed; with 2 when a side is unusable.

    \b
    Example:
      slogen diff
      slogen diff main --format markdown > comment.md
      slogen diff v1.4..v1.5 slos/checkout.yaml
      slogen diff --from ../old --to ../new --exit-code
    """
    from datetime import datetime  # noqa: PLC0415

    from slogen.difference import report as told  # noqa: PLC0415
    from slogen.sides import compared  # noqa: PLC0415

    if to is not None and from_ is None:
        raise click.UsageError("--to wants --from", ctx)
    if from_ is not None:
        paths = (*([Path(base)] if base is not None else []), *paths)
        before, after = _folders(from_, to)
    else:
        before, after = _revisions(base)
        if any(".." in path.parts or path.is_absolute() for path in (*paths, *([config] if config else []))):
            raise click.UsageError("a path outside of the current folder cannot be compared with a revision", ctx)
    report = compared(before, after, paths, config, datetime.now(UTC).date())
    if form == "json":
        click.echo(told.as_json(report))
    elif form == "markdown":
        click.echo(told.as_markdown(report), nl=False)
    else:
        for line in told.as_text(report):
            click.echo(line)
    if exit_code and report.is_meaning:
        ctx.exit(1)


def _folders(from_: Path, to: Path | None) -> tuple[Source, Source]:
    from slogen.sides import WORKING_TREE, Source  # noqa: PLC0415

    after = Source(WORKING_TREE) if to is None else Source(to.as_posix(), to, named=True)
    return Source(from_.as_posix(), from_, named=True), after


def _revisions(base: str | None) -> tuple[Source, Source]:
    from slogen.revisions import commit_of, merge_base, parted_from_main  # noqa: PLC0415
    from slogen.sides import WORKING_TREE, Source  # noqa: PLC0415

    try:
        if base is None:
            name, commit = parted_from_main()
            return Source(name, commit=commit), Source(WORKING_TREE)
        one, dots, other = base.partition("...")
        if not dots:
            one, dots, other = base.partition("..")
        if not dots:
            return Source(base, commit=commit_of(base)), Source(WORKING_TREE)
        one, other = one or "HEAD", other or "HEAD"
        first = merge_base(one, other) if dots == "..." else commit_of(one)
        return Source(one, commit=first), Source(other, commit=commit_of(other))
    except ValueError as failure:
        hint = ""
        if base is not None and Path(base).exists():
            hint = f": a path comes after a revision, as in slogen diff main {base}"
        raise click.UsageError(f"{failure}{hint}") from None
