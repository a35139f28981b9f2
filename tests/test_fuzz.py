"""A sample of `bench/fuzz.py`: mutated specs never end in a traceback, a hang or a crash."""

import subprocess
import sys
from pathlib import Path

FUZZ = Path(__file__).parents[1] / "bench" / "fuzz.py"


def test_mutated_specs_are_built_or_refused() -> None:
    run = subprocess.run(
        [sys.executable, FUZZ, "--count", "300", "--seed", "7"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
