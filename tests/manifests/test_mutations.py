"""Mutated manifests are checked or refused, never a traceback."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest
from compile import service_of
from manifests import files
from test_house import SLO
from test_reading import RENDERED

from slogen.manifest_check import Request, check_manifests

ROOT = Path(__file__).parents[2]
EXAMPLES = [ROOT / "examples" / "payments" / name for name in ("before.yaml", "after.yaml")]
SEEDS = [RENDERED, *(path.read_text(encoding="utf-8") for path in EXAMPLES)]
WORDS = (
    "null", "[]", "{}", "-1", "1e999", "9" * 30, "''", "*main", "*small", "<<: *main", "true", "[1, {a: b}]",
    "512m", "-Xmx", "-Xmx$(A)", "$(", "$($(A))", "- ", ": ", "{", "}", "\u2028", "0x7f", "\t", "{{ .Values.x }}",
    "env: [{name: A, value: $(A)}]", "command: [java, 3, null]", "command: [sh, -c, 'java ${A:-$(B)} `x`']",
    "resources: {limits: {memory: 2Gi, cpu: {}}}", "metrics: [{type: Resource, resource: 3}]", "initContainers: x",
    "\0", "\n---\n", "kind: List\nitems: 3\n",
)  # fmt: skip


def _mutated(chance: random.Random, text: str) -> str:
    for _ in range(chance.randint(1, 5)):
        lines = text.split("\n")
        number = chance.randrange(len(lines))
        kind = chance.randrange(5)
        if kind == 0:
            del lines[number]
        elif kind == 1:
            lines[number] = lines[number].partition(":")[0] + ": " + chance.choice(WORDS)
        elif kind == 2:
            lines.insert(number, " " * chance.randrange(14) + chance.choice(WORDS))
        elif kind == 3:
            at = chance.randrange(len(lines[number]) + 1)
            lines[number] = lines[number][:at] + chance.choice(WORDS) + lines[number][at:]
        else:
            lines[number] = " " * chance.randrange(14) + lines[number].lstrip()
        text = "\n".join(lines)
    return text


@pytest.mark.parametrize("seed", range(4))
def test_mutated_manifests_are_checked_or_refused(seed: int) -> None:
    chance = random.Random(seed)
    spec = service_of(SLO, workloads=[{"kind": "Deployment", "namespace": "shop", "name": "shop", "container": "web"}])
    outcomes = []
    with files({}, spec):
        for _ in range(150):
            text = _mutated(chance, chance.choice(SEEDS))
            request = Request([Path("-")], specs=[Path("slos")], piped=text.encode("utf-8", "replace"))
            outcomes.append(check_manifests(request, date(2026, 6, 1)))
            for finding in outcomes[-1].findings:
                assert finding.message and str(finding.place)
    assert {outcome.is_unusable for outcome in outcomes} == {True, False}
