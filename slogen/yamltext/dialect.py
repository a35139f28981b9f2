"""How strictly a text is read: slogen's own specs, and YAML that others write."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """Bounds on a file, and whether what YAML allows and a spec does not is taken: merge keys, tags, keys that are
    numbers, a file without a document."""

    lenient: bool
    max_bytes: int
    max_nodes: int
    max_depth: int


SPEC = Dialect(lenient=False, max_bytes=1024 * 1024, max_nodes=100_000, max_depth=64)
FOREIGN = Dialect(lenient=True, max_bytes=16 * 1024 * 1024, max_nodes=1_000_000, max_depth=200)
