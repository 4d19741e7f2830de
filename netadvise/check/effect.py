"""What following a rule's advice changes: differences computed at each hit, after minus before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from netadvise.check.layout import EFFECTS
from netadvise.check.names import Names
from netadvise.check.pattern_read import Reader
from netadvise.check.shapes import value_of
from netadvise.check.types import Frame, Run
from netadvise.check.yaml import Entries, Node, Scalar


@dataclass(frozen=True, slots=True)
class Effect:
    """The compiled differences of a rule, and the rest in words."""

    differences: Mapping[str, Run] = field(default_factory=dict)
    text: str = ""

    def of(self, frame: Frame) -> dict[str, int | float | str]:
        """The differences at one subject; what cannot be told is left out."""
        found: dict[str, int | float | str] = {}
        for name, run in self.differences.items():
            value = run(frame)
            if isinstance(value, int | float):
                found[name] = int(value) if float(value).is_integer() else value
        return found | ({"text": self.text} if self.text else {})


def effect(node: Node | None, names: Names, reader: Reader) -> Effect:
    """Compile the `effect` of a rule."""
    if not isinstance(node, Entries):
        return Effect()
    runs: dict[str, Run] = {}
    for name in EFFECTS:
        said = node.get(name)
        piece = None if said is None else reader.expression(said, names, ("number",), f"effect.{name}")
        if piece is not None:
            runs[name] = piece.run
    return Effect(runs, _text(node.get("text")))


def _text(node: Node | None) -> str:
    return str(value_of(node) or "") if node is not None else ""


def described_effect(node: Node | None) -> str:
    """The effect as the rule file says it."""
    if not isinstance(node, Entries):
        return ""
    said = [f"{key.text}: {value.text.strip()}" for key, value in node.entries if isinstance(value, Scalar)]
    return "; ".join(text.removeprefix("text: ") for text in said)
