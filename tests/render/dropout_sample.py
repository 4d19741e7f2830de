"""Hand-made dropout reports with every awkward case a format can meet."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

from netadvise.dropout import DropoutReport
from netadvise.edit import Insert, Part, Place, SetArgs
from netadvise.evidence import (
    Baseline,
    Curve,
    Estimate,
    Evidence,
    Gate,
    Price,
    Recipe,
    Study,
    Verdict,
)
from netadvise.graph import Location
from netadvise.position import ExistingDropout, Group, Position, PositionReport
from netadvise.render.dropout import DropoutView
from netadvise.rule import Confidence
from tests.render.sample import sample

FILE = "nets/small.py"
WHY = "Noise on a hidden layer keeps its units from relying on each other."


def position(
    place: str,
    *,
    accepted: bool = True,
    group: Group = "hidden",
    variant: str = "Dropout",
    rates: tuple[float, ...] = (0.5, 0.25),
    rule: str = "DRP101",
    confidence: Confidence = "B",
    line: int | None = 12,
    reason: str = "the activation of a hidden layer of 64 units, no batch norm behind it",
    refs: tuple[str, ...] = ("https://jmlr.org/papers/v15/srivastava14a.html", "Hinton 2012"),
    overruled: str = "",
) -> Position:
    """One place, with an edit where it is accepted."""
    layer = place.removeprefix("after ").removeprefix("before ")
    chain = (Part(variant, {"p": rates[0]}),) if rates else ()
    return Position(
        place=place,
        layer=layer,
        location=None if line is None else Location(FILE, line, 21),
        accepted=accepted,
        group=group,
        variant=variant,
        rates=rates,
        rule=rule,
        name=f"name-of-{rule.lower()}",
        confidence=confidence,
        reason=reason,
        why=WHY,
        refs=refs,
        edit=Insert(Place("after", layer), chain) if accepted and chain else None,
        overruled=overruled,
    )


def _refused(place: str, rule: str, reason: str, line: int = 20, overruled: str = "") -> Position:
    return position(place, accepted=False, rule=rule, reason=reason, line=line, rates=(), overruled=overruled)


LSTM = replace(
    position("lstm(dropout=)", group="recurrent", variant="dropout=", rates=(0.2, 0.5), rule="DRP110", line=30),
    edit=SetArgs("lstm", {"dropout": 0.2}),
)
BY_HAND = replace(
    position("after größe", rule="DRP105", confidence="C", line=None, variant="AlphaDropout", rates=(0.05,)),
    edit=None,
    unmade="the call stands in a library: add it there by hand",
)
POSITIONS = (
    position("after hidden"),
    *(
        position(
            f"after stage.{index}", group="residual", variant="StochasticDepth", rates=(0.1 * index + 0.05,), line=9
        )
        for index in range(3)
    ),
    LSTM,
    BY_HAND,
    *(
        _refused(f"after stage.{index}.conv", "DRP120", f"stage.{index}.norm would learn another variance", 9, "DRP102")
        for index in range(5)
    ),
    _refused("after head", "DRP121", "these are the logits: a dropped one is a wrong answer"),
)
EXISTING = (
    ExistingDropout(
        "drop",
        Location(FILE, 14, 9),
        "Dropout",
        0.25,
        "active",
        remarks=("DRP008 dropout-upstream-of-batchnorm: p=0.25",),
    ),
    ExistingDropout("lstm", Location(FILE, 30), "LSTM(dropout=)", 0.0, "dead"),
    ExistingDropout("head/dropout", None, "F.dropout", None, "active", active_in_eval=True, duplicated=True),
)
ADVICE = ("nn.LSTM has no dropout from one step to the next, as Keras has: dropout= acts between its layers",)


def positions() -> PositionReport:
    """Places of every kind."""
    return PositionReport(
        version="0.1.0",
        target=f"{FILE}:Small(width=8)",
        profile=sample(),
        positions=POSITIONS,
        existing=EXISTING,
        advice=ADVICE,
        notes=("DRP108 after-embedding: no formula for natten.na2d",),
        context={"task.loss": "CrossEntropyLoss"},
    )


def static() -> DropoutReport:
    """Without data."""
    return DropoutReport(positions())


def bare() -> DropoutReport:
    """A network with no place for dropout, and none in it."""
    return DropoutReport(replace(positions(), positions=(), existing=(), advice=(), notes=()))


RECIPE = Recipe(
    task="classification",
    loss="cross_entropy",
    metric="accuracy",
    optimizer="Adam",
    learning_rate=0.001,
    weight_decay=0.0,
    batch_size=32,
    max_steps=2_000,
    data="data.py:load: 400 training and 300 validation examples of 1x8x8 float32",
    train_examples=400,
    validation_examples=300,
    notes=("the loss was inferred from integer targets",),
)
BASELINE = Baseline(
    seeds=4,
    best_step=150,
    steps=600,
    train_loss=0.1212,
    validation_loss=0.4531,
    metric=0.912,
    trivial_loss=2.3026,
    gap=0.3319,
    rise=0.2104,
    seed_sd=0.0141,
    seconds_per_run=4.2,
    curve=Curve((50, 100, 150), (0.9, 0.4, 0.12), (0.95, 0.55, 0.45), (0.8, 0.88, 0.91)),
)


def estimate(quantity: str, effect: float, half: float, endpoint: str = "early_stop") -> Estimate:
    """An effect with a symmetric interval."""
    baseline = 0.912 if quantity == "accuracy" else 0.4531
    arm = baseline + effect if quantity == "accuracy" else baseline - effect
    assert endpoint in ("early_stop", "end")
    return Estimate(
        quantity=quantity,
        endpoint="end" if endpoint == "end" else "early_stop",
        effect=effect,
        low=effect - half,
        high=effect + half,
        standard_error=half / 2.2,
        degrees_of_freedom=inf,
        p_value=0.003,
        baseline=baseline,
        arm=arm,
    )


def both(accuracy: float, loss: float, half: float = 0.008) -> tuple[Estimate, ...]:
    return (
        estimate("accuracy", accuracy, half),
        estimate("loss", loss, 2 * half),
        estimate("accuracy", accuracy + 0.03, half, "end"),
        estimate("loss", loss + 0.4, 4 * half, "end"),
    )


def arm(place: str, verdict: Verdict, estimates: tuple[Estimate, ...] = (), **changes: object) -> Evidence:
    """An arm that was confirmed over eight seeds."""
    made = Evidence(
        place=place,
        places=(place,),
        variant="Dropout",
        rate=0.5,
        edits=(Insert(Place("after", place.removeprefix("after ")), (Part("Dropout", {"p": 0.5}),)),),
        stage="confirm",
        verdict=verdict,
        reason="p = 0.003 at the second of three looks",
        rule="PRB020",
        primary="accuracy",
        estimates=estimates,
        p_benefit=0.992,
        delta=0.005,
        smallest_detectable=0.0081,
        seeds=8,
        pairing=0.863,
        cost_ratio=1.62,
        seconds=42.0,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


SHIFT = Gate("BN_SHIFT", "stage.0.norm stores a variance 1.83 times too large", "PRB010")
EVIDENCE = (
    arm("after hidden", "HELPS", both(0.012, 0.031)),
    arm(
        "after stage.0.conv",
        "HURTS",
        both(-0.034, -0.2),
        gates=(SHIFT,),
        p_benefit=0.0001,
        curve=Curve((50,), (0.9,), (nan,), (inf,)),
    ),
    arm("head: 2 places", "NO_MEASURABLE_DIFFERENCE", both(0.0004, -0.001, 0.002), p_benefit=0.55, seeds=12),
    arm(
        "lstm(dropout=)", "INCONCLUSIVE", both(0.004, 0.01), variant="dropout=", rate=0.2, seeds_needed=31, pairing=None
    ),
    arm("after größe", "INCONCLUSIVE", both(0.0, 0.0), seeds_needed=None),
    arm("stages", "LOOKS_BETTER", both(0.006, 0.02), stage="screen", seeds=4, variant="StochasticDepth", rate=None),
    arm("embedding", "UNCLEAR", both(0.001, nan), stage="screen", seeds=4, p_benefit=nan, cost_ratio=inf),
    arm(
        "all at half rate",
        "NOT_RUN",
        stage="baseline",
        reason="the time limit came first",
        seeds=0,
        p_benefit=None,
        delta=None,
        smallest_detectable=None,
        pairing=None,
        cost_ratio=None,
        seconds=0.0,
        edits=(),
    ),
)


def study() -> Study:
    """With a verdict of every kind."""
    return Study(
        effort="confirm",
        recipe=RECIPE,
        baseline=BASELINE,
        gates=(Gate("LEAKY_SPLIT", "3 of 300 validation examples are training examples, too", "PRB004"),),
        evidence=EVIDENCE,
        predicted=Price(106, 53.2, 445.0, 2),
        spent=Price(88, 41.0, 371.0, 2),
        ledger=".netadvise/studies/3f2a",
        failures=("after stage.1.conv 0.5, seed 3: out of memory",),
        notes=("the same run twice gave the same losses",),
    )


def studied() -> DropoutReport:
    return DropoutReport(positions(), study())


def screened() -> DropoutReport:
    """Nothing but a screening."""
    suggestive = tuple(item for item in EVIDENCE if item.stage == "screen")
    return DropoutReport(positions(), replace(study(), effort="screen", evidence=suggestive, gates=(), failures=()))


def gated() -> DropoutReport:
    """A baseline that has nothing to regularise within its budget."""
    message = (
        "the validation loss still falls at step 100, the last one: dropout slows fitting, so that a comparison now "
        "would have the wrong sign; about 400 steps are needed (--max-steps 400)"
    )
    ends = (Gate("NO_OVERFIT_IN_BUDGET", message, "PRB006", ends=True),)
    short = replace(BASELINE, best_step=100, steps=100, rise=0.0, trivial_loss=nan)
    return DropoutReport(
        bare().positions, replace(study(), gates=ends, evidence=(), baseline=short, spent=None, failures=())
    )


def interrupted() -> DropoutReport:
    """What Ctrl-C leaves."""
    left = replace(
        study(),
        evidence=EVIDENCE[-1:],
        gates=(),
        stopped="interrupted after 12 of 106 runs",
        interrupted=True,
        ledger="my studies/3f2a",
        failures=tuple(f"run {number}: killed" for number in range(8)),
    )
    return DropoutReport(bare().positions, left)


def view(width: int | None = None, *, verbose: bool = False) -> DropoutView:
    return DropoutView(width, verbose)
