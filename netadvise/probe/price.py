"""What a study costs: in runs, in baseline runs, and in seconds on this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from netadvise.evidence import Effort, Price, Stage
from netadvise.probe.spec import Checks
from netadvise.probe.train import looks
from netadvise.study import StudyRequest

_BASELINE_RUNS = 4
_SCREEN_RUNS = 4
_RATE_RUNS = 8
_LENGTH: dict[Stage, float] = {"baseline": 1.0, "screen": 1.25, "rate": 1.25, "confirm": 1.25}
"""Of a run, in units of 2 t*: an arm with dropout fits more slowly, and stops later."""
_ORDER: tuple[Stage, ...] = ("baseline", "screen", "rate", "confirm")
MOST_NAMED = 2
"""Up to so many arms that the user named are confirmed without screening."""
_START_SECONDS = 8.0
"""Until the first run of a process begins: most of it is the import of torch."""


@dataclass
class Prices:
    """What is known of the cost, more and more of it as the study goes on."""

    request: StudyRequest
    max_steps: int
    workers: int
    step_seconds: float | None = None
    look_seconds: float = 0.0
    best_step: int = 0
    """t*; 0 before it is known."""
    whole_step: float | None = None
    """Seconds of a step in the baseline's runs, looks included."""
    first: Price | None = None
    """What was predicted before anything was trained: with runs as long as the budget."""
    refined: Price | None = None
    """What was predicted once t* was known."""
    runs: dict[Stage, int] = field(default_factory=dict)
    """That each stage takes at most."""
    coming: dict[Stage, int] = field(default_factory=dict)
    """That a stage may still ask for, beside those that it has asked for; of stages not begun, all."""

    def __post_init__(self) -> None:
        self.runs = planned(self.request, self.request.effort)

    def measured(self, checks: Sequence[Checks]) -> None:
        """Take in how long a step and a look take here, with as many processes at work as there will be."""
        self.step_seconds = max(each.step_seconds for each in checks)
        self.look_seconds = max(each.look_seconds for each in checks)
        self.first = replace(self._price(self.max_steps), most=True)

    def know(self, best_step: float, seconds: float) -> None:
        """Take in the baseline's best step, and the seconds that a step with its share of looks took its runs."""
        self.best_step, self.whole_step = max(round(best_step), 1), seconds
        self.refined = self._price(min(2 * self.best_step, self.max_steps))

    @property
    def price(self) -> Price | None:
        """What is known of the whole."""
        return self.refined or self.first

    def expect(self, stage: Stage, runs: int) -> None:
        """Take in how many runs a stage may still ask for: fewer, the more arms are out."""
        self.coming[stage] = runs

    @property
    def usual_seconds(self) -> float | None:
        """That a run takes, about; None before that can be told."""
        return None if self.step_seconds is None else _LENGTH["screen"] * self._run_seconds(self._usual_steps)

    def seconds_left(self, stage: Stage, done: int, total: int) -> float | None:
        """Until the end of the study, as far as that can be told."""
        if self.step_seconds is None:
            return None
        later = _ORDER[_ORDER.index(stage) + 1 :]
        units = (max(total - done, 0) + self.coming.get(stage, 0)) * _LENGTH[stage]
        units += sum(self.coming.get(each, self.runs[each]) * _LENGTH[each] for each in later)
        return units * self._run_seconds(self._usual_steps) / self.workers

    @property
    def _usual_steps(self) -> int:
        return min(2 * self.best_step, self.max_steps) if self.best_step else self.max_steps

    def _price(self, steps: int) -> Price:
        units = sum(count * _LENGTH[stage] for stage, count in self.runs.items())
        seconds = units * self._run_seconds(steps) / self.workers + _START_SECONDS
        return Price(sum(self.runs.values()), units, seconds, self.workers)

    def _run_seconds(self, steps: int) -> float:
        if self.whole_step is not None:
            return steps * self.whole_step
        # a look is at the validation data and at a part of the training data
        assert self.step_seconds is not None, "a price is asked for before a step was timed"
        return steps * self.step_seconds + 2 * len(looks(steps)) * self.look_seconds


def planned(request: StudyRequest, effort: Effort) -> dict[Stage, int]:
    """The most runs that each stage can take: no arm is out before four seeds, and every look is taken."""
    arms, screened = len(request.arms), is_screened(request)
    rates = _RATE_RUNS if screened and effort != "quick" and any(len(arm.doses) > 1 for arm in request.arms) else 0
    confirmed = 1 if screened else arms
    return {
        "baseline": _BASELINE_RUNS,
        "screen": arms * _SCREEN_RUNS if screened else 0,
        "rate": rates,
        "confirm": (1 + confirmed) * request.looks[-1] if effort == "confirm" else 0,
    }


def is_screened(request: StudyRequest) -> bool:
    """Whether arms are screened first: but for one or two that the user named, to be confirmed."""
    return not (request.named and len(request.arms) <= MOST_NAMED and request.effort == "confirm")
