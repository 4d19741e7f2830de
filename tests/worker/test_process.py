"""What the user's code can do to a worker, and what must remain of it: nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from netadvise.errors import WorkerError
from netadvise.worker.process import run, stdout_aside
from netadvise.worker.protocol import Request, Response
from tests.cli.command import clean_environment

NET = """
import torch
from torch import nn
{before}
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 2)
    def forward(self, x):
        {during}
        return self.fc(x)
"""


def answered(folder: Path, *, before: str = "", during: str = "pass", timeout: float = 60.0) -> Response:
    """The worker's answer for a small model with the given code in it."""
    file = folder / "net.py"
    file.write_text(NET.format(before=before, during=during))
    return run(Request(target=str(file), inputs=("1,4",), timeout=timeout), watch=lambda *_: None, quiet=True)


def test_code_that_hangs_is_stopped_at_its_line_with_all_its_children(tmp_path: Path) -> None:
    note = tmp_path / "child.pid"
    start = (
        f"import subprocess; child = subprocess.Popen(['sleep', '600']); open({str(note)!r}, 'w').write(str(child.pid))"
    )
    with pytest.raises(WorkerError, match="still recording the forward pass after 2 s") as caught:
        answered(tmp_path, before=start, during="import time; time.sleep(600)", timeout=2)
    assert caught.value.where.endswith("net.py:10")
    assert not is_alive(int(note.read_text()))


def is_alive(process: int) -> bool:
    """Whether a process exists and is no zombie, after a moment to die in."""
    for _ in range(50):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        if state == "Z":
            return False
        time.sleep(0.1)
    return True


def test_a_thread_that_never_ends_does_not_delay_the_answer(tmp_path: Path) -> None:
    start = "import threading, time; threading.Thread(target=time.sleep, args=(600,)).start()"
    begin = time.monotonic()
    assert answered(tmp_path, before=start).profile is not None
    assert time.monotonic() - begin < 60


def test_code_cannot_write_into_the_answer(tmp_path: Path) -> None:
    noise = "import os; [os.write(fd, b'noise\\n') for fd in (1, 2)]"
    assert answered(tmp_path, during=noise).profile is not None


def test_code_cannot_read_the_terminal(tmp_path: Path) -> None:
    response = answered(tmp_path, before="name = input()")
    assert response.error is not None
    assert "EOFError" in response.error["message"]


def test_code_that_replaces_stdout_is_borne(tmp_path: Path) -> None:
    assert answered(tmp_path, before="import sys; sys.stdout = sys.stderr = object()").profile is not None


def test_an_allocation_beyond_the_limit_is_an_error_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text(NET.format(before="", during="self.cache = bytearray(3 * 10**9)"))
    request = Request(target=str(file), inputs=("1,4",), timeout=60, memory=10**9)
    response = run(request, watch=lambda *_: None, quiet=True)
    assert response.error is not None
    assert response.error["where"].endswith("net.py:10")
    assert any("1.0 GB" in note for note in response.error["notes"])


FRONT = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts what it puts in the background without
from netadvise.worker.process import run
from netadvise.worker.protocol import Request
run(Request(target="net.py", inputs=("1,4",)), watch=lambda *_: None)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL])
def test_a_front_that_is_ended_takes_its_worker_with_it(tmp_path: Path, number: signal.Signals) -> None:
    note = tmp_path / "worker.pid"
    hang = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    (tmp_path / "net.py").write_text(NET.format(before="", during=hang))
    front = subprocess.Popen(
        [sys.executable, "-c", FRONT], cwd=tmp_path, env=clean_environment(), stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + 60
    while not (note.exists() and note.read_text()) and time.monotonic() < end:
        time.sleep(0.1)
    front.send_signal(number)
    assert front.wait(timeout=20) != 0
    assert not is_alive(int(note.read_text()))


def test_what_is_printed_here_goes_to_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    with stdout_aside():
        os.write(1, b"noise\n")
        sys.stdout.write("noise\n")
    sys.stdout.write("report\n")
    sys.stdout.flush()
    assert capfd.readouterr().out == "report\n"
