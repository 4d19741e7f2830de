"""What keeps a cluster from being reached: one error each, soon, and without a traceback."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from netadvise.errors import ExitCode, UsageError, WorkerError
from netadvise.probe.ray_start import _told, started

pytest.importorskip("ray")


@pytest.fixture
def closed_port() -> Iterator[int]:
    """A port that is bound, and on which nobody listens."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_an_address_where_nobody_listens_is_told_at_once(closed_port: int, scheme: str) -> None:
    began = time.monotonic()
    with pytest.raises(UsageError, match=rf"there is no Ray cluster at {scheme}127.0.0.1:{closed_port}") as caught:
        started(f"{scheme}127.0.0.1:{closed_port}", {})
    assert time.monotonic() - began < 30
    assert caught.value.exit_code is ExitCode.USAGE and "ray status" in caught.value.hint


def test_a_variable_of_the_environment_says_what_auto_means(closed_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", f"127.0.0.1:{closed_port}")
    with pytest.raises(UsageError, match=f"no Ray cluster at 127.0.0.1:{closed_port}"):
        started("auto", {})


@pytest.mark.parametrize("address", ["no address", "http://head:8265", "head;rm"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match=r"is no address of a cluster|there is no Ray cluster"):
        started(address, {})


MISMATCH = """Version mismatch: The cluster was started with:
    Ray: 2.51.0
    Python: 3.12.3
This process on Ray Client was started with:
    Ray: 2.60.0
    Python: 3.11.9
"""


@pytest.mark.parametrize(
    ("error", "kind", "message", "more"),
    [
        (RuntimeError(MISMATCH), UsageError, "runs another version of Ray or of Python", "Ray: 2.51.0"),
        (RuntimeError("Authentication failed: InvalidAuthToken"), UsageError, "wants another token", "RAY_AUTH_TOKEN"),
        (
            ValueError("Ray Client requires pip package `ray[client]`."),
            UsageError,
            "is not installed",
            "netadvise[ray]",
        ),
        (ValueError("Invalid address format: x"), UsageError, "is no address of a cluster", "host:port"),
        (
            ConnectionError("ray client connection timeout"),
            UsageError,
            "what listens at head:1 is no",
            "RAY_AUTH_TOKEN",
        ),
        (SystemExit(15), UsageError, "what listens at head:1 is no Ray cluster", "wants another token"),
        (ValueError("Package size (600MiB) exceeds the maximum size of 512"), UsageError, "cannot be sent", "share"),
        (OSError("no space left\non the device"), WorkerError, "could not be reached: no space left$", "logs"),
    ],
)
def test_what_ray_says_is_one_sentence(error: BaseException, kind: type, message: str, more: str) -> None:
    told = _told(error, "head:1")
    assert type(told) is kind
    with pytest.raises(kind, match=message):
        raise told
    assert more in " ".join((*told.notes, told.hint))


def test_ray_that_is_not_installed_is_told_with_the_command_that_installs_it() -> None:
    code = (
        "import sys; sys.modules['ray'] = None\n"
        "from netadvise.probe.ray_start import started\n"
        "try: started('auto', {})\n"
        "except Exception as error: print(type(error).__name__, error.message, error.hint)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("UsageError --engine ray needs Ray, which cannot be imported")
    assert "pip install 'netadvise[ray]'" in ran.stdout


def test_ray_is_not_imported_by_the_engines_that_do_without() -> None:
    code = "import sys, netadvise.worker.engines, netadvise.cli.probe_options; sys.exit('ray' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
