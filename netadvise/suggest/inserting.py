"""How a dropout is put on a value, or a rate is set: the edit, what the place is called, or why it cannot be made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from netadvise.edit import Edit, Insert, Part, Place, SetArgs, Value
from netadvise.facts import Subject
from netadvise.graph import Attr, Location
from netadvise.suggest.flow import Flow, is_leaf

Built = Mapping[str, Mapping[str, Attr]]
"""Recorded arguments of each layer, by name."""

BLOCK = 7
"""Side of DropBlock's squares (Ghiasi et al. 2018)."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where something can be put."""

    name: str
    location: Location | None
    place: Place | None = None
    module: str = ""
    """Of an argument: the module whose it is."""
    argument: str = ""
    unmade: str = ""
    """Why there is no edit."""

    def edit(self, variant: str, rate: float, layer: Subject) -> Edit | None:
        """What puts `variant` there at this rate, or sets the argument."""
        if self.unmade:
            return None
        if self.argument:
            return SetArgs(self.module, {self.argument: rate})
        return None if self.place is None else Insert(self.place, (part(variant, rate, layer),))


def part(variant: str, rate: float, layer: Subject) -> Part:
    """The layer to insert; DropBlock's squares are no larger than the map."""
    more: dict[str, Value] = {}
    if variant == "StochasticDepth":
        more = {"mode": "row"}
    if variant == "DropBlock2d":
        sizes = layer.get("out_spatial")
        more = {"block_size": min([BLOCK, *(int(s) for s in sizes)]) if isinstance(sizes, tuple) else BLOCK}
    return Part(variant, {"p": rate, **more})


ELEMENTS = frozenset(("Dropout", "AlphaDropout"))
"""Variants that drop single values: all the same before and behind a reshape."""


def behind(flow: Flow, layer: Subject, variant: str) -> Spot:
    """A place on the result of a layer: behind its module, before the one module that reads it, or behind the call."""
    if layer.get("call_count") == 1 and is_leaf(layer) and flow.makes_row(layer):
        scripted = _scripted(flow, layer.name)
        return Spot(f"after {layer.name}", layer.location, Place("after", layer.name), unmade=scripted)
    readers = flow.readers(layer)
    shaped = variant not in ELEMENTS and layer.id not in readers[0].producers if readers else True
    if len(readers) == 1 and not shaped and layer.get("is_output") is not True and _takes_first(flow, *readers, layer):
        return before(flow, readers[0], layer, variant)
    return _behind_call(flow, layer)


def before(flow: Flow, reader: Subject, layer: Subject | None, variant: str) -> Spot:
    """A place on what a module reads, else on the result of the layer that made it."""
    if is_leaf(reader) and reader.get("call_count") == 1:
        scripted = _scripted(flow, reader.name)
        return Spot(f"before {reader.name}", reader.location, Place("before", reader.name), unmade=scripted)
    if layer is not None:
        return behind(flow, layer, variant)
    return Spot(f"before {reader.name}", reader.location, unmade=_several(reader))


def _takes_first(flow: Flow, reader: Subject, layer: Subject) -> bool:
    """Whether a module that is called once reads the value as its first tensor."""
    once = is_leaf(reader) and reader.get("call_count") == 1
    return once and reader.get("type") != "MultiheadAttention" and flow.read_by(reader) is layer


def _behind_call(flow: Flow, layer: Subject) -> Spot:
    """Behind the n-th call of a function in a forward that runs once."""
    module, called = str(layer.get("module") or ""), layer.called_at or layer.location
    if is_leaf(layer):
        return Spot(_counted(layer), layer.location, unmade=_several(layer))
    function, index = _call(layer)
    name = f"after {layer.name}"
    if flow.calls_of(module) != 1:
        return Spot(_counted(layer), called, unmade=_several(layer))
    if "." in function or not function.isidentifier():
        return Spot(name, called, unmade=f"{function} is called from inside of torch, not by the forward itself")
    return Spot(name, called, Place("after-call", module, function, index))


def _call(layer: Subject) -> tuple[str, int]:
    """Function and number of a call, from the name of its row: `block/relu_1` is the second `relu`."""
    module = str(layer.get("module") or "")
    label = layer.name[len(module) + 1 :] if module else layer.name
    plain = str(layer.get("function") or "")
    match = re.fullmatch(rf"(?P<function>.*?{re.escape(plain)})(?:_(?P<index>\d+))?", label)
    return (label, 0) if match is None else (match["function"], int(match["index"] or 0))


def _counted(layer: Subject) -> str:
    call = layer.get("call_index")
    return f"after {layer.name}" + (f" (call {call + 1})" if isinstance(call, int) and call else "")


def _several(layer: Subject) -> str:
    return f"{layer.get('module') or 'the model'} runs {layer.get('call_count')} times: one place would be all of them"


def _scripted(flow: Flow, module: str) -> str:
    found = flow.modules.get(module)
    scripted = found is not None and "Script" in str(found.get("type"))
    return f"{module} is a compiled script: nothing can be put beside it" if scripted else ""


def argument(flow: Flow, layer: Subject, name: str) -> Spot:
    """A place that is an argument of a module's constructor, or of a call."""
    if is_leaf(layer):
        return Spot(f"{layer.name}({name}=)", layer.location, module=layer.name, argument=name)
    child = _gives_rate(flow, layer) if name == "dropout_p" else None
    if child is not None:
        return Spot(f"{child.name}(p=)", child.location, module=child.name, argument="p")
    called = layer.called_at or layer.location
    told = f"{layer.get('function')} is a function: its rate is the argument {name} of its call"
    return Spot(f"{layer.name}({name}=)", called, argument=name, unmade=told)


def path_rate(module: Subject) -> Spot:
    """The rate of a module that drops paths and is there already."""
    name = "p" if module.get("type") == "StochasticDepth" else "drop_prob"
    return Spot(f"{module.name}({name}=)", module.location, module=module.name, argument=name)


def _gives_rate(flow: Flow, layer: Subject) -> Subject | None:
    """The dropout that is never called and lies beside a call of attention: the call takes its rate from there."""
    beside = [each for each in flow.children(str(layer.get("module") or "")) if _is_dropout(each)]
    unused = [each for each in beside if each.get("called") is False]
    return unused[0] if len(unused) == 1 else None


def _is_dropout(module: Subject) -> bool:
    return module.get("type") == "Dropout"
