"""`--engine ray` as a user runs it: a Ray of its own, of which nothing is left behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from benchmarks.processes import descendants
from netadvise.errors import TargetError, UsageError
from netadvise.worker.ray_engine import GPU_FRACTION, needs_of
from netadvise.worker.ray_task import Brief, _explained
from tests.cli.command import clean_environment
from tests.worker.study_source import request, written

pytest.importorskip("ray")


def command(work: Path, *more: str) -> subprocess.Popen[str]:
    """The command on a small model, in a folder of its own."""
    given = ("net.py:Net", "--data", "net.py:load", "--layer", "after net.1", "--force", "--study-dir", "study")
    return subprocess.Popen(
        [sys.executable, "-m", "netadvise", "suggest-dropout", *given, "--engine", "ray", "--max-steps", "300", *more],
        cwd=work,
        env=clean_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_what_a_run_takes_of_a_node(tmp_path: Path) -> None:
    asked = request(tmp_path / "net.py", tmp_path)
    assert (needs_of(asked).cpus, needs_of(asked).gpus) == (1.0, 0.0)
    on_gpu = request(tmp_path / "net.py", tmp_path, recipe={"device": "cuda"})
    assert needs_of(on_gpu).gpus == GPU_FRACTION
    whole = request(tmp_path / "net.py", tmp_path, recipe={"device": "cuda"}, gpu_fraction=1.0)
    assert needs_of(whole).gpus == 1.0


def test_an_error_on_a_node_says_which_paths_were_not_sent(tmp_path: Path) -> None:
    error = TargetError("there is no file", hint="Look.")
    below = request(tmp_path / "net.py", tmp_path)
    assert _explained(error, below, Brief("", str(tmp_path), copied=True)) is error
    told = _explained(error, below, Brief("", "/somewhere/else", copied=True))
    assert isinstance(told, TargetError) and f"{tmp_path}/net.py:Net" in told.notes[0]
    assert told.hint.startswith("Look. Such paths must be the same on every node")


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_ctrl_c_leaves_no_process_behind_and_tells_how_to_go_on(tmp_path: Path) -> None:
    written(tmp_path, item="time.sleep(0.001)")
    process = command(tmp_path)
    until = time.monotonic() + 150
    while not list(tmp_path.glob("study/runs/*/metrics.jsonl")):
        assert time.monotonic() < until and process.poll() is None, process.communicate()[1]
        time.sleep(0.2)
    started = descendants(process.pid)[1:]
    assert len(started) > 5
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130 and not out
    assert "--resume" in err and "Traceback" not in err and "raylet" not in err
    until = time.monotonic() + 30
    while any(map(is_alive, started)) and time.monotonic() < until:
        time.sleep(0.2)
    assert not [Path(f"/proc/{each}/cmdline").read_bytes() for each in started if is_alive(each)]


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_an_address_without_a_cluster_is_a_usage_error(tmp_path: Path) -> None:
    written(tmp_path)
    process = command(tmp_path, "--address", "127.0.0.1:1")
    out, err = process.communicate(timeout=200)
    assert process.returncode == UsageError.exit_code and not out
    assert "there is no Ray cluster at 127.0.0.1:1" in err and "Traceback" not in err
