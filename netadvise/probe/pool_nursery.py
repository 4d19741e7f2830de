"""A process that others are forked from: they train within milliseconds, and share what is imported.

A nursery is forked from the driver before anything of the user's is loaded and before anything is computed. It has
imported what training needs, computes nothing, has one thread, and does nothing but fork. No process that trains was
ever one that had computed, so none finds locks or pools of threads that the fork has broken.
"""

from __future__ import annotations

import faulthandler
import json
import multiprocessing
import os
import signal
import socket
import time
import traceback
import warnings
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import NoReturn

from netadvise.probe.pool_processes import Serve

_ANSWER_SECONDS = 60.0
_ORDER = 1 << 16
"""Bytes of an order, at most."""


@dataclass(frozen=True)
class Nursling:
    """A process that was forked from a nursery."""

    nursery: Nursery
    pid: int
    channel: Connection

    def end(self, grace: float = 0.0) -> int:
        """Stop it, after so many seconds; its exit status."""
        self.channel.close()
        try:
            return self.nursery.ask("end", self.pid, grace)
        except OSError:
            # the nursery is gone, and took its processes with it, or they notice within a second
            with suppress(OSError):
                os.kill(self.pid, signal.SIGKILL)
            return -signal.SIGKILL


class Nursery:
    """A process that others are forked from; it ends, and they do, when the one that made it is gone."""

    def __init__(self, serve: Serve) -> None:
        """Fork it: call this before anything is computed in threads. Raises `OSError` where that is not possible."""
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with warnings.catch_warnings():
            # a thread that waits for the end of a channel holds nothing that a fork could break
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            _nurse(theirs, serve)
        theirs.close()
        self._orders.settimeout(_ANSWER_SECONDS)

    def start(self, folder: str, device: str | None) -> Nursling:
        """A process that serves a study; raises `OSError` where there can be none."""
        ours, theirs = multiprocessing.Pipe()
        try:
            return Nursling(self, self.ask("start", folder, device, descriptor=theirs.fileno()), ours)
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()

    def ask(self, *order: str | float | None, descriptor: int | None = None) -> int:
        """Have an order carried out; raises `OSError` where it cannot be, `ConnectionError` without a nursery."""
        try:
            socket.send_fds(self._orders, [json.dumps(order).encode()], [] if descriptor is None else [descriptor])
            answer = self._orders.recv(_ORDER)
        except OSError:
            answer = b""
        if not answer:
            raise ConnectionResetError("the nursery of training processes is gone")
        number, error = json.loads(answer)
        if error:
            raise OSError(error)
        return int(number)

    def close(self) -> None:
        """End it, and every process that it started."""
        self._orders.close()
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)


def _nurse(orders: socket.socket, serve: Serve) -> NoReturn:
    """What the nursery does: it forks, reaps, and never returns."""
    children: set[int] = set()
    try:
        faulthandler.disable()
        # the driver's own channels: who waits for their end must not wait for this process
        os.closerange(3, orders.fileno())
        os.closerange(orders.fileno() + 1, os.sysconf("SC_OPEN_MAX"))
        while True:
            content, descriptors, _, _ = socket.recv_fds(orders, _ORDER, 1)
            if not content:
                break
            try:
                answer: tuple[int, str] = (_obeyed(json.loads(content), descriptors, children, orders, serve), "")
            except OSError as error:
                answer = (0, error.strerror or str(error))
            orders.send(json.dumps(answer).encode())
    finally:
        for child in children:
            with suppress(OSError):
                os.kill(child, signal.SIGKILL)
        os._exit(0)


def _obeyed(
    order: list[str | float | None], descriptors: list[int], children: set[int], orders: socket.socket, serve: Serve
) -> int:
    match order:
        case ["start", str(folder), str() | None as device]:
            child = os.fork()
            if child == 0:
                orders.close()
                _serve(serve, Connection(descriptors[0]), folder, device)
            os.close(descriptors[0])
            children.add(child)
            return child
        case ["end", int(child), int() | float() as grace] if child in children:
            children.remove(child)
            return _reaped(child, grace)
    raise OSError(f"no order: {order}")


def _serve(serve: Serve, channel: Connection, folder: str, device: str | None) -> NoReturn:
    status = 1
    try:
        serve(channel, folder, device)
        status = 0
    except BaseException:
        os.write(2, traceback.format_exc().encode())
    finally:
        os._exit(status)


def _reaped(child: int, grace: float) -> int:
    """The exit status of a child, which is killed after a while."""
    until = time.monotonic() + grace
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > until:
            break
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
