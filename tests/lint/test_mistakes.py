"""A folder of mistakes, each marked on its line: all are found there, and nothing else is."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from slogen.linting import Request, lint

FOLDER = Path(__file__).parents[2] / "examples" / "mistakes"
_WRONG = re.compile(r"# WRONG (.+)$")


def test_every_mistake_is_found_on_its_line_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    wanted = Counter(
        (path.relative_to(FOLDER).as_posix(), number, code)
        for path in FOLDER.rglob("*.y*ml")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (marked := _WRONG.search(line))
        for code in marked[1].split()
    )
    assert len(wanted) >= 40
    found = Counter(
        (one.finding.place.file, one.finding.place.line, one.finding.code)
        for one in lint(Request((Path("slos"), Path("rules")), today=date(2026, 1, 31))).found
    )
    assert sorted((wanted - found).elements()) == [], "mistakes that are not found"
    assert sorted((found - wanted).elements()) == [], "findings without a mistake"
