"""What rules may ask about a network: facts about its layers, blocks and modules, about the network as a whole, and
about training probes of it.

A fact is a plain value, `None` where the question does not apply (the kernel of a linear layer), or `Unknown(reason)`.
The names, types and meanings of all facts stand in `vocabulary`. Facts travel inside the profile document, so a saved
profile can be checked where torch is not installed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from netadvise.graph import Location, Mode
from netadvise.quantity import Unknown

Fact = None | bool | int | float | str | tuple[int | float | str, ...] | Unknown
Facts = Mapping[str, Fact]

SubjectKind = Literal["layer", "block", "module", "model", "probe"]


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that a rule may be about: a layer (one op that ran), a block, a module, the model, or a probe."""

    kind: SubjectKind
    id: int
    """Its position among the subjects of its kind in its sheet."""
    name: str
    """`layer1.0.conv1`, `head/softmax`: the row name of the profile; a path for blocks, modules; "" for the model."""
    location: Location | None
    """The constructor call of its module, or the call of a functional op."""
    called_at: Location | None
    facts: Facts
    producers: tuple[int, ...] = ()
    """Layers: ids of the layers whose results it reads as data, in the order of the operands, each once."""
    consumers: tuple[int, ...] = ()
    """Layers: ids of the layers that read its results as data, in execution order, each once."""
    block: int | None = None
    """Layers: id of the innermost block it belongs to."""
    members: tuple[int, ...] = ()
    """Blocks: ids of the layers inside."""

    def get(self, name: str) -> Fact:
        """The fact of that name; None where it does not apply."""
        return self.facts.get(name)


@dataclass(frozen=True)
class Sheet:
    """The facts of one recorded pass, in evaluation or in training mode."""

    mode: Mode
    layers: tuple[Subject, ...]
    """One per op that ran, in execution order: consumers always stand after their producers."""
    blocks: tuple[Subject, ...] = ()


@dataclass(frozen=True)
class NetworkFacts:
    """Everything that rules may know of one network."""

    model: Subject
    evaluation: Sheet
    training: Sheet | Unknown
    """The pass in training mode; its layers carry structure, not costs."""
    modules: tuple[Subject, ...] = ()
    """Every registered module, and the ones found in plain Python containers."""
    notes: tuple[str, ...] = field(default=())
    probes: tuple[Subject, ...] = ()
    """What training probes measured; no document holds them."""

    def sheet(self, mode: Mode) -> Sheet | Unknown:
        return self.evaluation if mode == "eval" else self.training

    @cached_property
    def layer_named(self) -> dict[str, Subject]:
        """The first layer of each name in evaluation mode."""
        found: dict[str, Subject] = {}
        for layer in self.evaluation.layers:
            found.setdefault(layer.name, layer)
        return found
