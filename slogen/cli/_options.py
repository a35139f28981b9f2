"""Arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

Command = Callable[..., Any]

paths = click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
config = click.option(
    "--config",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The Config document (slogen.yaml where it exists).",
)
strict = click.option("--strict", is_flag=True, help="Exit with 1 when there are warnings.")
