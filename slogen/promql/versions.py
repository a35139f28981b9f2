"""Since which version of Prometheus there is which function: https://github.com/prometheus/prometheus, CHANGELOG.md."""

from __future__ import annotations

Version = tuple[int, int]
NEVER: Version = (1000, 0)

SINCE: dict[str, Version] = {
    "mad_over_time": (2, 49),
    "sort_by_label": (2, 49),
    "sort_by_label_desc": (2, 49),
    "histogram_stddev": (2, 47),
    "histogram_stdvar": (2, 47),
    "histogram_avg": (2, 51),
    "limitk": (2, 54),
    "limit_ratio": (2, 54),
    "info": (2, 55),
    "double_exponential_smoothing": (3, 0),
    "ts_of_min_over_time": (3, 5),
    "ts_of_max_over_time": (3, 5),
    "ts_of_last_over_time": (3, 5),
    "first_over_time": (3, 7),
    "ts_of_first_over_time": (3, 7),
    "histogram_quantiles": (3, 11),
    "min_of": (3, 13),
    "max_of": (3, 13),
    "start_timestamp": (3, 14),
}
"""Functions and aggregations that are younger than 2.42."""

GONE: dict[str, tuple[Version, str]] = {
    "holt_winters": (
        (3, 0),
        "double_exponential_smoothing, which wants the flag for experimental functions",
    ),
}
"""Since when they are gone, and what to write instead."""

EXPERIMENTAL: dict[str, Version] = {
    "mad_over_time": NEVER,
    "sort_by_label": NEVER,
    "sort_by_label_desc": NEVER,
    "limitk": NEVER,
    "limit_ratio": NEVER,
    "info": NEVER,
    "double_exponential_smoothing": NEVER,
    "ts_of_min_over_time": NEVER,
    "ts_of_max_over_time": NEVER,
    "ts_of_last_over_time": NEVER,
    "first_over_time": (3, 14),
    "ts_of_first_over_time": NEVER,
    "histogram_quantiles": NEVER,
    "min_of": NEVER,
    "max_of": NEVER,
    "start_timestamp": NEVER,
}
"""Functions that want a flag, and since when they do not any more."""


def told(version: Version) -> str:
    """As people write it."""
    return f"{version[0]}.{version[1]}"
