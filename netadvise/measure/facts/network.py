"""A network under survey in both modes, and the table of functions that answer for it as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from netadvise.facts import Fact, Subject
from netadvise.graph import Graph, Value
from netadvise.measure.facts.batch_axis import primary
from netadvise.measure.facts.batch_pair import Pair
from netadvise.measure.facts.positions import Stage, stages
from netadvise.measure.facts.survey import Entry, Survey
from netadvise.profiles import Profile
from netadvise.quantity import Unknown
from netadvise.table import Table


@dataclass(frozen=True)
class Network:
    """Everything that the facts of a model are made from."""

    survey: Survey
    """The pass in evaluation mode, with the facts of its layers."""
    blocks: tuple[Subject, ...]
    profile: Profile
    training: Survey | Unknown
    pair: Pair | Unknown
    """That pass and the one at another batch size."""

    @property
    def graph(self) -> Graph:
        return self.survey.graph

    @cached_property
    def input(self) -> Value | None:
        """The primary input."""
        return primary(self.graph)

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The runs of equal resolution."""
        return stages(self.survey)

    @property
    def output(self) -> Value | None:
        """The first output."""
        return self.graph.values[self.graph.outputs[0]] if self.graph.outputs else None

    def layers(self, *ops: str) -> Iterator[Entry]:
        """The layers of these ops, in order."""
        return (entry for entry in self.survey.entries if entry.get("op") in ops)

    def has(self, *ops: str) -> bool:
        return any(True for _ in self.layers(*ops))


Answer = Callable[[Network], Fact]
MODEL_FACTS: Table[Answer] = Table("a fact of the model")


def number(fact: Fact) -> int | float | None:
    """The number that a fact is; None for all else."""
    return fact if isinstance(fact, int | float) and not isinstance(fact, bool) else None


def numbers(fact: Fact) -> tuple[int | float, ...]:
    """The numbers that a fact is; () for all else."""
    return tuple(item for item in fact if not isinstance(item, str)) if isinstance(fact, tuple) else ()


def text(fact: Fact) -> str:
    """The text that a fact is; "" for all else."""
    return fact if isinstance(fact, str) else ""


def distinct(facts: Iterator[Fact]) -> tuple[str, ...]:
    """The texts among facts, each once, in order."""
    return tuple(dict.fromkeys(fact for fact in facts if isinstance(fact, str)))
