"""Months of scraped counters and of what rules have recorded, as blocks that several servers share.

A block is 54 h long, so that none overlaps another, and is made by promtool from text that is written for it alone:
86 million samples of 1,000 series take two minutes on two cores.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
from harness.backfill import SeriesData, write_openmetrics
from harness.tools import Tools

METRIC = "http_requests_total"
JOB = 'job="shop",'
SCRAPE = 30
BLOCK = 54 * 3600
WORKERS = 2
PER_SECOND = {
    "200": 10,
    "201": 9,
    "204": 8,
    "301": 7,
    "302": 6,
    "400": 5,
    "404": 4,
    "429": 3,
    "500": 0.005,
    "503": 0.005,
}
"""Events of each code: 0.02% of them fail, so no alert fires at an objective of 99.9%."""


@dataclass(frozen=True)
class Source:
    """Counters that rise steadily from `begin`: ten codes of each pod, each pod scraped at a phase of its own.

    `service` and `status` are there for rules that read these labels instead of `job` and `code`.
    """

    series: int
    begin: float

    @property
    def pods(self) -> int:
        """Ten series each."""
        return self.series // len(PER_SECOND)

    @cached_property
    def _heads(self) -> list[list[str]]:
        return [
            [f'{METRIC}{{code="{code}",%spod="shop-{pod}",service="shop",status="{code}"}}' for code in PER_SECOND]
            for pod in range(self.pods)
        ]

    def scraped(self, at: float) -> str:
        """What a scrape sees."""
        values = [int((at - self.begin) * each) for each in PER_SECOND.values()]
        lines = [head % "" + f" {value}" for heads in self._heads for head, value in zip(heads, values, strict=True)]
        return "\n".join(lines) + "\n"

    def openmetrics(self, start: float, end: float) -> Iterator[str]:
        """Text of all scrapes from start until before end; half a millisecond is added, as promtool truncates."""
        slopes = np.array(list(PER_SECOND.values()))
        for pod, heads in enumerate(self._heads):
            phase = round((2.3 + 2.9 * pod) % SCRAPE, 3)
            second, part = divmod(round(phase * 1000), 1000)
            first, last = (int(np.ceil((edge - phase) / SCRAPE)) for edge in (max(start, self.begin), end))
            at = SCRAPE * np.arange(first, last)
            values = np.floor((at[:, None] + phase - self.begin) * slopes).astype(np.int64)
            text = "".join(f"{head % JOB} %d %d.{part:03d}5\n" for head in heads)
            each = np.repeat(values, 2, axis=1)
            each[:, 1::2] = (at + second)[:, None]
            yield from (text % tuple(row) for row in each.tolist())

    def series_of(self, start: float, end: float) -> Iterator[SeriesData]:
        """The same as data."""
        for pod in range(self.pods):
            phase = (2.3 + 2.9 * pod) % SCRAPE
            first, last = (int(np.ceil((edge - phase) / SCRAPE)) for edge in (max(start, self.begin), end))
            times = SCRAPE * np.arange(first, last) + phase
            for code, each in PER_SECOND.items():
                labels = {"code": code, "job": "shop", "pod": f"shop-{pod}", "service": "shop", "status": code}
                yield SeriesData(METRIC, labels, times, np.floor((times - self.begin) * each))


def write_blocks(
    tools: Tools, folder: Path, source: Source, recorded: Sequence[SeriesData], start: float, end: float
) -> None:
    """Blocks of the source and of what was recorded, from start to end; none if that is no time."""
    if start >= end:
        return
    edges = [start, *np.arange((start // BLOCK + 1) * BLOCK, end, BLOCK).tolist(), end]

    def block(edge: tuple[float, float]) -> None:
        with tempfile.TemporaryDirectory(prefix="slogen-bench-") as made:
            text, out = Path(made) / "input.om", Path(made) / "blocks"
            write_openmetrics([between(one, *edge) for one in recorded], text)
            later = text.read_text(encoding="utf-8")
            with text.open("w", encoding="utf-8") as file:
                file.writelines(source.openmetrics(*edge))
                file.write(later)
            command = [str(tools.promtool), "tsdb", "create-blocks-from", f"--max-block-duration={BLOCK // 3600}h"]
            done = subprocess.run(
                [*command, "--quiet", "openmetrics", str(text), str(out)],
                capture_output=True,
                text=True,
                check=False,
                timeout=1800,
            )
            if done.returncode:
                raise RuntimeError(f"promtool create-blocks-from failed: {done.stdout}{done.stderr}")
            for found in out.iterdir():
                shutil.move(found, folder / found.name)

    folder.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(block, pairwise(edges)))


def between(series: SeriesData, start: float, end: float) -> SeriesData:
    """Its samples from start until before end."""
    kept = (series.times >= start) & (series.times < end)
    return SeriesData(series.name, series.labels, series.times[kept], series.values[kept])


def share(blocks: Path, data_dir: Path) -> None:
    """The same blocks for one more server, by hard links."""
    shutil.copytree(blocks, data_dir, copy_function=os.link, dirs_exist_ok=True)
