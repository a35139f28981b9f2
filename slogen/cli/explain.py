"""`slogen explain`: what an SLO means and does."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from slogen.cli import _options
from slogen.findings import closest, listed

if TYPE_CHECKING:
    from slogen.rules import Plan, ResourcePlan, SloPlan


@click.command()
@click.argument("slo", metavar="SERVICE[/NAME]")
@_options.paths
@_options.config
def command(slo: str, paths: tuple[Path, ...], config: Path | None) -> None:
    """Tell what an SLO promises, or what memory is watched, when alerts fire and reset, and what is recorded.

    Times are for errors that begin at once and traffic that is steady; a scrape and an evaluation come on top. PATHS
    are spec files or folders of them, slos/ when none is given.

    \b
    Example:
      slogen explain checkout/availability
      slogen explain checkout            every SLO of the service
    """
    from slogen.pipeline import compile_specs  # noqa: PLC0415

    plan = compile_specs(paths, config).plan
    found, watched = _find(plan, slo)
    for number, planned in enumerate(found):
        if number:
            click.echo()
        _explain(planned)
    for number, resource in enumerate(watched, len(found)):
        if number:
            click.echo()
        _explain_resource(resource)


def _find(plan: Plan, wanted: str) -> tuple[list[SloPlan], list[ResourcePlan]]:
    service, slo, objective = [*wanted.split("/", 2), "", ""][:3]
    slos = {f"{planned.service.name}/{part.slo.name}": part for planned in plan.services for part in planned.slos}
    found = [part for key, part in slos.items() if key.split("/")[0] == service and slo in {"", part.slo.name}]
    resources = {
        f"{planned.service.name}/{part.resource.name}": part for planned in plan.services for part in planned.resources
    }
    watched = [
        part for key, part in resources.items() if key.split("/")[0] == service and slo in {"", key.split("/")[1]}
    ]
    known = [*slos, *resources]
    if objective:
        watched = []
        found = [part for part in found if objective in {one.name for one in part.slo.objectives}]
        known = [f"{key}/{one.name}" for key, part in slos.items() for one in part.slo.objectives if one.name]
    if not found and not watched:
        close = closest(wanted, known, 0.4)
        hint = f"did you mean '{close}'?" if close else f"known: {listed(known)}"
        raise click.UsageError(f"no SLO or resource '{wanted}': {hint}")
    return found, watched


def _explain_resource(planned: ResourcePlan) -> None:
    from slogen import explanation  # noqa: PLC0415
    from slogen.cli._print import printable, table  # noqa: PLC0415

    click.secho(printable(explanation.resource_title(planned)), bold=True)
    rows = explanation.sign_table(planned)
    if len(rows) > 1:
        click.echo("\nMemory runs out when all of one row is true\n" + table(rows))
    rows = explanation.resource_alerts(planned)
    if len(rows) > 1:
        click.echo("\nAlerts\n" + table(rows))
    click.echo("\nRecorded series\n" + table(explanation.resource_series(planned)))


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
