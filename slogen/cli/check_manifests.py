"""`slogen check-manifests`: are Kubernetes manifests fit for production?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from slogen.cli import _options


@click.command()
@_options.paths
@click.option(
    "--specs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Specs whose workloads the manifests hold, files or folders (slos/ where it exists); may be repeated.",
)
@_options.config
@click.option("-n", "--namespace", default="", metavar="NAME", help="Namespace of manifests that name none.")
@click.option("--changed", metavar="BASE", help="Only findings in files that differ from this git revision.")
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@_options.strict
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    specs: tuple[Path, ...],
    config: Path | None,
    namespace: str,
    changed: str | None,
    form: str,
    strict: bool,
) -> None:
    """Check Kubernetes manifests before they are deployed: memory limits, heaps that fit them, autoscalers, probes.

    PATHS are manifests or folders of them (*.yaml, *.yml, *.json), or - for standard input, such as what helm or
    kustomize rendered. Each finding says what happens in production, and what to write instead. The house rules are in
    spec.manifests of the configuration. Exits with 0 when all is well, 1 on errors (--strict: and on warnings), 2 when
    something cannot be read.

    \b
    Example:
      slogen check-manifests k8s/
      helm template charts/checkout | slogen check-manifests - --namespace shop
      slogen check-manifests k8s/ --changed origin/main --format github
    """
    from datetime import date  # noqa: PLC0415

    from slogen.cli import _finding_formats  # noqa: PLC0415
    from slogen.cli._print import plural, print_findings  # noqa: PLC0415
    from slogen.findings import Severity  # noqa: PLC0415
    from slogen.manifest_check import STDIN, Request, check_manifests  # noqa: PLC0415
    from slogen.yamltext.dialect import FOREIGN  # noqa: PLC0415

    if not paths:
        raise click.UsageError("name manifests, folders of them, or - for standard input", ctx)
    piped = sys.stdin.buffer.read(FOREIGN.max_bytes + 1) if STDIN in paths else b""
    differing = None if changed is None else _changed(changed)
    request = Request(paths, specs or None, config, namespace, piped, differing)
    outcome = check_manifests(request, date.today())
    if form == "json":
        click.echo(_finding_formats.as_json(outcome.findings))
    elif form == "github":
        for line in _finding_formats.github(outcome.findings):
            click.echo(line)
    else:
        print_findings(outcome.findings)
    containers = plural(outcome.containers, "container")
    exempt = f", {plural(outcome.exempt, 'finding')} exempt" if outcome.exempt else ""
    click.echo(f"{plural(outcome.workloads, 'workload')} with {containers} checked{exempt}.", err=True)
    severities = {finding.severity for finding in outcome.findings}
    if outcome.is_unusable:
        ctx.exit(2)
    if Severity.ERROR in severities or (strict and Severity.WARNING in severities):
        ctx.exit(1)


def _changed(base: str) -> set[str]:
    from slogen.revisions import changed_files  # noqa: PLC0415

    try:
        return changed_files(base)
    except ValueError as problem:
        raise click.BadParameter(str(problem), param_hint="--changed") from None
