"""What a probe trains on: `--data` as examples for training, validation and testing.

    data.py:load, package.module:load   a Python target: data sets, arrays, or a function that returns them
    digits.npz                          arrays called x and y, or x_train, y_train, x_val, y_val
    photos/                             pictures in a folder for each class, or in train/ and val/
    table.csv                           numeric columns, and a target column

Validation examples choose the early stop and carry the verdict, so a set that has none is split, always alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from netadvise.errors import UsageError
from netadvise.probe.data_checks import check_parts, missing_file
from netadvise.probe.data_content import duplicates, fingerprint
from netadvise.probe.data_csv import read_csv
from netadvise.probe.data_examples import Batch, Examples, leaves, shape_words
from netadvise.probe.data_images import read_images
from netadvise.probe.data_npz import read_npz
from netadvise.probe.data_parts import Parts, Wanted, divided
from netadvise.probe.data_python import read_python

__all__ = ["Batch", "Data", "Examples", "duplicates", "load_data"]


@dataclass(frozen=True, slots=True)
class Data:
    """Examples to train on, to choose the stop by, and (when given) to test on."""

    train: Examples
    validation: Examples
    test: Examples | None
    description: str
    """One line: "data.py:load: 400 training and 300 validation examples of 1x8x8 float32"."""
    fingerprint: str
    """SHA-256 of the content: whole arrays; of data sets, the length and up to 64 items."""
    notes: tuple[str, ...]
    """What was inferred, converted or divided."""


def load_data(
    text: str,
    resolve: Callable[[str], Any],
    *,
    validation_share: float = 0.25,
    seed: int = 0,
    like: tuple[int, ...] | None = None,
    like_dtype: str | None = None,
    image_size: int | tuple[int, int] | None = None,
) -> Data:
    """The data that `text` names.

    `resolve` imports "file.py:name" or "package.module:name". `like` and `like_dtype` ("float32") are the shape
    without batch and the dtype of the model's first input. `validation_share` and `seed` decide the split of a set
    that has no validation part. `image_size` is a side, or (height, width), in pixels.

    Raises `UsageError` for what is no data, or bad data; `TargetError` where the user's code raises.
    """
    wanted = Wanted(validation_share, seed, like, like_dtype, image_size)
    parts = check_parts(divided(_read(text, resolve, wanted), text, wanted), text)
    assert parts.validation is not None
    return Data(
        train=parts.train,
        validation=parts.validation,
        test=parts.test,
        description=_description(text, parts),
        fingerprint=fingerprint(parts.train, parts.validation, parts.test),
        notes=parts.notes,
    )


def _read(text: str, resolve: Callable[[str], Any], wanted: Wanted) -> Parts:
    path = Path(text)
    if path.suffix == ".py":
        parts = read_python(f"{text}:load", resolve, wanted)
        return replace(parts, notes=(f"took {text}:load", *parts.notes))
    if not path.exists() and _PYTHON.fullmatch(text):
        return read_python(text, resolve, wanted)
    if path.is_dir():
        return read_images(path, wanted)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise missing_file(text) if not path.exists() else UsageError(f"{text} is no kind of data", hint=_KINDS)
    if not path.exists():
        raise missing_file(text)
    return reader(path, wanted)


_PYTHON = re.compile(r"[^:]+:[A-Za-z_]\w*[^/\\]*")
"""A source and a name in it."""
_READERS: dict[str, Callable[[Path, Wanted], Parts]] = {".npz": read_npz, ".csv": read_csv, ".tsv": read_csv}
_KINDS = "Give a Python target (data.py:load), an .npz, a .csv, or a folder with a folder of pictures for each class."


def _description(text: str, parts: Parts) -> str:
    assert parts.validation is not None
    batch = parts.train.batch([0])
    inputs = [leaf for _, leaf in leaves((*batch.inputs, batch.kwargs))]
    sizes = f"{len(parts.train)} training and {len(parts.validation)} validation"
    if parts.test is not None:
        sizes = f"{len(parts.train)} training, {len(parts.validation)} validation and {len(parts.test)} test"
    return f"{text}: {sizes} examples of {' and '.join(map(shape_words, inputs))}"
