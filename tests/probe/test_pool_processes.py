"""How processes end, in words."""

from __future__ import annotations

from netadvise.probe.pool_processes import told


def test_how_a_process_ended_is_told_by_name() -> None:
    assert (told(0), told(-9), told(-200)) == ("exit code 0", "SIGKILL", "signal 200")
