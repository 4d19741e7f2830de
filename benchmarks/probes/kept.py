"""What a benchmark has found so far, in files of JSON lines: a line is not measured again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def read(file: Path, kind: Callable[..., T]) -> list[T]:
    """The lines of a file, each a dataclass."""
    return [kind(**json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []


def measured(file: Path, keys: Iterable[Any], kind: Callable[..., T], measure: Callable[[Any], T]) -> list[T]:
    """One line for each key: the one of the file whose `key` it is, or else measured, and written down."""
    known = {each.key: each for each in read(file, kind)}  # type: ignore[attr-defined]
    found = []
    for key in keys:
        if key not in known:
            known[key] = measure(key)
            with file.open("a") as lines:
                print(json.dumps(asdict(known[key])), file=lines)
            print(known[key], flush=True)
        found.append(known[key])
    return found
