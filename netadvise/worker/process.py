"""The front's side: start a worker, hand it the request, wait for its answer, and leave nothing of it behind."""

from __future__ import annotations

import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout, suppress
from pathlib import Path
from types import FrameType
from typing import IO

from netadvise.document.edits import tries_from_json
from netadvise.edit import Dropped, Tried
from netadvise.errors import InternalError, NetadviseError
from netadvise.evidence import ProbeProgress
from netadvise.worker.ending import died, timed_out
from netadvise.worker.protocol import (
    BEFORE_USERS_CODE,
    Advance,
    Attempt,
    Phase,
    Progress,
    Request,
    Response,
    decode_answer,
    encode,
)

Watch = Callable[[Phase, float], None]
"""Called a few times a second with the worker's phase and the seconds since its start."""

Tell = Callable[[int, Tried | Dropped], None]
"""Told the position of an alternative and what became of it, at once."""
Told = Callable[[ProbeProgress], None]
"""Told how far a study is."""

_BOOT = (
    "import sys; sys.path[:] = [sys.argv[1], *filter(None, sys.path)]; "
    "from netadvise.worker.child import main; del sys.path[0]; main()"
)
_TICK_S = 0.2
_START_S = 120.0
_LINGER_S = 10.0
_GRACE_S = 1.0
"""How long after its time limit a worker may take to say where it was."""


def run(
    request: Request, *, watch: Watch, quiet: bool = False, tell: Tell | None = None, told: Told | None = None
) -> Response:
    """The worker's answer to `request`.

    `tell` hears what became of each alternative as it is tried, `told` how far a study is.

    What the user's code prints goes to stderr, or nowhere when `quiet`; it reads from nothing.

    Raises `WorkerError` when the worker ends without an answer or takes longer than `request.timeout`.
    """
    front, back = socket.socketpair()
    with front, tempfile.TemporaryFile() as dump, _terminated_as_exit():
        with back:
            child = _start(back, dump, quiet=quiet)
        try:
            front.sendall(encode(request))
            return _answer(child, front, request, (watch, tell, told), dump)
        finally:
            _end(child)


def _start(back: socket.socket, dump: IO[bytes], *, quiet: bool) -> subprocess.Popen[bytes]:
    sink = subprocess.DEVNULL if quiet or not _is_open(2) else 2
    root = str(Path(__file__).parents[2])
    return subprocess.Popen(
        [sys.executable, "-c", _BOOT, root, str(back.fileno()), str(dump.fileno())],
        stdin=subprocess.DEVNULL,
        stdout=sink,
        stderr=sink,
        pass_fds=(back.fileno(), dump.fileno()),
        start_new_session=True,
    )


def _answer(
    child: subprocess.Popen[bytes],
    front: socket.socket,
    request: Request,
    listeners: tuple[Watch, Tell | None, Told | None],
    dump: IO[bytes],
) -> Response:
    start = time.monotonic()
    hearing = _Hearing(request, listeners, start + _START_S)
    for line in _lines(child, front):
        now = time.monotonic()
        if line:
            message = decode_answer(line)
            if isinstance(message, Response):
                return message
            hearing.hear(message, now)
        elif now > hearing.limit:
            seconds = _START_S if hearing.phase in BEFORE_USERS_CODE else request.timeout or 0
            raise timed_out(seconds, hearing.phase, _text(dump))
        hearing.watch(hearing.phase, now - start)
    raise _ended(_reaped(child), hearing.phase, request, _text(dump))


class _Hearing:
    """What the worker has said so far: what it is at, and until when it may be."""

    def __init__(self, request: Request, listeners: tuple[Watch, Tell | None, Told | None], limit: float) -> None:
        self.request, self.limit = request, limit
        self.watch, self.tell, self.told = listeners
        self.phase: Phase = "starting"

    def hear(self, message: Progress | Attempt | Advance, now: float) -> None:
        """Take in one message, and pass it on."""
        match message:
            case Attempt():
                self.limit = _limit(now, self.request)
                _pass_on(message, self.tell)
            case Advance():
                # training takes its time: the study itself ends processes that say nothing
                self.limit, self.phase = math.inf if message.advance.total else self.limit, "training"
                if self.told is not None:
                    self.told(message.advance)
            case Progress():
                if self.phase in BEFORE_USERS_CODE and message.phase not in BEFORE_USERS_CODE:
                    self.limit = _limit(now, self.request)
                self.phase = message.phase


def _ended(status: int, phase: Phase, request: Request, dump: str) -> NetadviseError:
    """Why the worker ended without a response."""
    if request.timeout is not None and dump.startswith("Timeout ("):
        return timed_out(request.timeout, phase, dump)
    if phase == "starting":
        return InternalError(f"the worker process did not start (exit code {status})")
    return died(status, phase, dump)


def _limit(now: float, request: Request) -> float:
    return now + (math.inf if request.timeout is None else request.timeout + _GRACE_S)


def _pass_on(message: Attempt, tell: Tell | None) -> None:
    if tell is not None:
        tell(message.attempt, *tries_from_json(message.tried))


def _lines(child: subprocess.Popen[bytes], front: socket.socket) -> Iterator[bytes]:
    """Each line the worker sends, and an empty one at every tick; ends when the worker has ended."""
    front.settimeout(_TICK_S)
    received = b""
    while True:
        try:
            chunk = front.recv(1 << 20)
        except TimeoutError:
            if child.poll() is not None and not received:
                return
            yield b""
            continue
        except ConnectionResetError:
            return
        if not chunk:
            return
        *lines, received = (received + chunk).split(b"\n")
        yield from lines


def _end(child: subprocess.Popen[bytes]) -> None:
    """Kill the worker and every process it started in its session, then wait for it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _reaped(child: subprocess.Popen[bytes]) -> int:
    """The exit status; a worker that has closed its end but lingers is killed after a while."""
    try:
        return child.wait(timeout=_LINGER_S)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def _text(dump: IO[bytes]) -> str:
    dump.seek(0)
    return dump.read().decode("utf-8", errors="replace")


@contextmanager
def stdout_aside() -> Iterator[None]:
    """While the user's code runs in this very process, what it prints goes to stderr."""
    if sys.stdout is not None:
        sys.stdout.flush()
    report = os.dup(1)
    os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        os.dup2(report, 1)
        os.close(report)


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


@contextmanager
def _terminated_as_exit() -> Iterator[None]:
    """While the worker lives, SIGTERM and SIGHUP unwind the front, so that it takes the worker with it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def leave(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, leave) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
