"""What is said about a worker that ended without an answer."""

from __future__ import annotations

import signal
import sysconfig
from pathlib import Path

import pytest

from netadvise.worker.ending import died, timed_out, user_line

TORCH = str(Path(sysconfig.get_path("purelib")) / "torch" / "nn" / "modules" / "module.py")
LIBRARY = str(Path(sysconfig.get_path("stdlib")) / "threading.py")

CRASH = f"""Fatal Python error: Segmentation fault

Current thread 0x00007f (most recent call first):
  File "{LIBRARY}", line 519 in string_at
  File "/nets/model.py", line 11 in forward
  File "{TORCH}", line 1789 in _call_impl
  File "/nets/train.py", line 3 in <module>
"""
HANG = f"""Timeout (0:00:03)!
Thread 0x00007e (most recent call first):
  File "/nets/background.py", line 7 in run
  File "{LIBRARY}", line 982 in run

Thread 0x00007f (most recent call first):
  File "{TORCH}", line 99 in apply
  File "/nets/model.py", line 12 in forward
"""


@pytest.mark.parametrize(
    ("dump", "expected", "why"),
    [
        ("", "", "nothing was written"),
        (f'Current thread 0x1:\n  File "{TORCH}", line 1 in f\n', "", "no line of the user's"),
        (f'Current thread 0x1:\n  File "{LIBRARY}", line 1 in f\n', "", "the standard library is not the user's"),
        ('Current thread 0x1:\n  File "<string>", line 1 in <module>\n', "", "our own boot line"),
        (CRASH, "/nets/model.py:11", "the innermost line, not the first caller"),
        (HANG, "/nets/model.py:12", "the main thread stands last"),
    ],
)
def test_the_users_line_of_a_dump(dump: str, expected: str, why: str) -> None:
    assert user_line(dump) == expected, why


def test_a_line_below_the_working_folder_is_shown_as_the_user_writes_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert user_line(f'Current thread 0x1:\n  File "{tmp_path}/nets/a.py", line 4 in f\n') == "nets/a.py:4"


def test_a_time_out_names_phase_seconds_and_line() -> None:
    error = timed_out(3, "recording the forward pass", HANG)
    assert error.message == "still recording the forward pass after 3 s: stopped"
    assert error.where == "/nets/model.py:12"
    assert "--timeout" in error.hint


def test_a_time_out_outside_the_users_code_says_where_it_was() -> None:
    error = timed_out(3, "measuring", f'Timeout!\nThread 0x1:\n  File "{TORCH}", line 8 in f\n')
    assert error.where == ""
    assert error.notes == ("it was in torch/nn/modules/module.py:8",)


@pytest.mark.parametrize(
    ("status", "fragments"),
    [
        (-signal.SIGSEGV, ("SIGSEGV", "segmentation fault", "loading the model")),
        (-signal.SIGABRT, ("SIGABRT", "abort")),
        (-signal.SIGKILL, ("SIGKILL",)),
        (-signal.SIGRTMIN - 1, ("signal",)),
        (0, ("ended Python itself", "exit code 0")),
        (7, ("exit code 7",)),
    ],
)
def test_a_death_names_its_cause(status: int, fragments: tuple[str, ...]) -> None:
    error = died(status, "loading the model", CRASH)
    assert all(fragment in error.message for fragment in fragments)
    assert error.where == "/nets/model.py:11"
    assert error.exit_code == 3


def test_a_kill_hints_at_memory() -> None:
    assert "--memory-limit" in died(-signal.SIGKILL, "loading the model", "").hint
