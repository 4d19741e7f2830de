"""The worker's side: one request in, phases and one response out, then an end without ceremony."""

from __future__ import annotations

import faulthandler
import gc
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from netadvise.document.edits import tries_json
from netadvise.edit import Dropped, Tried
from netadvise.errors import WorkerError
from netadvise.evidence import ProbeProgress
from netadvise.worker.files import Opened
from netadvise.worker.protocol import Advance, Attempt, Phase, Progress, Request, Response, decode_request, encode
from netadvise.worker.relocate import relocate

_LIBRARIES_OF_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""Each takes a thread for each core, unless told: in every one of as many processes as there are cores."""


def main() -> None:
    """Answer one request and end at once: threads, exit handlers and open pipes of the user's code delay nothing.

    A crash, or the end of the time limit, leaves where the code was in the file that the front gave, even when native
    code hangs.
    """
    channel, dump = socket.socket(fileno=int(sys.argv[2])), int(sys.argv[3])
    for descriptor in (channel.fileno(), dump):
        os.set_inheritable(descriptor, False)
    request = _request(channel)
    relocate(request.folder, *request.copied)
    sys.argv = [request.target]
    faulthandler.enable(file=dump, all_threads=False)

    def progress(phase: Phase) -> None:
        channel.sendall(encode(Progress(phase)))

    threading.Thread(target=_end_with_the_front, args=(channel,), daemon=True).start()
    progress("importing torch")
    opened = Opened()
    if request.facts:
        opened.watch()
    told = _told(channel) if request.study else None
    response = _answer(request, progress, (_telling(request, channel, dump), told), dump)
    if response.facts is not None:
        response = replace(response, files=opened.files(), path=opened.path(), folders=opened.folders())
    faulthandler.cancel_dump_traceback_later()
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    channel.sendall(encode(response))
    os._exit(0)


def _telling(request: Request, channel: socket.socket, dump: int) -> Callable[[int, Tried | Dropped], None]:
    """What passes on each alternative that was tried; the time limit begins again for the next one."""

    def tell(position: int, tried: Tried | Dropped) -> None:
        _limit(request, dump)
        channel.sendall(encode(Attempt(position, tries_json([tried]))))

    return tell


def _told(channel: socket.socket) -> Callable[[ProbeProgress], None]:
    """What passes on how far a study is; from the first run on there is no time limit for the whole."""

    def told(advance: ProbeProgress) -> None:
        if advance.total:
            faulthandler.cancel_dump_traceback_later()
        channel.sendall(encode(Advance(advance)))

    return told


def _limit(request: Request, dump: int) -> None:
    if request.timeout is not None:
        faulthandler.dump_traceback_later(request.timeout, exit=True, file=dump)


def _answer(
    request: Request,
    progress: Callable[[Phase], None],
    listeners: tuple[Callable[[int, Tried | Dropped], None], Callable[[ProbeProgress], None] | None],
    dump: int,
) -> Response:
    if request.study:
        for library in _LIBRARIES_OF_THREADS:
            os.environ.setdefault(library, "1")
    try:
        with _uncollected():
            from netadvise.worker.answer import answer

            if request.study:
                from netadvise.worker.studying import answer_study
    except Exception as error:
        told = f"torch cannot be imported: {type(error).__name__}: {error}"
        failure = WorkerError(told, hint="Does `python -c 'import torch'` work here? --debug shows the traceback.")
        return Response(error=failure.to_json(), traceback="".join(traceback.format_exception(error)))
    _limit(request, dump)
    tell, advance = listeners
    if advance is not None:
        return answer_study(request, advance, confined=True)
    return answer(request, progress, confined=True, tell=tell)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Import without the garbage collector, which would walk torch's half a million objects several times over."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _end_with_the_front(channel: socket.socket) -> None:
    """Take the whole session down when the front is gone: it says nothing after its request but goodbye."""
    with suppress(OSError):
        channel.recv(1)
    os.killpg(0, signal.SIGKILL)


def _request(channel: socket.socket) -> Request:
    received = b""
    while not received.endswith(b"\n"):
        chunk = channel.recv(1 << 16)
        if not chunk:
            os._exit(1)
        received += chunk
    return decode_request(received)
