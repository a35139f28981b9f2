"""The payments incident replayed on a real Prometheus: what each rule said, and how long before the first pod died.

Run: python bench/incident

Prints the timeline, the false alarms of the day before, and what `slogen check-manifests` says of the manifests; writes
bench/incident/figures.json, docs/incident.md and docs/images/incident.svg. With --page, only the page, from the figures
that are there.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tests"))

from harness.server import Prometheus

from incident import page, picture
from incident.exporters import series
from incident.replay import heard
from incident.timeline import figures, first_words
from incident.words import spoken
from incident.world import END, HOUR, START, happened

ROOT = Path(__file__).resolve().parents[2]
FIGURES = Path(__file__).with_name("figures.json")
PAGE = ROOT / "docs" / "incident.md"
PICTURE = ROOT / "docs" / "images" / "incident.svg"
MANIFESTS = ("examples/payments/before.yaml", "examples/payments/after.yaml")


def main() -> None:
    """Runs it all, or writes the page only."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--page", action="store_true", help="write docs/incident.md from the figures that are there")
    if not parser.parse_args().page:
        replay()
    told = json.loads(FIGURES.read_text(encoding="utf-8"))
    PAGE.write_text(page.page(told), encoding="utf-8")
    print(page.printed(told), end="")


def replay() -> None:
    """The whole replay: writes the figures and the picture."""
    pods = happened()
    with Prometheus() as server:
        voices = heard(server, series(pods), START + 120, END)
        words = spoken(server, [(voice, time) for voice, time in first_words(voices) if voice.own])
    told = figures(pods, voices, words, [checked(path) for path in MANIFESTS])
    told["hours"] = round((END - START) / HOUR)
    FIGURES.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    PICTURE.parent.mkdir(exist_ok=True)
    picture.draw(pods, voices, PICTURE)


def checked(path: str) -> dict[str, str]:
    """What check-manifests says of one file; finding problems is no failure."""
    command = ["check-manifests", path]
    run = subprocess.run(
        [sys.executable, "-m", "slogen", *command], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if run.returncode not in (0, 1):
        raise RuntimeError(run.stderr)
    return {"command": f"slogen {' '.join(command)}", "output": (run.stdout + run.stderr).strip()}


if __name__ == "__main__":
    main()
