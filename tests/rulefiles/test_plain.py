"""The fast reader: it reads what the full one reads, or nothing."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slogen.rulefiles.model import FileRule, RuleFile, RuleGroup, Text
from slogen.rulefiles.plain import UnusualError, read_plain
from slogen.rulefiles.reading import read_fully
from slogen.yamltext.text import Text as Source

ROOT = Path(__file__).parents[2]
GENERATED = sorted((ROOT / "generated" / "prometheus").rglob("*.yml"), key=lambda path: path.stat().st_size)[:4]

PLAIN = """\
# A file of rules.

---
groups:
  # the first
  - name: api
    interval: 1m
    limit: 10
    labels:
      team: core
    rules:

      # a recording
      - record: job:errors:rate5m
        expr: |-
          sum by (job) (
            rate(errors_total{code=~"5.."}[5m])
          )
      - alert: "Errors"
        expr: job:errors:rate5m > 0.05
        for: 5m
        keep_firing_for: 10m
        labels:
          severity: page
          empty: ""
        annotations:
          summary: 'It fails: a lot.'
          description: "{{ $value }} of \\"all\\" \\\\ fail."
  - name: other
    rules:
      - expr: |
          up == 0
          # a comment of PromQL

        record: down
"""


def _text(one: Text | None) -> object:
    if one is None:
        return None
    size = len(one.value)
    return one.value, one.place, one.key_place, one.at(1), one.at(size - 1), one.at(size)


def _told(value: object) -> object:
    if isinstance(value, Text):
        return _text(value)
    if isinstance(value, dict):
        return {key: _text(one) for key, one in value.items()}
    return value


def told(file: RuleFile) -> list[object]:
    """Everything that a file says, with all its places."""
    made: list[object] = []
    for group in file.groups:
        made.append([_told(getattr(group, one.name)) for one in fields(RuleGroup) if one.name != "rules"])
        made.append(group.place)
        for rule in group.rules:
            made.append([_told(getattr(rule, one.name)) for one in fields(FileRule)])
            made.append(rule.place)
    return made


def fast(text: str) -> RuleFile | None:
    source = Source("rules.yml", text)
    try:
        return RuleFile("rules.yml", read_plain(source), source)
    except UnusualError:
        return None


def same(text: str) -> bool:
    """Whether the fast reader took it; what it took must be what the full one reads."""
    found = fast(text)
    if found is None:
        return False
    full = read_fully(text.encode(), "rules.yml")
    assert not full.findings, text
    assert told(found) == told(full.file), text
    return True


def test_it_takes_the_plain_style() -> None:
    assert same(PLAIN)
    assert same(PLAIN.replace("\n  ", "\n").replace("\n- ", "\n- "))


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_it_takes_what_slogen_writes(path: Path) -> None:
    assert same(path.read_text(encoding="utf-8"))


_SCALARS = (
    ("up == 0", "5m", "a: b", "a # b", "a #b", "x:", "null", "~", "", "'it''s'", "'a'", '"b"', "1", "true", "{{a: b}}"),
    ('"a\\u0041"', '"\\x41"', "[a]", "*x", "&x y", "!!str a", "- a", "-1", "a\tb", "é", '"a" # c', "%a", "a ", "="),
    ("|-\n{m}up\n{m}  or down", "|\n{m}up\n", "|\n{m}up\n\n", "|-\n{m}a\n\n{m}b", "|+\n{m}a\n", ">-\n{m}a\n{m}b"),
    ("|-\n{m}a\n{m}# c", "|-\n{m}a\n\n{m}# c", "a\n{m}b", "|-\n{m}  a\n{m}b", "|-\n{m}a\n{m}  ", "|2-\n{m}a"),
)
SCALARS = st.one_of(
    st.sampled_from([scalar for row in _SCALARS for scalar in row]),
    st.text(alphabet="ab:# '\"|->{}[]\\\n\t,&*!%@`é\x85", max_size=6),
)
KEYS = st.sampled_from(
    ["expr", "record", "alert", "for", "keep_firing_for", "labels", "annotations", "x", "null", "<<"]
)
LINES = st.sampled_from(["", "\n", "  # c\n", "            # c\n", "# c\n", "        \n"])


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(KEYS, SCALARS, LINES), min_size=1, max_size=4), LINES, st.sampled_from([1, 2, 4]))
def test_it_never_reads_anything_else(entries: list[tuple[str, str, str]], between: str, step: int) -> None:
    text = f"groups:\n{between}  - name: g\n    rules:\n"
    head = "      - record: a\n        expr: b\n"
    margin = " " * (8 + step)
    body = ""
    for number, (key, value, after) in enumerate(entries):
        written = f" {value.replace('{m}', margin)}" if value else ""
        body += f"{'        ' if number else '      - '}{key}:{written}\n{after}"
    labels = body.replace("      - ", "", 1).replace("\n        ", f"\n{margin}")
    same(text + body)
    same(f"{text}{head}        labels:\n{margin}{labels}")
    same(text + head + body)


def test_mutated_files() -> None:
    dice = Random(7)
    texts = [PLAIN, *(path.read_text(encoding="utf-8")[:2500].rpartition("\n\n")[0] + "\n" for path in GENERATED[:3])]
    taken = 0
    for _ in range(400):
        text = dice.choice(texts)
        at = dice.randrange(len(text))
        match dice.randrange(4):
            case 0:
                text = text[:at] + text[at + dice.randrange(1, 4) :]
            case 1:
                text = text[:at] + dice.choice(" \n:#-\"'|>{[&*\\\t\x85%,x") + text[at:]
            case 2:
                lines = text.splitlines(keepends=True)
                number = dice.randrange(len(lines))
                text = "".join([*lines[:number], dice.choice(lines), *lines[number:]])
            case _:
                lines = text.splitlines(keepends=True)
                number = dice.randrange(len(lines))
                text = "".join([*lines[:number], " " + lines[number], *lines[number + 1 :]])
        taken += same(text)
    assert taken > 60
