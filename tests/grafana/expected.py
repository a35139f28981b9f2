"""Panels that rightly show no data, by dashboard and title, with the reason why."""

from __future__ import annotations

EMPTY: dict[str, str] = {}
