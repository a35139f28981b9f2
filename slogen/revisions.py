"""What git knows: which files differ from a revision, and what files a revision holds."""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAIN = ("origin/main", "main")
"""Branches that changes are compared with."""

_SAFE = ("--no-pager", "--literal-pathspecs", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null")
"""Options with which git runs nothing that a repository may have set up, and takes paths as they are."""

_LINK, _FILES = "120000", {"100644", "100755"}
_HOPS = 8


def changed_files(base: str) -> set[str]:
    """Paths, from the current folder, that differ from `base` or are new. Raises ValueError where git cannot say."""
    if base.startswith("-"):
        raise ValueError(f"'{base}' is no revision")
    found: set[str] = set()
    commit_of(base)
    for command in (
        ["diff", "--name-only", "--relative", "-z", base, "--"],
        ["ls-files", "--others", "-z", "--exclude-standard"],
    ):
        found |= {os.fsdecode(name) for name in _git(*command).split(b"\0") if name}
    return found


@dataclass(frozen=True, slots=True)
class Blob:
    """A file of a revision: its path from the current folder, the name of its content, and that one's size in bytes.

    `wrong` says why there is none, for a link that leads nowhere.
    """

    path: str
    name: str = ""
    size: int = 0
    wrong: str = ""


def commit_of(revision: str) -> str:
    """The full name of a commit. Raises ValueError where there is none."""
    if revision.startswith("-"):
        raise ValueError(f"'{revision}' is no revision")
    try:
        return _git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").decode().strip()
    except ValueError as failure:
        if str(failure) != "git failed":
            raise
        raise ValueError(f"git knows no revision '{revision}'") from None


def merge_base(one: str, other: str) -> str:
    """The commit at which two revisions parted. Raises ValueError where they have nothing in common."""
    try:
        return _git("merge-base", commit_of(one), commit_of(other)).decode().split("\n")[0]
    except ValueError as failure:
        if str(failure) != "git failed":
            raise
        hint = "fetch more of the history, or name a revision"
        raise ValueError(f"'{one}' and '{other}' have no common ancestor here: {hint}") from None


def parted_from_main() -> tuple[str, str]:
    """The main branch, and the commit at which HEAD left it. Raises ValueError where there is no main branch."""
    commit_of("HEAD")
    for branch in MAIN:
        try:
            commit_of(branch)
        except ValueError:
            continue
        return branch, merge_base(branch, "HEAD")
    raise ValueError(f"there is no branch {' or '.join(MAIN)} to compare with: name a revision")


def blobs(commit: str, paths: Sequence[str], suffixes: tuple[str, ...]) -> Iterator[Blob]:
    """Files of a commit at or below `paths`, all of them from the current folder; links are followed inside of it."""
    for mode, name, size, path in _tree(commit, paths):
        if not path.endswith(suffixes):
            continue
        if mode in _FILES:
            yield Blob(path, name, size)
        elif mode == _LINK:
            yield _followed(commit, path, name)


def contents(names: Sequence[str]) -> Iterator[bytes]:
    """What is in blobs, in their order. Raises ValueError where git cannot say."""
    if not names:
        return
    answer = _git("cat-file", "--batch", given="".join(f"{name}\n" for name in names).encode())
    at = 0
    for name in names:
        end = answer.index(b"\n", at)
        head = answer[at:end].split()
        if len(head) != 3 or head[1] != b"blob":
            raise ValueError(f"git has no content for {name}")
        yield answer[end + 1 : end + 1 + int(head[2])]
        at = end + 1 + int(head[2]) + 1


def _tree(commit: str, paths: Sequence[str]) -> Iterator[tuple[str, str, int, str]]:
    """Mode, name, size and path of each file; a path that would lie elsewhere is left out."""
    for entry in _git("ls-tree", "-r", "-z", "-l", commit, "--", *paths).split(b"\0"):
        if entry:
            head, _, path = entry.partition(b"\t")
            mode, _, name, size = head.decode().split()
            where = os.fsdecode(path)
            if _is_inside(where):
                yield mode, name, int(size) if size.isdigit() else 0, where


def _is_inside(path: str) -> bool:
    return not path.startswith("/") and not {"", ".", ".."} & set(path.split("/"))


def _followed(commit: str, path: str, name: str) -> Blob:
    at = path
    for _ in range(_HOPS):
        (target,) = contents([name])
        at = posixpath.normpath(posixpath.join(posixpath.dirname(at), os.fsdecode(target)))
        if not _is_inside(at):
            return Blob(path, wrong="this link leads out of the folder that is compared")
        found = [entry for entry in _tree(commit, [at]) if entry[3] == at]
        if not found:
            return Blob(path, wrong="this link leads to a file that does not exist")
        mode, name, size, _ = found[0]
        if mode in _FILES:
            return Blob(path, name, size)
    return Blob(path, wrong="this link leads to no file")


def _git(*command: str, given: bytes = b"") -> bytes:
    """What git prints. Raises ValueError with what it says instead, or `git failed` where it says nothing."""
    own = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", *_SAFE, *command], input=given, capture_output=True, check=False, env={**os.environ, **own}
        )
    except OSError as problem:
        raise ValueError(f"git cannot be run: {problem.strerror}") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["git failed"]
        raise ValueError(lines[0])
    return done.stdout
