"""One op as a receptive-field rule sees it: its operands' reaches, shapes and attributes, and the table of rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from netadvise.graph import Graph, Op
from netadvise.measure.receptive_join import joined
from netadvise.measure.receptive_reach import Reach
from netadvise.table import Table

Outcome = Reach | tuple[Reach | None, ...] | None
"""The reach of every output, or one for all of them; None: no positions."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An op that reads at least one value with a reach."""

    graph: Graph
    op: Op
    reaches: Mapping[int, Reach]

    @property
    def place(self) -> str:
        """The op's layer: the path of a torch module, else the path of the user's module and the function."""
        module = self.graph.module_at[self.graph.calls[self.op.call].module]
        if module.path and module.package.startswith("torch.nn"):
            return module.path
        return f"{module.path}/{self.op.function}" if module.path else self.op.function

    @property
    def serial(self) -> int:
        return self.op.id

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the first output."""
        return self.graph.values[self.op.outputs[0]].shape

    def shapes(self) -> tuple[tuple[int, ...], ...]:
        return tuple(self.graph.values[output].shape for output in self.op.outputs)

    def reach(self, role: str) -> Reach | None:
        """The reach of the operand of that role; None when it holds no positions or does not exist."""
        value = self.op.operand(role)
        return None if value is None else self.reaches.get(value)

    def reached(self, *roles: str) -> list[Reach]:
        """The reaches of the operands (of those roles, or of all), in order."""
        chosen = (operand for operand in self.op.inputs if not roles or operand.role in roles)
        return [self.reaches[operand.value] for operand in chosen if operand.value in self.reaches]

    def operand_shape(self, role: str) -> tuple[int, ...]:
        value = self.graph.value_of(self.op, role)
        return () if value is None else value.shape

    def integer(self, name: str, default: int = 0) -> int:
        found = self.op.attrs.get(name, default)
        return int(found) if isinstance(found, int | float) else default

    def integers(self, name: str) -> tuple[int, ...]:
        """An attribute as integers: a tuple, or one number."""
        found = self.op.attrs.get(name)
        items = found if isinstance(found, tuple) else (found,)
        return tuple(int(item) for item in items if isinstance(item, int | float))

    def per_axis(self, name: str, rank: int, default: int = 0) -> tuple[int, ...]:
        """An attribute with one integer per spatial axis."""
        found = self.integers(name) or (default,)
        return found * rank if len(found) == 1 else found

    def text(self, name: str) -> str:
        found = self.op.attrs.get(name)
        return found if isinstance(found, str) else ""

    def joined(self, *reaches: Reach, gates: bool = False) -> Reach:
        return joined(reaches, self.shape, self.serial, self.place, gates=gates)

    def unplaced(self, reason: str) -> Reach:
        """The join of all operands, with nothing known but what is the whole axis already."""
        return self.reached()[0].unknown(self.shape, reason)


Rule = Callable[[Reading], Outcome]
RULES: Table[Rule] = Table("receptive field of an op")
