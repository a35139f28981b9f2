"""`slogen explain`: what an SLO means and does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from slogen.cli import _options
from slogen.findings import closest, listed

if TYPE_CHECKING:
    from slogen.rules import Plan, SloPlan


@click.command()
@click.argument("slo", metavar="SERVICE[/SLO]")
@_options.paths
@_options.config
def command(slo: str, paths: tuple[Path, ...], config: Path | None) -> None:
    """Tell what an SLO promises, when its alerts fire and reset, and what it records.

    Times are for errors that begin at once and traffic that is steady; a scrape and an evaluation come on top. PATHS
    are spec files or folders of them, slos/ when none is given.

    \b
    Example:
      slogen explain checkout/availability
      slogen explain checkout            every SLO of the service
    """
    from slogen.pipeline import compile_specs  # noqa: PLC0415

    found = _find(compile_specs(paths, config).plan, slo)
    for number, planned in enumerate(found):
        if number:
            click.echo()
        _explain(planned)


def _find(plan: Plan, wanted: str) -> list[SloPlan]:
    service, slo, objective = [*wanted.split("/", 2), "", ""][:3]
    known = {f"{planned.service.name}/{part.slo.name}": part for planned in plan.services for part in planned.slos}
    found = [part for key, part in known.items() if key.split("/")[0] == service and slo in {"", part.slo.name}]
    if objective:
        found = [part for part in found if objective in {one.name for one in part.slo.objectives}]
        known = {f"{key}/{one.name}": part for key, part in known.items() for one in part.slo.objectives if one.name}
    if not found:
        close = closest(wanted, known, 0.4)
        hint = f"did you mean '{close}'?" if close else f"known: {listed(known)}"
        raise click.UsageError(f"no SLO '{wanted}': {hint}")
    return found


def _explain(planned: SloPlan) -> None:
    from slogen import explanation  # noqa: PLC0415
    from slogen.cli._print import printable, table  # noqa: PLC0415

    click.secho(printable(explanation.title(planned)), bold=True)
    for objective in planned.slo.objectives:
        click.echo(f"\n{explanation.promise(planned.slo, objective)}")
        for line in explanation.overrides(objective):
            click.echo(line)
        click.echo(explanation.budget(planned.slo, objective))
        rows = explanation.burn_table(planned, objective)
        if len(rows) > 1:
            click.echo("\n" + table(rows))
            for note in explanation.burn_notes(planned, objective):
                click.echo(f"  {note}")
        rows = explanation.traffic_table(planned, objective)
        if len(rows) > 1:
            click.echo("\nWith little traffic (events that fail by chance just spend the budget)\n" + table(rows))
    rows = explanation.other_table(planned)
    if len(rows) > 1:
        click.echo("\nOther alerts\n" + table(rows))
    click.echo("\nRecorded series\n" + table(explanation.series_table(planned)))
