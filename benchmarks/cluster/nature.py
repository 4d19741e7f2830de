"""What a run takes and comes to, wherever it is trained: drawn from recorded runs by the run's own name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from statistics import median

import numpy as np

from benchmarks.cluster.recorded import MAX_STEPS, RATES, Recorded, recorded
from netadvise.edit import Insert, Part, Place
from netadvise.evidence import Recipe
from netadvise.probe.facts import DataNumbers
from netadvise.probe.spec import Checks, RunResult, RunSpec
from netadvise.study import Arm, Dose

RECIPE = Recipe("classification", "CrossEntropyLoss", "accuracy", "Adam", 3e-3, 0.0, 32, MAX_STEPS, "digits", 300, 100)
DATA = DataNumbers(300, 100, 2.3, 0.0)
_DOSES = (0.5, 0.35, 0.2)
_KINDS = (0, 1, 1, 2, 2, 2, 2, 2, 3, 3)
"""Of ten arms: how many are like a dropout of 0.5, of 0.2, of 0.05 and of 0.95."""
_SHARED, _OWN, _EXAMPLE = 0.02, 0.01, 0.05
"""Standard deviations, of a seed, a run and an example, that recorded runs get in addition: 8 seeds are not enough."""


def arm(number: int) -> Arm:
    """The arm of that number: what it does, its number decides."""
    name = f"place.{number}"
    doses = (Dose(rate, (Insert(Place("after", name), (Part("Dropout", {"p": rate}),)),)) for rate in _DOSES)
    return Arm(name, (name,), "Dropout", tuple(doses))


@dataclass(frozen=True)
class Nature:
    """What runs are like where one of the network as it is takes `run_seconds`."""

    run_seconds: float

    @cached_property
    def step_seconds(self) -> float:
        """Of a step with its share of looks: how many steps a run takes is recorded, and differs by arm and seed."""
        return self.run_seconds / median(each.steps for each in recorded()[None])

    def seconds(self, spec: RunSpec) -> float:
        """Of a run on a sound worker; 10 % of noise from run to run."""
        if spec.checks:
            return self.run_seconds / 4
        return self._recorded(spec).steps * self.step_seconds * float(self._own(spec).lognormal(0.0, 0.1))

    def found(self, spec: RunSpec) -> Checks | RunResult:
        """What a run comes to."""
        if spec.checks:
            return Checks(0.05, True, 0.0, 0.0, self.step_seconds, self.step_seconds)
        run, own = self._recorded(spec), self._own(spec)
        shift = _SHARED * np.random.default_rng(spec.seed).normal() + _OWN * own.normal()
        losses, metrics, losses_end, metrics_end = (np.array(each) for each in run.values)
        noise = shift + _EXAMPLE * own.normal(size=len(losses))
        seconds = self.seconds(spec)
        numbers = replace(run.numbers, seconds=seconds, step_seconds=seconds / run.steps)
        return RunResult(numbers, losses + noise, metrics, losses_end + noise, metrics_end)

    def _recorded(self, spec: RunSpec) -> Recorded:
        rate = None
        for edit in spec.edits:
            assert isinstance(edit, Insert)
            rate = RATES[_KINDS[int(edit.place.module.rpartition(".")[2]) % len(_KINDS)]]
        runs = recorded()[rate]
        return runs[spec.seed % len(runs)]

    def _own(self, spec: RunSpec) -> np.random.Generator:
        return np.random.default_rng(int(spec.id("nature"), 16))
