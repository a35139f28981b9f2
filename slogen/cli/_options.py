"""Arguments that several commands share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Command = Callable[..., Any]


def _from_here(_ctx: click.Context, _parameter: click.Parameter, given: tuple[Path, ...]) -> tuple[Path, ...]:
    """As findings and generated files name them, however they were written: `/repo/slos` is `slos`."""
    return tuple(Path(os.path.relpath(path)) for path in given)


paths = click.argument("paths", nargs=-1, type=click.Path(path_type=Path), callback=_from_here)
config = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The Config document (slogen.yaml where it exists).",
)
strict = click.option("--strict", is_flag=True, help="Exit with 1 when there are warnings.")
