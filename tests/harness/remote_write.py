"""Staleness markers and samples as Prometheus remote-write requests (protobuf in uncompressed snappy), by hand.

Blocks made from OpenMetrics cannot hold the marker: its parser turns every NaN into the plain one. Samples that are
written, not backfilled, lie in the head block, as scraped ones do.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from .arrays import Floats

STALE_NAN = struct.pack("<Q", 0x7FF0000000000002)
BATCH = 5000


class Samples(Protocol):
    """A series and its samples, the times in unix seconds."""

    @property
    def name(self) -> str:
        """The metric."""

    @property
    def labels(self) -> Mapping[str, str]:
        """Without the name."""

    @property
    def times(self) -> Floats:
        """Ascending."""

    @property
    def values(self) -> Floats:
        """One for each time."""


@dataclass(frozen=True)
class Marker:
    """The instants (unix seconds) at which one series turned stale; `labels` without the name."""

    name: str
    labels: Mapping[str, str]
    times: Sequence[float]


def encode(markers: Iterable[Marker]) -> Iterator[bytes]:
    """Request bodies of at most BATCH samples, in time order, which is what the head block prefers."""
    yield from _encode((marker.name, marker.labels, [(time, STALE_NAN) for time in marker.times]) for marker in markers)


def encode_samples(series: Iterable[Samples]) -> Iterator[bytes]:
    """The same for samples."""
    yield from _encode(
        (
            one.name,
            one.labels,
            [(at, struct.pack("<d", value)) for at, value in zip(one.times, one.values, strict=True)],
        )
        for one in series
    )


def _encode(series: Iterable[tuple[str, Mapping[str, str], Sequence[tuple[float, bytes]]]]) -> Iterator[bytes]:
    flat: list[tuple[int, bytes, bytes]] = []
    for name, own, samples in series:
        labels = _labels({"__name__": name, **own})
        flat += [(round(time * 1000), labels, value) for time, value in samples]
    flat.sort()
    for first in range(0, len(flat), BATCH):
        yield _snappy(b"".join(_field(1, one + _sample(ms, value)) for ms, one, value in flat[first : first + BATCH]))


def _labels(labels: Mapping[str, str]) -> bytes:
    pairs = sorted((name, value) for name, value in labels.items() if value)
    return b"".join(_field(1, _field(1, name.encode()) + _field(2, value.encode())) for name, value in pairs)


def _sample(ms: int, value: bytes) -> bytes:
    """Sample{value: double = 1, timestamp: int64 = 2}; times before 1970 are not supported."""
    return _field(2, b"\x09" + value + b"\x10" + _varint(ms))


def _field(number: int, data: bytes) -> bytes:
    return bytes([number << 3 | 2]) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _snappy(data: bytes) -> bytes:
    """A valid snappy block of one literal: length, tag 63 (four length bytes), data."""
    return _varint(len(data)) + bytes([63 << 2]) + struct.pack("<I", len(data) - 1) + data
