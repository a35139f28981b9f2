"""promtool as a judge of generated files; every function returns whether it is content and what it said."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from .tools import Tools

TIMEOUT = 300.0


def check_rules(tools: Tools, files: Iterable[Path], lint: bool = True) -> tuple[bool, str]:
    """`promtool check rules` once for all files; with `lint`, findings such as duplicate rules fail it."""
    flags = ["--lint=all", "--lint-fatal"] if lint else ["--lint=none"]
    return _run(tools, "check", "rules", *flags, *(str(file) for file in files))


def test_rules(tools: Tools, test_yaml_text: str, rules_texts: Mapping[str, str]) -> tuple[bool, str]:
    """`promtool test rules`; the test file's `rule_files` name the keys of `rules_texts`."""
    with tempfile.TemporaryDirectory(prefix="slogen-promtool-") as folder:
        for name, text in rules_texts.items():
            (Path(folder) / name).write_text(text, encoding="utf-8")
        tests = Path(folder) / "tests.yml"
        tests.write_text(test_yaml_text, encoding="utf-8")
        return _run(tools, "test", "rules", str(tests))


setattr(test_rules, "__test__", False)  # noqa: B010  pytest would collect it where it is imported


def check_config(tools: Tools, config_text: str) -> tuple[bool, str]:
    """`promtool check config --syntax-only`: the files that the configuration names need not exist."""
    with tempfile.TemporaryDirectory(prefix="slogen-promtool-") as folder:
        config = Path(folder) / "prometheus.yml"
        config.write_text(config_text, encoding="utf-8")
        return _run(tools, "check", "config", "--syntax-only", str(config))


def _run(tools: Tools, *args: str) -> tuple[bool, str]:
    done = subprocess.run(
        [tools.promtool, *args], capture_output=True, text=True, check=False, timeout=TIMEOUT, stdin=subprocess.DEVNULL
    )
    return done.returncode == 0, done.stdout + done.stderr
