"""The process that warm workers are forked from: `serve.py SOCKET`; it ends when its stdin does.

Of each order one process takes care: it forks the worker, tells the one who asked how the worker ended, and kills the
worker's session when the one who asked is gone.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import select
import signal
import socket
import sys
import traceback
import types
from contextlib import suppress
from typing import Any, NoReturn

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PATH = [path for path in sys.path if path != os.path.dirname(os.path.abspath(__file__))]
"""Where a fresh interpreter without PYTHONPATH looks for imports, after the working folder."""
READ_EARLY = ("PYTHON", "LD_", "OMP_", "MKL_", "OPENBLAS_", "TORCH", "ATEN_")
"""Variables that the interpreter or torch reads when it starts: with others than ours, a worker must start afresh."""


def main() -> None:
    """Serve until there is nobody to serve."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen(64)
    print("listening", flush=True)  # noqa: T201
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.path[:] = PATH
    gc.disable()
    import torch  # noqa: F401

    gc.freeze()
    while 0 not in select.select([listener, 0], [], [])[0]:
        channel, _ = listener.accept()
        if not os.fork():
            listener.close()
            take_care(channel)
        channel.close()
        reap()
    reap()


def reap() -> None:
    """Leave no dead behind."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def take_care(channel: socket.socket) -> NoReturn:
    """Carry out one order."""
    length, descriptors, _, _ = socket.recv_fds(channel, 8, 8)
    order = json.loads(channel.makefile("rb").read(int.from_bytes(length, "big")))
    if early(order["environment"]) != early(dict(os.environ)):
        channel.sendall(b"cold\n")
        os._exit(0)
    channel.sendall(b"warm\n")
    worker = os.fork()
    if not worker:
        channel.close()
        work(order, descriptors)
    for descriptor in descriptors:
        os.close(descriptor)
    ended = os.pidfd_open(worker)
    ready, _, _ = select.select([ended, channel], [], [])
    if ended not in ready:
        with suppress(ProcessLookupError):
            os.killpg(worker, signal.SIGKILL)
    _, status = os.waitpid(worker, 0)
    if ended in ready:
        channel.sendall(b"%d\n" % status)
    os._exit(0)


def early(environment: dict[str, str]) -> dict[str, str]:
    """What of an environment counts before any code of ours runs."""
    kept = {key: value for key, value in environment.items() if key.startswith(READ_EARLY) and key != "PYTHON"}
    return {key: value for key, value in kept.items() if (key, value) != ("PYTHONPATH", ROOT)}


def work(order: dict[str, Any], descriptors: list[int]) -> NoReturn:
    """Be the interpreter that was asked for."""
    status = 1
    try:
        os.setsid()
        place(descriptors, order["descriptors"])
        os.environ.clear()
        os.environ.update(order["environment"])
        os.chdir(order["folder"])
        _, code, *arguments = order["words"]
        sys.argv = ["-c", *arguments]
        sys.path[:] = ["", *dict.fromkeys([ROOT, *PATH] if "PYTHONPATH" in os.environ else PATH)]
        fresh = sys.modules["__main__"] = types.ModuleType("__main__")
        gc.enable()
        exec(compile(code, "<string>", "exec"), fresh.__dict__)
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        os._exit(status)


def place(descriptors: list[int], numbers: list[int]) -> None:
    """Give descriptors the numbers that they had with the one who asked."""
    away = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, 200) for descriptor in descriptors]
    for descriptor in descriptors:
        os.close(descriptor)
    for high, number in zip(away, numbers, strict=True):
        os.dup2(high, number)
        os.close(high)


main()
