"""Pictures in a folder for each class. They are kept as bytes, and become float32 in [0, 1] when a batch is drawn."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from netadvise.errors import UsageError
from netadvise.probe.data_examples import TensorExamples
from netadvise.probe.data_parts import Parts, Wanted
from netadvise.probe.data_tensors import adapted

SUFFIXES = frozenset(".png .jpg .jpeg .bmp .gif .webp .tif .tiff .ppm .pgm".split())
_MOST_BYTES = 4 * 2**30
_PARTS = (("train", "training"), ("val", "valid", "validation", "dev"), ("test", "testing"))
_MODES = {1: "L", 3: "RGB", 4: "RGBA"}
_GREY = frozenset({"1", "L"})
_DEEP = ("I", "F")
"""Modes of more than 8 bits begin so; converting them to bytes would cut the values off."""


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    label: int


def read_images(folder: Path, wanted: Wanted) -> Parts:
    """The classes are the folders' names in alphabetical order; with train/ and val/, those of train/ and others.

    Raises `UsageError` for a folder without classes, pictures that cannot be read (which it names), more than 4 GiB.
    """
    folders = [_subfolder(folder, names) for names in _PARTS]
    if folders[0] is None:
        folders = [folder, None, None]
    roots = [root for root in folders if root is not None]
    classes = sorted({each.name for root in roots for each in _subfolders(root)})
    if not classes:
        raise UsageError(f"{folder} has no folder for each class", hint="Order it as class/picture.png.")
    files = [None if root is None else _files(root, classes) for root in folders]
    every = [file for part in files for file in part or ()]
    if not every:
        raise UsageError(f"the folders of {folder} hold no pictures ({', '.join(sorted(SUFFIXES))})")
    size, mode, notes = _format(folder, every, wanted)
    read = [None if part is None else _examples(part, size, mode) for part in files]
    if read[0] is None:
        raise UsageError(f"{folder} has no training part")
    listed = ", ".join(classes[:8]) + (", ..." if len(classes) > 8 else "")
    return adapted(Parts(read[0], read[1], read[2], (f"{len(classes)} classes: {listed}", *notes)), wanted)


def _subfolder(folder: Path, names: tuple[str, ...]) -> Path | None:
    there = {each.name.lower(): each for each in _subfolders(folder)}
    return next((there[name] for name in names if name in there), None)


def _subfolders(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if each.is_dir() and not each.name.startswith((".", "__")))


def _files(root: Path, classes: list[str]) -> list[_File]:
    found = []
    for label, name in enumerate(classes):
        under = (root / name).rglob("*") if (root / name).is_dir() else ()
        found += [_File(path, label) for path in sorted(under) if path.suffix.lower() in SUFFIXES and path.is_file()]
    return found


def _format(folder: Path, files: list[_File], wanted: Wanted) -> tuple[tuple[int, int], str, list[str]]:
    """Height and width, and Pillow's mode, that all pictures are brought to."""
    sizes, modes = _headers(folder, files)
    notes: list[str] = []
    size, reason = sizes.most_common(1)[0][0], "the most common size"
    if wanted.image_size is not None:
        side = wanted.image_size
        size, reason = (side, side) if isinstance(side, int) else side, "as asked"
    odd = sum(count for each, count in sizes.items() if each != size)
    if odd:
        notes.append(f"{odd} of {len(files)} pictures were resized to {size[0]}x{size[1]} ({reason})")
    channels = wanted.like[0] if wanted.like and len(wanted.like) == 3 else None
    mode = _MODES.get(channels or 0) or ("L" if set(modes) <= _GREY else "RGB")
    others = sum(count for each, count in modes.items() if each != mode)
    if others:
        notes.append(f"{others} of {len(files)} pictures were converted to {mode}")
    count = len(files) * size[0] * size[1] * len(mode)
    if count > _MOST_BYTES:
        raise UsageError(
            f"{folder}: {len(files)} pictures of {size[0]}x{size[1]} take {count / 2**30:.1f} GiB, more than 4",
            hint="Give a smaller image size, or a Python target that returns a data set.",
        )
    return size, mode, notes


def _headers(folder: Path, files: list[_File]) -> tuple[Counter[tuple[int, int]], Counter[str]]:
    sizes: Counter[tuple[int, int]] = Counter()
    modes: Counter[str] = Counter()
    bad: list[str] = []
    for file in files:
        try:
            with _pillow().open(file.path) as picture:
                sizes[(picture.height, picture.width)] += 1
                modes[picture.mode] += 1
        except (OSError, SyntaxError, ValueError) as error:
            bad.append(f"{file.path}: {_reason(error)}")
    _refuse(bad)
    deep = [mode for mode in modes if mode.startswith(_DEEP)]
    if deep:
        raise UsageError(
            f"{folder}: {sum(modes[mode] for mode in deep)} pictures have more than 8 bits a channel ({deep[0]})",
            hint="Give a Python target that reads them and scales them as they need.",
        )
    return sizes, modes


def _examples(files: list[_File], size: tuple[int, int], mode: str) -> TensorExamples:
    pictures = torch.zeros(len(files), len(mode), *size, dtype=torch.uint8)
    bad: list[str] = []
    for at, file in enumerate(files):
        try:
            pictures[at] = _pixels(file.path, size, mode)
        except (OSError, SyntaxError, ValueError) as error:
            bad.append(f"{file.path}: {_reason(error)}")
    _refuse(bad)
    return TensorExamples((pictures, torch.tensor([file.label for file in files], dtype=torch.int64)))


def _pixels(path: Path, size: tuple[int, int], mode: str) -> Tensor:
    """One picture as bytes, CHW."""
    with _pillow().open(path) as picture:
        converted = picture.convert(mode)
    if converted.size != (size[1], size[0]):
        converted = converted.resize((size[1], size[0]), _pillow().Resampling.BILINEAR)
    pixels = np.array(converted, dtype=np.uint8)
    return torch.from_numpy(pixels.reshape(*size, len(mode))).permute(2, 0, 1)


def _refuse(bad: list[str]) -> None:
    if bad:
        more = (f"and {len(bad) - 5} more",) if len(bad) > 5 else ()
        what = "1 picture cannot be read" if len(bad) == 1 else f"{len(bad)} pictures cannot be read"
        raise UsageError(f"{what}: {bad[0]}", notes=(*bad[1:5], *more), hint="Repair them or take them out.")


def _reason(error: Exception) -> str:
    return str(error).partition(" '")[0].partition(" <")[0] or type(error).__name__


def _pillow() -> Any:
    try:
        from PIL import Image
    except ImportError:
        raise UsageError("reading pictures needs Pillow, which is not installed", hint="pip install pillow") from None
    return Image
