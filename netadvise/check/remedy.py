"""The edits of a rule, compiled: what each hit carries, with every argument a plain value.

Whatever cannot be told, or makes no argument, leaves the hit without edits: the finding stays. Only calls of leaf
modules of torch.nn can be edited; of a module that is called several times the first call speaks. An edit of a layer
that need not be there is passed over where it is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netadvise.check.layout_edits import LIKE, SELF
from netadvise.check.logic import truth
from netadvise.check.torch_layers import CLASSES, OF_FUNCTION, Kind, LayerClass
from netadvise.check.types import Frame, Run
from netadvise.edit import Edit, Part, Replace, SetArgs, Value
from netadvise.facts import Fact, Subject


@dataclass(frozen=True, slots=True)
class Argument:
    """A value for one argument of a constructor."""

    kind: Kind
    run: Run


Arguments = Mapping[str, Argument]


@dataclass(frozen=True, slots=True)
class PartPlan:
    """One layer of a chain; `of` names the layer that a `like` is made as."""

    type: str
    of: str
    args: Arguments


@dataclass(frozen=True, slots=True)
class EditPlan:
    """One change of the layer called `on`: a chain in its place, or other arguments."""

    on: str
    args: Arguments
    chain: tuple[PartPlan, ...] = ()


class _NoEditError(Exception):
    """This hit has no edits."""


@dataclass(frozen=True, slots=True)
class Remedy:
    """All changes of one rule; they are made together."""

    plans: tuple[EditPlan, ...] = ()
    where: Run | None = None
    """There are edits only where this is true."""

    def of(self, frame: Frame) -> tuple[Edit, ...]:
        """The edits at one subject; none where one of them cannot be."""
        if self.where is not None and truth(self.where(frame)) is not True:
            return ()
        try:
            made = [
                _edit(plan, frame, subject) for plan in self.plans if (subject := _named(plan.on, frame)) is not None
            ]
        except _NoEditError:
            return ()
        edits = tuple(made)
        return edits if len({edit.module for edit in edits}) == len(edits) else ()


def _edit(plan: EditPlan, frame: Frame, subject: Subject) -> SetArgs | Replace:
    own = _class_of(subject)
    if own is None:
        raise _NoEditError
    if not plan.chain:
        if not plan.args.keys() <= own.args.keys():
            raise _NoEditError
        return SetArgs(_path(subject), _values(plan.args, frame))
    parts = [_part(part, frame) for part in plan.chain]
    chain = tuple(part for part in parts if part is not None)
    if not chain:
        raise _NoEditError
    return Replace(_path(subject), chain)


def _named(name: str, frame: Frame) -> Subject | None:
    return frame.subject if name == SELF else frame.witnesses.get(name)


def _path(subject: Subject) -> str:
    return str(subject.facts["module"])


def _class_of(subject: Subject) -> LayerClass | None:
    """The class of the leaf module of torch.nn whose first call this is; None for anything else."""
    facts = subject.facts
    if facts.get("functional") is not False or facts.get("call_index", 0) != 0 or not facts.get("module"):
        return None
    return CLASSES.get(str(facts.get("type")))


def _part(plan: PartPlan, frame: Frame) -> Part | None:
    """A layer of a chain; None where it is to be like one that is not there."""
    if plan.type != LIKE:
        return Part(plan.type, _values(plan.args, frame))
    model = _named(plan.of, frame)
    if model is None:
        return None
    own = _class_of(model)
    if own is not None:
        wanted = {name: argument for name, argument in plan.args.items() if name in own.args}
        return Part(f"{LIKE}:{_path(model)}", _values(wanted, frame))
    name = OF_FUNCTION.get(str(model.facts.get("activation")))
    if name is None or model.facts.get("op") != "activation":
        raise _NoEditError
    return Part(name)


def _values(args: Arguments, frame: Frame) -> dict[str, Value]:
    return {name: _value(argument.run(frame), argument.kind) for name, argument in args.items()}


def _value(fact: Fact, kind: Kind) -> Value:
    """A fact as an argument of a constructor; raises `_NoEditError` where it is none."""
    if isinstance(fact, bool | str):
        return fact
    if isinstance(fact, int | float):
        return _number(fact, whole=kind != "number")
    if not isinstance(fact, tuple) or not fact:
        raise _NoEditError
    numbers = tuple(_number(each, whole=kind != "number") for each in fact if isinstance(each, int | float))
    alike = len(set(numbers)) == 1 and kind != "sizes"
    return numbers[0] if alike else numbers


def _number(number: int | float, *, whole: bool) -> int | float:
    """2.0 is 2; 2.5 of a kind that is counted is no argument."""
    if float(number).is_integer():
        return int(number)
    if whole:
        raise _NoEditError
    return number
