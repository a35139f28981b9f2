"""Grafana's HTTP API, as far as it is needed here, with urllib only."""

from __future__ import annotations

import base64
import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OLDEST, NEWEST = (10, 4), (12, 99)
FOLDER = "slogen-test"
SOURCE = "slogen-test"
TIMEOUT = 60


class GrafanaError(RuntimeError):
    """Grafana refused something, or cannot be used; the message is for people."""


@dataclass(frozen=True)
class Grafana:
    """A Grafana at `url`, and the HTTP headers by which it knows who asks."""

    url: str
    headers: Mapping[str, str]

    def version(self) -> str:
        """What it says it is; raises where that is not one of those that are supported."""
        told = str(self.call("GET", "/api/health").get("version", ""))
        found = re.match(r"(\d+)\.(\d+)", told)
        if not found:
            raise GrafanaError(f"{self.url} does not tell its version, so it may be no Grafana")
        if not OLDEST <= (int(found[1]), int(found[2])) <= NEWEST:
            raise GrafanaError(f"{self.url} is Grafana {told}; 10.4 to 12 are supported")
        return told

    def provision(self, prometheus: str, boards: Mapping[str, Mapping[str, Any]], scrape: str) -> None:
        """A folder with these boards, by name, and a data source for them; what an interrupted run left goes first."""
        self.remove()
        source = {
            "uid": SOURCE,
            "name": SOURCE,
            "type": "prometheus",
            "access": "proxy",
            "url": prometheus,
            "jsonData": {"timeInterval": scrape, "httpMethod": "POST"},
        }
        self.call("POST", "/api/datasources", source)
        self.call("POST", "/api/folders", {"uid": FOLDER, "title": FOLDER})
        for name, board in boards.items():
            body = {"dashboard": {**board, "id": None}, "folderUid": FOLDER, "overwrite": False}
            try:
                self.call("POST", "/api/dashboards/db", body)
            except GrafanaError as failure:
                raise GrafanaError(f"{name}: {failure}") from None

    def remove(self) -> None:
        """Removes the folder with its boards, and the data source, as far as they are there."""
        for path in (f"/api/folders/{FOLDER}?forceDeleteRules=true", f"/api/datasources/uid/{SOURCE}"):
            try:
                self.call("DELETE", path)
            except GrafanaError as failure:
                if "404" not in str(failure):
                    raise

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One request; its answer as data."""
        data = None if body is None else json.dumps(body).encode()
        head = {**self.headers, "Content-Type": "application/json"}
        request = urllib.request.Request(self.url + path, data, head, method=method)
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as failure:
            said = failure.read().decode(errors="replace")[:500]
            raise GrafanaError(f"{method} {path} answered {failure.code}: {said}") from None
        except (OSError, ValueError) as failure:
            raise GrafanaError(f"there is no Grafana at {self.url}: {failure}") from None


def from_environment(environment: Mapping[str, str]) -> Grafana:
    """The Grafana that the environment names."""
    url = environment.get("GRAFANA_URL", "").rstrip("/")
    if not url:
        raise GrafanaError(
            "GRAFANA_URL is not set: name a Grafana (10.4 to 12) to test on, with GRAFANA_TOKEN, or GRAFANA_USER"
            " and GRAFANA_PASSWORD"
        )
    token, user = environment.get("GRAFANA_TOKEN"), environment.get("GRAFANA_USER")
    if token:
        return Grafana(url, {"Authorization": f"Bearer {token}"})
    if not user:
        raise GrafanaError("GRAFANA_TOKEN is not set, nor are GRAFANA_USER and GRAFANA_PASSWORD: nobody to log in as")
    word = base64.b64encode(f"{user}:{environment.get('GRAFANA_PASSWORD', '')}".encode()).decode()
    return Grafana(url, {"Authorization": f"Basic {word}"})
