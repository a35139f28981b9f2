"""Prometheus' HTTP API with urllib only; every error is raised with the server's own message."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import Floats
from .remote_write import Marker, Samples, encode, encode_samples

POINTS = 10_900  # the server refuses more than 11,000 points per series and query
TIMEOUT = 600.0


class ApiError(RuntimeError):
    """A request the server answered with an error; the message names the query."""


@dataclass(frozen=True)
class Sample:
    """One series of an instant vector (or a scalar, without labels)."""

    labels: dict[str, str]
    value: float


@dataclass(frozen=True)
class Series:
    """One series of a range query: `times` in unix seconds, `values` beside them; gaps are absent."""

    labels: dict[str, str]
    times: Floats
    values: Floats


def is_ready(url: str) -> bool:
    """Whether /-/ready answers 200."""
    try:
        with urllib.request.urlopen(f"{url}/-/ready", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def call(url: str, path: str, **form: str) -> Any:
    """POSTs a form (GET without one) and returns the answer's `data`."""
    body = urllib.parse.urlencode(form).encode() if form else None
    try:
        with urllib.request.urlopen(f"{url}/api/v1/{path}", data=body, timeout=TIMEOUT) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as error:
        raise ApiError(_message(error, form.get("query", path))) from None


def _message(error: urllib.error.HTTPError, query: str) -> str:
    text = error.read().decode(errors="replace")
    try:
        text = json.loads(text)["error"]
    except (ValueError, KeyError, TypeError):
        text = text.strip() or str(error)
    return f"{text} (in: {query[:500]})"


def remote_write(url: str, body: bytes) -> None:
    """Posts one remote-write request."""
    head = {"Content-Encoding": "snappy", "Content-Type": "application/x-protobuf"}
    head["X-Prometheus-Remote-Write-Version"] = "0.1.0"
    request = urllib.request.Request(f"{url}/api/v1/write", data=body, headers=head)
    try:
        urllib.request.urlopen(request, timeout=TIMEOUT).close()
    except urllib.error.HTTPError as error:
        raise ApiError(_message(error, "remote write")) from None


class HttpApi:
    """The queries of a server; `port` is on 127.0.0.1."""

    port = 0

    @property
    def url(self) -> str:
        """The root of the HTTP interface, without a final slash."""
        return f"http://127.0.0.1:{self.port}"

    def query(self, expr: str, time: float) -> list[Sample]:
        """An instant query at unix second `time`."""
        data = call(self.url, "query", query=expr, time=f"{time:.3f}")
        if data["resultType"] == "scalar":
            return [Sample({}, float(data["result"][1]))]
        if data["resultType"] != "vector":
            raise ApiError(f"an instant query must return a vector, not a {data['resultType']} (in: {expr[:500]})")
        return [Sample(one["metric"], float(one["value"][1])) for one in data["result"]]

    def query_range(self, expr: str, start: float, end: float, step: float) -> list[Series]:
        """A range query in slices below the server's limit; instants are start + k * step <= end, exact to the ms."""
        first, last, step_ms = round(start * 1000), round(end * 1000), round(step * 1000)
        parts: dict[tuple[tuple[str, str], ...], list[list[Any]]] = {}
        for begin in range(first, last + 1, step_ms * POINTS):
            until = min(last, begin + step_ms * (POINTS - 1))
            form = {"start": f"{begin / 1000:.3f}", "end": f"{until / 1000:.3f}", "step": f"{step_ms / 1000:.3f}"}
            for one in call(self.url, "query_range", query=expr, **form)["result"]:
                parts.setdefault(tuple(sorted(one["metric"].items())), []).extend(one["values"])
        return [
            Series(dict(labels), np.array([p[0] for p in points], float), np.array([float(p[1]) for p in points]))
            for labels, points in parts.items()
        ]

    def stats(self, expr: str, time: float) -> tuple[int, float]:
        """Samples read and seconds of evaluation of an instant query; subqueries' inner reads are not counted."""
        found = call(self.url, "query", query=expr, time=f"{time:.3f}", stats="all")["stats"]
        return int(found["samples"]["totalQueryableSamples"]), float(found["timings"]["evalTotalTime"])

    def rules(self) -> list[dict[str, Any]]:
        """The rule groups as /api/v1/rules shows them."""
        groups: list[dict[str, Any]] = call(self.url, "rules")["groups"]
        return groups

    def write_stale(self, markers: Iterable[Marker]) -> None:
        """Writes staleness markers, as a scrape or a rule does when a series ends (kept across restarts)."""
        for body in encode(markers):
            remote_write(self.url, body)

    def write(self, series: Iterable[Samples]) -> None:
        """Writes samples into the head block, which must be younger than the series' last ones."""
        for body in encode_samples(series):
            remote_write(self.url, body)
