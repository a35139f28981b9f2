"""`slogen build`: specs to generated files."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slogen.cli import _options

if TYPE_CHECKING:
    from slogen.output import Change
    from slogen.rules import Plan


@click.command()
@_options.paths
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("generated"),
    show_default=True,
    help="Folder for the output.",
)
@_options.config
@click.option(
    "--only", multiple=True, metavar="TARGET", help="Write this target only, e.g. prometheus; may be repeated."
)
@click.option("--stdout", is_flag=True, help="Print the files instead of writing them.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 when the output is not up to date.")
@click.option("--diff", is_flag=True, help="Print what changes.")
@_options.strict
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    output: Path,
    config: Path | None,
    only: tuple[str, ...],
    stdout: bool,
    check: bool,
    diff: bool,
    strict: bool,
) -> None:
    """Compile specs into rules, all of them or none.

    PATHS are spec files or folders of them, slos/ when none is given. Files of specs that are gone are removed; files
    that slogen did not write are left alone. Exits with 0 when all is well, 1 on drift (--check) or warnings
    (--strict), 2 when the input is unusable; then nothing is written.

    \b
    Example:
      slogen build
      slogen build slos/checkout.yaml --diff
      slogen build --check             in CI: is generated/ up to date?
      slogen build slos/checkout.yaml --only prometheus --stdout | promtool check rules /dev/stdin
    """
    from slogen import receipt  # noqa: PLC0415

    key = "" if diff or stdout or check else _fingerprint(paths, output, config, only)
    if key and (said := receipt.recall(key, output)) is not None:
        click.echo(f"{said}, 0 changed.", err=True)
        return

    from slogen import pipeline  # noqa: PLC0415
    from slogen.cli._print import print_findings, printable  # noqa: PLC0415
    from slogen.output import changes, write  # noqa: PLC0415
    from slogen.targets import target_plugins  # noqa: PLC0415

    for name in only:
        if name not in target_plugins():
            raise click.BadParameter(f"'{name}' is none of {', '.join(target_plugins())}", param_hint="--only")
    compiled = pipeline.compile_specs(paths, config)
    print_findings(compiled.warnings)
    artefacts = pipeline.render(compiled.plan, only)
    if stdout:
        click.echo("---\n".join(artefact.text for artefact in artefacts), nl=False)
        return
    found = changes(artefacts, output, compiled.owns, [f"{name}/" for name in only])
    if diff:
        _print_diff(found, output)
    if not check:
        write(found, output)
    said = _summary(compiled.plan, len(artefacts))
    click.echo(f"{said}, {len(found)} {'out of date' if check else 'changed'}.", err=True)
    if check:
        for change in found:
            verb = "missing" if change.old is None else "no longer made" if change.new is None else "differs"
            click.echo(f"  {printable((output / change.path).as_posix())}: {verb}", err=True)
    if key and not compiled.warnings and key == _fingerprint(paths, output, config, only):
        receipt.remember(key, output, said, {artefact.path: artefact.text for artefact in artefacts})
    if (check and found) or (strict and compiled.warnings):
        ctx.exit(1)


def _fingerprint(paths: tuple[Path, ...], output: Path, config: Path | None, only: tuple[str, ...]) -> str:
    """Empty where a file cannot be read: the build itself says so better."""
    from slogen import receipt  # noqa: PLC0415
    from slogen.specfiles import SPECS, config_files, spec_folders  # noqa: PLC0415

    asked = paths or (SPECS,)
    try:
        files = [*config_files(config), *map(Path, spec_folders(asked))]
        return receipt.fingerprint(files, [*map(str, asked), "only", *only, str(config), str(output)])
    except OSError:
        return ""


def _summary(plan: Plan, files: int) -> str:
    from slogen.cli._print import plural  # noqa: PLC0415

    alerts = sum(1 for service in plan.services for slo in service.slos for _ in slo.alerts())
    rules = alerts + sum(1 for service in plan.services for slo in service.slos for _ in slo.recordings())
    services = plural(len(plan.services), "service")
    return f"{services}, {plural(rules, 'rule')} ({plural(alerts, 'alert')}), {plural(files, 'file')}"


def _print_diff(found: list[Change], output: Path) -> None:
    from difflib import unified_diff  # noqa: PLC0415  # only for --diff

    from slogen.cli._print import is_colourful, printable  # noqa: PLC0415

    colours = {"+": "green", "-": "red", "@": "cyan"}
    for change in found:
        path = printable((output / change.path).as_posix())
        old, new = (text.splitlines(keepends=True) if text is not None else [] for text in (change.old, change.new))
        names = (path if change.old is not None else "/dev/null", path if change.new is not None else "/dev/null")
        for line in unified_diff(old, new, *names):
            text = line if line.endswith("\n") else f"{line}\n"
            click.echo(click.style(text, fg=colours.get(line[0])), nl=False, color=is_colourful(sys.stdout))
