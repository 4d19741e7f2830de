"""Runs as they were really trained, for a simulation that draws from them: `recorded.json`, made by `record`.

A network of `benchmarks.models.probed` (DigitsMLP, 300 digits with 20 % random labels) was trained by the engine, as it
is and with dropout at several rates, each run as long as a study would have trained it. Of each run every second look
and the first 100 validation examples are kept.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from netadvise.probe.fleet import FIRST_SEEDS
from netadvise.probe.spec import Ending, Numbers, Point, RunResult

if TYPE_CHECKING:
    from benchmarks.probes.studies import Small

FILE = Path(__file__).with_name("recorded.json")
RATES = (0.5, 0.2, 0.05, 0.95)
MAX_STEPS = 1_000
_SEEDS, _EXAMPLES = 8, 100


@dataclass(frozen=True, slots=True)
class Recorded:
    """One run: what the engine found."""

    rate: float | None
    """Of its dropout; None: the network as it is."""
    seed: int
    best_step: int
    steps: int
    ending: Ending
    train_loss: float
    seconds: float
    step_seconds: float
    curve: list[list[float]]
    """[looks, 4]: step, training loss, validation loss, metric."""
    values: list[list[float]]
    """[4, examples]: losses and metrics at the own early stop, and at the end."""

    @property
    def numbers(self) -> Numbers:
        """What a result says of it."""
        points = tuple(Point(int(step), *rest) for step, *rest in self.curve)
        return Numbers(
            self.best_step, self.steps, self.ending, self.train_loss, self.seconds, self.step_seconds, None, points
        )


@cache
def recorded() -> dict[float | None, list[Recorded]]:
    """The runs of the file, by rate; the seeds in order."""
    found: dict[float | None, list[Recorded]] = {}
    for each in json.loads(FILE.read_text())["runs"]:
        found.setdefault(each["rate"], []).append(Recorded(**each))
    return found


def record() -> None:
    """Train the runs, and write the file; some minutes."""
    from benchmarks.probes.studies import Small, dropout_after

    runs = []
    for rate in (None, *RATES):
        edits = () if rate is None else (dropout_after("net.1", rate),)
        small = Small("DigitsMLP", "digits(300, 500, '64', 0.2)", MAX_STEPS, edits, learning_rate=3e-3)
        runs += _trained(small, rate)
    text = ",\n".join(json.dumps(asdict(each), separators=(",", ":")) for each in runs)
    about = json.dumps("made by python -m benchmarks.cluster record: benchmarks/cluster/recorded.py says how")
    FILE.write_text(f'{{"about":{about},\n"runs":[\n{text}\n]}}\n')


def _trained(small: Small, rate: float | None) -> list[Recorded]:
    from benchmarks.probes.studies import fleet, session

    with TemporaryDirectory() as folder:
        runs = fleet(session(small, Path(folder)))
        first = [runs.baseline_spec(seed) for seed in FIRST_SEEDS]
        runs.train(first, "baseline", "recorded")
        runs.prices.know(median(run.numbers.best_step for run in runs.baseline_runs(FIRST_SEEDS).values()), 1.0)
        specs = [runs.spec(small.edits, seed) if small.edits else runs.baseline_spec(seed) for seed in range(_SEEDS)]
        runs.train(specs, "confirm", "recorded")
        results = [runs.ledger.result(spec) for spec in specs]
    return [_told(rate, seed, result) for seed, result in enumerate(results) if result is not None]


def _told(rate: float | None, seed: int, result: RunResult) -> Recorded:
    numbers = result.numbers
    curve = [
        [each.step, *_rounded((each.train_loss, each.validation_loss, each.metric))] for each in numbers.curve[::2]
    ]
    arrays = (result.losses, result.metrics, result.losses_end, result.metrics_end)
    return Recorded(
        rate,
        seed,
        numbers.best_step,
        numbers.steps,
        numbers.ending,
        round(numbers.train_loss, 4),
        round(numbers.seconds, 3),
        round(numbers.step_seconds, 6),
        curve,
        [_rounded(array[:_EXAMPLES]) for array in arrays],
    )


def _rounded(values: object) -> list[float]:
    return [round(float(each), 4) for each in values]  # type: ignore[attr-defined]
