"""What went wrong in the user's own data, loss or training step, in one message with the line of the user's code."""

from __future__ import annotations

import linecache
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from netadvise.errors import NetadviseError, TargetError

_OURS = str(Path(__file__).parents[1])
_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})


@contextmanager
def user_code(doing: str, hint: str = "") -> Iterator[None]:
    """Run the user's code: what it raises becomes a `TargetError` that begins with `doing`.

    Our own errors and Ctrl-C pass. `SystemExit` does not: a data file must not end the worker.
    """
    try:
        yield
    except NetadviseError:
        raise
    except (Exception, SystemExit) as error:
        raise user_error(doing, error, hint) from error


def user_error(doing: str, error: BaseException, hint: str = "") -> TargetError:
    """The `TargetError` for an exception of the user's code: `where` is its innermost line outside of libraries."""
    text = " ".join(str(error).split())[:600]
    what = f"{type(error).__name__}: {text}" if text else type(error).__name__
    frame = _own_frame(error.__traceback__)
    if frame is None:
        return TargetError(f"{doing}: {what}", hint=hint)
    line = linecache.getline(*frame).strip()
    notes = (f"> {line[:200]}",) if line else ()
    return TargetError(f"{doing}: {what}", where=f"{_short(frame[0])}:{frame[1]}", notes=notes, hint=hint)


def _own_frame(trace: TracebackType | None) -> tuple[str, int] | None:
    found: tuple[str, int] | None = None
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if not file.startswith(("<", _OURS, *_LIBRARIES)):
            found = (file, trace.tb_lineno)
        trace = trace.tb_next
    return found


def _short(file: str) -> str:
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except (OSError, ValueError):
        return file
