"""A sample of `bench/fuzz.py`: mutated files never end in a traceback, a hang or a crash."""

import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parents[1] / "bench" / "fuzz.py"


@pytest.mark.parametrize("mode", [[], ["--lint"]], ids=["build", "lint"])
def test_mutated_files_are_built_or_linted_or_refused(mode: list[str]) -> None:
    command = [sys.executable, str(FUZZ), *mode, "--count", "300", "--seed", "7"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
