"""A rule as its author wrote it, checked: who it is, what it says and where. How it is evaluated is for `check`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from netadvise.graph import Location, Mode

Severity = Literal["error", "warning", "advice"]
Confidence = Literal["A", "B", "C"]
Scope = Literal["layer", "sequence", "block", "module", "model", "probe"]
Safety = Literal["safe", "changes-weights", "changes-function"]
Number = int | float
Option = bool | int | float | str | tuple[int | float, ...]
"""A value of an option or of declared context."""

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "advice")
"""Worst first."""
GROUPS = ("input", "hidden", "head", "conv", "block", "residual", "embedding", "recurrent", "sublayer", "attention")
"""Of places for dropout, as `position.Group` has them."""
VARIANTS = (
    ("Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout")
    + ("StochasticDepth", "DropBlock2d")
)  # fmt: skip
"""Layers that a rule may offer."""
VERDICTS = (
    ("HELPS", "HURTS", "NO_MEASURABLE_DIFFERENCE", "INCONCLUSIVE")
    + ("LOOKS_BETTER", "LOOKS_WORSE", "UNCLEAR")
)  # fmt: skip
"""What a rule may say of an arm: `evidence.Verdict`, but for NOT_RUN, which nothing measured."""
GATES = (
    "BROKEN_TRAINING",
    "DIVERGED",
    "UNDERFIT_BASELINE",
    "NO_OVERFIT_IN_BUDGET",
    "TOO_FEW_DATA",
    "NONDETERMINISTIC",
) + ("PAIRING_LOST", "METRIC_CONFLICT", "EVAL_MODE_LEAK", "BN_SHIFT", "LEAKY_SPLIT", "CRASHED", "CAPPED")
"""What a rule may say limits or forbids a verdict: `evidence.GateName`."""


@dataclass(frozen=True, slots=True)
class Fix:
    """What to do about a finding: in words, and as constructor arguments where that is all it takes."""

    text: str
    set_args: Mapping[str, bool | int | float | str] = field(default_factory=dict)
    """New values of the constructor's arguments."""
    safety: Safety = "changes-function"
    because: str = ""
    """Why it is not safe."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the hits of a rule are to dropout: places for one, or places where none may stand."""

    kind: Literal["offer", "refuse"]
    group: str = ""
    """One of `GROUPS`; empty for refusals, as the next three are."""
    variant: str = ""
    """The layer to insert, one of `VARIANTS`; empty where an argument is set."""
    argument: str = ""
    """The argument of the constructor of the layer's module to set; empty where a layer is inserted."""
    rates: tuple[float, ...] = ()
    """Worth trying, the usual one first."""
    on: Literal["after", "before"] = "after"
    """Behind the result of the layer, or on the operand that it reads as data."""


@dataclass(frozen=True, slots=True)
class Example:
    """A network on which a rule must fire, stay silent, or not be able to tell; of probe rules, what was measured."""

    net: str
    """`Conv2d(3, 8, 3) | ReLU()`, or a target such as `nets/dropout.py:AlwaysOn`, relative to the rule file; empty
    where there are facts."""
    input: tuple[str, ...]
    """Input shapes as on the command line: "1,3,32,32"."""
    options: Mapping[str, Option] = field(default_factory=dict)
    context: Mapping[str, Option] = field(default_factory=dict)
    """Declared context, `task.loss: CrossEntropyLoss`."""
    layer: str = ""
    """Where it must fire; empty: anywhere."""
    location: Location | None = None
    """Where the example stands in its rule file."""
    facts: Mapping[str, Option | None] = field(default_factory=dict)
    """Of probe rules; None: does not apply. What is left out was not measured."""


@dataclass(frozen=True, slots=True)
class Examples:
    """The tests that every rule carries."""

    fires: tuple[Example, ...] = ()
    silent: tuple[Example, ...] = ()
    unknown: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """What there is to say about a rule without evaluating it."""

    id: str
    name: str
    """`dropout-before-batchnorm`: accepted wherever the id is."""
    title: str
    """One short sentence."""
    set: str
    """The rule set it belongs to: the name of its file."""
    severity: Severity
    confidence: Confidence
    scope: Scope
    message: str
    why: str
    refs: tuple[str, ...]
    location: Location
    """Where it stands in its rule file."""
    since: str = ""
    mode: Mode = "eval"
    aliases: tuple[str, ...] = ()
    """Names it had before."""
    fix: Fix | None = None
    effect: str = ""
    """What following the advice changes, as the rule file says it."""
    options: Mapping[str, Option] = field(default_factory=dict)
    where: str = ""
    """When it fires beside what it matches, as the rule file says it."""
    unless: tuple[str, ...] = ()
    """What silences it, as the rule file says it."""
    escalate: Mapping[Severity, str] = field(default_factory=dict)
    """When it is of another severity, as the rule file says it."""
    has_edits: bool = False
    """Whether its hits carry edits that can be tried."""
    needs: tuple[str, ...] = ()
    """What it needs beside the recording: "train", "batch", "context", "receptive_field"."""
    position: Offer | None = None
    """What its hits are to dropout."""
    verdict: str = ""
    """Of scope probe, which has a verdict or a gate: what its hits say of an arm, one of `VERDICTS`."""
    gate: str = ""
    """One of `GATES`."""
    ends: bool = False
    """Whether the gate forbids every further run, or verdict."""
    examples: Examples = field(default_factory=Examples)

    @property
    def of_lint(self) -> bool:
        """Whether `lint` applies it unasked: not a rule about dropout's places, nor one about training probes."""
        return self.position is None and self.scope != "probe"
