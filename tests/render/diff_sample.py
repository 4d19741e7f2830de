"""A comparison with every awkward case a format can meet."""

from __future__ import annotations

from dataclasses import replace

from netadvise.compare import compared, condition, judged
from netadvise.comparison import Comparison, FindingChange, FindingPlace, FindingsDiff, Side
from netadvise.graph import Location
from netadvise.profiles import Layer
from netadvise.quantity import Unknown
from netadvise.render.diff import DiffView
from tests.compare.made import conv, layer, net, norm, relu, seen

FILE = "nets/small.py"
UNKNOWN = Unknown("no formula for natten.na2d")
CONDITIONS = ("params > +5%", "macs > 1G", "receptive_field < -1", "new_errors > 0")


def at(line: int, made: Layer, **changes: object) -> Layer:
    return replace(made, location=Location(FILE, line, 21), **changes)  # type: ignore[arg-type]


def block(name: str, kernel: int, sees: int) -> tuple[Layer, ...]:
    """A convolution and what follows it, all built by the same lines."""
    field = seen(sees)
    return (
        at(12, conv(f"{name}.conv", kernel), receptive_field=field),
        at(13, norm(f"{name}.norm"), receptive_field=field),
        at(14, relu(f"{name}.act"), receptive_field=field),
    )


OLD = net(
    at(30, conv("größe", 7)),
    *(part for index in range(3) for part in block(f"layer1.{index}", 3, 5 + 2 * index)),
    at(33, relu("gone")),
    at(34, layer("natten", "NeighborhoodAttention", macs=UNKNOWN)),
    at(36, layer("head", "Linear", (1, 8), (1, 10), 90, 80, {"in_features": 8, "out_features": 10})),
)
NEW = net(
    at(30, conv("größe", 7)),
    *(part for index in range(3) for part in block(f"stage1.{index}", 5, 7 + 4 * index)),
    at(34, layer("natten", "NeighborhoodAttention", macs=UNKNOWN)),
    at(40, conv("neck.0", 1, (8, 16))),
    at(41, layer("neck.1", "Dropout", (1, 16, 8, 8), (1, 16, 8, 8), attrs={"p": 0.2})),
    at(36, layer("head", "Linear", (1, 16), (1, 10), 170, 160, {"in_features": 16, "out_features": 10})),
    layer("/softmax", "softmax", (1, 10), (1, 10), attrs={"dim": 1}),
    size=16,
)


def finding(status: str, rule: str, severity: str, *places: FindingPlace, was: str | None = None) -> FindingChange:
    refs = ("https://arxiv.org/abs/1409.1556", "algebra")
    name = f"name-of-{rule.lower()}"
    return FindingChange(status, rule, name, severity, was, "B", places, "why it is one", refs)  # type: ignore[arg-type]


def place(old: str, new: str, line: int | None = 12) -> FindingPlace:
    return FindingPlace(old, new, None if line is None else Location(FILE, line, 21), "sees 5x5 | with `25` weights")


FINDINGS = FindingsDiff(
    changes=(
        finding("new", "XYZ001", "error", place("", "stage1.0.conv"), place("", "stage1.1.conv")),
        finding("new", "XYZ002", "advice", place("", "", None)),
        finding("regraded", "XYZ003", "warning", place("head", "head", 36), was="advice"),
        finding("moved", "XYZ004", "warning", place("layer1.0.act", "stage1.0.act", 14)),
        finding("fixed", "XYZ005", "warning", place("gone", "", 33)),
    ),
    kept=4,
    rules=78,
    untold=(("XYZ006", "advice"),),
)


def plain() -> Comparison:
    """Without conditions."""
    found = compared(Side("nets/small.py:Net at origin/main (1a2b3c4d5e)", OLD), Side("nets/small.py:Net", NEW))
    return replace(found, version="0.1.0", findings=FINDINGS)


def failing() -> Comparison:
    """With conditions of which one holds, one does not, and one cannot be told."""
    found = plain()
    return replace(found, conditions=judged([condition(text) for text in CONDITIONS], found))


def passing() -> Comparison:
    """With a condition that does not hold."""
    found = plain()
    return replace(found, conditions=judged([condition("params > +1000%")], found))


def same() -> Comparison:
    """Two networks that are the same."""
    profile = net(conv("a"), relu("b"))
    found = compared(Side("old.json", profile), Side("new.json", profile))
    return replace(found, version="0.1.0")


def saved() -> Comparison:
    """A side without facts."""
    return replace(same(), findings=Unknown("old.json holds no facts to judge"))


def view(**changes: object) -> DiffView:
    return replace(DiffView(), **changes)  # type: ignore[arg-type]
