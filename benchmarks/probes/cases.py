"""The planted truths: what is studied, and what is known of it beforehand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """One study through the command's own API."""

    name: str
    title: str
    expected: str
    network: str
    data: str
    layers: tuple[str, ...]
    max_steps: int
    rates: tuple[float, ...] = ()
    learning_rate: float = 1e-2
    force: bool = False
    together: bool = False
    long_steps: int = 0
    """t* for the long run where the study finds none; 0: that of the study."""
    long: bool = True
    """Whether a long run is made; not where a refusal is all there is."""


CASES = (
    Case(
        "mlp300",
        "hidden dropout, MLP 64-128-10, 300 digits",
        "HELPS, or too small to tell",
        "DigitsMLP",
        "digits(300, 500)",
        ("after net.1",),
        1_000,
        (0.5,),
    ),
    Case(
        "mlp300noise",
        "the same, 20 % random labels",
        "HELPS",
        "DigitsMLP",
        "digits(300, 500, '64', 0.2)",
        ("after net.1",),
        1_000,
        (0.5,),
    ),
    Case(
        "mlp1000",
        "the same, 1,000 digits, 20 % random labels",
        "HELPS",
        "DigitsMLP",
        "digits(1000, 400, '64', 0.2)",
        ("after net.1",),
        1_000,
        (0.5,),
    ),
    Case(
        "cnn",
        "dropout 0.5 directly before a batch norm, small CNN, 300 digits, 20 % random labels, --force",
        "HURTS, BN_SHIFT",
        "NormCNN",
        "digits(300, 500, '1x8x8', 0.2)",
        ("after conv2",),
        400,
        (0.5,),
        force=True,
    ),
    Case(
        "norms",
        "dropout 0.5 directly before each of four batch norms, 300 digits, noisy labels, --force --together",
        "HURTS, BN_SHIFT",
        "DeepNormCNN",
        "digits(300, 500, '1x8x8', 0.2)",
        ("after conv*",),
        600,
        (0.5,),
        force=True,
        together=True,
    ),
    Case(
        "shortcut",
        "dropout on the shortcut of a residual block, without --force",
        "refused",
        "Residual",
        "digits(300, 500)",
        ("after blocks.0.shortcut",),
        800,
        long=False,
    ),
    Case(
        "forced",
        "dropout 0.5 on the residual stream, 20 % random labels, --force",
        "HURTS, or at least no HELPS",
        "Residual",
        "digits(300, 500, '64', 0.2)",
        ("after blocks.0/add",),
        1_000,
        (0.5,),
        force=True,
    ),
    Case(
        "untrained",
        "under-trained: the MLP, learning rate 1e-4, 60 steps",
        "UNDERFIT_BASELINE",
        "DigitsMLP",
        "digits(300, 500)",
        ("after net.1",),
        60,
        (0.5,),
        learning_rate=1e-4,
        long=False,
    ),
    Case(
        "slow",
        "hardly trained: the MLP, learning rate 1e-5, 300 steps",
        "UNDERFIT_BASELINE",
        "DigitsMLP",
        "digits(300, 500)",
        ("after net.1",),
        300,
        (0.5,),
        learning_rate=1e-5,
        long=False,
    ),
    Case(
        "small",
        "too little capacity: one hidden unit",
        "UNDERFIT_BASELINE, NO_OVERFIT_IN_BUDGET or BROKEN_TRAINING",
        "DigitsMLP(1)",
        "digits(300, 500)",
        ("after net.1",),
        400,
        (0.5,),
        long_steps=400,
    ),
    Case(
        "toy100",
        "the planted toy (two hidden layers, 300 points, 10 % random labels), --max-steps 100",
        "NO_OVERFIT_IN_BUDGET",
        "Tiny(64)",
        "teacher(0, 300, 500, 0.1)",
        ("after net.1", "after net.3"),
        100,
        (0.5,),
        learning_rate=1e-3,
        long=False,
    ),
    Case(
        "toy",
        "the same with steps enough",
        "the sign of the long run",
        "Tiny(64)",
        "teacher(0, 300, 500, 0.1)",
        ("after net.1",),
        800,
        (0.5,),
        learning_rate=5e-3,
    ),
    Case(
        "lstm",
        "nn.LSTM(dropout=0.5), two layers, 300 digits read row by row, 20 % random labels",
        "HELPS, or too small to tell",
        "RowLSTM",
        "digits(300, 500, '8x8', 0.2)",
        ("lstm(dropout=)",),
        800,
        (0.5,),
        learning_rate=1e-2,
    ),
    Case(
        "lstmhead",
        "dropout 0.5 between that LSTM and its head",
        "HELPS",
        "RowLSTM",
        "digits(300, 500, '8x8', 0.2)",
        ("before head",),
        800,
        (0.5,),
        learning_rate=1e-2,
    ),
)
