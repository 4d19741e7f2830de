"""Hand-made rules and hits for the tests of the lint step."""

from __future__ import annotations

from netadvise.finding import Hit
from netadvise.graph import Location
from netadvise.rule import Confidence, Rule, Severity


def rule(
    number: str,
    name: str,
    *,
    family: str = "recommended",
    severity: Severity = "warning",
    confidence: Confidence = "A",
    aliases: tuple[str, ...] = (),
) -> Rule:
    """A rule of which only the identity matters."""
    return Rule(
        id=number,
        name=name,
        title=f"About {name}",
        set=family,
        severity=severity,
        confidence=confidence,
        scope="layer",
        message="it is so",
        why="because",
        refs=("algebra",),
        location=Location(f"rules/{family}.yaml", 1),
        aliases=aliases,
    )


NRM1 = rule("NRM001", "bias-before-batchnorm", aliases=("conv-bias",))
NRM2 = rule("NRM002", "norm-on-one-value", family="correctness", severity="error")
NRM10 = rule("NRM010", "small-groups", family="advice", severity="advice", confidence="C")
DRP1 = rule("DRP001", "dropout-before-batchnorm")
GPU1 = rule("GPU001", "odd-channels", family="gpu", severity="advice", confidence="B")
RULES = (DRP1, GPU1, NRM1, NRM2, NRM10)
SETS = {"default": ("NRM001", "NRM002", "DRP001"), "recommended": ("NRM001",)}


def hit(rule: Rule, layer: str, place: Location | None = None, severity: Severity | None = None) -> Hit:
    """A hit of a rule at a layer."""
    return Hit(rule.id, layer, place, severity or rule.severity, f"{rule.name} at {layer}")
