"""Rules of the house: one file each, found by name; `memory_limit.py` is `manifest/memory-limit`.

A rule has a docstring ('Title: what must be so.', then what happens in production otherwise), SEVERITY,
`check(cluster, limits)` that yields problems, and the manifests BAD, in which it finds one, and GOOD, in which it
finds none.
"""
