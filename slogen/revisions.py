"""What git knows: which files differ from a revision."""

from __future__ import annotations

import subprocess


def changed_files(base: str) -> set[str]:
    """Paths, from the current folder, that differ from `base` or are new. Raises ValueError where git cannot say."""
    if base.startswith("-"):
        raise ValueError(f"'{base}' is no revision")
    found: set[str] = set()
    for command in (
        ["diff", "--name-only", "--relative", "-z", base, "--"],
        ["ls-files", "--others", "-z", "--exclude-standard"],
    ):
        try:
            done = subprocess.run(["git", *command], capture_output=True, text=True, check=False)
        except OSError as problem:
            raise ValueError(f"git cannot be run: {problem.strerror}") from None
        if done.returncode:
            lines = done.stderr.strip().splitlines() or ["git failed"]
            raise ValueError(lines[0])
        found |= set(filter(None, done.stdout.split("\0")))
    return found
