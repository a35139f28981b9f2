"""Opens every dashboard in a real Grafana and judges what is seen: `make test-grafana`, or `python tests/grafana`.

GRAFANA_URL names any Grafana of 10.4 to 12 that reaches this machine's loopback; GRAFANA_TOKEN, or GRAFANA_USER and
GRAFANA_PASSWORD, one who may make data sources, folders and dashboards there. All that is made is removed afterwards.
"""

from __future__ import annotations

import argparse
import fnmatch
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1])]
os.environ["SLOGEN_CACHE"] = "off"

from api import SOURCE, Grafana, GrafanaError, from_environment  # noqa: E402
from expected import EMPTY  # noqa: E402
from pictures import keep  # noqa: E402

THEMES = ("light", "dark")
WIDTHS = (1440, 390)
HEIGHT = 1000
PARTS = ("requests", "container")
"""What the titles of panels begin with that have a picture of their own."""

SHOTS = HERE / "shots"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 if every panel shows what it should."""
    parser = argparse.ArgumentParser(prog="make test-grafana", description=__doc__)
    parser.add_argument("--shots", type=Path, default=SHOTS, help="folder for the pictures")
    parser.add_argument("--only", default="*", help="pattern of the dashboards to open, such as 'fleet*'")
    parser.add_argument("--themes", nargs="+", choices=THEMES, default=THEMES)
    parser.add_argument("--widths", nargs="+", type=int, default=WIDTHS)
    parser.add_argument(
        "--update-docs", action="store_true", help="copy the pictures of the docs to docs/images/dashboards"
    )
    given = parser.parse_args(arguments)
    try:
        grafana = from_environment(os.environ)
        print(f"Grafana {grafana.version()} at {grafana.url}")
        problems = list(_tour(grafana, given))
    except GrafanaError as failure:
        print(f"test-grafana: {failure}", file=sys.stderr)
        return 1
    if given.update_docs:
        keep(given.shots)
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems; pictures are in {given.shots}")
    return bool(problems)


def _tour(grafana: Grafana, given: argparse.Namespace) -> Iterator[str]:
    from browser import chromium  # noqa: PLC0415  so that what is missing above is said without it
    from world import world  # noqa: PLC0415

    with world() as found, chromium() as browser:
        try:
            grafana.provision(found.prometheus.url, found.boards, "30s")
            for name, board in found.boards.items():
                if fnmatch.fnmatch(name, given.only):
                    for theme in given.themes:
                        for width in given.widths:
                            yield from _visit(grafana, browser, name, board, theme, width, given.shots)
        finally:
            grafana.remove()


def _visit(
    grafana: Grafana, browser: object, name: str, board: Mapping[str, object], theme: str, width: int, shots: Path
) -> Iterator[str]:
    from browser import Visit  # noqa: PLC0415
    from harness.boards import panels  # noqa: PLC0415

    visit = Visit(browser, grafana.headers, theme, width, HEIGHT)
    kinds = {panel["title"]: panel["type"] for panel in panels(board)}
    texts = [title for title, kind in kinds.items() if kind == "text"]
    try:
        visit.open(f"{grafana.url}/d/{board['uid']}?theme={theme}&kiosk&var-datasource={SOURCE}")
        visit.photograph(shots / f"{name}-{theme}-{width}-top.png")
        visit.unfold()
        seen = visit.seen(name, texts)
        visit.photograph(shots / f"{name}-{theme}-{width}.png")
        for part in PARTS:
            visit.photograph_part(shots / f"{name}-{theme}-{width}-{part}.png", f"{part}: ")
    finally:
        visit.close()
    print(f"{seen}: {len(seen.panels)} panels, {seen.queries} queries, {len(seen.empty)} without data")
    yield from (f"{seen}: the panel '{title}' is not drawn" for title in kinds if title not in seen.panels)
    yield from (f"{seen}: {error}" for error in dict.fromkeys(seen.errors))
    yield from (f"{seen}: the panel '{title}' is in an error" for title in seen.failed)
    for title in seen.empty:
        if not any(fnmatch.fnmatch(f"{name}/{title}", pattern) for pattern in EMPTY):
            yield f"{seen}: the panel '{title}' has no data"


if __name__ == "__main__":
    sys.exit(main())
