"""`slogen test`: the alerts of each SLO and resource, on promtool."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from slogen.cli import _options

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from slogen.proof.session import Proof


def _shard(_ctx: click.Context, _parameter: click.Parameter, given: str) -> tuple[int, int]:
    number, _, count = given.partition("/")
    if not (number.isdigit() and count.isdigit() and 1 <= int(number) <= int(count)):
        raise click.BadParameter("write 1/3 for the first of three parts")
    return int(number), int(count)


@click.command()
@_options.paths
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("generated"),
    show_default=True,
    help="Folder with the built rules.",
)
@_options.config
@click.option("--changed", metavar="BASE", help="Only services whose files differ from this git revision.")
@click.option("--shard", default="1/1", metavar="I/N", callback=_shard, help="Only the I-th of N parts.")
@click.option("--format", "form", type=click.Choice(["text", "json", "junit"]), default="text", show_default=True)
@click.option("-j", "--jobs", type=click.IntRange(1, 256), help="Tests at a time; as many as there are cores.")
@click.pass_context
def command(
    ctx: click.Context,
    paths: tuple[Path, ...],
    output: Path,
    config: Path | None,
    changed: str | None,
    shard: tuple[int, int],
    form: str,
    jobs: int | None,
) -> None:
    """Judge the built alerts on promtool: do they fire, stay silent and reset when their formulas say so?

    For each SLO a past is made up in which everything fails, a little too much fails, a little less than that, one
    request fails, traffic stops, the series vanish; for each resource one in which memory leaks, stays as it is, is
    given back by a restart, or lacks a limit. PATHS are spec files or folders of them, slos/ when none is given.
    `promtool` is the one on PATH, or PROMTOOL. Results are kept by content. Exits with 1 when anything is wrong.

    \b
    Example:
      slogen test
      slogen test slos/checkout.yaml
      slogen test --changed origin/main --format junit > tests.xml
    """
    from slogen import pipeline  # noqa: PLC0415
    from slogen.cli import _proof_report  # noqa: PLC0415
    from slogen.cli._print import print_findings  # noqa: PLC0415
    from slogen.proof import session  # noqa: PLC0415

    promtool = _promtool()
    compiled = pipeline.compile_specs(paths, config)
    print_findings(compiled.warnings)
    every = list(session.proofs(compiled.plan, output, None if changed is None else _changed(changed)))
    every = _part(every, *shard)
    verdicts = session.judge(promtool, every, jobs or os.cpu_count() or 1, _progress())
    untested = list(session.untested(compiled.plan))
    report = {"text": _proof_report.text, "json": _proof_report.as_json, "junit": _proof_report.junit}[form]
    click.echo(report(verdicts, untested))
    if any(verdict.failed for verdict in verdicts):
        ctx.exit(1)


def _promtool() -> Path:
    from shutil import which  # noqa: PLC0415

    found = which(os.environ.get("PROMTOOL") or "promtool")
    if found is None:
        raise click.UsageError("there is no promtool: install Prometheus, or name one with PROMTOOL=/path/to/promtool")
    return Path(found)


def _part(every: Sequence[Proof], number: int, count: int) -> list[Proof]:
    """Whole shapes, so that no part judges what another one does."""
    shapes = sorted({proof.shape for proof in every})
    own = set(shapes[number - 1 :: count])
    return [proof for proof in every if proof.shape in own]


def _changed(base: str) -> set[str]:
    from slogen.revisions import changed_files  # noqa: PLC0415

    try:
        return changed_files(base)
    except ValueError as problem:
        raise click.BadParameter(str(problem), param_hint="--changed") from None


def _progress() -> Callable[[int, int], None]:
    """A line that counts, on a terminal."""
    if not sys.stderr.isatty():
        return lambda _done, _total: None

    def told(done: int, total: int) -> None:
        click.echo(
            f"\r{done} of {total} pasts judged{'' if done < total else chr(13) + ' ' * 40 + chr(13)}",
            nl=False,
            err=True,
        )

    return told
