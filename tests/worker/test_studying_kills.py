"""A study whose training processes are killed at random moments: the same runs, the same verdict, a sound ledger."""

from __future__ import annotations

import json
import os
import pickle
import random
import signal
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from netadvise.document.study import request_json, study_from_json
from netadvise.evidence import Study
from netadvise.probe.ledger import Ledger
from netadvise.study import StudyRequest
from tests.cli.command import clean_environment
from tests.worker.study_source import request, written
from tests.worker.test_studying import timeless

KILLS = 12
ALONE = "assert float(x.detach().sum()) < 1e9"
"""A network that reads values is trained by itself. Whether others are trained in a stack, which changes the last bits,
is decided by how long steps have taken."""
STUDIED = """
import sys
from netadvise.worker.protocol import Request
from netadvise.worker.studying import answer_study
text = open(sys.argv[1]).read()
response = answer_study(Request(target="net.py:Net", study=text), lambda _: None, confined=True)
print(response.study if response.error is None else response.error)
"""


@contextmanager
def driven(asked: StudyRequest, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A driver at work on a study, in a process of its own, as the front starts one."""
    text = folder / f"{Path(asked.folder).name}.json"
    text.write_text(request_json(asked))
    with subprocess.Popen(
        [sys.executable, "-c", STUDIED, str(text)], env=clean_environment(), stdout=subprocess.PIPE, text=True
    ) as driver:
        yield driver


def told(driver: subprocess.Popen[str]) -> Study:
    output, _ = driver.communicate()
    return study_from_json(output)


def training(driver: int) -> list[int]:
    """The processes that train: those that were forked from one that the driver forked."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parents[int(status.parent.name)] = int(status.read_text().rpartition(")")[2].split()[1])
    return sorted(pid for pid, parent in parents.items() if parents.get(parent) == driver)


def kill_at_random(driver: int, kills: list[int], over: threading.Event) -> None:
    """SIGKILL for some process that trains, again and again, until there were enough."""
    draw = random.Random(6)
    while len(kills) < KILLS and not over.wait(draw.uniform(0.2, 0.9)):
        if found := training(driver):
            victim = draw.choice(found)
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
                kills.append(victim)


def unsound(folder: Path) -> list[str]:
    """What a reader of the ledger would stumble over, at this moment."""
    found = []
    for run in folder.glob("runs/*"):
        for name, read in (("result.json", _json), ("spec.json", _json), ("failure.json", _json), ("state.pt", _state)):
            try:
                content = read(run / name)
                if name == "result.json" and "curve" in content:
                    with np.load(run / "arrays.npz") as arrays:
                        assert len(arrays["losses"]) == len(arrays["losses_end"]) == 60
            except FileNotFoundError as error:
                # a file that is not there yet, or no more; but no result is without its arrays
                if error.filename == str(run / "arrays.npz"):
                    found.append(f"{run.name} has no arrays")
            except (ValueError, KeyError, AssertionError, EOFError, zipfile.BadZipFile, RuntimeError) as error:
                found.append(f"{run.name}/{name}: {error!r}")
    return found


def _json(path: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads(path.read_bytes())
    return content


def _state(path: Path) -> dict[str, object]:
    try:
        state: dict[str, object] = torch.load(path, weights_only=False)
    except pickle.UnpicklingError as error:
        raise ValueError(str(error)) from None
    return state


def runs(folder: Path) -> dict[str, object]:
    """Every run by id, its arrays bit by bit and its curve."""
    found: dict[str, object] = {}
    for run in folder.glob("runs/*"):
        numbers = json.loads((run / "result.json").read_bytes())
        if "curve" in numbers:
            with np.load(run / "arrays.npz") as arrays:
                found[run.name] = (numbers["curve"], {name: arrays[name].tobytes() for name in arrays.files})
    return found


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks for the processes in /proc")
def test_random_kills_change_nothing_and_the_ledger_is_sound_at_every_moment(tmp_path: Path) -> None:
    file = written(tmp_path, item="time.sleep(0.0005)", forward=ALONE)
    asked = request(file, tmp_path / "calm", looks=(4,))
    wild = replace(asked, engine="local", workers=3, folder=str(tmp_path / "wild"))
    kills: list[int] = []
    over = threading.Event()
    with driven(asked, tmp_path) as calm, driven(wild, tmp_path) as driver:
        killer = threading.Thread(target=kill_at_random, args=(driver.pid, kills, over))
        killer.start()
        faults: list[str] = []
        looks = 0
        while driver.poll() is None:
            faults += unsound(tmp_path / "wild")
            looks += 1
            time.sleep(0.05)
        over.set()
        killer.join()
        study, expected = told(driver), told(calm)
    assert faults == [] and looks > 10
    assert len(kills) >= 10
    assert timeless(study) == timeless(expected)
    assert study.failures == () and [each.verdict for each in study.evidence] == [
        each.verdict for each in expected.evidence
    ]
    assert len(runs(tmp_path / "wild")) == 12
    assert runs(tmp_path / "wild") == runs(tmp_path / "calm")
    Ledger(tmp_path / "wild", "").forgive_all()
    left = {path.name for path in (tmp_path / "wild").glob("runs/*/*")} | {
        path.name for path in (tmp_path / "wild").glob("runs/*/.*")
    }
    assert left == {"spec.json", "metrics.jsonl", "arrays.npz", "result.json"}
