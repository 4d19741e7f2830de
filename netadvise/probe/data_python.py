"""Data sets and arrays that a Python target gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset, IterableDataset, Subset, TensorDataset, default_collate

from netadvise.errors import UsageError
from netadvise.probe.data_errors import user_code
from netadvise.probe.data_examples import TARGET_KEYS, DatasetExamples, Examples, TensorExamples
from netadvise.probe.data_parts import Parts, Wanted
from netadvise.probe.data_tensors import adapted, is_array, pair, same_length, tensor_of, tree_of

_NAMES = (
    ("train", "training"),
    ("validation", "val", "valid", "dev"),
    ("test", "testing"),
)
_HINT = (
    "Return (train, validation), or (train, validation, test); each a data set, (x, y), ((x1, x2), y), ({name: x}, y), "
    "or a list of (x, y) items."
)


def read_python(text: str, resolve: Callable[[str], Any], wanted: Wanted) -> Parts:
    """What `text` names, called when it can be; raises `UsageError`, and `TargetError` where the user's code raises."""
    with user_code(f"importing {text}"):
        found = resolve(text)
    if callable(found) and not hasattr(type(found), "__getitem__"):
        with user_code(f"calling {text}", hint="It is called without arguments."):
            found = found()
    notes: list[str] = []
    train, validation, test = _splits(found, text)
    read = [
        None if part is None else _examples(part, f"{text} ({name})", notes)
        for part, name in ((train, "training part"), (validation, "validation part"), (test, "test part"))
    ]
    assert read[0] is not None
    return adapted(Parts(read[0], read[1], read[2], tuple(dict.fromkeys(notes))), wanted)


def _splits(found: Any, text: str) -> tuple[Any, Any, Any]:
    """Training, validation and test part; None for what there is not."""
    if found is None:
        raise UsageError(f"{text} returned None", hint=_HINT)
    if hasattr(found, "train_dataloader") and hasattr(found, "val_dataloader"):
        return _data_module(found, text)
    if isinstance(found, Mapping):
        return _by_name(found, text)
    if _is_dataset(found) or _is_item_list(found):
        return found, None, None
    if not isinstance(found, (tuple, list)):
        raise UsageError(f"{text} gives a {type(found).__name__}, which is no data", hint=_HINT)
    if len(found) not in (2, 3):
        raise UsageError(f"{text} gives {len(found)} values: {_kinds(found)}", hint=_HINT)
    return _of_few(found, text)


def _by_name(found: Mapping[Any, Any], text: str) -> tuple[Any, Any, Any]:
    train, validation, test = (next((found[name] for name in names if name in found), None) for names in _NAMES)
    if train is None:
        raise UsageError(f"{text} gives a dict with the keys {_listed(found)}, and none is 'train'", hint=_HINT)
    return train, validation, test


def _of_few(found: Any, text: str) -> tuple[Any, Any, Any]:
    if all(part is None or _is_part(part) for part in found):
        if found[0] is None:
            raise UsageError(f"{text} gives None for the training part", hint=_HINT)
        return found[0], found[1], found[2] if len(found) == 3 else None
    if len(found) == 2 and found[1] is not None:
        return tuple(found), None, None
    raise UsageError(f"{text} gives {len(found)} values: {_kinds(found)}", hint=_HINT)


def _data_module(module: Any, text: str) -> tuple[Any, Any, Any]:
    """The data sets of a LightningDataModule, set up as for fitting."""
    with user_code(f"setting up the data module of {text}"):
        module.prepare_data()
        module.setup("fit")
        return module.train_dataloader(), module.val_dataloader(), None


def _is_dataset(value: Any) -> bool:
    """Whether a value is a data set, or a loader of one; such classes need not inherit from torch's."""
    if isinstance(value, (Dataset, DataLoader)):
        return True
    plain = isinstance(value, (tuple, list, Mapping, str)) or is_array(value)
    return not plain and hasattr(type(value), "__getitem__") and hasattr(type(value), "__len__")


def _is_part(value: Any) -> bool:
    if _is_dataset(value) or _is_item_list(value):
        return True
    pair_like = isinstance(value, (tuple, list)) and len(value) == 2
    return pair_like and not all(_is_number(each) for each in value) and not _is_rows(value)


def _is_rows(value: Any) -> bool:
    """Whether two values are rows of numbers, or two inputs, and not inputs with their targets."""
    return isinstance(value, list) and all(isinstance(row, list) and all(map(_is_number, row)) for row in value)


def _is_item_list(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return all(map(_is_item, value)) and (len(value) > 3 or not all(map(_may_be_part, value)))


def _is_item(value: Any) -> bool:
    """Whether a value may be one example: (x, y), or a dict with a target."""
    if isinstance(value, Mapping):
        return any(key in value for key in TARGET_KEYS)
    return isinstance(value, tuple) and len(value) > 1 and not any(map(_is_dataset, value))


def _may_be_part(value: Any) -> bool:
    """Whether a pair may as well be arrays of many examples: the training part of a list of parts."""
    if not isinstance(value, tuple) or not all(is_array(each) and each.ndim for each in value):
        return False
    return len({len(each) for each in value}) == 1


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) or (hasattr(value, "dtype") and getattr(value, "ndim", 1) == 0)


def _examples(part: Any, shown: str, notes: list[str]) -> Examples:
    if isinstance(part, IterableDataset) or isinstance(getattr(part, "dataset", None), IterableDataset):
        raise UsageError(
            f"{shown} is an iterable data set: its examples cannot be fetched by index, as paired runs need",
            hint="Return a map-style data set (with __getitem__ and __len__), or the first examples as arrays.",
        )
    collate: Callable[[list[Any]], Any] = default_collate
    if isinstance(part, DataLoader):
        notes.append("a DataLoader was taken for its data set: its batch size and its sampler are not used")
        collate, part = part.collate_fn, part.dataset
    if isinstance(part, (list, tuple)) and not _is_item_list(part):
        return pair(part[0], part[1], shown)
    if isinstance(part, list):
        return _stacked_items(part, shown)
    if not _is_dataset(part):
        raise UsageError(f"{shown} is a {type(part).__name__}, which is no data set", hint=_HINT)
    tensors = _tensors_of(part) if collate is default_collate else None
    if tensors is not None:
        last = len(tensors) - 1
        return TensorExamples(
            tuple(tensor_of(each, shown, is_target=0 < last == at) for at, each in enumerate(tensors))
        )
    with user_code(f"asking {shown} for its length"):
        return DatasetExamples(part, shown, collate)


def _tensors_of(dataset: Any) -> tuple[torch.Tensor, ...] | None:
    """The tensors of a `TensorDataset`, or of a part of one: a slice of them is faster than item after item."""
    if type(dataset) is TensorDataset:
        return dataset.tensors
    if type(dataset) is Subset:
        whole = _tensors_of(dataset.dataset)
        chosen = torch.as_tensor(list(dataset.indices), dtype=torch.int64)
        return None if whole is None else tuple(tensor[chosen] for tensor in whole)
    return None


def _stacked_items(items: list[Any], shown: str) -> Examples:
    if isinstance(items[0], Mapping):
        columns = {key: [item[key] for item in items] for key in items[0]}
        tree = tree_of(columns, shown, is_target=True)
        same_length(tree, (), shown)
        return TensorExamples(tree)
    odd = next((at for at, item in enumerate(items) if len(item) != len(items[0])), None)
    if odd is not None:
        raise UsageError(f"{shown}: item 0 has {len(items[0])} values, item {odd} has {len(items[odd])}")
    inputs = [item[0] if len(item) == 2 else tuple(item[:-1]) for item in items]
    return pair(_columns(inputs), [item[-1] for item in items], shown)


def _columns(values: list[Any]) -> Any:
    first = values[0]
    if isinstance(first, Mapping):
        return {key: _columns([value[key] for value in values]) for key in first}
    if isinstance(first, tuple) and any(is_array(each) for each in first):
        return tuple(_columns(list(column)) for column in zip(*values, strict=True))
    return values


def _listed(found: Mapping[Any, Any]) -> str:
    return ", ".join(map(repr, found)) or "(no keys)"


def _kinds(found: Any) -> str:
    names = [f"{type(each).__name__} {tuple(each.shape)}" if is_array(each) else type(each).__name__ for each in found]
    return ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")
