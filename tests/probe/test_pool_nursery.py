"""The process that others are forked from."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from netadvise.probe.pool_nursery import Nursery
from tests.cli.command import clean_environment


def echo(channel: Connection, folder: str, device: str | None) -> None:
    """Says what it was told, and whose child it is, then does as it is asked."""
    channel.send((folder, device, os.getppid(), sorted(os.listdir("/proc/self/fd"))))
    match channel.recv():
        case "raise":
            raise ValueError("as asked")
        case "wait":
            time.sleep(100)
        case int(status):
            os._exit(status)


def gone(pid: int) -> bool:
    """Whether a process is gone, within seconds."""
    until = time.monotonic() + 10
    while Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_a_nursery_without_children_ends_when_it_is_closed() -> None:
    nursery = Nursery(echo)
    assert Path(f"/proc/{nursery.pid}").exists()
    nursery.close()
    assert not Path(f"/proc/{nursery.pid}").exists()
    with pytest.raises(OSError, match=r".+"):
        nursery.start("folder", None)


def test_children_are_told_apart_and_their_ends_are_told() -> None:
    nursery = Nursery(echo)
    one, two = nursery.start("one", None), nursery.start("two", "cuda:1")
    assert one.channel.recv()[:3] == ("one", None, nursery.pid)
    assert two.channel.recv()[:3] == ("two", "cuda:1", nursery.pid)
    one.channel.send(7)
    assert one.end(5.0) == 7
    two.channel.send("wait")
    assert two.end() == -signal.SIGKILL
    assert not any(Path(f"/proc/{child.pid}").exists() for child in (one, two))
    three = nursery.start("three", None)
    three.channel.recv()
    os.kill(three.pid, signal.SIGSEGV)
    assert three.end(5.0) == -signal.SIGSEGV
    nursery.close()


def test_what_a_child_raises_is_shown_and_ends_it_with_a_status(capfd: pytest.CaptureFixture[str]) -> None:
    nursery = Nursery(echo)
    child = nursery.start("one", None)
    child.channel.recv()
    child.channel.send("raise")
    assert child.end(5.0) == 1
    nursery.close()
    assert "ValueError: as asked" in capfd.readouterr().err


def test_children_hold_nothing_of_the_drivers_but_their_channel() -> None:
    """Whoever waits for the end of one of the driver's channels waits for the driver alone."""
    with Path(__file__).open("rb") as held:
        os.set_inheritable(held.fileno(), True)
        nursery = Nursery(echo)
        child = nursery.start("one", None)
        _, _, _, descriptors = child.channel.recv()
        # its three streams, its channel, and the folder that is being listed
        assert len(descriptors) == 5
        child.end()
        nursery.close()


def test_a_child_that_is_not_there_is_an_error() -> None:
    nursery = Nursery(echo)
    with pytest.raises(OSError, match="no order"):
        nursery.ask("end", 1, 0)
    with pytest.raises(OSError, match="no order"):
        nursery.ask("dance")
    nursery.close()


def test_a_nursery_that_was_killed_is_an_error_and_its_children_can_still_be_ended() -> None:
    nursery = Nursery(echo)
    child = nursery.start("one", None)
    child.channel.recv()
    os.kill(nursery.pid, signal.SIGKILL)
    with pytest.raises(OSError, match=r".+"):
        for _ in range(2):
            nursery.start("two", None)
    assert child.end() == -signal.SIGKILL
    assert gone(child.pid)
    nursery.close()


DRIVER = """
import os, sys, time
from tests.probe.test_pool_nursery import echo
from netadvise.probe.pool_nursery import Nursery
nursery = Nursery(echo)
child = nursery.start("one", None)
child.channel.recv()
child.channel.send("wait")
print(nursery.pid, child.pid, flush=True)
time.sleep(100)
"""


def test_nursery_and_children_end_when_the_driver_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", DRIVER], env=clean_environment(), stdout=subprocess.PIPE, text=True
    ) as driver:
        assert driver.stdout is not None
        pids = [int(word) for word in driver.stdout.readline().split()]
        driver.kill()
        driver.wait()
        assert len(pids) == 2 and all(gone(pid) for pid in pids)
