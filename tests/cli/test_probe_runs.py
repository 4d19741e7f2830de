"""Studies through the command: what goes wrong in the user's code or on this machine, in one message, and going on."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from benchmarks.processes import generations
from tests.cli.command import clean_environment, netadvise
from tests.worker.study_source import written

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

STUDY = (
    *("suggest-dropout", "net.py:Net", "--data", "net.py:load", "--layer", "net.1", "--max-steps", "40"),
    *(
        "--seeds",
        "2",
        "--delta",
        "5",
        "--force",
        "--workers",
        "2",
        "--isolated",
        "--study-dir",
        "study",
        "-f",
        "json:report.json",
    ),
)


def study(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return netadvise(*STUDY, *more, cwd=folder, OMP_NUM_THREADS="1", XDG_CACHE_HOME=str(folder / "cache"))


def arms_of(folder: Path) -> list[tuple[Any, ...]]:
    evidence = json.loads((folder / "report.json").read_text())["evidence"]
    return [(each["place"], each["verdict"], each["effect"], each["interval"], each["seeds"]) for each in evidence]


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.glob("*.py")}


def drafts(folder: Path) -> list[Path]:
    return list(folder.glob("study/**/.draft*"))


def lines_about(text: str, stderr: str) -> list[str]:
    return [line for line in stderr.splitlines() if text in line]


def test_a_data_set_that_raises_is_one_error_with_its_place(tmp_path: Path) -> None:
    written(tmp_path, item="assert index != 7, 'item 7 is broken'")
    ran = study(tmp_path)
    assert ran.returncode == 3
    assert len(lines_about("item 7 is broken", ran.stderr.replace("> assert index != 7, 'item 7 is broken'", ""))) == 1
    assert "Traceback" not in ran.stderr
    assert "net.py:" in ran.stderr


def test_a_model_that_does_not_take_the_data_is_one_error(tmp_path: Path) -> None:
    written(tmp_path, more="def narrow():\n    return (torch.zeros(40, 5), torch.zeros(40).long())")
    ran = study(tmp_path, "--data", "net.py:narrow")
    assert ran.returncode in (2, 3)
    assert "Traceback" not in ran.stderr
    assert ran.stderr.count("error:") == 1


def test_an_arm_that_runs_out_of_memory_is_told_once_and_the_rest_goes_on(tmp_path: Path) -> None:
    """The edited network asks for far more than the limit on memory allows; the network as it is does not."""
    inserted = "any('insert' in name for name, _ in self.named_modules())"
    written(tmp_path, forward=f"_ = torch.ones(10**12) if self.training and {inserted} else None")
    ran = study(tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["study"]["baseline"]["seeds"] == 4
    assert len(report["study"]["failures"]) == 1 and "allocate memory" in report["study"]["failures"][0]
    assert report["evidence"][0]["verdict"] == "INCONCLUSIVE"


def test_a_folder_that_cannot_hold_a_study_is_said_to_be_that(tmp_path: Path) -> None:
    written(tmp_path)
    (tmp_path / "study").write_text("a file")
    ran = study(tmp_path)
    assert ran.returncode == 2
    assert len(lines_about("cannot be kept in study", ran.stderr)) == 1
    assert "Traceback" not in ran.stderr


def test_a_disk_that_fills_up_ends_it_in_one_error_and_the_study_goes_on_afterwards(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: what is said of a run is larger than its spec."""
    written(tmp_path)
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (3500, resource.RLIM_INFINITY));"
        "sys.argv[0] = 'netadvise'; from netadvise.cli import main; main()"
    )
    ran = subprocess.run(
        [sys.executable, "-B", "-c", limited, *STUDY, "--no-cache"],
        cwd=tmp_path,
        env={**clean_environment(), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )
    assert ran.returncode == 2, ran.stderr
    assert len(lines_about("File too large", ran.stderr)) == 1
    assert "Traceback" not in ran.stderr
    assert drafts(tmp_path) == []
    assert study(tmp_path).returncode == 0
    assert arms_of(tmp_path)


def test_ctrl_c_tells_how_to_go_on_and_a_killed_process_is_replaced(tmp_path: Path) -> None:
    """Against a study that nothing happened to: the same arrays, the same verdict, the same files of the user's."""
    undisturbed, disturbed = tmp_path / "undisturbed", tmp_path / "disturbed"
    for folder in (undisturbed, disturbed):
        folder.mkdir()
        written(folder, item="time.sleep(0.0005)")
    before = hashes(disturbed)
    assert study(undisturbed).returncode == 0
    process = subprocess.Popen(
        [sys.executable, "-m", "netadvise", *STUDY],
        cwd=disturbed,
        env={**clean_environment(), "OMP_NUM_THREADS": "1", "XDG_CACHE_HOME": str(disturbed / "cache")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_for(lambda: list(disturbed.glob("study/runs/*/metrics.jsonl")))
    # the command, its worker, what training processes are forked from, and these
    *_, trainers = generations(process.pid)
    assert len(generations(process.pid)) == 4
    os.kill(trainers[0], signal.SIGKILL)
    wait_for(lambda: len(list(disturbed.glob("study/runs/*/result.json"))) >= 2)
    os.killpg(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in stderr
    assert len(lines_about("--resume study", stderr)) == 1
    wait_for(lambda: not any(b"netadvise" in cmdline(each) for each in trainers))
    again = netadvise(
        *("suggest-dropout", "--resume", "study", "--workers", "2", "--isolated", "-f", "json:report.json"),
        cwd=disturbed,
        OMP_NUM_THREADS="1",
    )
    assert again.returncode == 0, again.stderr
    assert arms_of(disturbed) == arms_of(undisturbed)
    assert hashes(disturbed) == before
    assert drafts(disturbed) == []


def wait_for(condition: Any, seconds: float = 100.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def cmdline(process: int) -> bytes:
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return b""
