"""Arrays of any make as tensors that can be trained on, and their shape as the model's first input wants it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from netadvise.errors import UsageError
from netadvise.probe.data_examples import TensorExamples, as_batch, leaves
from netadvise.probe.data_parts import Parts, Wanted


def pair(x: Any, y: Any, shown: str) -> TensorExamples:
    """Examples of inputs `x` and targets `y`: arrays, tuples of arrays, or dicts of arrays, of one length.

    Floats become float32 and integers int64; pictures of bytes stay bytes until a batch is drawn. Raises `UsageError`.
    """
    if y is None:
        raise UsageError(f"{shown}: y is None", hint="Without targets, return TensorDataset(x), and a --train-step.")
    targets = tree_of(y, f"{shown}: y", is_target=True)
    inputs = tree_of(x, f"{shown}: x", is_target=False)
    same_length({f"x{_dotted(name)}": leaf for name, leaf in leaves(inputs)}, targets, shown)
    return TensorExamples((inputs, targets))


def _dotted(name: str) -> str:
    return f"[{name}]" if name else ""


def same_length(inputs: Mapping[str, Tensor], targets: Any, shown: str) -> None:
    """Raise `UsageError` unless all of them have as many examples."""
    named = {**inputs, **{f"y{_dotted(name)}": leaf for name, leaf in leaves(targets)}}
    lengths = {name: len(leaf) for name, leaf in named.items()}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise UsageError(f"{shown}: inputs and targets differ in length: {told}")


def tree_of(value: Any, shown: str, *, is_target: bool) -> Any:
    """Arrays, or a tuple or dict of arrays, as tensors."""
    if isinstance(value, Mapping):
        return {key: tree_of(each, f"{shown}[{key!r}]", is_target=is_target) for key, each in value.items()}
    if isinstance(value, tuple) and any(is_array(each) and each.ndim for each in value):
        return tuple(tree_of(each, f"{shown}[{at}]", is_target=is_target) for at, each in enumerate(value))
    return tensor_of(value, shown, is_target=is_target)


def is_array(value: Any) -> bool:
    """Whether a value is a tensor, an array, or a table that can be made one."""
    return isinstance(value, (Tensor, np.ndarray)) or (hasattr(value, "to_numpy") and hasattr(value, "ndim"))


def tensor_of(value: Any, shown: str, *, is_target: bool) -> Tensor:
    """One array as a tensor [n, ...]; raises `UsageError` for what holds no numbers, or rows of unequal shape."""
    tensor = value if isinstance(value, Tensor) else _stacked(value, shown)
    tensor = tensor.detach().cpu()
    if tensor.layout is not torch.strided:
        tensor = tensor.to_dense()
    if not tensor.dim():
        raise UsageError(f"{shown} is a single number ({tensor.item()}), not an array of examples")
    if tensor.is_floating_point():
        return tensor.float().contiguous()
    pictures = tensor.dtype == torch.uint8 and tensor.dim() > 2 and not is_target
    as_it_is = pictures or tensor.dtype in (torch.bool, torch.int64) or tensor.is_complex()
    return (tensor if as_it_is else tensor.long()).contiguous()


def _stacked(value: Any, shown: str) -> Tensor:
    if isinstance(value, (list, tuple)) and value and all(isinstance(each, Tensor) for each in value):
        _same_shapes([tuple(each.shape) for each in value], shown)
        return torch.stack(list(value))
    if isinstance(value, (list, tuple)) and value and all(is_array(each) for each in value):
        _same_shapes([tuple(each.shape) for each in value], shown)
    array = _array(value, shown)
    if array.dtype.kind not in "fiubc":
        raise UsageError(_no_numbers(array, shown), hint="Give numbers: classes as integers from 0.")
    if array.dtype.kind == "u" and array.dtype.itemsize > 1:
        array = array.astype(np.int64)
    array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
    return torch.from_numpy(array if array.flags.writeable else array.copy())


def _array(value: Any, shown: str) -> np.ndarray[Any, Any]:
    if hasattr(value, "to_numpy"):
        return np.asarray(value.to_numpy())
    if isinstance(value, (str, bytes)) or not hasattr(value, "__len__"):
        raise UsageError(f"{shown} is a {type(value).__name__}, not an array")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return np.asarray(value)
    except (ValueError, TypeError, Warning) as error:
        _same_shapes([np.shape(each) for each in value if np.ndim(each) >= 0], shown)
        raise UsageError(f"{shown} cannot be made an array: {error}") from None


def _same_shapes(shapes: list[tuple[int, ...]], shown: str) -> None:
    odd = next((at for at, shape in enumerate(shapes) if shape != shapes[0]), None)
    if odd is None:
        return
    found = f"item 0 has the shape {shapes[0]}, item {odd} has {shapes[odd]}"
    raise UsageError(
        f"{shown} holds items of unequal shape: {found}",
        hint="Pad or crop them, or return a DataLoader with a collate_fn that does.",
    )


def _no_numbers(array: np.ndarray[Any, Any], shown: str) -> str:
    first = array.reshape(-1)[0] if array.size else None
    example = "" if first is None else f", the first of which is a {type(first).__name__}"
    return f"{shown} is an array of {array.dtype} values{example}: it holds no numbers"


def adapted(parts: Parts, wanted: Wanted) -> Parts:
    """The parts with the first input in the shape and dtype that the model was recorded with, where that is certain."""
    notes: list[str] = []
    done = [_adapted(part, wanted, notes) for part in (parts.train, parts.validation, parts.test)]
    train, validation, test = done
    assert train is not None
    unique = tuple(dict.fromkeys(notes))
    return replace(parts, train=train, validation=validation, test=test, notes=(*parts.notes, *unique))


def _adapted(part: Any, wanted: Wanted, notes: list[str]) -> Any:
    if not isinstance(part, TensorExamples) or not isinstance(part.tree, (tuple, list, dict)):
        return part
    batch = as_batch(part.tree) if len(part) else None
    first = next(iter(leaves(part.tree)), None)
    if batch is None or first is None or not (batch.inputs or batch.kwargs):
        return part
    fitted = _fitted(first[1], wanted, notes)
    return part if fitted is first[1] else TensorExamples(_with_first(part.tree, fitted))


def _fitted(first: Tensor, wanted: Wanted, notes: list[str]) -> Tensor:
    if wanted.like is not None:
        first = _reshaped(first, wanted.like, notes)
    integer = not first.is_floating_point() and first.dtype not in (torch.uint8, torch.bool)
    if wanted.like_dtype and wanted.like_dtype.startswith(("float", "bfloat")) and integer:
        notes.append(f"integer inputs were made float32, because the model's first input is {wanted.like_dtype}")
        return first.float()
    if first.dtype == torch.uint8:
        notes.append("inputs of bytes were divided by 255: float32 in [0, 1]")
    return first


def _reshaped(first: Tensor, like: tuple[int, ...], notes: list[str]) -> Tensor:
    """Axes of size 1 added or left out, flattened or unflattened, or channels moved to the front."""
    shape = tuple(first.shape[1:])
    if shape == like or first[:1].numel() != _product(like):
        return first
    told = f"{_times(shape)} to {_times(like)}, the model's first input"
    if len(shape) == 3 and like == (shape[2], *shape[:2]) and shape[2] > 1:
        notes.append(f"channels were moved to the front: {told}")
        return first.permute(0, 3, 1, 2).contiguous()
    squeezed = tuple(size for size in shape if size > 1)
    if squeezed == tuple(size for size in like if size > 1) or len(squeezed) == 1 or len(like) == 1:
        notes.append(f"inputs were reshaped from {told}")
        return first.reshape(len(first), *like)
    return first


def _product(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape, dtype=np.int64))


def _times(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "scalars"


def _with_first(tree: Any, leaf: Tensor) -> Any:
    """The tree with another first tensor."""
    if isinstance(tree, Tensor):
        return leaf
    if isinstance(tree, Mapping):
        key = next(iter(tree))
        return {**tree, key: _with_first(tree[key], leaf)}
    return (_with_first(tree[0], leaf), *tree[1:])
