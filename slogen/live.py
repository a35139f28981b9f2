"""A Prometheus that is asked, never told: its read-only HTTP API, with time and size bounded."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

AUTHORIZATION = "SLOGEN_PROMETHEUS_AUTHORIZATION"
"""Environment variable with the header of that name: `Bearer ...` or `Basic ...`."""

TIMEOUT = 30
LARGEST = 64 * 1024 * 1024

Labels = Mapping[str, str]


class UnreachableError(Exception):
    """The server cannot be asked, or gives no answer that could be read."""


class RefusedError(Exception):
    """The server will not answer this query."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A header that says who asks goes to nobody else."""

    def redirect_request(self, *_args: Any) -> None:
        """Refuse."""


@dataclass(frozen=True)
class LiveServer:
    """A Prometheus by its address, such as `http://localhost:9090`; answers are kept for as long as it is.

    Raises UnreachableError or RefusedError from every method.
    """

    url: str
    timeout: float = TIMEOUT
    _known: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def query(self, expr: str) -> list[tuple[Labels, float]]:
        """An instant query: labels and value of each series; of a scalar, no labels."""
        data = self._get("query", query=expr)
        if data["resultType"] == "scalar":
            return [({}, float(data["result"][1]))]
        return [(one["metric"], float(one["value"][1])) for one in data["result"] if "value" in one]

    def starts(self, expr: str, end: float, length: int, step: int) -> int:
        """How often a query began to return something in `length` seconds up to `end`, at the series where it was most.

        What holds at the beginning counts as well; seconds, looked at every `step`.
        """
        data = self._get("query_range", query=expr, start=f"{end - length:.0f}", end=f"{end:.0f}", step=str(step))
        most = 0
        for one in data["result"]:
            times = [float(time) for time, _ in one.get("values", ())]
            most = max(most, sum(later - earlier > 1.5 * step for earlier, later in pairwise([-step * 2.0, *times])))
        return most

    def number(self, expr: str) -> float:
        """The only value of a query, 0 where there is none."""
        found = self.query(expr)
        return found[0][1] if found else 0.0

    def rules(self) -> list[dict[str, Any]]:
        """The rule groups that are loaded."""
        groups: list[dict[str, Any]] = self._get("rules")["groups"]
        return groups

    def version(self) -> tuple[int, int]:
        """Major and minor version."""
        major, minor, *_ = str(self._get("status/buildinfo")["version"]).split(".")
        return int(major), int(minor)

    def _get(self, path: str, **parameters: str) -> Any:
        text = urllib.parse.urlencode(parameters)
        key = f"{path}?{text}"
        if key not in self._known:
            self._known[key] = self._ask(key)
        if isinstance(self._known[key], Exception):
            raise self._known[key]
        return self._known[key]

    def _ask(self, key: str) -> Any:
        request = urllib.request.Request(f"{self.url.rstrip('/')}/api/v1/{key}")  # noqa: S310  # the scheme is checked
        if header := os.environ.get(AUTHORIZATION):
            request.add_header("Authorization", header)
        try:
            with urllib.request.build_opener(_NoRedirect).open(request, timeout=self.timeout) as answer:
                body = answer.read(LARGEST + 1)
            told = json.loads(body) if len(body) <= LARGEST else {}
            return told["data"]
        except urllib.error.HTTPError as failure:
            return _refusal(failure)
        except (OSError, ValueError, KeyError, TypeError) as failure:
            return UnreachableError(str(getattr(failure, "reason", None) or failure) or type(failure).__name__)


def _refusal(failure: urllib.error.HTTPError) -> Exception:
    try:
        told = json.loads(failure.read(10_000))["error"]
    except (OSError, ValueError, KeyError, TypeError):
        told = failure.reason
    if failure.code in (400, 422):
        return RefusedError(str(told)[:300])
    return UnreachableError(f"{failure.code} {str(told)[:300]}")
