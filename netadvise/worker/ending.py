"""Why a worker ended without an answer, in words for the user."""

from __future__ import annotations

import re
import signal
import sys
import sysconfig
from pathlib import Path

from netadvise.errors import WorkerError
from netadvise.worker.protocol import Phase

_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+) in ', re.MULTILINE)
_THREAD = re.compile(r"^(?:Current thread|Thread) 0x", re.MULTILINE)
_MEANING = {
    signal.SIGSEGV: "segmentation fault",
    signal.SIGABRT: "abort",
    signal.SIGBUS: "bus error",
    signal.SIGFPE: "arithmetic error",
    signal.SIGILL: "illegal instruction",
    signal.SIGKILL: "killed",
    signal.SIGTERM: "terminated",
}


def timed_out(seconds: float, phase: Phase, dump: str) -> WorkerError:
    """The worker was still busy when its time was up."""
    where = user_line(dump)
    stuck = where or _innermost(dump)
    notes = () if where or not stuck else (f"it was in {stuck}",)
    hint = (
        "Give it more time with --timeout SECONDS, or look at that line." if where else "Give it more time: --timeout."
    )
    return WorkerError(f"still {phase} after {seconds:g} s: stopped", where=where, notes=notes, hint=hint)


def died(status: int, phase: Phase, dump: str) -> WorkerError:
    """The worker's process ended: `status` is its exit code, or minus the signal that killed it."""
    where = user_line(dump)
    if status >= 0:
        return WorkerError(
            f"the model's code ended Python itself while {phase} (exit code {status})",
            where=where,
            hint="Remove the call of os._exit, or whatever ends the process, or guard it with __name__ == '__main__'.",
        )
    return WorkerError(f"{_killed(-status)} while {phase}", where=where, hint=_remedy(-status))


def user_line(dump: str) -> str:
    """`file:line` of the innermost line of the user's code in faulthandler's dump; empty when there is none.

    The main thread is the last one of a dump of all threads.
    """
    sections = _THREAD.split(dump)
    for frame in _FRAME.finditer(sections[-1]):
        if _is_users(frame["file"]):
            return f"{_short(frame['file'])}:{frame['line']}"
    return ""


def _innermost(dump: str) -> str:
    frame = _FRAME.search(_THREAD.split(dump)[-1])
    return f"{_short(frame['file'])}:{frame['line']}" if frame else ""


def _killed(number: int) -> str:
    try:
        sent = signal.Signals(number)
    except ValueError:
        return f"the worker was ended by signal {number}"
    return f"the worker crashed: {sent.name} ({_MEANING.get(sent, 'signal')})"


def _remedy(number: int) -> str:
    if number == signal.SIGKILL:
        return "The system most likely ran out of memory: take a smaller input or configuration, or set --memory-limit."
    return "Native code crashed, in the model's own extension or in a library that it calls."


def _is_users(file: str) -> bool:
    if file.startswith("<") or "site-packages" in file or "dist-packages" in file:
        return False
    library = (sysconfig.get_path("stdlib"), str(Path(__file__).parents[1]))
    return not file.startswith(tuple(f"{folder}/" for folder in library))


def _short(file: str) -> str:
    path = Path(file)
    for folder in (Path.cwd(), *map(Path, sys.path[1:])):
        if path.is_relative_to(folder):
            return str(path.relative_to(folder))
    return file
