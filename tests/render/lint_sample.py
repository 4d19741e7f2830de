"""A hand-made lint report with every awkward case a format can meet, and the source it points into."""

from __future__ import annotations

from dataclasses import replace

from netadvise.finding import Finding, Hit, LintReport, ModelReport, NotEvaluated, Related, Suppression
from netadvise.graph import Location
from netadvise.profiles import InputInfo
from netadvise.render.lint import LintView, Replacement
from netadvise.rule import Confidence, Example, Examples, Fix, Rule, Severity
from tests.render.sample import sample

FILE = "nets/small.py"
SOURCE = """\
import torch
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.conv = nn.Conv2d(width, width, kernel_size=3, padding=1)
        self.norm = nn.BatchNorm2d(width)
        self.größe, self.drop = width, nn.Dropout2d(0.2)
        self.lstm = nn.LSTM(
            width,
            width,  # "the state"
            dropout=0.3,
        )
        self.head =\tnn.Linear(width, 10, True)

    def forward(self, x):  # netadvise: ignore[ACT004] nothing to see
        return F.dropout(x, 0.5)
"""


def rule(
    ident: str, name: str, severity: Severity, confidence: Confidence = "A", fix: Fix | None = None, **more: str
) -> Rule:
    """A rule of the sample."""
    return Rule(
        id=ident,
        name=name,
        title=more.get("title", f"The rule {name}"),
        set=more.get("set", "recommended"),
        severity=severity,
        confidence=confidence,
        scope="layer",
        message=more.get("message", "a message"),
        why=more.get("why", f"Why {name} matters."),
        refs=(more.get("ref", "https://arxiv.org/abs/1502.03167"),),
        location=Location("rules/recommended.yaml", 10, 5),
        since="2026.11",
        fix=fix,
    )


BIAS = replace(
    rule(
        "NRM001",
        "bias-before-batchnorm",
        "warning",
        fix=Fix("bias=False", {"bias": False}, "changes-weights", "the state_dict loses a key"),
        title="The bias before a batch norm does nothing",
        message="its bias is cancelled by {bn.name}, {out_channels} parameters do nothing",
        why="BatchNorm subtracts the mean of each channel, which removes any constant added before it.",
    ),
    options={"min_share": 0.01},
    aliases=("norm-bias",),
    effect="params: -out_channels",
    examples=Examples(
        fires=(Example("Conv2d(3, 8, 3) | BatchNorm2d(8)", ("2,3,32,32",)),),
        silent=(
            Example("Conv2d(3, 8, 3, bias=False) | BatchNorm2d(8)", ("2,3,32,32",)),
            Example("nets/norm.py:Guarded", ("2,3,64,64",), options={"min_share": 0.5}, context={"task.loss": "MSE"}),
        ),
        unknown=(Example("Conv2d(3, 8, 3) | Identity()", ("2,3,32,32",)),),
    ),
)
DROPOUT = rule(
    "DRP012",
    "functional-dropout-always-on",
    "error",
    fix=Fix("F.dropout(x, 0.5, self.training)", {}, "changes-function", "evaluation is no longer random"),
    ref="torch: nn.functional.dropout",
    set="correctness",
)
LSTM = rule("DRP020", "one-layer-lstm-dropout", "error", fix=Fix("dropout=0.0", {"dropout": 0.0}, "safe"))
BUDGET = rule("BUD001", "parameter-budget", "warning", "B", ref="algebra", set="budget")
THUMB = rule("KER015", "widening-3x3", "advice", "C", ref="measured: 133 timm families", set="advice")
QUIET = rule("ACT004", "softmax-before-cross-entropy", "error", ref="torch: nn.CrossEntropyLoss", set="correctness")
VAGUE = rule("HED003", "head-without-pooling", "advice", "B")
UNUSED = rule("NA001", "unused-suppression", "warning", set="tool", ref="algebra")
RULES = (QUIET, BUDGET, LSTM, DROPOUT, VAGUE, THUMB, BIAS)


def hit(of: Rule, layer: str, message: str, line: int | None = 9, column: int = 21, **more: object) -> Hit:
    """A hit in the sample's file."""
    location = None if line is None else Location(FILE, line, column)
    return replace(Hit(of.id, layer, location, of.severity, message), **more)  # type: ignore[arg-type]


def finding(of: Rule, *hits: Hit, fingerprint: str = "") -> Finding:
    """What the hits come to."""
    shared = {"why": of.why, "refs": of.refs, "fix": of.fix}
    return Finding(of.id, of.name, of.severity, of.confidence, hits, fingerprint=fingerprint, **shared)  # type: ignore[arg-type]


def norm(index: int) -> tuple[Related, ...]:
    return (Related("bn", f"stage.{index}.norm", Location(FILE, 10, 21)),)


FINDINGS = (
    finding(
        DROPOUT,
        hit(DROPOUT, "stage.0/dropout", "it drops activations in evaluation mode too", 20, 16),
        fingerprint="d4" * 16,
    ),
    finding(
        LSTM,
        hit(LSTM, "lstm", "dropout=0.3 has no effect with one layer", 12, 21),
        fingerprint="15" * 16,
    ),
    finding(
        BIAS,
        *(
            hit(
                BIAS,
                f"stage.{index}.conv",
                f"its bias is cancelled by stage.{index}.norm, 8 parameters do nothing",
                effect={"params": -8, "macs": 0},
                related=norm(index),
            )
            for index in range(3)
        ),
        hit(
            BIAS,
            "stem",
            "its bias is cancelled by norm, 8 parameters do nothing",
            17,
            21,
            effect={"params": -8},
            call=1,
        ),
        fingerprint="b1" * 16,
    ),
    finding(BUDGET, hit(BUDGET, "", "27.6 M parameters, over the budget of 25 M", None), fingerprint="bd" * 16),
    finding(
        THUMB,
        hit(THUMB, "größe", "a 3x3 that widens 64 to 256", 11, 40, effect={"macs": -1_204_000, "text": "field 3 -> 1"}),
        fingerprint="c3" * 16,
    ),
)
SUPPRESSED = (
    finding(
        QUIET,
        hit(
            QUIET,
            "stage.2",
            "softmax feeds CrossEntropyLoss",
            19,
            5,
            suppression=Suppression("inline", "nothing to see", Location(FILE, 19, 30)),
        ),
        fingerprint="ac" * 16,
    ),
    finding(THUMB, hit(THUMB, "stem", "a 3x3 that widens 3 to 64", suppression=Suppression("baseline", ""))),
)
PROBLEM = finding(UNUSED, hit(UNUSED, "", "nothing on this line fires DRP001", 19, 30), fingerprint="0a" * 16)
VAGUE_ENTRY = NotEvaluated("HED003", "head-without-pooling", "no formula for natten.na2d", ("natten", "head"))


FIXES = {
    ("small", "DRP020"): (Replacement(FILE, (15, 21), (15, 24), "0.0"),),
    ("small", "NRM001"): (Replacement(FILE, (9, 69), (9, 69), ", bias=False"),),
}
"""What the fixes of two findings change in `SOURCE`."""


def report() -> LintReport:
    """One model with findings of every severity, at the default `--fail-on`."""
    model = ModelReport("small", f"{FILE}:Small(width=8)", sample(), FINDINGS, SUPPRESSED, (VAGUE_ENTRY,))
    timings = {"NRM001": 0.00125, "DRP012": 0.0005}
    return LintReport("0.1.0", (model,), RULES, "warning", 5, (PROBLEM,), timings)


def several() -> LintReport:
    """Three models: one with findings, one clean and cached, one that failed."""
    first = report().models[0]
    profile = replace(first.profile, inputs=(InputInfo("x", (1, 3, 224, 224), "float32", "given"),))
    clean = ModelReport("tiny", "nets.tiny:Tiny", profile, cached=True)
    return replace(report(), models=(first, clean), failed={"broken": "nets/broken.py raised ValueError: no"})


def clean() -> LintReport:
    """One model without a finding."""
    model = replace(report().models[0], findings=(), suppressed=(), not_evaluated=())
    return replace(report(), models=(model,), failing=0, problems=())


def view(**changes: object) -> LintView:
    """The source at hand, no terminal."""
    seen = LintView(sources={FILE: tuple(SOURCE.splitlines())}, fixes=FIXES)
    return replace(seen, **changes)  # type: ignore[arg-type]
