"""What training probes found: effects with intervals, verdicts, and the gates that say when there can be none.

    study    ::= recipe baseline gate* evidence*
    evidence ::= one arm (edits of the network) against the baseline, over paired seeds

Every effect is oriented: positive is better, whatever the quantity. An interval treats seeds and validation examples
both as random. Nothing here needs torch or numpy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from netadvise.edit import Edit

Effort = Literal["quick", "screen", "confirm"]
Stage = Literal["baseline", "screen", "rate", "confirm"]
Endpoint = Literal["early_stop", "end"]

Verdict = Literal[
    "HELPS",
    "HURTS",
    "NO_MEASURABLE_DIFFERENCE",
    "INCONCLUSIVE",
    "LOOKS_BETTER",
    "LOOKS_WORSE",
    "UNCLEAR",
    "NOT_RUN",
]
"""The first four need the confirm stage: fresh seeds, trained from scratch. Screening may say the next three."""

GateName = Literal[
    "BROKEN_TRAINING",
    "DIVERGED",
    "UNDERFIT_BASELINE",
    "NO_OVERFIT_IN_BUDGET",
    "TOO_FEW_DATA",
    "NONDETERMINISTIC",
    "PAIRING_LOST",
    "METRIC_CONFLICT",
    "EVAL_MODE_LEAK",
    "BN_SHIFT",
    "LEAKY_SPLIT",
    "CRASHED",
    "CAPPED",
]


@dataclass(frozen=True, slots=True)
class Gate:
    """Something that limits, or forbids, a verdict."""

    name: GateName
    message: str
    """What was found, with numbers, and what to do."""
    rule: str
    """The rule that says so: its thresholds can be argued with."""
    ends: bool = False
    """Whether no arm is worth running, or no verdict worth giving."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """The effect of an arm on one quantity, at one end point: arm against baseline, positive is better."""

    quantity: str
    """"loss", or the name of the metric: "accuracy"."""
    endpoint: Endpoint
    effect: float
    low: float
    """95 % interval over seeds and examples, widened for the looks taken at the data."""
    high: float
    standard_error: float
    degrees_of_freedom: float
    p_value: float
    """Two-sided, of no effect; not corrected for looks."""
    baseline: float
    """The quantity itself, of the baseline; in the quantity's own orientation (a loss is better when lower)."""
    arm: float


@dataclass(frozen=True, slots=True)
class Curve:
    """A learning curve, averaged over the seeds of one arm."""

    steps: tuple[int, ...]
    train_loss: tuple[float, ...]
    """Of a fixed part of the training data, in evaluation mode."""
    validation_loss: tuple[float, ...]
    metric: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One arm: what was changed, and what came of it."""

    place: str
    """"after features.2", the name of a group ("hidden: 2 places"), or what an edit of another kind is called."""
    places: tuple[str, ...]
    variant: str
    rate: float | None
    edits: tuple[Edit, ...]
    stage: Stage
    """The last stage it reached."""
    verdict: Verdict
    reason: str
    """What made the verdict, in words with numbers."""
    rule: str
    """The rule that gave it."""
    primary: str
    """The quantity that the verdict is about: "loss" or the metric's name."""
    estimates: tuple[Estimate, ...] = ()
    """Of loss and metric, at each arm's own early stop and at the end of training."""
    p_benefit: float | None = None
    """Posterior probability that the effect on the primary quantity is positive."""
    delta: float | None = None
    """The smallest effect of interest, on the primary quantity."""
    smallest_detectable: float | None = None
    """The effect that these seeds and examples would find in 80 of 100 studies."""
    seeds: int = 0
    seeds_needed: int | None = None
    """About how many seeds would settle it; None where it is settled, or more seeds would not."""
    pairing: float | None = None
    """Correlation of arm and baseline over paired seeds."""
    cost_ratio: float | None = None
    """Steps to the arm's own best, over those of the baseline."""
    seconds: float = 0.0
    gates: tuple[Gate, ...] = ()
    curve: Curve | None = None

    def estimate(self, quantity: str, endpoint: Endpoint = "early_stop") -> Estimate | None:
        """The estimate of a quantity at an end point."""
        found = (each for each in self.estimates if each.quantity == quantity and each.endpoint == endpoint)
        return next(found, None)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How every arm is trained, and on what."""

    task: str
    loss: str
    metric: str
    optimizer: str
    learning_rate: float
    weight_decay: float
    batch_size: int
    max_steps: int
    data: str
    """"data.py:load: 400 training and 300 validation examples of 1x8x8 float32"."""
    train_examples: int
    validation_examples: int
    test_examples: int = 0
    notes: tuple[str, ...] = ()
    """What was inferred, and from what."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The network as it is, trained over several seeds."""

    seeds: int
    best_step: int
    """t*: median over the seeds of the step with the lowest validation loss."""
    steps: int
    """Steps of one full run."""
    train_loss: float
    """At t*, in evaluation mode."""
    validation_loss: float
    metric: float
    trivial_loss: float | None
    """Of the best constant prediction."""
    gap: float | None
    """Validation loss less training loss at t*."""
    rise: float | None
    """Validation loss at the end of training less at t*."""
    seed_sd: float | None
    """Of the validation loss at t*, over seeds."""
    seconds_per_run: float
    curve: Curve | None = None


@dataclass(frozen=True, slots=True)
class Price:
    """What a study costs."""

    runs: int
    baseline_runs: float
    """The same in units of one full baseline run."""
    seconds: float
    workers: int
    most: bool = False
    """Whether it is the most that it can be: every run as long as the budget, no arm dropped, every look taken."""


@dataclass(frozen=True, slots=True)
class ProbeProgress:
    """How far a study is; told while it runs."""

    stage: str
    """"baseline", "screen", "rate", "confirm", or what comes before them."""
    done: int
    """Runs of the stage that are done."""
    total: int
    """Runs of the stage; 0 where that is not known yet."""
    seconds_left: float | None = None
    """Of the whole study; None where that cannot be told yet."""
    arm: str = ""
    """What is being trained."""
    note: str = ""
    """A line for the user: a gate that was met, a run that crashed."""
    ledger: str = ""
    """The folder of the study, once there is one."""
    price: Price | None = None
    """What the whole study is predicted to cost: told before anything is trained, and again when more is known."""


@dataclass(frozen=True, slots=True)
class Study:
    """Everything that the probes of one network found."""

    effort: Effort
    recipe: Recipe
    baseline: Baseline | None
    gates: tuple[Gate, ...] = ()
    """Of the baseline and the data."""
    evidence: tuple[Evidence, ...] = ()
    """Confirmed arms first, then by effect."""
    predicted: Price | None = None
    spent: Price | None = None
    ledger: str = ""
    """The folder that holds every run."""
    stopped: str = ""
    """Why not all of it was done: "the time limit of 600 s was reached"."""
    interrupted: bool = False
    failures: tuple[str, ...] = ()
    """Runs that crashed, each in a line."""
    notes: tuple[str, ...] = field(default=())

    @property
    def winner(self) -> Evidence | None:
        """The arm that helps most, of those that do."""
        helping = [each for each in self.evidence if each.verdict == "HELPS"]
        return max(helping, key=_benefit, default=None)


def _benefit(evidence: Evidence) -> float:
    estimate = evidence.estimate(evidence.primary)
    return 0.0 if estimate is None else estimate.effect
