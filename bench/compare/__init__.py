"""slogen beside its peers: `python bench/compare`, or `make bench`.

This folder is the package `compare`, with `bench` on the path (some modules here share names with others of `bench` and
`tests`), so modules import each other as `from compare.peers import find`. A module with `measure`, `page` and `plots`
is a section of docs/benchmarks.md.
"""
