"""Dashboards in headless Chromium: opened, unfolded, waited for, counted and photographed."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Error, Page, Response, sync_playwright

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PANEL = '[data-testid^="data-testid Panel header"]'
LOADING = '[data-testid="data-testid Panel loading bar"], [aria-label="Panel loading bar"], .panel-loading'
FAILED = '[data-testid="data-testid Panel status error"], [aria-label="Panel status error"]'
CLOSED = 'button[aria-label="Expand row"], .dashboard-row--collapsed .dashboard-row__title'
QUIET_MS = 1500
MOST_MS = 60_000
TALLEST = 60_000
PICTURE = 16_000
MARGIN = 8
"""Pixels of the tallest window, and of the tallest picture that Chromium takes."""

NOTHING = re.compile(r"\bno data\b", re.IGNORECASE)


@dataclass
class Seen:
    """What a dashboard showed: titles of its panels, of those in an error, and of those without data."""

    board: str
    theme: str
    width: int
    panels: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)
    queries: int = 0
    errors: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return f"{self.board}, {self.theme}, {self.width} px"


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or whichever is on PATH; nothing is downloaded."""
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        raise RuntimeError("there is no chromium on PATH (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--hide-scrollbars"])
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """A dashboard on a page: what its queries were answered is kept from the beginning."""

    def __init__(self, browser: Browser, headers: Mapping[str, str], theme: str, width: int, height: int) -> None:
        self._context = browser.new_context(
            viewport={"width": width, "height": height}, extra_http_headers=dict(headers), reduced_motion="reduce"
        )
        self.page: Page = self._context.new_page()
        self.theme, self.width = theme, width
        self._under_way = 0
        self.queries = 0
        self.errors: list[str] = []
        self.page.on("request", lambda request: self._count(request, 1))
        self.page.on("requestfinished", lambda request: self._count(request, -1))
        self.page.on("requestfailed", lambda request: self._count(request, -1))
        self.page.on("response", self._judge)
        self.page.on("pageerror", lambda error: self.errors.append(f"script: {error}"))

    def close(self) -> None:
        """Ends it."""
        self._context.close()

    def _count(self, request: Any, change: int) -> None:
        if "/api/ds/query" in request.url or "/api/datasources/" in request.url:
            self._under_way += change

    def _judge(self, response: Response) -> None:
        if "/api/ds/query" not in response.url and "/resources/api/v1/" not in response.url:
            return
        if response.status >= 400:
            self.errors.append(f"{response.status}: {_said(response)}")
            return
        if "/api/ds/query" in response.url:
            results: dict[str, Any] = json.loads(_said(response) or "{}").get("results", {})
            self.queries += len(results)
            self.errors += [f"{ref}: {one['error']}" for ref, one in results.items() if one.get("error")]

    def open(self, url: str) -> None:
        """Opens a dashboard, unfolds its rows, and waits until all is there."""
        self.page.goto(url, wait_until="domcontentloaded", timeout=MOST_MS)
        self.page.wait_for_selector(PANEL, timeout=MOST_MS)
        self.settle()

    def settle(self) -> None:
        """Waits until nothing has been asked for a while and no panel loads."""
        waited = quiet = 0
        while quiet < QUIET_MS and waited < MOST_MS:
            self.page.wait_for_timeout(100)
            waited += 100
            busy = self._under_way > 0 or self.page.locator(LOADING).count() > 0
            quiet = 0 if busy else quiet + 100

    def height(self) -> int:
        """Pixels of the whole page."""
        return int(
            self.page.evaluate(
                "Math.max(document.documentElement.scrollHeight, ...[...document.querySelectorAll('.scrollbar-view, "
                "[class*=scroll]')].map(e => e.scrollHeight))"
            )
        )

    def unfold(self) -> None:
        """Opens all rows, and makes the window as tall as the page, so that every panel is drawn."""
        while True:
            tall = min(self.height(), TALLEST)
            if self.page.viewport_size and self.page.viewport_size["height"] < tall:
                self.page.set_viewport_size({"width": self.width, "height": tall})
            elif self.page.locator(CLOSED).count():
                self.page.locator(CLOSED).first.click()
            else:
                return
            self.settle()

    def seen(self, board: str, texts: Collection[str] = ()) -> Seen:
        """Counts what is there; `texts` are the titles of panels that hold words only."""
        found = Seen(board, self.theme, self.width, queries=self.queries, errors=list(self.errors))
        for panel in self.page.locator(PANEL).all():
            title = (panel.get_attribute("data-testid") or "").removeprefix("data-testid Panel header").strip()
            found.panels.append(title)
            if panel.locator(FAILED).count():
                found.failed.append(title)
            if title not in texts and NOTHING.search(panel.inner_text()):
                found.empty.append(title)
        return found

    def photograph(self, path: Path) -> None:
        """Saves a picture of what is in the window."""
        path.parent.mkdir(parents=True, exist_ok=True)
        size = self.page.viewport_size
        if size and size["height"] > PICTURE:
            self.page.set_viewport_size({"width": self.width, "height": PICTURE})
            self.settle()
        self.page.screenshot(path=str(path), animations="disabled")

    def photograph_part(self, path: Path, prefix: str) -> None:
        """Saves a picture of the panels whose titles begin with `prefix`, where there are any in the window."""
        found = [one.bounding_box() for one in self.page.locator(f'{PANEL[:-2]} {prefix}"]').all()]
        boxes = [box for box in found if box is not None and box["y"] + box["height"] < PICTURE]
        if not boxes:
            return
        left, top = (min(box[side] for box in boxes) - MARGIN for side in ("x", "y"))
        right = max(box["x"] + box["width"] for box in boxes) + MARGIN
        bottom = max(box["y"] + box["height"] for box in boxes) + MARGIN
        clip = {"x": left, "y": top, "width": right - left, "height": bottom - top}
        self.page.screenshot(path=str(path), animations="disabled", clip=clip)


def _said(response: Response) -> str:
    try:
        return str(response.text())
    except Error:
        return ""
