"""Everything together: many files in several processes, and files that are anything but rules."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random

import pytest

from slogen import linting
from slogen.linting import Request, lint

TODAY = date(2026, 6, 30)
RULE = """\
groups:
  - name: g{number}
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(a{{b="{number}", c=~"d"}}[{window}]))
      # slogen:ignore promql/range-short it is meant
      - record: job:errors{number}:rate5m
        expr: rate(b_total[1s])
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rules").mkdir()


def test_several_processes_find_what_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(40):
        text = RULE.format(number=number // 2, window="5m" if number % 3 else "45s")
        Path(f"rules/{number:02}.yml").write_text(text, encoding="utf-8")
    request = Request((Path("rules"),), today=TODAY)
    alone = lint(request)
    monkeypatch.setattr(linting, "BATCH", 1000)
    monkeypatch.setattr(linting, "WORTH", 0)
    together = lint(request)
    assert together == alone
    assert (alone.files, alone.rules, alone.ignored) == (40, 80, 40)
    counted = [one.finding.code for one in alone.found]
    assert counted.count("promql/range-short") == 14
    assert counted.count("promql/regex-plain") == 40
    assert counted.count("rules/recorded-twice") == 20 + sum(n % 3 != 0 and (n + 1) % 3 != 0 for n in range(0, 40, 2))
    assert not alone.is_unusable


def test_any_bytes_are_linted_without_a_traceback() -> None:
    dice = Random(3)
    text = RULE.format(number=1, window="5m").encode()
    for _ in range(200):
        data = bytearray(text)
        for _ in range(dice.randrange(1, 8)):
            at = dice.randrange(len(data))
            data[at : at + dice.randrange(3)] = dice.choice(
                [b"\x00", b"\xff", b"{", b"\n", b"[", b"- ", b"'", b"#", b"&a *a"]
            )
        Path("rules/any.yml").write_bytes(bytes(data))
        lint(Request((Path("rules/any.yml"),), today=TODAY))
