"""Runs slogen as a shell would, in this process or in one of its own."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from slogen.cli import main

# Root may write anywhere, unless it gives up the capability that says so (CAP_DAC_OVERRIDE, and that to read).
WITHOUT_PRIVILEGE = """
import os
if os.geteuid() == 0:
    import ctypes
    libc = ctypes.CDLL(None, use_errno=True)
    class Header(ctypes.Structure):
        _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]
    class Data(ctypes.Structure):
        _fields_ = [(name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable")]
    header, data = Header(0x20080522, 0), (Data * 2)()
    assert libc.capset(ctypes.byref(header), ctypes.byref(data)) == 0, ctypes.get_errno()
"""


@dataclass(frozen=True)
class Result:
    """Exit code and what was printed."""

    code: int
    out: str
    err: str


def run(*args: str) -> Result:
    """`slogen ARGS` in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main.main(args=list(args), prog_name="slogen")
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        else:
            code = 0
    return Result(code, out.getvalue(), err.getvalue())


def spawn(*args: str, before: str = "", **environment: str) -> Result:
    """`slogen ARGS` in a process of its own, after the Python statements `before`."""
    script = f"import sys\n{before}\nfrom slogen.cli import main\nmain(prog_name='slogen')"
    done = subprocess.run(
        [sys.executable, "-c", script, *args],
        capture_output=True,
        check=False,
        env={**os.environ, **environment},
        timeout=60,
    )
    return Result(done.returncode, done.stdout.decode("utf-8"), done.stderr.decode("utf-8"))


def files(folder: Path) -> dict[str, bytes]:
    """What lies below a folder, by path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
