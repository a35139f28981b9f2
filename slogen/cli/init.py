"""`slogen init`: a repository to start from."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument(
    "folder", metavar="[DIR]", default=Path(), type=click.Path(path_type=Path, file_okay=False), required=False
)
def command(folder: Path) -> None:
    """Write a first spec, a configuration, the JSON Schema for editors and a CI workflow.

    DIR is the root of a repository, this folder when none is given; it is made where it does not exist. A file that
    exists is left alone, and where slos/ holds specs already, no example is added to them.

    \b
    Example:
      slogen init
      slogen init reliability && cd reliability && slogen build
    """
    from slogen.output import Change, write  # noqa: PLC0415
    from slogen.scaffold import EXAMPLE, scaffold  # noqa: PLC0415
    from slogen.specfiles import find_spec_files  # noqa: PLC0415

    has_specs = (folder / "slos").is_dir() and bool(find_spec_files([folder / "slos"]))
    kept, made = [], []
    for path, text in scaffold().items():
        target = folder / path
        if target.exists() or target.is_symlink():
            kept.append((target, "it exists"))
        elif path == EXAMPLE and has_specs:
            kept.append((target, "slos/ holds specs already"))
        else:
            made.append(Change(path, None, text))
    write(made, folder)
    for change in made:
        click.echo(f"wrote {(folder / change.path).as_posix()}")
    for target, reason in kept:
        click.echo(f"left alone {target.as_posix()}: {reason}")
    if made:
        where = "" if folder == Path() else f" in {folder.as_posix()}"
        click.echo(f"Now run slogen build{where}, and commit what it writes to generated/ too.")
