"""Staleness markers as Prometheus remote-write requests (protobuf in uncompressed snappy), by hand.

Blocks made from OpenMetrics cannot hold the marker: its parser turns every NaN into the plain one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

STALE_NAN = struct.pack("<Q", 0x7FF0000000000002)
BATCH = 5000


@dataclass(frozen=True)
class Marker:
    """The instants (unix seconds) at which one series turned stale; `labels` without the name."""

    name: str
    labels: Mapping[str, str]
    times: Sequence[float]


def encode(markers: Iterable[Marker]) -> Iterator[bytes]:
    """Request bodies of at most BATCH samples, in time order, which is what the head block prefers."""
    flat: list[tuple[int, bytes]] = []
    for marker in markers:
        labels = _labels({"__name__": marker.name, **marker.labels})
        flat += [(round(time * 1000), labels) for time in marker.times]
    flat.sort()
    for first in range(0, len(flat), BATCH):
        yield _snappy(b"".join(_field(1, labels + _sample(ms)) for ms, labels in flat[first : first + BATCH]))


def _labels(labels: Mapping[str, str]) -> bytes:
    pairs = sorted((name, value) for name, value in labels.items() if value)
    return b"".join(_field(1, _field(1, name.encode()) + _field(2, value.encode())) for name, value in pairs)


def _sample(ms: int) -> bytes:
    """Sample{value: double = 1, timestamp: int64 = 2}; times before 1970 are not supported."""
    return _field(2, b"\x09" + STALE_NAN + b"\x10" + _varint(ms))


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
