"""Rules, hits and suggestions in one line each."""

from __future__ import annotations

from netadvise.edit import Affected, Edit, Effect, Replace, SetArgs, Tried
from netadvise.finding import Hit
from netadvise.graph import Location
from netadvise.profiles import Totals
from netadvise.quantity import Quantity, Unknown
from netadvise.rule import Confidence, Fix, Rule, Severity
from netadvise.suggestion import Suggestion

FILE = "nets/small.py"


def rule(ident: str, confidence: Confidence = "B", severity: Severity = "advice", fix: Fix | None = None) -> Rule:
    """A rule that has edits."""
    return Rule(
        id=ident,
        name=f"name-of-{ident.lower()}",
        title="Two 3x3 in place of a 5x5",
        set="kernels",
        severity=severity,
        confidence=confidence,
        scope="layer",
        message="",
        why="Two small kernels see what a large one sees.",
        refs=("https://arxiv.org/abs/1409.1556", "algebra"),
        location=Location("rules/kernels.yaml", 10, 5),
        fix=fix or Fix("two 3x3", {}, "changes-weights"),
        has_edits=True,
    )


def hit(of: Rule, layer: str, *edits: Edit, line: int | None = 9) -> Hit:
    """A hit with edits."""
    location = None if line is None else Location(FILE, line, 21)
    return Hit(of.id, layer, location, of.severity, "a message", edits=edits)


def kernel(module: str, size: int = 3) -> SetArgs:
    return SetArgs(module, {"kernel_size": size})


def effect(
    params: Quantity = -100,
    macs: Quantity = -1000,
    activation_bytes: Quantity = 0,
    field: tuple[int, ...] | Unknown = (0, 0),
    here: tuple[int, ...] | Unknown = (0, 0),
) -> Effect:
    return Effect(params, macs, activation_bytes, field, here)


def suggestion(
    layer: str,
    of: Rule | None = None,
    change: Effect | None = None,
    *,
    layers: tuple[str, ...] = (),
    edits: tuple[Edit, ...] | None = None,
    best: bool = True,
    affected: tuple[Affected, ...] = (),
    line: int | None = 9,
    said: str = "kernel_size=3",
) -> Suggestion:
    """One that sets the kernel of its layers to 3."""
    of = of or rule("KER900")
    layers = layers or (layer,)
    edits = tuple(map(kernel, layers)) if edits is None else edits
    return Suggestion(
        layer=layer,
        layers=layers,
        roles=("sees_neighbours",),
        location=None if line is None else Location(FILE, line, 21),
        rule=of.id,
        name=of.name,
        title=of.title,
        confidence=of.confidence,
        severity=of.severity,
        message="two 3x3 see the same window",
        why=of.why,
        refs=of.refs,
        text="two 3x3",
        change=said,
        edits=edits,
        tried=Tried(edits, change or effect(), "changes-weights", affected),
        safety="changes-weights",
        best=best,
    )


def totals(params: int = 1000, macs: int = 10_000) -> Totals:
    return Totals(
        params=params,
        trainable_params=params,
        buffers=0,
        param_bytes=4 * params,
        buffer_bytes=0,
        unused_params=0,
        macs=macs,
        flops=2 * macs,
        other_ops=0,
        activation_bytes=0,
        peak_activation_bytes=0,
        saved_activation_bytes=0,
        receptive_field=(9, 9),
    )


def without(module: str) -> Replace:
    """The edit that removes a module."""
    return Replace(module, ())
