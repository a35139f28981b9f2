"""History as TSDB blocks: OpenMetrics text and `promtool tsdb create-blocks-from openmetrics`."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .arrays import Floats
from .remote_write import Marker
from .tools import Tools

if TYPE_CHECKING:
    from .server import Prometheus

# promtool rounds down to 2h * 3^n and reads the input once per block: 1458h holds two months in one or two.
BLOCK = "1458h"


@dataclass(frozen=True)
class SeriesData:
    """One series: `times` in unix seconds (kept to the ms, ascending), `values` beside them.

    `stale` holds the instants at which the series ends for the time being; `load` writes them.
    """

    name: str
    labels: Mapping[str, str]
    times: Floats
    values: Floats
    stale: Sequence[float] = field(default=())


def write_openmetrics(series: Iterable[SeriesData], path: Path) -> int:
    """Writes the text, without types, so that any name is accepted; returns the number of samples."""
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for one in series:
            file.writelines(_lines(one))
            count += len(one.times)
        file.write("# EOF\n")
    return count


def _lines(series: SeriesData) -> Iterator[str]:
    """Lines of one series. promtool truncates seconds * 1000, so half a millisecond is added."""
    ms = np.rint(series.times * 1000).astype(np.int64)
    if len(ms) != len(series.values) or (len(ms) > 1 and not (np.diff(ms) > 0).all()):
        raise ValueError(f"{series.name}{dict(series.labels)}: times must ascend, one per value")
    pairs = ",".join(f'{name}="{_escape(value)}"' for name, value in sorted(series.labels.items()))
    head = f"{series.name}{{{pairs}}}" if pairs else series.name
    seconds, rest = np.divmod(ms, 1000)
    for value, second, part in zip(series.values.tolist(), seconds.tolist(), rest.tolist(), strict=True):
        yield f"{head} {value!r} {second}.{part:03d}5\n"


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def backfill(tools: Tools, data_dir: Path, series: Iterable[SeriesData]) -> int:
    """Adds blocks to `data_dir`, of a server that is not running; returns the number of samples.

    Staleness markers are not written: they need a running server (see `load`).
    """
    with tempfile.TemporaryDirectory(prefix="slogen-om-") as folder:
        text = Path(folder) / "input.om"
        count = write_openmetrics(series, text)
        if count:
            command = [str(tools.promtool), "tsdb", "create-blocks-from", f"--max-block-duration={BLOCK}", "--quiet"]
            done = subprocess.run(
                [*command, "openmetrics", str(text), str(data_dir)],
                capture_output=True,
                text=True,
                check=False,
                timeout=600,
            )
            if done.returncode:
                raise RuntimeError(f"promtool create-blocks-from failed: {done.stdout}{done.stderr}")
    return count


def load(server: Prometheus, series: Sequence[SeriesData]) -> int:
    """Adds series and their staleness markers to a running server, which is restarted; returns samples."""
    server.stop()
    count = backfill(server.tools, server.data_dir, series)
    server.start()
    server.write_stale(Marker(one.name, one.labels, one.stale) for one in series if len(one.stale))
    return count
