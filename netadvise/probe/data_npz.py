"""Arrays in an .npz file, under the names that people give them. Nothing in the file is unpickled."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from netadvise.errors import UsageError
from netadvise.probe.data_examples import Examples
from netadvise.probe.data_parts import Parts, Wanted
from netadvise.probe.data_tensors import adapted, pair

_INPUTS = ("x", "images", "image", "inputs", "input", "features", "data")
_TARGETS = ("y", "labels", "label", "targets", "target")
_PARTS = (("train", "training", "tr"), ("val", "valid", "validation", "dev"), ("test", "testing", "te"))


def read_npz(path: Path, wanted: Wanted) -> Parts:
    """x and y, or x_train, y_train, x_val, y_val, x_test, y_test, as well as train_x, images, labels and their like.

    Raises `UsageError` for a damaged file, other names, object arrays, and lengths that differ.
    """
    arrays = _arrays(path)
    keys = {key.lower().replace("-", "_"): key for key in arrays}
    taken: set[str] = set()
    read: list[Examples | None] = [_part(arrays, keys, names, str(path), taken) for names in _PARTS]
    if read[0] is None:
        read[0] = _part(arrays, keys, ("",), str(path), taken)
    if read[0] is None:
        raise UsageError(
            f"{path} holds the arrays {_listed(arrays)}, and none of them can be taken for training data",
            hint="Call them x and y, or x_train, y_train, x_val, y_val (and x_test, y_test).",
        )
    unused = [key for key in arrays if key not in taken]
    notes = (f"{path} also holds {_listed(unused)}, which are not used",) if unused else ()
    return adapted(Parts(read[0], read[1], read[2], notes), wanted)


def _arrays(path: Path) -> dict[str, np.ndarray[Any, Any]]:
    try:
        with np.load(path, allow_pickle=False) as file:
            return {key: _array(file, key, path) for key in file.files}
    except (OSError, zipfile.BadZipFile, EOFError, AttributeError) as error:
        raise UsageError(f"{path} cannot be read as an .npz file: {error}") from None
    except ValueError as error:
        raise UsageError(
            f"{path} is no .npz file: {error}", hint="Write it with numpy.savez(path, x=x, y=y)."
        ) from None


def _array(file: Mapping[str, np.ndarray[Any, Any]], key: str, path: Path) -> np.ndarray[Any, Any]:
    try:
        return file[key]
    except ValueError as error:
        raise UsageError(
            f"{path}: the array {key} cannot be read: {error}",
            hint="Object arrays are pickles, which can run code, and are not loaded; store plain numbers.",
        ) from None


def _part(
    arrays: dict[str, np.ndarray[Any, Any]], keys: dict[str, str], names: tuple[str, ...], shown: str, taken: set[str]
) -> Examples | None:
    x, y = _find(keys, _INPUTS, names), _find(keys, _TARGETS, names)
    if x is None and y is None:
        return None
    if x is None or y is None:
        there, lacking = (y, _INPUTS[0]) if x is None else (x, _TARGETS[0])
        raise UsageError(
            f"{shown} holds {there}, and no {lacking} to go with it; there is {_listed(arrays)}",
            hint="Call them x and y, or x_train, y_train, x_val, y_val (and x_test, y_test).",
        )
    taken.update((x, y))
    return pair(arrays[x], arrays[y], f"{shown} ({x}, {y})")


def _find(keys: dict[str, str], values: tuple[str, ...], parts: tuple[str, ...]) -> str | None:
    """The array of that kind and part, in any of their spellings: "x_train", "train_x", "xtrain", "X"."""
    for value in values:
        for part in parts:
            spellings = (f"{value}_{part}", f"{part}_{value}", f"{value}{part}", f"{part}{value}")
            found = next((keys[name] for name in spellings if name in keys), None)
            if found is not None:
                return found
    return None


def _listed(names: Any) -> str:
    return ", ".join(names) or "nothing"
