"""`slogen build`: specs to generated files."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING

import click

from slogen.cli import _options

if TYPE_CHECKING:
    from slogen.building import Built, Order
    from slogen.output import Change


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
@click.option(
    "--stdout",
    is_flag=True,
    help="Print the files instead of writing them; those in YAML, unless --only asks for others.",
)
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
    from slogen.building import Order, build, build_shown  # noqa: PLC0415
    from slogen.cli._print import print_findings, printable  # noqa: PLC0415

    _check_targets(only)
    order = Order(paths, config, output, only, check)
    if stdout:
        _print_all(order)
        return
    built = build_shown(order, _print_diff) if diff else build(order)
    print_findings(built.warnings)
    click.echo(f"{_summary(built)}, {len(built.changed)} {'out of date' if check else 'changed'}.", err=True)
    if check:
        for path, verb in built.changed.items():
            click.echo(f"  {printable((output / path).as_posix())}: {verb}", err=True)
    if (check and built.changed) or (strict and built.warnings):
        ctx.exit(1)


def _check_targets(only: tuple[str, ...]) -> None:
    """As `target_plugins` finds them, without loading them."""
    found = find_spec("slogen.targets")
    places = (found and found.submodule_search_locations) or ()
    known = sorted(module.name for module in iter_modules(places) if not module.name.startswith("_"))
    for name in only:
        if name not in known:
            raise click.BadParameter(f"'{name}' is none of {', '.join(known)}", param_hint="--only")


def _print_all(order: Order) -> None:
    from slogen import pipeline  # noqa: PLC0415
    from slogen.cli._print import print_findings  # noqa: PLC0415

    compiled = pipeline.compile_specs(order.paths, order.config)
    print_findings(compiled.warnings)
    artefacts = pipeline.render(compiled.plan, order.only)
    texts = [one.text for one in artefacts if order.only or one.path.endswith((".yml", ".yaml"))]
    click.echo("---\n".join(texts), nl=False)


def _summary(built: Built) -> str:
    from slogen.cli._print import plural  # noqa: PLC0415

    rules = f"{plural(built.rules, 'rule')} ({plural(built.alerts, 'alert')})"
    return f"{plural(built.services, 'service')}, {rules}, {plural(built.files, 'file')}"


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
