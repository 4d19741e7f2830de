"""Every way in which a command can end: an exit code, and at most one message on stderr."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable

from netadvise.errors import ExitCode, InternalError, NetadviseError, UsageError


def finished(command: Callable[[], int], *, debug: bool) -> int:
    """The exit code of `command`, after saying on stderr what went wrong, if anything did.

    With `debug`, Python's traceback follows the message.
    """
    _open_standard_descriptors()
    try:
        code = command()
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_stdout()
        return ExitCode.OK
    except KeyboardInterrupt:
        code = ExitCode.INTERRUPTED
    except Exception as error:
        known = _known(error)
        _drop_stdout()
        say(known)
        if debug:
            sys.stderr.write("".join(getattr(error, "__notes__", ()) or traceback.format_exception(error)))
        return known.exit_code
    if code == ExitCode.INTERRUPTED:
        _drop_stdout()
        _print("interrupted")
    return code


def say(error: NetadviseError, model: str = "") -> None:
    """Print an error: what, where, what was tried, what to do; one of several models is named first."""
    told = f"{model}: {error.message}" if model else error.message
    for line in f"error: {told}".splitlines():
        _print(line)
    if error.where:
        _print(f"  at {error.where}")
    for note in error.notes:
        _print(f"  {note}")
    if error.hint:
        _print(f"hint: {error.hint}")


def _known(error: Exception) -> NetadviseError:
    """The error as one of ours: typer's complaints are about usage, the system's about a file, the rest is our bug."""
    if isinstance(error, NetadviseError):
        return error
    complaint = getattr(error, "format_message", None)
    if complaint is not None:
        return UsageError(complaint(), hint="netadvise --help, or netadvise COMMAND --help")
    if isinstance(error, OSError):
        file = f"{error.filename}: " if error.filename else ""
        return UsageError(f"cannot write the report: {file}{error.strerror or error}")
    return InternalError(
        f"netadvise itself failed: {type(error).__name__}: {error}",
        hint="This is a bug of netadvise. --debug shows the traceback that a report of it needs.",
    )


def _print(line: str) -> None:
    from netadvise.render.text import plain

    if sys.stderr is not None:
        sys.stderr.write(plain(line) + "\n")


def _drop_stdout() -> None:
    """What is still buffered for a stdout that failed goes nowhere, so that Python's own exit stays silent."""
    if sys.stdout is not None:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_standard_descriptors() -> None:
    """Make sure that 0, 1 and 2 are taken, so that no socket to a worker gets a number that means something else."""
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
