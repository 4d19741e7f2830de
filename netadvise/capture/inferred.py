"""Guesses at a model's inputs, from its first layers and its forward's signature, best first."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice

from torch import nn

from netadvise.capture.blueprint import Argument, Blueprint, Slot, Tree, revised
from netadvise.capture.roles import BY_NAME, CLASSES, LENGTH, Context, tree_for
from netadvise.capture.structure import Entry, Parameter, Use, branches, entries, parameters_of, use_of

SIZES: Mapping[int, tuple[int, ...]] = {
    1: (1024, 16000, 512, 256, 128, 100, 64, 32, 3000, 4096, 48000, 16),
    2: (224, 32, 28, 64, 96, 128, 256, 299, 384, 512, 48, 16, 8, 640, 1024, 4),
    3: (112, 224, 64, 96, 32, 128, 16, 48),
}
"""The sizes that are tried, by number of spatial axes."""

_GREY_FIRST = (28, 32)
_LATENT = (1, 4, 7, 8, 16, 32, 64)


def guesses(module: nn.Module) -> Iterator[Blueprint]:
    """Blueprints to try: for each possible first layer its likeliest size, then the other sizes."""
    parameters, takes_more, _ = parameters_of(module)
    required = [item for item in parameters if item.required]
    if not required:
        required = parameters[:1] or ([Parameter("", True)] if takes_more else [])
    if not required:
        yield ()
        return
    columns = [list(_sized(module, required, entry)) for entry in _starts(module, required)]
    uses = {item.name: use_of(module, item.name) for item in required}
    rounds = (column[row] for row in range(16) for column in columns if row < len(column))
    likeliest = columns[0][:2]
    for context in islice(chain(likeliest, (item for item in rounds if item not in likeliest)), 120):
        yield from _arrangements(context, required, uses)


def _starts(module: nn.Module, required: list[Parameter]) -> list[Entry]:
    found = entries(module)
    if len(required) > 1 and any(CLASSES.search(item.name) for item in required):
        found.sort(key=lambda entry: entry.kind == "ids")
    return (_ids_first(found) if _embeds_first(found) else found)[:8] or [Entry("image", 3, 2), Entry("features", 8)]


def _embeds_first(found: list[Entry]) -> bool:
    return bool(found) and found[0].kind == "ids"


def _ids_first(found: list[Entry]) -> list[Entry]:
    return [item for item in found if item.kind == "ids"][:1] + [item for item in found if item.kind != "ids"]


def _sized(module: nn.Module, required: list[Parameter], entry: Entry) -> Iterator[Context]:
    rnn = next((item for item in module.modules() if isinstance(item, nn.RNNBase | nn.RNNCellBase)), None)
    for size in sizes_for(module, entry):
        yield Context(module, entry, size, min(LENGTH, size) if entry.kind != "image" else LENGTH, rnn)


def sizes_for(module: nn.Module, entry: Entry) -> tuple[int, ...]:
    """The sizes to try for an entry, those that the model's attributes name first."""
    if entry.kind == "latent":
        return _LATENT
    if entry.kind != "image":
        return (LENGTH, 16, 64, 1)
    sizes = SIZES.get(entry.rank, SIZES[2])
    if entry.channels == 1:
        grey = {1: (16000,), 2: _GREY_FIRST, 3: (64,)}.get(entry.rank, ())
        sizes = (*grey, *(size for size in sizes if size not in grey))
    named = tuple(named_sizes(module))
    return (*named, *(size for size in sizes if size not in named))


def named_sizes(module: nn.Module) -> Iterator[int]:
    """Image sizes that attributes of the model or of its parts give (`img_size`, `image_size`, timm's cfg)."""
    seen: set[int] = set()
    for each in islice(module.modules(), 200):
        state = vars(each)
        cfg = state.get("pretrained_cfg") or state.get("default_cfg") or {}
        declared = cfg.get("input_size") if isinstance(cfg, dict) else None
        for value in (declared, state.get("img_size"), state.get("image_size"), state.get("input_resolution")):
            value = value[-1] if isinstance(value, tuple | list) and value else value
            if isinstance(value, int) and not isinstance(value, bool) and 4 <= value <= 2048 and value not in seen:
                seen.add(value)
                yield value


def _arrangements(context: Context, required: list[Parameter], uses: Mapping[str, Use]) -> Iterator[Blueprint]:
    """One size, spread over the required parameters: the same entry for all, and one branch for each."""
    paths = branches(context.module) if len(required) > 1 or any(use.keys for use in uses.values()) else []
    keys = [key for use in uses.values() for key in use.keys] or [item.name for item in required]
    telling = any(_called_like(name, entry) for name in keys for entry in paths)
    same = tuple(_argument(context, item, uses[item.name], context.entry) for item in required)
    own = _branches_for([item.name for item in required], paths or [context.entry])
    apart = tuple(
        _argument(context, item, uses[item.name], entry, paths) for item, entry in zip(required, own, strict=True)
    )
    yield from (apart, same) if telling else (same, apart)
    if any(use.listed for use in uses.values()):
        yield tuple(_argument(context, item, Use(uses[item.name].keys), context.entry) for item in required)


def _called_like(name: str, entry: Entry) -> bool:
    stem = name.rstrip("s").lower()
    return len(stem) > 2 and stem in entry.path.lower()


def _branches_for(names: Sequence[str], paths: list[Entry]) -> list[Entry]:
    """The branch of each name: the one that is called like it, else the next that no name claims."""
    claimed = [entry for entry in paths if any(_called_like(name, entry) for name in names)]
    rest = [entry for entry in paths if entry not in claimed] or paths
    found: list[Entry] = []
    unclaimed = 0
    for name in names:
        named = next((entry for entry in claimed if _called_like(name, entry)), None)
        found.append(named or rest[min(unclaimed, len(rest) - 1)])
        unclaimed += named is None
    return found


def _argument(
    context: Context, parameter: Parameter, use: Use, entry: Entry, paths: list[Entry] | None = None
) -> Argument:
    context = replace(context, entry=entry)
    if _may_be_tensor(parameter):
        tree: Tree = tree_for(context, parameter)
    elif use.keys or re.search(r"\b([Dd]ict|Mapping)\b", parameter.annotation):
        places = paths or [entry]
        tree = {
            key: tree_for(replace(context, entry=branch), Parameter(key, True))
            for key, branch in zip(use.keys, _branches_for(use.keys, places), strict=True)
        }
    elif _is_listed(parameter, use):
        tree = _listed(context, parameter, use)
    elif re.search(r"\b[Tt]uple\b.*Tensor", parameter.annotation):
        tree = tuple(_listed(context, parameter, use))
    else:
        tree = tree_for(context, parameter)
    return Argument(parameter.name, tree, positional=parameter.positional)


def _may_be_tensor(parameter: Parameter) -> bool:
    """Whether the annotation is a tensor, or a choice whose first is one."""
    return re.match(r"(?:[\w.]*(?:Union|Optional)\[)?(?:torch\.)?Tensor\b", parameter.annotation) is not None


def _is_listed(parameter: Parameter, use: Use) -> bool:
    if re.search(r"\b([Ll]ist|Sequence|Iterable)\b.*Tensor", parameter.annotation):
        return True
    named = any(pattern.search(parameter.name) for pattern, _ in BY_NAME)
    return use.listed > 0 and not named and "Tensor" not in parameter.annotation


def _listed(context: Context, parameter: Parameter, use: Use) -> list[Tree]:
    count = use.listed or 1
    found = branches(context.module)
    if count > 1 and len(found) >= count:
        return [tree_for(replace(context, entry=entry), parameter) for entry in found[:count]]
    return [tree_for(context, parameter) for _ in range(count)]


def later_forms(blueprint: Blueprint) -> Iterator[Blueprint]:
    """Other forms of a guess whose own ones have failed: a picture, and the input in a list of one and of two."""
    head = blueprint[0].tree if blueprint else None
    if isinstance(head, Slot) and head.dtype.startswith("float") and len(head.shape) < 4:
        yield (replace(blueprint[0], tree=Slot((1, 3, 224, 224), head.dtype, free=(2, 3))), *blueprint[1:])
    for count in (1, 2):
        yield tuple(
            replace(item, tree=[item.tree] * count) if position == 0 else item
            for position, item in enumerate(blueprint)
        )


def all_guesses(module: nn.Module) -> Iterator[Blueprint]:
    """The guesses, then the likeliest one in other forms."""
    first: list[Blueprint] = []
    weight = next((item for item in module.parameters() if item.dtype.is_floating_point), None)
    dtype = "float32" if weight is None else str(weight.dtype).removeprefix("torch.")

    def as_weights(slot: Slot) -> Slot:
        return replace(slot, dtype=dtype) if slot.dtype == "float32" else slot

    for blueprint in (revised(item, as_weights) for item in guesses(module)):
        first = first or [blueprint]
        yield blueprint
    yield from chain.from_iterable(map(later_forms, first))
