"""A request to the worker, in a process of its own or in this one, and its answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from netadvise.capture.files import check_file
from netadvise.edit import Dropped, Tried
from netadvise.errors import NetadviseError, TargetError
from netadvise.evidence import ProbeProgress
from netadvise.target import Target, make_target
from netadvise.worker.protocol import Phase, Request, Response

Watch = Callable[[Phase, float], None]
"""Told a few times a second what the worker is at, and the seconds since its start."""
Tell = Callable[[int, Tried | Dropped], None]
"""Told the position of an alternative and what became of it, at once."""
Told = Callable[[ProbeProgress], None]
"""Told how far a study is."""


def respond(
    request: Request,
    *,
    in_process: bool,
    watch: Watch,
    quiet: bool,
    tell: Tell | None = None,
    told: Told | None = None,
) -> Response:
    """The worker's answer, which is no error.

    `tell` hears what became of each alternative as it is tried, `told` how far a study is.

    Raises the worker's error, with Python's traceback as its note, and `WorkerError` when the worker gave no answer.
    """
    _check_early(make_target(request.target, request.inputs, request.arguments, request.mode))
    response = _here(request, tell, told) if in_process else _elsewhere(request, watch, quiet, tell, told)
    if response.error is not None:
        error = NetadviseError.from_json(response.error)
        error.add_note(response.traceback)
        raise error
    return response


def _check_early(target: Target) -> None:
    """Raises `TargetError` for a source that is no Python file, before a worker starts."""
    path = Path(target.source)
    try:
        if path.suffix == ".py" or path.exists():
            check_file(path, target.source)
    except OSError as error:
        raise TargetError(f"{target.source[:200]} cannot be read: {error.strerror or error}") from None


def _here(request: Request, tell: Tell | None, told: Told | None) -> Response:
    from netadvise.worker.answer import answer
    from netadvise.worker.process import stdout_aside

    with stdout_aside():
        if request.study:
            from netadvise.worker.studying import answer_study

            return answer_study(request, told or _silent, confined=False)
        return answer(request, lambda _: None, confined=False, tell=tell)


def _elsewhere(request: Request, watch: Watch, quiet: bool, tell: Tell | None, told: Told | None) -> Response:
    from netadvise.worker.process import run

    return run(request, watch=watch, quiet=quiet, tell=tell, told=told)


def _silent(_: object) -> None:
    pass
