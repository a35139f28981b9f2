"""Work on files in batches, on all cores when there is enough to do. A worker whose parent is gone ends by itself."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

Result = TypeVar("Result")
MOST_WORKERS = 8
START = "fork" if sys.platform == "linux" else "spawn"
"""A forked worker has everything loaded; elsewhere than on Linux system libraries do not bear it."""


def batches(sizes: Mapping[str, int], most: int) -> Iterator[list[str]]:
    """Files in order, so many that each batch but the last has `most` bytes or more."""
    batch: list[str] = []
    held = 0
    for file, size in sizes.items():
        batch.append(file)
        held += size
        if held >= most:
            yield batch
            batch, held = [], 0
    if batch:
        yield batch


def sizes(files: Iterable[str]) -> dict[str, int]:
    """Bytes of each file, 0 for what cannot be seen."""
    return {file: _size(file) for file in files}


def work_on(
    parts: Sequence[Sequence[str]], work: Callable[[Any, Sequence[str]], Result], job: Any, alone: bool
) -> Generator[Result, None, None]:
    """`work(job, part)` for each part, in order; in this process where several do not pay (`alone`) or cannot be."""
    workers = min(cores(), len(parts), MOST_WORKERS)
    if alone or workers < 2 or threading.active_count() > 1:
        for part in parts:
            with uncollected():
                done = work(job, part)
            yield done
        return
    gc.collect()
    gc.freeze()
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415  # most runs want one process
    from multiprocessing import get_context  # noqa: PLC0415

    pool = ProcessPoolExecutor(workers, get_context(START), _begin, (job, work, os.getpid()))
    try:
        yield from pool.map(_work, parts)
    finally:
        pool.shutdown(cancel_futures=True)
        gc.unfreeze()


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the garbage collector: nearly all that a batch makes lives as long as the batch."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def _size(file: str) -> int:
    try:
        return Path(file).stat().st_size
    except (OSError, ValueError):
        return 0


_task: tuple[Any, Callable[[Any, Sequence[str]], Any]] | None = None


def _begin(job: Any, work: Callable[[Any, Sequence[str]], Any], parent: int) -> None:
    """In a new worker: Ctrl-C is the parent's business, and a worker without its parent has none."""
    global _task  # noqa: PLW0603  # a worker's only state, set once
    _task = job, work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def _work(part: Sequence[str]) -> Any:
    assert _task is not None  # noqa: S101  # `_begin` has run
    job, work = _task
    with uncollected():
        return work(job, part)
