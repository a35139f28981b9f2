"""A Prometheus that is asked, never told: its read-only HTTP API, with time and size bounded."""

from __future__ import annotations

import json
import os
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from itertools import pairwise
from typing import Any

AUTHORIZATION = "SLOGEN_PROMETHEUS_AUTHORIZATION"
"""Environment variable with the header of that name: `Bearer ...` or `Basic ...`."""

TIMEOUT = 30
LARGEST = 64 * 1024 * 1024
_STRANGE = "its answer is not one of Prometheus"
_UNREADABLE = (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError)

Labels = Mapping[str, str]


class UnreachableError(Exception):
    """The server cannot be asked, or gives no answer that could be read."""


class RefusedError(Exception):
    """The server will not answer this query."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A header that says who asks goes to nobody else."""

    def redirect_request(self, *_args: Any) -> None:
        """Refuse."""


@contextmanager
def _understood() -> Iterator[None]:
    """Whatever an answer holds that none of Prometheus does is told as such."""
    try:
        yield
    except _UNREADABLE:
        raise UnreachableError(_STRANGE) from None


@dataclass(frozen=True)
class LiveServer:
    """A Prometheus by its address, such as `http://localhost:9090`; answers are kept for as long as it is.

    Raises UnreachableError or RefusedError from every method.
    """

    url: str
    timeout: float = TIMEOUT
    _known: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def shown(self) -> str:
        """The address without what stands before an @ in it, which may be a password."""
        return re.sub(r"(?<=://)[^/]*@", "", self.url)

    def query(self, expr: str) -> list[tuple[Labels, float]]:
        """An instant query: labels and value of each series; of a scalar, no labels."""
        with _understood():
            data = self._get("query", query=expr)
            if data["resultType"] == "scalar":
                return [({}, float(data["result"][1]))]
            return [(dict(one["metric"]), float(one["value"][1])) for one in data["result"] if "value" in one]

    def starts(self, expr: str, end: float, length: int, step: int) -> int:
        """How often a query began to return something in `length` seconds up to `end`, at the series where it was most.

        What holds at the beginning counts as well; seconds, looked at every `step`.
        """
        most = 0
        with _understood():
            data = self._get("query_range", query=expr, start=f"{end - length:.0f}", end=f"{end:.0f}", step=str(step))
            for one in data["result"]:
                times = [float(at) for at, _ in one.get("values", ())]
                gaps = pairwise([-step * 2.0, *times])
                most = max(most, sum(later - earlier > 1.5 * step for earlier, later in gaps))
        return most

    def number(self, expr: str) -> float:
        """The only value of a query, 0 where there is none."""
        found = self.query(expr)
        return found[0][1] if found else 0.0

    def rules(self) -> list[dict[str, Any]]:
        """The rule groups that are loaded."""
        with _understood():
            groups: list[dict[str, Any]] = self._get("rules")["groups"]
            for group in groups:
                float(group.get("interval", 0))
                for rule in group.get("rules", ()):
                    rule.get("name")
            return groups

    def version(self) -> tuple[int, int]:
        """Major and minor version."""
        with _understood():
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
                body = _body(answer, time.monotonic() + self.timeout)
        except urllib.error.HTTPError as failure:
            return _refusal(failure)
        except (OSError, ValueError, HTTPException) as failure:
            return UnreachableError(str(getattr(failure, "reason", None) or failure) or type(failure).__name__)
        try:
            return json.loads(body)["data"]
        except _UNREADABLE:
            return UnreachableError(_STRANGE)


def _body(answer: HTTPResponse, end: float) -> bytes:
    """What is answered, if it is all there in time and not too large."""
    parts, size = list[bytes](), 0
    while part := answer.read1(1 << 20):
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            raise OSError(f"its answer is larger than {LARGEST >> 20} MiB")
        if time.monotonic() > end:
            raise TimeoutError("timed out")
    return b"".join(parts)


def _refusal(failure: urllib.error.HTTPError) -> Exception:
    try:
        told = json.loads(failure.read(10_000))["error"]
    except (OSError, HTTPException, *_UNREADABLE):
        told = failure.reason
    if failure.code in (400, 422):
        return RefusedError(str(told)[:300])
    return UnreachableError(f"{failure.code} {str(told)[:300]}")
