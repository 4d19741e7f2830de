"""Several runs trained at once: their networks in one stack, each with the seed, the rates and the end of its own.

Every run keeps its own books (`train.Training`): here the steps alone are taken together. What comes of a run is that
of the same run by itself up to the rounding of sums; and, on a CPU, bit for bit the same whichever runs share its
stack. A run that is over leaves the stack, which is then built anew of the others.

A step that fails for one network fails for the stack. It is then divided, from the last look on, until what fails is
by itself, where it is trained one by one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby

from torch import nn

from netadvise.probe.batched_step import Stepping, quiet
from netadvise.probe.spec import Vector
from netadvise.probe.step import Beat, scores
from netadvise.probe.train import Training

Runs = Sequence[Training]
Template = Callable[[], nn.Module]
Tell = Callable[[int], None]
Raised = Exception | SystemExit
Seen = tuple[Vector, Vector, float]
"""Loss and metric of each validation example, and the mean loss of the sample of training examples."""


def train_together(template: Template, runs: Runs, tell: Tell) -> list[Raised | None]:
    """Train runs to their ends, from where their states say; of each what it raised, if anything.

    `template` makes a network that has a dropout wherever one of theirs has. Results are in the ledger as runs end.
    """
    for run in runs:
        run.resume()
    raised: dict[int, Raised] = {}
    with quiet():
        for _, at_one in groupby(sorted(runs, key=_step), key=_step):
            raised |= _divided(template, list(at_one), tell)
    return [raised.get(id(run)) for run in runs]


def _step(run: Training) -> int:
    return run.progress.step


def _divided(template: Template, runs: Runs, tell: Tell) -> dict[int, Raised]:
    """Train runs that are at the same step, divided where they cannot be trained together; what was raised, by id."""
    waiting: list[Runs] = [runs]
    raised: dict[int, Raised] = {}
    while waiting:
        part = waiting.pop()
        try:
            _Course(template(), part, tell).run()
        except (Exception, SystemExit):
            left = [run for run in part if run.result is None]
            if len(left) > 1:
                waiting += [left[len(left) // 2 :], left[: len(left) // 2]]
            elif left and (error := _alone(left[0])) is not None:
                raised[id(left[0])] = error
    return raised


def _alone(run: Training) -> Raised | None:
    try:
        run.go_on()
    except (Exception, SystemExit) as error:
        return error
    return None


class _Course:
    """The looks and the ends of runs in one stack."""

    def __init__(self, template: nn.Module, runs: Runs, tell: Tell) -> None:
        self.template, self.runs, self.beat = template, list(runs), Beat(tell)
        self.material, self.sample = runs[0].material, runs[0].sample

    def run(self) -> None:
        """Until all are over. What raises leaves the others as they were at the last look."""
        while self.runs:
            if all(run.next_look is not None for run in self.runs):
                self._until_one_is_over()
            for run in [run for run in self.runs if run.next_look is None]:
                run.finish()
                self.runs.remove(run)

    def _until_one_is_over(self) -> None:
        stepping = self._stepping()
        while all(run.next_look is not None for run in self.runs):
            due, seen = self._next_look(stepping)
            if any(run.is_due for run in due):
                stepping.stack.hand_back()
            for run, found in zip(due, seen, strict=True):
                run.seen(*found)
                run.looked()
        stepping.stack.hand_back()

    def _stepping(self) -> Stepping:
        networks = [(run.model, run.optimizer) for run in self.runs]
        return Stepping(self.template, networks, [run.spec.seed for run in self.runs], self.material)

    def _next_look(self, stepping: Stepping) -> tuple[Runs, list[Seen]]:
        """Train to the next look of any run: the runs that it is for, and what they show."""
        kept, marks = stepping.stack.kept(), [replace(run.progress) for run in self.runs]
        try:
            due = self._advanced(stepping)
            started = time.perf_counter()
            seen = self._seen(due)
        except (Exception, SystemExit):
            stepping.stack.put(kept)
            stepping.stack.hand_back()
            for run, mark in zip(self.runs, marks, strict=True):
                run.progress = mark
            raise
        for run in due:
            run.progress.seconds += (time.perf_counter() - started) / len(due)
        return due, seen

    def _advanced(self, stepping: Stepping) -> Runs:
        """Train to the next look of any run, or until one has diverged: the runs that are to be looked at."""
        looks = [run.next_look or 0 for run in self.runs]
        started, step = time.perf_counter(), self.runs[0].progress.step
        while step < min(looks) and not any(run.progress.ending for run in self.runs):
            step += 1
            self.beat(step)
            for run, loss in zip(self.runs, stepping.step(step), strict=True):
                run.progress.step = step
                run.progress.heard(loss)
        share = (time.perf_counter() - started) / len(self.runs)
        for run in self.runs:
            run.progress.seconds += share
            run.progress.training_seconds += share
        return [run for run, look in zip(self.runs, looks, strict=True) if step == look or run.progress.ending]

    def _seen(self, runs: Runs) -> list[Seen]:
        """A look at some runs."""
        models = [run.model for run in runs]
        beat = lambda: self.beat(runs[0].progress.step)  # noqa: E731
        whole = scores(models, self.material.validation, self.material, beat=beat)
        part = scores(models, self.material.train, self.material, self.sample, beat)
        return [(*one, float(other[0].mean())) for one, other in zip(whole, part, strict=True)]
