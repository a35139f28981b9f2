"""The corpus of rule files: which ones Prometheus refuses, and who says so. Prints the table of docs/lint-corpus.md.

    python bench/corpus.py              the table
    python bench/corpus.py --docs       writes docs/lint-corpus.md
    python bench/corpus.py --promtool   asks promtool too (that of SLOGEN_PROMETHEUS_BIN, else the one on PATH)

Each line of tests/rulefiles/corpus/table.tsv names a file, what it is about and what slogen finds in it, written by
hand: line:column and code, `~` before a warning, and the versions where it is so. `differs` says why slogen and
Prometheus do not agree about a file, where they do not.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

from slogen.rulefiles.reading import read_rules
from slogen.rulefiles.validity import problems
from slogen.source import parse_bytes
from slogen.yamltext.dialect import FOREIGN

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT / "tests" / "rulefiles" / "corpus"
SCHEMA = ROOT / "schemas" / "prometheus-rules.schema.json"
PAGE = ROOT / "docs" / "lint-corpus.md"
VERSIONS = ((2, 42), (2, 53), (3, 15))

Version = tuple[int, int]


@dataclass(frozen=True)
class Mark:
    """One finding that a file must give: at `place` (line:column), from `since` on and before `until`."""

    place: str
    code: str
    is_warning: bool
    since: Version
    until: Version

    def shown(self) -> str:
        """As the findings of a file are compared."""
        return f"{self.place} {'~' if self.is_warning else ''}{self.code}"


@dataclass(frozen=True)
class Case:
    """A file of the corpus."""

    path: Path
    about: str
    marks: tuple[Mark, ...]
    differs: str

    @property
    def name(self) -> str:
        """Folder and file."""
        return f"{self.path.parent.name}/{self.path.name}"

    @property
    def family(self) -> str:
        """What its mistakes are about."""
        return self.path.name.partition("-")[0]

    def marks_at(self, version: Version) -> list[Mark]:
        """What slogen must find for a version of Prometheus."""
        return [mark for mark in self.marks if mark.since <= version < mark.until]

    def loads(self, version: Version) -> bool:
        """Whether that Prometheus takes the file."""
        return all(mark.is_warning for mark in self.marks_at(version)) != bool(self.differs)


_MARK = re.compile(r"(\d+:\d+) (~?)([\w/-]+)(?: (<|>=)(\d+)\.(\d+))?")


def cases() -> list[Case]:
    """Every file of the corpus, in the order of its table."""
    lines = (CORPUS / "table.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return [_case(*f"{line}\t\t".split("\t")[:4]) for line in lines]


def _case(name: str, about: str, findings: str, differs: str) -> Case:
    return Case(CORPUS / name, about, tuple(map(_mark, findings.split(", "))) if findings else (), differs)


def _mark(written: str) -> Mark:
    match = _MARK.fullmatch(written)
    assert match, f"no finding: {written}"
    bound = (int(match[5]), int(match[6])) if match[4] else (0, 0)
    since, until = (bound, (99, 0)) if match[4] != "<" else ((0, 0), bound)
    return Mark(match[1], match[3], bool(match[2]), since, until)


def found(case: Case, version: Version) -> list[str]:
    """What slogen finds in a file, as marks are shown."""
    findings = problems(read_rules(case.path.read_bytes(), case.name), version)
    return [
        f"{one.place.line}:{one.place.column} {'~' if one.severity == 'warning' else ''}{one.code}" for one in findings
    ]


@cache
def validator() -> Draft7Validator:
    """The schema of rule files, at work."""
    schema: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return Draft7Validator(schema)


def schema_takes(case: Case) -> bool:
    """Whether the schema alone takes a file, as far as it is YAML; an editor refuses the rest by itself.

    Tags are left out, which make a number of a text in an editor and not here.
    """
    documents, findings = parse_bytes(case.path.read_bytes(), case.name, FOREIGN)
    if any(finding.severity == "error" for finding in findings) or b" !!" in case.path.read_bytes():
        return True
    return all(validator().is_valid(document.data) for document in documents[:1])


def judged(promtool: Path | str, files: Iterable[Path]) -> dict[Path, bool]:
    """Whether promtool takes each file, asked once for all: the mistake of one keeps no other from being read."""
    paths = {str(path): path for path in files}
    command = [str(promtool), "check", "rules", "--lint=none", *paths]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, timeout=120)
    verdicts: dict[Path, bool] = {}
    current = None
    for line in done.stdout.splitlines():
        if line.startswith("Checking "):
            current = paths[line.removeprefix("Checking ")]
            verdicts[current] = False
        elif current and line.strip().startswith("SUCCESS"):
            verdicts[current] = True
    return verdicts


def page() -> str:
    """docs/lint-corpus.md."""
    every = cases()
    parts = [
        "<!-- Made by bench/corpus.py; do not edit. -->\n\n# The corpus of rule files\n",
        f"`tests/rulefiles/corpus` holds {len(every)} small files of rules, {_refused(every, (3, 15))} of which "
        "Prometheus 3.15 refuses. A test holds what slogen says of each of them against the verdict of "
        "`promtool check rules`, of 2.42 and of 3.15, and each finding against the line and column that "
        "[its table](../tests/rulefiles/corpus/table.tsv) names. What holds for 2.53 comes from Prometheus' "
        "changelog and from its own parser of that version.\n",
        "The schema alone, `schemas/prometheus-rules.schema.json`, is what an editor works with: it refuses no file "
        "that Prometheus 3.15 takes. slogen is told the version of Prometheus, and finds the rest.\n",
        "\n".join(_rows(every)) + "\n",
        "`yaml` and `file` are for the most part not YAML at all, which an editor says without a schema.\n",
        "## Where slogen and Prometheus differ\n",
        "\n".join(_differences(every)) + "\n",
        "Not in the corpus: slogen does not judge expressions of more than 8 KiB, 200 brackets inside each other or "
        "500 operators, takes a few regular expressions that RE2 does not know (`[a--b]`), and refuses metrics that "
        "are named `anchored` or `smoothed`. Unless `--lint=none` is given, promtool also fails a file for duplicate "
        "rules; that is a lint rule of slogen.\n",
    ]
    return "\n".join(parts)


def _rows(every: list[Case]) -> Iterator[str]:
    shown = " | ".join(f"refused by {'.'.join(map(str, version))}" for version in VERSIONS)
    yield f"| files about | files | {shown} | the schema finds | slogen finds |"
    yield "|---|---|---|---|---|---|---|"
    families = sorted({case.family for case in every})
    for family in [*families, ""]:
        some = [case for case in every if family in ("", case.family)]
        refused = [case for case in some if not case.loads((3, 15))]
        cells = [family or "**all**", len(some), *(_refused(some, version) for version in VERSIONS)]
        cells += [sum(not schema_takes(case) for case in refused), sum(_is_told(case) for case in refused)]
        yield "| " + " | ".join(map(str, cells)) + " |"


def _refused(some: Iterable[Case], version: Version) -> int:
    return sum(not case.loads(version) for case in some)


def _is_told(case: Case) -> bool:
    return not all(" ~" in one for one in found(case, (3, 15)))


def _differences(every: list[Case]) -> Iterator[str]:
    yield from (f"- `{case.name}`: {case.about}. {case.differs}." for case in every if case.differs)


def _agreement() -> Iterator[str]:
    sys.path.insert(0, str(ROOT / "tests"))
    from harness.tools import find_tools  # noqa: PLC0415  # only here

    tools = find_tools()
    every = cases()
    verdicts = judged(tools.promtool, (case.path for case in every))
    wrong = [case for case in every if verdicts[case.path] != all(" ~" in one for one in found(case, tools.version))]
    shown = ".".join(map(str, tools.version))
    yield f"promtool {shown} takes {sum(verdicts.values())} of {len(every)} files"
    yield f"slogen says the same of all but {len(wrong)}:"
    yield from (f"  {case.name}: {case.differs or 'not explained'}" for case in wrong)


def main(arguments: list[str]) -> None:
    """See the docstring of the module."""
    if "--promtool" in arguments:
        print("\n".join(_agreement()))
    elif "--docs" in arguments:
        PAGE.write_text(page(), encoding="utf-8")
    else:
        print("\n".join(_rows(cases())))


if __name__ == "__main__":
    main(sys.argv[1:])
