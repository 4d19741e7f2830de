"""The inputs of `-i` options, fitted to a forward's signature."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

from torch import nn

from netadvise.capture.blueprint import Argument, Blueprint, Slot, Tree
from netadvise.capture.structure import Parameter, parameters_of
from netadvise.errors import UsageError
from netadvise.target import InputSpec


def given(module: nn.Module, specs: Sequence[InputSpec]) -> list[Blueprint]:
    """The readings of `-i` options: as they are, then with ids where no dtype was said.

    Raises `UsageError` when they do not fit forward's signature.
    """
    parameters, takes_more, takes_any = parameters_of(module)
    blueprint = tuple(_arguments(module, specs, parameters, takes_more, takes_any))
    _check_required(module, parameters, blueprint)
    undecided = {spec.name for spec in specs if not spec.dtype}
    readings = [blueprint]
    if undecided:
        as_ids = tuple(
            Argument(item.name, Slot(item.tree.shape, "int64", "ids"), item.positional)
            if isinstance(item.tree, Slot) and item.tree.dtype == "float32" and _is_undecided(item, specs)
            else item
            for item in blueprint
        )
        readings += [as_ids] if as_ids != blueprint else []
    return readings


def _is_undecided(argument: Argument, specs: Sequence[InputSpec]) -> bool:
    named = next((spec for spec in specs if spec.name == argument.name), None)
    return not named.dtype if named else any(not spec.dtype for spec in specs if not spec.name)


def _arguments(
    module: nn.Module, specs: Sequence[InputSpec], parameters: list[Parameter], takes_more: bool, takes_any: bool
) -> Iterator[Argument]:
    positional = [item.name for item in parameters if item.positional]
    unnamed = [spec for spec in specs if not spec.name]
    if len(unnamed) > len(positional) and not takes_more:
        raise UsageError(
            f"{len(unnamed)} inputs are given without a name, but {_forward(module)} takes {len(positional)}",
            hint=f"Its parameters: {', '.join(positional) or 'none'}.",
        )
    for position, spec in enumerate(unnamed):
        name = positional[position] if position < len(positional) else f"input{position}"
        yield Argument(name, _slot(module, spec, name))
    taken = set(positional[: len(unnamed)])
    places: dict[str, dict[tuple[str, ...], Slot]] = {}
    for spec in specs:
        if spec.name:
            name, *keys = spec.name.split(".")
            _check_name(module, name, spec, parameters, takes_any, taken)
            places.setdefault(name, {})[tuple(keys)] = _slot(module, spec, keys[-1] if keys else name)
    for name, found in places.items():
        yield Argument(name, _nested(name, found), positional=False)


def _forward(module: nn.Module) -> str:
    return f"the forward of {type(module).__name__}"


def _check_name(
    module: nn.Module, name: str, spec: InputSpec, parameters: list[Parameter], takes_any: bool, taken: set[str]
) -> None:
    names = [item.name for item in parameters]
    if name in taken:
        raise UsageError(f"the input {name!r} is given twice: by name and by position")
    if name in names or takes_any:
        return
    near = get_close_matches(name, names, n=1)
    meant = f"Did you mean {near[0]}? " if near else ""
    inside = f" A key of a dict input: -i {names[0]}.{name}=..." if names else ""
    hint = f"{meant}Its parameters: {', '.join(names) or 'none'}.{inside}"
    raise UsageError(f"{_forward(module)} has no parameter {name!r}", hint=hint)


def _check_required(module: nn.Module, parameters: list[Parameter], blueprint: Blueprint) -> None:
    given = {item.name for item in blueprint}
    missing = [item.name for item in parameters if item.required and item.name not in given]
    if missing:
        raise UsageError(
            f"{_forward(module)} also requires {', '.join(missing)}",
            hint="Give each one: " + " ".join(f"-i {name}=SIZES" for name in missing),
        )


def _nested(name: str, found: dict[tuple[str, ...], Slot]) -> Tree:
    """`batch.image` and `batch.mask` as a dict, `frames.0` and `frames.1` as a list."""
    if () in found:
        if len(found) > 1:
            raise UsageError(f"the input {name!r} is given both as a tensor and by its parts")
        return found[()]
    groups: dict[str, dict[tuple[str, ...], Slot]] = {}
    for (first, *rest), slot in found.items():
        groups.setdefault(first, {})[tuple(rest)] = slot
    parts = {key: _nested(f"{name}.{key}", inner) for key, inner in groups.items()}
    if all(key.isdigit() for key in parts):
        return [parts[key] for key in sorted(parts, key=int)]
    return parts


def _slot(module: nn.Module, spec: InputSpec, name: str) -> Slot:
    dtype = spec.dtype or _default_dtype(module, name)
    whole = dtype.startswith(("int", "uint"))
    fill = "ones" if "mask" in name or dtype == "bool" else ("ids" if whole else "plain")
    return Slot(spec.shape, dtype, fill)  # type: ignore[arg-type]


def _default_dtype(module: nn.Module, name: str) -> str:
    if "mask" in name:
        return "int64" if hasattr(module, "config") else "bool"
    if name.endswith(("ids", "tokens", "idx", "indices", "lengths")) or (name in ("src", "tgt") and _embeds(module)):
        return "int64"
    weight = next((item for item in module.parameters() if item.dtype.is_floating_point), None)
    return "float32" if weight is None else str(weight.dtype).removeprefix("torch.")


def _embeds(module: nn.Module) -> bool:
    return any(isinstance(item, nn.Embedding) for item in module.modules())
