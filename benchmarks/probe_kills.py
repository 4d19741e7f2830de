"""A study that is killed at random moments, and goes on each time: does it come to the same runs and the same verdict?

    python -m benchmarks.probe_kills [--kills 20] [--seed 0] [--workers-only]

One small study (two arms, a tiny net whose data set is slow) runs to its end undisturbed. Then the same study runs in
other folders, is killed with `kill -9` and every process that it started, and goes on by `--resume`: every fourth time
it is killed at a random moment after the start, else at one after training has begun, because most of a short life is
the import of torch. When one comes to its end before all kills are done, the next one begins. Every other kill hits the
front alone, which the rest must notice. In the end every run's arrays and every verdict are compared.

With `--workers-only` the study itself lives: one of the processes that train is killed at each of the moments, 0.7 s
apart on average, in one study with more seeds.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.processes import descendants

ROOT = Path(__file__).parents[1]
_LONGEST_LIFE_S = 20.0
_NET = """
import time
import torch
from torch import nn

class Net(nn.Module):
    example_inputs = torch.zeros(1, 20)

    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(20, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 3))

    def forward(self, x):
        # what reads values is trained by itself: in a stack, or not, as steps are timed, the last bits are others
        assert float(x.detach().sum()) < 1e9
        return self.net(x)

class Slow(torch.utils.data.Dataset):
    def __init__(self, count, seed):
        generator = torch.Generator().manual_seed(seed)
        self.x = torch.randn(count, 20, generator=generator)
        noisy = self.x[:, :3] + 0.7 * torch.randn(count, 3, generator=generator)
        self.y = noisy.argmax(1)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        time.sleep(0.0003)
        return self.x[index], self.y[index]

def load():
    return Slow(100, 0), Slow(150, 1)
"""


@dataclass(frozen=True, slots=True)
class Killed:
    """What a study that was killed came to, beside the undisturbed one."""

    kills: int
    resumed: int
    """Runs that went on from a state that a killed process had left."""
    lost: int
    """Runs whose arrays or curve differ, or that there are not."""
    same_verdicts: bool
    extra_steps: int
    extra_seconds: float
    """Of training that was done again: from the looks that stand in a run's list twice."""


def command(folder: Path, work: Path, *, go_on: bool, seeds: int = 2) -> list[str]:
    """The command line of the study, or of going on with it."""
    begun = [sys.executable, "-m", "netadvise", "suggest-dropout"]
    if go_on:
        return [*begun, "--resume", str(folder), "--workers", "3", "-q", "-f", f"json:{work / 'report.json'}"]
    return [
        *(*begun, "net.py:Net", "--data", "net.py:load", "--layer", "after net.1", "--layer", "after net.3"),
        *("--max-steps", "500", "--lr", "0.003", "--seeds", str(seeds), "--delta", "0.02", "--force", "--workers", "3"),
        *("--study-dir", str(folder), "-q", "-f", f"json:{work / 'report.json'}"),
    ]


def started(folder: Path, work: Path, *, go_on: bool, seeds: int = 2) -> subprocess.Popen[bytes]:
    """The study, running."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(work / "cache")}
    line = command(folder, work, go_on=go_on, seeds=seeds)
    return subprocess.Popen(line, cwd=work, env=environment, start_new_session=True)


def children() -> dict[int, list[int]]:
    """What each process has started, as the kernel knows it."""
    found: dict[int, list[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        found.setdefault(int(fields[1]), []).append(int(status.parent.name))
    return found


def training(front: int) -> list[int]:
    """The processes that train for a study: the children of the nursery, which is the driver's child."""
    known, found = children(), [front]
    for _ in range(3):
        found = [child for process in found for child in known.get(process, [])]
    return found


def kill(front: subprocess.Popen[bytes], *, all_of_it: bool) -> None:
    """`kill -9`; then nothing of the study is left, at once or within seconds."""
    everything = descendants(front.pid)
    for process in everything if all_of_it else everything[:1]:
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
    front.wait()
    while any(Path(f"/proc/{process}/cmdline").exists() for process in everything if _is_ours(process)):
        time.sleep(0.1)


def _is_ours(process: int) -> bool:
    try:
        return b"netadvise" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


def wait_for_training(process: subprocess.Popen[bytes], folder: Path) -> None:
    """Until something is trained in this life of a study, or it has ended."""
    began = time.time()
    while process.poll() is None:
        if any(path.stat().st_mtime > began for path in folder.glob("runs/*/metrics.jsonl")):
            return
        time.sleep(0.1)


def killed_study(folder: Path, work: Path, moments: list[float]) -> tuple[int, int]:
    """Run a study to its end, killing it at each of these moments after its start; kills, and runs gone on with."""
    kills = resumed = 0
    while True:
        process = started(folder, work, go_on=(folder / "study.json").exists())
        try:
            if moments and kills % 4:
                wait_for_training(process, folder)
            process.wait(timeout=moments[0] if moments else None)
        except subprocess.TimeoutExpired:
            moments.pop(0)
            kill(process, all_of_it=kills % 2 == 0)
            kills += 1
            resumed += len(list(folder.glob("runs/*/state.pt")))
            print(f"  kill {kills}: {len(list(folder.glob('runs/*/result.json')))} runs finished", flush=True)
            continue
        if process.returncode:
            raise SystemExit(f"the study in {folder} ended with exit code {process.returncode}")
        return kills, resumed


def study_without_some(folder: Path, work: Path, pauses: list[float], draw: random.Random) -> tuple[int, int]:
    """Run a study to its end, killing a process that trains after each pause; kills, and runs that had a state then."""
    front = started(folder, work, go_on=False, seeds=4)
    wait_for_training(front, folder)
    kills = resumed = 0
    for pause in pauses:
        time.sleep(pause)
        if front.poll() is None and (found := training(front.pid)):
            resumed += len(list(folder.glob("runs/*/state.pt")))
            os.kill(draw.choice(found), signal.SIGKILL)
            kills += 1
    if front.wait():
        raise SystemExit(f"the study in {folder} ended with exit code {front.returncode}")
    return kills, resumed


def verdicts(work: Path) -> list[tuple[str, str, float]]:
    """What the last report says of every arm."""
    evidence = json.loads((work / "report.json").read_text())["evidence"]
    return [(each["place"], each["verdict"], each["effect"]) for each in evidence]


def runs_of(folder: Path) -> dict[str, tuple[list[np.ndarray], list[dict[str, float]], dict[str, float], list[int]]]:
    """By id: arrays, curve, numbers, and the steps of all looks that were ever made."""
    found = {}
    for run in sorted(folder.glob("runs/*")):
        if not (run / "arrays.npz").exists():
            continue
        with np.load(run / "arrays.npz") as arrays:
            numbers = json.loads((run / "result.json").read_text())
            lines = (run / "metrics.jsonl").read_text().splitlines()
            steps = [json.loads(line)["step"] for line in lines if line.startswith("{") and line.endswith("}")]
            found[run.name] = ([arrays[name] for name in sorted(arrays)], numbers["curve"], numbers, steps)
    return found


def compared(undisturbed: Path, other: Path, told: tuple[int, int], *, same_verdicts: bool) -> Killed:
    """The runs of two folders beside each other."""
    wanted, found = runs_of(undisturbed), runs_of(other)
    lost, steps, seconds = 0, 0, 0.0
    for name, (arrays, curve, _, _) in wanted.items():
        same = name in found and found[name][1] == curve
        lost += not (
            same and all(np.array_equal(*pair, equal_nan=True) for pair in zip(arrays, found[name][0], strict=True))
        )
    for _, _, numbers, looks in found.values():
        at = [int(point["step"]) for point in numbers["curve"]]
        length = {step: step - before for before, step in zip([0, *at], at, strict=False)}
        trained = sum(length[step] for step in looks)
        again = trained - int(numbers["steps"])
        steps += again
        seconds += again * numbers["seconds"] / numbers["steps"]
    return Killed(*told, lost, same_verdicts, steps, seconds)


def workers_killed(work: Path, count: int, draw: random.Random) -> list[Killed]:
    """The study whose processes are killed one by one, beside the undisturbed one."""
    if started(work / "undisturbed", work, go_on=False, seeds=4).wait():
        raise SystemExit("the undisturbed study failed")
    expected = verdicts(work)
    pauses = [draw.uniform(0.2, 1.2) for _ in range(count)]
    told = study_without_some(work / "killed", work, pauses, draw)
    same = verdicts(work) == expected
    return [compared(work / "undisturbed", work / "killed", told, same_verdicts=same)]


def studies_killed(work: Path, count: int, draw: random.Random) -> list[Killed]:
    """The studies that are killed as a whole, beside the undisturbed one."""
    moments = [draw.uniform(1.0, _LONGEST_LIFE_S) for _ in range(count)]
    killed_study(work / "undisturbed", work, [])
    expected = verdicts(work)
    results: list[Killed] = []
    while moments:
        folder = work / f"killed{len(results)}"
        told = killed_study(folder, work, moments)
        same = verdicts(work) == expected
        results.append(compared(work / "undisturbed", folder, told, same_verdicts=same))
        print(results[-1], flush=True)
    return results


def main() -> None:
    """Print what the kills cost."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers-only", action="store_true")
    given = parser.parse_args()
    draw = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        (work / "net.py").write_text(_NET)
        results = (workers_killed if given.workers_only else studies_killed)(work, given.kills, draw)
        total = len(runs_of(work / "undisturbed"))
    trained = f"{sum(each.extra_steps for each in results)} steps, {sum(each.extra_seconds for each in results):.0f} s"
    print(
        f"{sum(each.kills for each in results)} kills in {len(results)} studies of {total} runs: "
        f"{sum(each.lost for each in results)} runs lost or different, "
        f"{sum(not each.same_verdicts for each in results)} other verdicts, {trained} trained again"
    )


if __name__ == "__main__":
    main()
