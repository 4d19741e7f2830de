"""A warm worker is a worker: with its environment, session, end and exit status; only torch is there already."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import warm
from tests.cli.command import clean_environment, netadvise, netadvise_cold

pytestmark = pytest.mark.skipif(not warm.IS_WANTED, reason="every worker is to start afresh")

NET = """
import os, sys
import torch
from torch import nn

class Net(nn.Sequential):
    example_inputs = torch.zeros(1, 4)
    def __init__(self):
        super().__init__(nn.Linear(4, 2))

print("forked" if "serve.py" in " ".join(sys.orig_argv) else "afresh", os.environ["OF_THIS_TEST"])
print(os.getcwd(), sys.argv, sys.path[0], os.getsid(0) == os.getpid())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.py").write_text(NET)
    return tmp_path


def test_it_says_what_a_cold_one_says(folder: Path) -> None:
    warmly = netadvise("profile", "net.py", cwd=folder, OF_THIS_TEST="yes")
    coldly = netadvise_cold("profile", "net.py", cwd=folder, OF_THIS_TEST="yes")
    assert "forked yes" in warmly.stderr
    assert "afresh yes" in coldly.stderr
    assert (warmly.returncode, warmly.stdout) == (coldly.returncode, coldly.stdout)
    assert warmly.stderr.replace("forked", "afresh") == coldly.stderr


def test_what_torch_reads_at_its_import_needs_a_worker_that_imports_it(folder: Path) -> None:
    done = netadvise("profile", "net.py", cwd=folder, OF_THIS_TEST="yes", OMP_NUM_THREADS="1")
    assert "afresh yes" in done.stderr


def test_it_ends_with_the_front(folder: Path) -> None:
    (folder / "net.py").write_text(
        "import os, time\nopen('draft', 'w').write(str(os.getpid()))\nos.rename('draft', 'pid')\ntime.sleep(600)\n"
    )
    front = subprocess.Popen(
        [warm.python(), "-m", "netadvise", "profile", "net.py"],
        cwd=folder,
        env=clean_environment(),
        stderr=subprocess.DEVNULL,
    )
    assert _within_a_minute((folder / "pid").exists)
    worker = Path("/proc", (folder / "pid").read_text())
    assert worker.exists()
    front.kill()
    front.wait()
    assert _within_a_minute(lambda: not worker.exists())


def test_all_else_is_the_interpreter() -> None:
    code = "import sys; print(sys.argv, 'torch' in sys.modules); sys.exit(7)"
    done = subprocess.run([warm.python(), "-c", code, "a b"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (7, "['-c', 'a b'] False\n")


def _within_a_minute(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()
