"""Renders templates that slogen did not write, in a process of their own that can neither hang nor eat the memory.

Jinja's sandbox keeps a template from reaching Python's insides, but not from computing without end. So it works in a
child: on Linux a forked one, elsewhere a fresh interpreter. What goes wrong comes back with the template's line.
"""

from __future__ import annotations

import contextlib
import json
import os
import pickle
import select
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from math import ceil
from typing import TYPE_CHECKING, Any

from slogen.findings import Finding, Place, SpecError, closest, error, listed
from slogen.promql.templating import SYNTAX

if TYPE_CHECKING:
    from jinja2 import Environment, Template
    from markupsafe import Markup

MEMORY = 256 * 1024 * 1024
"""Bytes that a child may use besides what it begins with."""

SECONDS = 2
"""Processor time for one text."""

PATIENCE = 30.0
"""Seconds without an answer after which a child is ended, however little it computes."""

LARGEST = 4 * 1024 * 1024
"""Characters of one text."""

FORKS = sys.platform == "linux"

_REFUSED_FILTERS = ("attr", "random", "pprint")
"""`attr` reaches what the sandbox hides in some versions of Jinja; the others give another text each time."""

_GLOBALS = ("range", "dict", "namespace", "joiner", "cycler")


@dataclass(frozen=True, slots=True)
class Quoting:
    """How what a template prints is quoted: for every value, and filters that let something through."""

    finalize: Callable[[object], str]
    filters: tuple[tuple[str, Callable[..., Any]], ...] = ()

    def printed(self, value: object) -> str:
        """A value as it is printed; one that is not there fails with its name."""
        if type(value).__name__ == "StrictUndefined":
            return str(value)
        return self.finalize(value)

    def printed_once(self, value: object) -> Markup:
        """The same where blocks and macros may be printed: `super()` holds what was quoted already."""
        from markupsafe import Markup  # noqa: PLC0415  # comes with Jinja, see templating

        return value if isinstance(value, Markup) else Markup(self.printed(value))  # noqa: S704  # this is the quoting


@dataclass(frozen=True, slots=True)
class Task:
    """Texts to render from one template, each from values of its own.

    `texts` are all templates by name, `files` where those of the team lie.
    """

    name: str
    texts: Mapping[str, str]
    files: Mapping[str, str]
    quoting: Quoting
    values: tuple[Mapping[str, Any], ...]


class _TooLongError(Exception):
    pass


class _TooMuchError(Exception):
    pass


def rendered(task: Task) -> list[str]:
    """The texts. Raises SpecError at the line of the template that is to blame."""
    found: list[str] = []
    for answer in _forked(task) if FORKS else _spawned(task):
        if "text" not in answer:
            raise SpecError([_finding(answer)])
        found.append(answer["text"])
    if len(found) < len(task.values):
        raise SpecError([_finding(_problem(task, *_LOST))])
    return found


_LOST = "this takes too long, or more memory than there is", f"{SECONDS} s and {MEMORY >> 20} MiB are the most"


def _finding(answer: Mapping[str, Any]) -> Finding:
    return error("template/render", Place(answer["file"], answer["line"]), answer["message"], answer["hint"])


def _problem(task: Task, message: str, hint: str = "", file: str = "", line: int = 1) -> dict[str, Any]:
    short = "".join(char if char.isprintable() else " " for char in message[:300])
    file = file or task.files.get(task.name) or next(iter(task.files.values()))
    return {"file": file, "line": line, "message": short, "hint": hint}


def _forked(task: Task) -> Iterator[dict[str, Any]]:
    """Answers of a forked child, which has everything already."""
    source, sink = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if not child:
        try:
            os.close(source)
            _serve(task, sink)
        finally:
            os._exit(0)
    os.close(sink)
    try:
        yield from _answers(source)
    finally:
        os.close(source)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _spawned(task: Task) -> Iterator[dict[str, Any]]:
    """Answers of a fresh interpreter; slower, and the same on every system."""
    command = [sys.executable, "-c", "from slogen.sandbox import serve_input; serve_input()"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdin is not None and child.stdout is not None  # noqa: S101  # both are pipes
        watch = _Watch(child)
        try:
            with contextlib.suppress(BrokenPipeError), child.stdin:
                pickle.dump(task, child.stdin)
            for line in child.stdout:
                watch.answered()
                yield json.loads(line)
        finally:
            watch.end()
            child.kill()


class _Watch:
    """Ends a child that does not answer; there are systems where pipes cannot be waited for."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        from threading import Timer  # noqa: PLC0415  # elsewhere than on Linux only

        self._child, self._timer = child, Timer
        self._running = self._started()

    def _started(self) -> Any:
        running = self._timer(PATIENCE, self._child.kill)
        running.daemon = True
        running.start()
        return running

    def answered(self) -> None:
        self._running.cancel()
        self._running = self._started()

    def end(self) -> None:
        self._running.cancel()


def _answers(source: int) -> Iterator[dict[str, Any]]:
    """Lines of JSON, until the other end is closed or says nothing for too long."""
    poll = select.poll()
    poll.register(source, select.POLLIN | select.POLLHUP)
    held = bytearray()
    until = time.monotonic() + PATIENCE
    while (left := until - time.monotonic()) > 0:
        if not poll.poll(left * 1000):
            continue
        data = os.read(source, 1 << 16)
        if not data:
            return
        held += data
        *lines, rest = held.split(b"\n") if b"\n" in data else (held,)
        held = bytearray(rest)
        for line in lines:
            yield json.loads(line)
            until = time.monotonic() + PATIENCE


def serve_input() -> None:
    """What a fresh interpreter does: the task that its parent sends."""
    _serve(pickle.load(sys.stdin.buffer), sys.stdout.fileno())  # noqa: S301  # its parent made it


def _serve(task: Task, sink: int) -> None:
    """In the child: an answer for each text, up to the first that fails."""
    _limit_memory()
    made = cache(partial(_template, task))
    for values in task.values:
        answer = _answer(task, values, made)
        _write(sink, json.dumps(answer).encode() + b"\n")
        if "text" not in answer:
            return


def _write(sink: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(sink, view) :]


def _answer(task: Task, values: Mapping[str, Any], made: Callable[[], Template]) -> dict[str, Any]:
    try:
        _limit_time()
        parts, size = [], 0
        for part in made().generate(values):
            size += len(part)
            if size > LARGEST:
                raise _TooMuchError  # told below, as everything is
            parts.append(part)
        return {"text": "".join(parts)}
    except Exception as failure:  # whatever a template does is its author's to hear
        return _problem(task, *_words(failure, task, values), *_where(failure, task))
    finally:
        _limit_time(0)


def _words(failure: Exception, task: Task, values: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong, and what to do instead."""
    from jinja2.exceptions import (  # noqa: PLC0415  # see templating
        SecurityError,
        TemplateNotFound,
        TemplateSyntaxError,
        UndefinedError,
    )

    told = str(failure)
    word = told.split("'")[1] if told.startswith("'") else ""
    close = closest(word, values)
    lists = f"known: {listed(values)}; docs/runbooks.md tells what they hold"
    written = "see docs/runbooks.md for how templates are written"
    known = f"known: {listed(task.files)}, and slogen's own as slogen/NAME"
    words: dict[type[Exception], tuple[str, str]] = {
        _TooLongError: (f"this takes longer than {SECONDS} s", "loop over less"),
        _TooMuchError: (f"this makes more than {LARGEST >> 20} MiB of text", "loop over less"),
        MemoryError: (f"this needs more than {MEMORY >> 20} MiB of memory", "make less text at once"),
        RecursionError: ("this calls, includes or extends itself without end", "extend slogen/NAME, slogen's own"),
        SecurityError: (f"a template may not do this: {told}", "use the values that it is given"),
        TemplateNotFound: (f"there is no template '{told}'", known),
        TemplateSyntaxError: (str(getattr(failure, "message", "")), written),
        UndefinedError: (told.replace("slogen.", ""), f"did you mean '{close}'?" if close else lists),
    }
    found = next((words[kind] for kind in words if isinstance(failure, kind)), None)
    return found or (f"{type(failure).__name__}: {told}", written)


def _where(failure: BaseException, task: Task) -> tuple[str, int]:
    """The innermost line of a team's template, else the beginning of the one that was asked for."""
    line, name = getattr(failure, "lineno", None), getattr(failure, "name", None) or ""
    if line is not None and name in task.files:
        return task.files[name], line
    own, found, trace = set(task.files.values()), ("", 1), failure.__traceback__
    while trace is not None:
        if (file := trace.tb_frame.f_code.co_filename) in own:
            found = file, trace.tb_lineno
        trace = trace.tb_next
    return found


def _template(task: Task) -> Template:
    """Compiling it may run parts of it, so that has its bounds too."""
    return _sandbox(task).get_template(task.name)


def _sandbox(task: Task) -> Environment:
    from jinja2 import FunctionLoader, StrictUndefined, pass_eval_context  # noqa: PLC0415
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    @pass_eval_context
    def printed(_: object, value: object) -> Markup:
        """With a context, so that Jinja does not print constants itself, unquoted."""
        return task.quoting.printed_once(value)

    def load(name: str) -> tuple[str, str | None, Callable[[], bool]] | None:
        return (task.texts[name], task.files.get(name), lambda: True) if name in task.texts else None

    made = ImmutableSandboxedEnvironment(
        loader=FunctionLoader(load),
        undefined=StrictUndefined,
        finalize=printed,
        autoescape=True,  # so that Jinja marks what blocks and macros return; `printed_once` does the quoting
        **SYNTAX,
    )
    made.filters = {name: one for name, one in made.filters.items() if name not in _REFUSED_FILTERS}
    made.filters |= dict(task.quoting.filters)
    made.globals = {name: made.globals[name] for name in _GLOBALS}
    return made


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415  # not on every system

        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
            used = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time(seconds: int = SECONDS) -> None:
    """An exception in time, at a line of the template; where Python does not get to it, the system's own end.

    With 0 the time that the template had is over, and what follows is ours.
    """
    with contextlib.suppress(ImportError, OSError, ValueError, AttributeError):
        import resource  # noqa: PLC0415  # not on every system

        used = resource.getrusage(resource.RUSAGE_SELF)
        most = ceil(used.ru_utime + used.ru_stime) + SECONDS + 1
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        signal.signal(signal.SIGPROF, _too_long)
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _too_long(_number: int, _frame: object) -> None:
    raise _TooLongError
