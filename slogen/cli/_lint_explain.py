"""What a code of `slogen lint` means, on a terminal."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import ModuleType

from slogen.cli._print import table
from slogen.linting import example_findings, texts


def listing(rules: Mapping[str, ModuleType]) -> str:
    """Every rule in a line."""
    rows = [("code", "severity", "what must be so")]
    return table([*rows, *((code, module.SEVERITY.value, _about(module)[0]) for code, module in rules.items())], "")


def explained(code: str, module: ModuleType) -> str:
    """What must be so, why, an example of either, and how to say that it is meant so."""
    summary, about = _about(module)
    parts = [f"{code} ({module.SEVERITY.value})", summary, about]
    parts += ["Found in", _shown(module.BAD)]
    parts += [
        f"  {one.finding.place}: {one.finding.message}\n    {one.finding.hint}" for one in example_findings(module.BAD)
    ]
    parts += ["and not in", _shown(module.GOOD)]
    if not code.startswith("lint/"):
        parts += [f"Where it is meant so, write above it\n\n  # slogen:ignore {code} WHY"]
    parts += [f"Off for the whole repository, in slogen.yaml:\n\n  spec: {{lint: {{severities: {{{code}: off}}}}}}"]
    return "\n\n".join(part for part in parts if part)


def _about(module: ModuleType) -> tuple[str, str]:
    title, _, about = inspect.cleandoc(module.__doc__ or "").partition("\n")
    summary = title.partition(": ")[2]
    return summary[:1].upper() + summary[1:], about.strip()


def _shown(example: str | Mapping[str, str]) -> str:
    told = []
    for name, text in texts(example).items():
        lines = [f"    {line}".rstrip() for line in text.strip("\n").splitlines()]
        told.append("\n".join([*([] if isinstance(example, str) else [f"  {name}:"]), *lines]))
    return "\n".join(told)
