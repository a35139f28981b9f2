"""`slogen lint`: what is wrong with specs and rules, before it ships?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from slogen.cli import _options

if TYPE_CHECKING:
    from slogen.linting import Outcome, Request
    from slogen.live import LiveServer

FORMATS = ["text", "json", "sarif", "github", "gitlab", "junit", "markdown"]
LEVELS = ["error", "warning", "info"]


@click.command()
@_options.paths
@_options.config
@click.option("--format", "form", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option(
    "--fail-on", type=click.Choice([*LEVELS, "never"]), default="warning", show_default=True,
    help="Exit with 1 on findings of this severity or worse.",
)  # fmt: skip
@click.option(
    "--min-severity", type=click.Choice(LEVELS), default="info", show_default=True,
    help="Tell findings of this severity or worse.",
)  # fmt: skip
@click.option("--changed", metavar="BASE", help="Only findings in files that differ from this git revision.")
@click.option(
    "--baseline", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Findings that are accepted for now, and not told.",
)  # fmt: skip
@click.option("--write-baseline", is_flag=True, help="Accept everything that is found: write it to the baseline.")
@click.option("--fix", is_flag=True, help="Mend what can be mended with certainty, in files that slogen did not write.")
@click.option(
    "--prometheus", metavar="URL",
    help="A server to ask: are the metrics, labels and buckets there? SLOGEN_PROMETHEUS_AUTHORIZATION is its header.",
)  # fmt: skip
@click.option(
    "--alertmanager", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Alertmanager's configuration: does every alert reach a receiver?",
)  # fmt: skip
@click.option("--explain", metavar="CODE", help="Tell what a code means, and how to mend it; 'all' lists them.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    config: Path | None,
    form: str,
    fail_on: str,
    min_severity: str,
    changed: str | None,
    baseline: Path | None,
    write_baseline: bool,
    fix: bool,
    prometheus: str | None,
    alertmanager: Path | None,
    explain: str | None,
) -> None:
    """Find mistakes in specs, generated rules and hand-written rules, each on its line.

    PATHS are files or folders of specs and of Prometheus rules, slos/ and generated/prometheus/ when none is given. A
    comment says that a finding is meant so: # slogen:ignore CODE why. Severities and bounds are in spec.lint of the
    configuration. Exits with 0 when nothing is as bad as --fail-on, 1 when something is, 2 when something cannot be
    read.

    \b
    Example:
      slogen lint
      slogen lint rules/ --fix
      slogen lint --explain promql/range-short
      slogen lint rules/ --baseline lint.json --write-baseline      accept what there is
      slogen lint rules/ --baseline lint.json --format github       in CI: only what is new
    """
    from datetime import date  # noqa: PLC0415

    from slogen.cli._lint_formats import rendered  # noqa: PLC0415
    from slogen.findings import Severity  # noqa: PLC0415
    from slogen.lint.baseline import split  # noqa: PLC0415
    from slogen.linting import Request, lint  # noqa: PLC0415

    if explain is not None:
        _explain(ctx, explain)
        return
    if write_baseline and baseline is None:
        raise click.UsageError("--write-baseline needs --baseline FILE", ctx)
    differing = None if changed is None else _changed(changed)
    request = Request(paths, config, date.today(), differing, _server(prometheus), alertmanager)
    outcome = lint(request)
    mended = 0
    if fix:
        outcome, mended = _fix(outcome, request)
    if write_baseline and baseline is not None and not outcome.is_unusable:
        _accept(outcome, baseline)
        return
    found, told = outcome.found, ""
    if baseline is not None:
        new = split(found, baseline)
        found, told = new.new, f", {new.accepted} in the baseline" if new.accepted else ""
        told += f" ({new.mended} of it mended)" if new.mended else ""
    order = list(Severity)
    shown = [one for one in found if order.index(one.finding.severity) <= order.index(Severity(min_severity))]
    click.echo(rendered(form, shown), nl=False)
    click.echo(_summary(outcome, mended) + told + ".", err=True)
    if outcome.is_unusable:
        ctx.exit(2)
    if fail_on != "never" and any(order.index(one.finding.severity) <= order.index(Severity(fail_on)) for one in found):
        ctx.exit(1)


def _changed(base: str) -> set[str]:
    from slogen.revisions import changed_files  # noqa: PLC0415

    try:
        return changed_files(base)
    except ValueError as problem:
        raise click.BadParameter(str(problem), param_hint="--changed") from None


def _fix(outcome: Outcome, request: Request) -> tuple[Outcome, int]:
    """What is still wrong after mending, and how many findings were mended."""
    from slogen.lint.fixing import changes  # noqa: PLC0415
    from slogen.linting import lint  # noqa: PLC0415
    from slogen.output import write  # noqa: PLC0415

    made = changes(outcome.found)
    if not made:
        return outcome, 0
    write(made, Path())
    after = lint(request)
    return after, max(len(outcome.found) - len(after.found), 0)


def _accept(outcome: Outcome, baseline: Path) -> None:
    from slogen.cli._print import plural, printable  # noqa: PLC0415
    from slogen.lint.baseline import as_text, check_replaceable  # noqa: PLC0415
    from slogen.output import Change, write  # noqa: PLC0415

    check_replaceable(baseline)
    write([Change(baseline.name, None, as_text(outcome.found))], baseline.parent)
    click.echo(f"{plural(len(outcome.found), 'finding')} accepted in {printable(baseline.as_posix())}.", err=True)


def _summary(outcome: Outcome, mended: int) -> str:
    from slogen.cli._print import plural  # noqa: PLC0415

    looked = f"{plural(outcome.services, 'service')} and {plural(outcome.rules, 'rule')} in"
    looked += f" {plural(outcome.files, 'file')} of rules linted"
    looked += f", {plural(mended, 'finding')} mended" if mended else ""
    return looked + (f", {plural(outcome.ignored, 'finding')} meant so" if outcome.ignored else "")


def _server(url: str | None) -> LiveServer | None:
    from slogen.live import LiveServer  # noqa: PLC0415

    if url is None:
        return None
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter("an address such as http://localhost:9090 is wanted", param_hint="--prometheus")
    return LiveServer(url)


def _explain(ctx: click.Context, code: str) -> None:
    from slogen.cli._lint_explain import explained, listing  # noqa: PLC0415
    from slogen.findings import closest  # noqa: PLC0415
    from slogen.lint.checking import rules  # noqa: PLC0415

    if code == "all":
        click.echo(listing(rules()))
        return
    if code not in rules():
        close = closest(code, rules())
        hint = f"did you mean '{close}'?" if close else "--explain all lists them"
        raise click.BadParameter(f"there is no lint rule '{code}': {hint}", ctx, param_hint="--explain")
    click.echo(explained(code, rules()[code]))
