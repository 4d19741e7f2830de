"""A table of numbers with a column to be predicted."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from netadvise.errors import UsageError
from netadvise.probe.data_examples import TensorExamples
from netadvise.probe.data_parts import Parts, Wanted, looks_like_classes, split_indices
from netadvise.probe.data_tensors import adapted

_TARGETS = ("target", "label", "y", "class", "labels", "targets")
_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?"})
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class _Table:
    names: list[str]
    rows: list[list[str]]
    lines: list[int]
    """The line of the file in which each row stands."""
    notes: tuple[str, ...] = ()

    def column(self, at: int) -> list[str]:
        return [row[at] for row in self.rows]


def read_csv(path: Path, wanted: Wanted) -> Parts:
    """The columns as float32 [n, columns], each with mean 0 and deviation 1 over the training part; and the target.

    The target is the column called target, label, y or class, else the last one: text becomes classes in alphabetical
    order, whole numbers stay integers, and other numbers float32. Raises `UsageError` for text in other columns and
    for missing values.
    """
    table = _read(path)
    at = next((index for name in _TARGETS for index, given in enumerate(table.names) if given.lower() == name), -1)
    at = at % len(table.names)
    target, target_notes = _target(table, at, path)
    others = [index for index in range(len(table.names)) if index != at]
    _refuse_text(table, others, path)
    features = np.column_stack([_numbers(table, index, path) for index in others])
    labels = target if looks_like_classes(target) else None
    kept, held = split_indices(len(target), labels, wanted, str(path))
    scaled, notes = _standardised(features, list(kept), [table.names[index] for index in others])
    whole = TensorExamples((torch.from_numpy(scaled), target))
    split = f"{len(held)} of {len(target)} rows were held out for validation (seed {wanted.seed})"
    said = (*table.notes, *target_notes, *notes, split)
    return adapted(Parts(whole.subset(kept), whole.subset(held), None, said), wanted)


def _read(path: Path) -> _Table:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            sample = file.read(65536)
            file.seek(0)
            reader = csv.reader(file, delimiter=_delimiter(sample), skipinitialspace=True)
            rows = [(reader.line_num, row) for row in reader if any(cell.strip() for cell in row)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read as a table: {error}") from None
    if not rows:
        raise UsageError(f"{path} is empty")
    headless = all(_number(cell) is not None for cell in rows[0][1])
    names = [f"column {at + 1}" for at in range(len(rows[0][1]))] if headless else [c.strip() for c in rows[0][1]]
    body = rows if headless else rows[1:]
    if not body:
        raise UsageError(f"{path} has a header and no rows")
    if len(names) < 2:
        raise UsageError(f"{path} has one column ({names[0]}); it needs inputs and a target")
    odd = next(((line, row) for line, row in body if len(row) != len(names)), None)
    if odd is not None:
        raise UsageError(f"{path}:{odd[0]}: {len(odd[1])} values in a row, where the table has {len(names)} columns")
    notes = ("the table has no header: the last column was taken for the target",) if headless else ()
    return _Table(names, [row for _, row in body], [line for line, _ in body], notes)


def _delimiter(sample: str) -> str:
    """The one that occurs most often in the first line; commas where none does."""
    first = sample.partition("\n")[0]
    return max(_DELIMITERS, key=first.count)


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _is_missing(cell: str) -> bool:
    return cell.strip().lower() in _MISSING


def _is_text(column: list[str]) -> bool:
    return any(not _is_missing(cell) and _number(cell) is None for cell in column)


def _refuse_text(table: _Table, columns: list[int], path: Path) -> None:
    text = [table.names[index] for index in columns if _is_text(table.column(index))]
    if text:
        what = "a column holds text" if len(text) == 1 else f"{len(text)} columns hold text"
        raise UsageError(
            f"{path}: {what}: {', '.join(text)}",
            hint="Leave such columns out, or encode them as numbers; or give a Python target that does.",
        )


def _numbers(table: _Table, at: int, path: Path) -> NDArray[np.float64]:
    column = table.column(at)
    missing = [row for row, cell in enumerate(column) if _is_missing(cell)]
    if missing:
        where = f"{path}:{table.lines[missing[0]]}"
        raise UsageError(
            f"{where}: the column {table.names[at]} lacks {len(missing)} of {len(column)} values, the first one here",
            hint="Fill them in, or leave those rows or the column out.",
        )
    values = np.array([float(cell) for cell in column])
    infinite = np.flatnonzero(~np.isfinite(values))
    if len(infinite):
        where = f"{path}:{table.lines[int(infinite[0])]}"
        raise UsageError(f"{where}: the column {table.names[at]} has {len(infinite)} infinite values")
    return values


def _target(table: _Table, at: int, path: Path) -> tuple[Tensor, tuple[str, ...]]:
    column, name = table.column(at), table.names[at]
    if _is_text(column):
        if any(map(_is_missing, column)):
            row = next(row for row, cell in enumerate(column) if _is_missing(cell))
            raise UsageError(f"{path}:{table.lines[row]}: the target {name} is missing")
        classes = sorted({cell.strip() for cell in column})
        index = {label: at for at, label in enumerate(classes)}
        listed = ", ".join(classes[:8]) + (", ..." if len(classes) > 8 else "")
        target = torch.tensor([index[cell.strip()] for cell in column], dtype=torch.int64)
        return target, (f"target: {name}, {len(classes)} classes in the order {listed}",)
    values = _numbers(table, at, path)
    whole = all(float(cell).is_integer() and "." not in cell for cell in column)
    if whole:
        return torch.from_numpy(values.astype(np.int64)), (f"target: {name}, integers",)
    said = f"target: {name}, amounts from {values.min():g} to {values.max():g}, not standardised"
    return torch.from_numpy(values.astype(np.float32)), (said,)


def _standardised(
    features: NDArray[np.float64], kept: list[int], names: list[str]
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    mean, deviation = features[kept].mean(axis=0), features[kept].std(axis=0)
    constant = [name for name, each in zip(names, deviation, strict=True) if each == 0]
    scaled = (features - mean) / np.where(deviation == 0, 1, deviation)
    notes = [f"{len(names)} columns were standardised: mean 0 and deviation 1 over the training part"]
    if constant:
        notes.append(f"constant over the training part: {', '.join(constant[:8])}")
    return scaled.astype(np.float32), tuple(notes)
