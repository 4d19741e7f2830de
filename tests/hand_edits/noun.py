"""One edit of a file in tests/models/edits, and what a person writes instead.

What is written by hand shares nothing with `netadvise.capture.edits` and `netadvise.rewrite`, which it checks.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from netadvise.edit import Edit, Part, Value

MODELS = Path(__file__).resolve().parent.parent / "models" / "edits"


@dataclass(frozen=True)
class HandEdit:
    """One alternative, and how a person writes it."""

    model: str
    name: str
    edits: tuple[Edit, ...]
    hand: dict[str, str]
    """Text that occurs once in the file -> what a person puts there."""
    here: tuple[str, str]
    """The last layer of what the first edit changes: its name before, and in the file edited by hand."""
    refused: str = ""
    """Part of the reason why it cannot be written as source, where that is so."""

    def __str__(self) -> str:
        return f"{self.model}, {self.name}"

    def before(self) -> str:
        """The text of the file."""
        return text_of(self.model)

    def after(self) -> str:
        """The text of the file as edited by hand."""
        return exchanged(self.before(), self.hand)


@dataclass(frozen=True)
class Network:
    """A network that suggestions are made for."""

    model: str
    size: int = 0
    """Of the input image, where it is not the one that the file declares."""
    changes: tuple[tuple[str, str], ...] = ()
    """Text that occurs once in the file -> what stands there instead, to give a rule something to find."""

    def __str__(self) -> str:
        return "-".join([self.model, *filter(None, [str(self.size or ""), "changed" if self.changes else ""])])

    def text(self) -> str:
        """The text of the file."""
        return exchanged(text_of(self.model), dict(self.changes))

    @property
    def inputs(self) -> tuple[str, ...]:
        """As of `-i`."""
        return (f"1,3,{self.size},{self.size}",) if self.size else ()


@dataclass(frozen=True)
class HandSuggestion:
    """What one rule suggests at a layer, and how a person follows it."""

    network: Network
    rule: str
    layer: str
    hand: dict[str, str]
    """Text that occurs once in the network's file -> what a person puts there."""

    def __str__(self) -> str:
        return f"{self.network}, {self.rule} at {self.layer}"

    def after(self) -> str:
        """The text of the file as edited by hand."""
        return exchanged(self.network.text(), self.hand)


def text_of(model: str) -> str:
    """A file of tests/models/edits."""
    return (MODELS / f"{model}.py").read_text()


def exchanged(text: str, exchanges: dict[str, str]) -> str:
    """`text` with parts of it, each of which must occur once, exchanged."""
    for old, new in exchanges.items():
        assert text.count(old) == 1, f"{text.count(old)} times: {old}"
        text = text.replace(old, new)
    return text


RELU = Part("ReLU", {"inplace": True})
IDENTITY = Part("Identity")


def conv(inputs: int, outputs: int, size: Value, **others: Value) -> Part:
    """A convolution of a chain."""
    return Part("Conv2d", {"in_channels": inputs, "out_channels": outputs, "kernel_size": size, **others})


def norm(channels: int) -> Part:
    """A batch norm of a chain."""
    return Part("BatchNorm2d", {"num_features": channels})
