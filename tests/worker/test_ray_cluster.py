"""A study on a Ray cluster of two nodes, one of which is killed in the middle: the inline engine's runs and verdict.

Each study runs in a process of its own, as under the command: this one has imported the tests, its tasks have not.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netadvise.document.study import request_json, study_from_json
from netadvise.evidence import Study
from netadvise.probe.train import looks
from netadvise.study import StudyRequest
from tests.cli.command import clean_environment
from tests.worker.study_source import request, written
from tests.worker.test_studying import timeless

pytest.importorskip("ray")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

_SLOW_ITEM = "time.sleep(0.001)"
_ALONE = "float(x.sum())"
"""What cannot be trained in a stack, where another sum might end in another bit: which runs share one, differs."""
_MOST = 60
_RUNS = 8
"""Four of the network as it is, and two pairs."""
_CODE = (
    "import sys; from netadvise.worker.studying import studied; from netadvise.document.study import study_json;"
    "told = lambda progress: print(progress.stage, progress.done, progress.total, file=sys.stderr, flush=True);"
    "print(study_json(studied(open(sys.argv[1]).read(), told)))"
)
_STORE = 80 * 2**20


@pytest.fixture
def cluster() -> Iterator[Any]:
    """A head that trains nothing, and two nodes."""
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    found = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 0, "object_store_memory": _STORE, "include_dashboard": False},
    )
    yield found
    found.shutdown()


def begun(asked: StudyRequest, work: Path, **environment: str) -> subprocess.Popen[str]:
    """A study in a process of its own, whose working directory is the project."""
    file = work / f"{Path(asked.folder).name}.json"
    file.write_text(request_json(asked))
    return subprocess.Popen(
        [sys.executable, "-c", _CODE, str(file)],
        cwd=work,
        env={**clean_environment(), **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def study_of(process: subprocess.Popen[str], seconds: float = 200.0) -> Study:
    out, err = process.communicate(timeout=seconds)
    assert process.returncode == 0, err[-3000:]
    assert "Traceback" not in err and "raylet" not in err, err[-3000:]
    return study_from_json(out)


def without_notes(study: Study) -> Study:
    return replace(timeless(study), recipe=replace(study.recipe, notes=()))


def arrays(folder: Path) -> dict[str, dict[str, list[float]]]:
    """Of every finished run, by id."""
    found = {}
    for run in folder.glob("runs/*/arrays.npz"):
        with np.load(run) as content:
            found[run.parent.name] = {name: content[name].tolist() for name in content.files}
    return found


def wasted(folder: Path, most: int) -> tuple[int, int]:
    """Steps that were trained in all, and those of them that were trained again: from the looks that stand twice."""
    schedule = looks(most)
    length = {step: step - before for before, step in zip([0, *schedule], schedule, strict=False)}
    trained = again = 0
    for run in folder.glob("runs/*/arrays.npz"):
        lines = (run.parent / "metrics.jsonl").read_text().splitlines()
        steps = [json.loads(line)["step"] for line in lines]
        trained += sum(length[step] for step in set(steps))
        again += sum(length[step] for step in steps) - sum(length[step] for step in set(steps))
    return trained, again


def is_under_way(run: Path) -> bool:
    """Whether a run is in the middle of its training, as far as the driver can see."""
    looked = run / "metrics.jsonl"
    return not (run / "result.json").exists() and looked.exists() and looked.read_bytes().count(b"\n") >= 8


def kill_when(folder: Path, process: subprocess.Popen[str], node: Any, finished: int) -> int:
    """Kill a node once so many runs are finished and both nodes are in the middle of one; how many are finished."""
    until = time.monotonic() + 200
    while time.monotonic() < until and process.poll() is None:
        done = len(list(folder.glob("runs/*/arrays.npz")))
        if done >= finished and sum(map(is_under_way, folder.glob("runs/*"))) == 2:
            (raylet,) = node.all_processes["raylet"]
            os.kill(raylet.process.pid, signal.SIGKILL)
            return done
        time.sleep(0.05)
    raise AssertionError(process.communicate()[1][-3000:])


@pytest.mark.parametrize("storage", ["shared", "driver"])
def test_a_node_that_is_killed_costs_time_and_nothing_else(tmp_path: Path, cluster: Any, storage: str) -> None:
    """Lost is what one task trained since its last state: not more than the steps of one run."""
    work = tmp_path / "work"
    work.mkdir()
    note_down = f"with open({str(tmp_path / 'imported')!r}, 'a') as stream: stream.write(__file__ + chr(10))"
    file = written(work, forward=_ALONE, item=_SLOW_ITEM, more=note_down)
    settings = {"looks": (2,), "recipe": {"max_steps": _MOST}}
    inline = begun(request(file, tmp_path / "inline", **settings), work)
    victim = cluster.add_node(num_cpus=1, object_store_memory=_STORE)
    cluster.add_node(num_cpus=1, object_store_memory=_STORE)
    away = request(file, tmp_path / "ray", engine="ray", address=cluster.address, **settings)
    process = begun(away, work, NETADVISE_RAY_STORAGE=storage)
    done = kill_when(tmp_path / "ray", process, victim, finished=2)
    there, here = study_of(process), study_of(inline)
    wanted, found = arrays(tmp_path / "inline"), arrays(tmp_path / "ray")
    assert without_notes(there) == without_notes(here)
    assert found == wanted and len(wanted) == _RUNS and 2 <= done < _RUNS
    (note,) = [note for note in there.recipe.notes if "2 nodes of a Ray cluster" in note]
    assert ("send what they find" in note) == (storage == "driver")
    assert any("working_dir_files" in line for line in (tmp_path / "imported").read_text().splitlines())
    trained, again = wasted(tmp_path / "ray", _MOST)
    assert trained == _RUNS * _MOST
    assert 0 < again <= _MOST
