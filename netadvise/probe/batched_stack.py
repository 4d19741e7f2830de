"""The tensors of several networks of one shape in one stack, and one optimizer of them all.

    flat ::= one tensor [networks, elements] for all parameters of one group and dtype
    leaf ::= a parameter of all networks, [networks, ...]: a view of a flat tensor

The parameters and buffers of every network become views of its row, so that a network can be looked at, and kept, as
if it were by itself. An optimizer that works element by element does the same on a flat tensor as on the parameters.

A row begins at a multiple of 64 elements and a parameter at one of 16. Loops over elements end in a rest that is
computed without vector instructions, which round otherwise; so no parameter of any row may be in a rest.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

ELEMENTWISE: frozenset[type[Optimizer]] = frozenset(
    (
        torch.optim.SGD,
        torch.optim.Adam,
        torch.optim.AdamW,
        torch.optim.NAdam,
        torch.optim.RAdam,
        torch.optim.Adamax,
        torch.optim.Adagrad,
        torch.optim.Adadelta,
        torch.optim.RMSprop,
        torch.optim.Rprop,
        torch.optim.ASGD,
    )
)
"""Optimizers that treat every element of a parameter by itself; classes derived from them may not."""
_COUNTS = frozenset(("step", "eta", "mu", "mu_product"))
"""States that are one number for a parameter, and the same for all parameters after as many steps."""
_ROW, _SLOT = 64, 16

Network = tuple[nn.Module, Optimizer]


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where a parameter lies in its row."""

    name: str
    shape: torch.Size
    start: int

    @property
    def end(self) -> int:
        return self.start + self.shape.numel()

    def of(self, rows: Tensor) -> Tensor:
        """[networks, elements] -> [networks, ...]."""
        return rows[:, self.start : self.end].unflatten(1, self.shape) if self.shape else rows[:, self.start]


@dataclass(frozen=True, slots=True)
class _Flat:
    """The parameters of one group of the optimizer that have one dtype."""

    group: int
    slots: tuple[_Slot, ...]
    values: nn.Parameter


@dataclass(frozen=True, slots=True)
class Kept:
    """What a stack was at a time."""

    values: list[Tensor]
    buffers: dict[str, Tensor]
    states: dict[Any, dict[str, Any]]


class Stack:
    """Networks of one shape, as one; the last rows may repeat the first one, to fill the stack up to a width."""

    def __init__(self, networks: Sequence[Network], width: int) -> None:
        self.width = width
        self._networks = networks
        self._rows = [*range(len(networks)), *[0] * (width - len(networks))]
        named = [dict(model.named_parameters()) for model, _ in networks]
        optimizer = networks[0][1]
        names = {id(parameter): name for name, parameter in named[0].items()}
        self._flats = [
            self._flat(number, [names[id(each)] for each in parameters], named)
            for number, group in enumerate(optimizer.param_groups)
            for parameters in _by_dtype([each for each in group["params"] if each.requires_grad])
        ]
        self.optimizer = self._optimizer(optimizer)
        self.gradients: dict[str, Tensor] = {}
        """Of each of the parameters: a view of its flat tensor's gradient."""
        self.parameters = self._leaves()
        self.buffers = self._others(named)

    def _flat(self, group: int, names: Sequence[str], named: Sequence[Mapping[str, Tensor]]) -> _Flat:
        slots, start = [], 0
        for name in names:
            shape = named[0][name].shape
            slots.append(_Slot(name, shape, start))
            start += -(-shape.numel() // _SLOT) * _SLOT
        first = named[0][names[0]]
        rows = torch.zeros(len(self._rows), -(-start // _ROW) * _ROW, dtype=first.dtype, device=first.device)
        for slot in slots:
            slot.of(rows).copy_(torch.stack([named[row][slot.name].detach() for row in self._rows]))
        return _Flat(group, tuple(slots), nn.Parameter(rows))

    def _optimizer(self, like: Optimizer) -> Optimizer:
        """The same optimizer, of the flat tensors; with its state, where it has one."""
        made = copy.copy(like)
        made.param_groups = [
            {**group, "params": [flat.values for flat in self._flats if flat.group == number]}
            for number, group in enumerate(like.param_groups)
        ]
        made.state = defaultdict(dict)
        for flat in self._flats:
            states = [self._states(row, flat) for row in self._rows]
            if states[0][0]:
                made.state[flat.values] = {key: _stacked(key, flat, states) for key in states[0][0]}
        return made

    def _states(self, row: int, flat: _Flat) -> list[Mapping[str, Any]]:
        """What the optimizer of one network knows of each parameter."""
        model, optimizer = self._networks[row]
        named = dict(model.named_parameters())
        return [optimizer.state.get(named[slot.name], {}) for slot in flat.slots]

    def _leaves(self) -> dict[str, Tensor]:
        found = {}
        for flat in self._flats:
            flat.values.grad = torch.zeros_like(flat.values)
            for slot in flat.slots:
                leaf = slot.of(flat.values.detach()).requires_grad_()
                self.gradients[slot.name] = slot.of(flat.values.grad)
                self._point(slot.name, leaf.detach())
                found[slot.name] = leaf
        return found

    def _others(self, named: Sequence[Mapping[str, Tensor]]) -> dict[str, Tensor]:
        """Buffers, and parameters that are not trained: as they come out of a step, they go into the next one."""
        all_of = [{**own, **dict(model.named_buffers())} for own, (model, _) in zip(named, self._networks, strict=True)]
        found = {}
        for name in all_of[0].keys() - self.parameters.keys():
            found[name] = torch.stack([all_of[row][name].detach() for row in self._rows])
            self._point(name, found[name])
        return found

    def _point(self, name: str, rows: Tensor) -> None:
        """Let the networks have their rows of a stacked tensor for their own."""
        path, _, own = name.rpartition(".")
        for (model, _), row in zip(self._networks, rows, strict=False):
            getattr(model.get_submodule(path), own).data = row

    def learn(self, losses: Tensor) -> None:
        """One step of the optimizer: down the losses of the networks, [networks]."""
        # `backward` would warn of gradients that are views
        gradients: Sequence[Tensor | None] = torch.autograd.grad(
            losses.sum(), list(self.parameters.values()), allow_unused=True
        )
        for place, gradient in zip(self.gradients.values(), gradients, strict=True):
            if gradient is None:
                place.zero_()
            else:
                place.copy_(gradient)
        self.optimizer.step()

    def hand_back(self) -> None:
        """Give every network's optimizer its share of the state; weights and buffers they have already."""
        for row, (model, optimizer) in enumerate(self._networks):
            named = dict(model.named_parameters())
            for flat in self._flats:
                state = self.optimizer.state.get(flat.values, {})
                for slot in flat.slots:
                    own = {key: _share(key, value, slot, row) for key, value in state.items()}
                    optimizer.state[named[slot.name]] = own

    def kept(self) -> Kept:
        """A copy of all that a step changes."""
        states = {
            flat.values: {key: _copied(value) for key, value in self.optimizer.state[flat.values].items()}
            for flat in self._flats
            if self.optimizer.state.get(flat.values)
        }
        values = [flat.values.detach().clone() for flat in self._flats]
        return Kept(values, {name: rows.clone() for name, rows in self.buffers.items()}, states)

    def put(self, kept: Kept) -> None:
        """Be as at the time of a copy, which is used up."""
        with torch.no_grad():
            for flat, values in zip(self._flats, kept.values, strict=True):
                flat.values.copy_(values)
            for name, rows in kept.buffers.items():
                self.buffers[name].copy_(rows)
        self.optimizer.state = defaultdict(dict, kept.states)


def _by_dtype(parameters: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    ordered = sorted(parameters, key=lambda each: str(each.dtype))
    for _, some in groupby(ordered, key=lambda each: each.dtype):
        yield list(some)


def _stacked(key: str, flat: _Flat, states: Sequence[Sequence[Mapping[str, Any]]]) -> Any:
    """One state of a flat tensor, of those of its parameters in each network."""
    first = states[0][0][key]
    if key in _COUNTS or not isinstance(first, Tensor):
        return _copied(first)
    rows = torch.zeros_like(flat.values, dtype=first.dtype)
    for number, slot in enumerate(flat.slots):
        slot.of(rows).copy_(torch.stack([own[number][key] for own in states]))
    return rows


def _copied(value: Any) -> Any:
    return value.clone() if isinstance(value, Tensor) else value


def _share(key: str, value: Any, slot: _Slot, row: int) -> Any:
    if not isinstance(value, Tensor):
        return value
    return value.clone() if key in _COUNTS else slot.of(value)[row].clone()
