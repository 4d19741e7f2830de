"""What a model's first layers, and the signature of its forward, say about its inputs."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from torch import nn
from torch.nn.parameter import UninitializedParameter

EntryKind = Literal["image", "latent", "features", "sequence", "ids", "channels"]


@dataclass(frozen=True)
class Parameter:
    """One parameter of forward."""

    name: str
    required: bool
    annotation: str = ""
    positional: bool = True


@dataclass(frozen=True)
class Entry:
    """What one layer accepts: `channels` or features, over `rank` spatial axes."""

    kind: EntryKind
    channels: int
    rank: int = 0
    batch_first: bool = True
    path: str = ""


def parameters_of(module: nn.Module) -> tuple[list[Parameter], bool, bool]:
    """The parameters of forward, and whether it also takes `*args` and `**kwargs`."""
    try:
        signature = inspect.signature(module.forward)
    except (TypeError, ValueError, NameError):
        return [], True, True
    items = list(signature.parameters.values())
    found = [
        Parameter(
            item.name,
            item.default is item.empty,
            "" if item.annotation is item.empty else _annotation(item.annotation),
            item.kind is not item.KEYWORD_ONLY,
        )
        for item in items
        if item.kind not in (item.VAR_POSITIONAL, item.VAR_KEYWORD)
    ]
    kinds = {item.kind for item in items}
    return found, inspect.Parameter.VAR_POSITIONAL in kinds, inspect.Parameter.VAR_KEYWORD in kinds


def _annotation(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)


def entries(module: nn.Module) -> list[Entry]:
    """What the layers accept, in the order of definition, without repetitions."""
    found: dict[tuple[Any, ...], Entry] = {}
    read = [(path, each, _reader(each)) for path, each in module.named_modules()]
    layers = [replace(reader(each), path=path) for path, each, reader in read if reader is not None]
    loose = [entry for path, each, reader in read if reader is None for entry in _from_weights(each, path)]
    sequences = [entry for entry in layers if entry.kind == "sequence"]
    time_first = bool(sequences) and not any(entry.batch_first for entry in sequences)
    for entry in (*layers, *loose):
        if entry.kind == "ids" and time_first:
            entry = replace(entry, batch_first=False)
        found.setdefault((entry.kind, entry.channels, entry.rank, entry.batch_first), entry)
    return list(found.values())


def branches(module: nn.Module) -> list[Entry]:
    """The first entry of each child that has one: what parallel inputs may go to."""
    return [first[0] for child, each in module.named_children() if (first := _prefixed(child, entries(each)))]


def _prefixed(child: str, found: list[Entry]) -> list[Entry]:
    return [replace(item, path=f"{child}.{item.path}") for item in found[:1]]


def _reader(module: nn.Module) -> Callable[[Any], Entry] | None:
    return next((_READERS[base] for base in type(module).__mro__ if base in _READERS), None)


def _from_weights(module: nn.Module, path: str) -> Iterator[Entry]:
    """Weights that a forward uses through functions: [out, in, k...] and [out, in]."""
    for name, weight in module.named_parameters(recurse=False):
        if isinstance(weight, UninitializedParameter) or weight.dim() < 2 or weight.shape[0] == 1:
            continue
        if weight.dim() in (3, 4, 5) and max(weight.shape[2:]) <= 16:
            yield Entry("image", weight.shape[1], weight.dim() - 2, path=f"{path}.{name}")
        if weight.dim() == 2:
            yield Entry("features", weight.shape[1], path=path)
            yield Entry("features", weight.shape[0], path=path)


def _conv(rank: int) -> Callable[[Any], Entry]:
    return lambda layer: Entry("image", layer.in_channels or (3 if rank == 2 else 1), rank)


def _transposed(rank: int) -> Callable[[Any], Entry]:
    return lambda layer: Entry("latent", layer.in_channels or 64, rank)


def _norm(rank: int) -> Callable[[Any], Entry]:
    return lambda layer: Entry("image" if rank else "channels", layer.num_features or 3, rank)


def _rnn(layer: Any) -> Entry:
    return Entry("sequence", layer.input_size, batch_first=layer.batch_first)


_READERS: dict[type, Callable[[Any], Entry]] = {
    nn.Conv1d: _conv(1),
    nn.Conv2d: _conv(2),
    nn.Conv3d: _conv(3),
    nn.ConvTranspose1d: _transposed(1),
    nn.ConvTranspose2d: _transposed(2),
    nn.ConvTranspose3d: _transposed(3),
    nn.BatchNorm1d: _norm(0),
    nn.BatchNorm2d: _norm(2),
    nn.BatchNorm3d: _norm(3),
    nn.InstanceNorm1d: _norm(1),
    nn.InstanceNorm2d: _norm(2),
    nn.InstanceNorm3d: _norm(3),
    nn.Linear: lambda layer: Entry("features", layer.in_features or 64),
    nn.Bilinear: lambda layer: Entry("features", layer.in1_features),
    nn.LayerNorm: lambda layer: Entry("features", layer.normalized_shape[-1]),
    nn.GroupNorm: lambda layer: Entry("image", layer.num_channels, 2),
    nn.Embedding: lambda layer: Entry("ids", layer.num_embeddings),
    nn.EmbeddingBag: lambda layer: Entry("ids", layer.num_embeddings),
    nn.RNNBase: _rnn,
    nn.RNNCellBase: lambda layer: Entry("features", layer.input_size),
    nn.MultiheadAttention: lambda layer: Entry("sequence", layer.embed_dim, batch_first=layer.batch_first),
}


@dataclass(frozen=True)
class Use:
    """How the text of forward treats a parameter."""

    keys: tuple[str, ...] = ()
    """The string keys it is subscripted with, in order."""
    listed: int = 0
    """How many elements it must have if it is a list; 0: it is not used as one."""


def use_of(module: nn.Module, parameter: str) -> Use:
    """How forward's own source uses a parameter: as a dict, as a list, or (all empty) as one tensor."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(type(module).forward))))
    except (OSError, TypeError, SyntaxError, ValueError, IndentationError):
        return Use()
    keys: dict[str, None] = {}
    listed = 0
    for node in sorted(ast.walk(tree), key=lambda node: (getattr(node, "lineno", 0), getattr(node, "col_offset", 0))):
        key = _key(node, parameter)
        if isinstance(key, str):
            keys.setdefault(key)
        elif isinstance(node, ast.Assign):
            listed = max(listed, _unpacked(node, parameter))
        elif isinstance(node, ast.For | ast.comprehension) and _reads(node.iter, parameter):
            listed = max(listed, 1)
    return Use(tuple(keys), listed)


def _key(node: ast.AST, parameter: str) -> Any:
    """The constant in `parameter[constant]` or `parameter.get(constant)`."""
    key: ast.AST | None = None
    if isinstance(node, ast.Subscript) and _is_name(node.value, parameter):
        key = node.slice
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop"):
        key = node.args[0] if _is_name(node.func.value, parameter) and node.args else None
    return key.value if isinstance(key, ast.Constant) else None


def _unpacked(node: ast.Assign, parameter: str) -> int:
    target = node.targets[0]
    return len(target.elts) if isinstance(target, ast.Tuple) and _is_name(node.value, parameter) else 0


def _reads(node: ast.AST, parameter: str) -> bool:
    """`parameter`, `enumerate(parameter)`, `zip(parameter, ...)`, `reversed(parameter)`."""
    if isinstance(node, ast.Call):
        return any(_is_name(item, parameter) for item in node.args)
    return _is_name(node, parameter)


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name
