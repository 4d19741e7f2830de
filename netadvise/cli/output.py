"""Where reports go: `FORMAT`, `FORMAT:FILE`, and how a file is written whole or not at all."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from netadvise.errors import UsageError
from netadvise.table import F, Table


@dataclass(frozen=True, slots=True)
class Destination(Generic[F]):
    """One report: how it is made, and its file or stdout (None)."""

    renderer: F
    file: Path | None


def destinations(texts: Sequence[str], formats: Table[F]) -> tuple[Destination[F], ...]:
    """The reports that the `-f` options ask for, of the formats that a command has.

    Raises `UsageError` for an unknown format, a folder that does not exist, and two reports in one place.
    """
    found = tuple(_destination(text, formats) for text in texts)
    places = [None if item.file is None else item.file.resolve() for item in found]
    for place in places:
        if places.count(place) > 1:
            where = "stdout" if place is None else str(place)
            raise UsageError(f"two formats go to {where}", hint="Give each a file of its own: -f json:report.json")
    return found


def _destination(text: str, formats: Table[F]) -> Destination[F]:
    name, colon, file = text.partition(":")
    renderer = formats.get(name)
    if renderer is None:
        raise UsageError(f"there is no format {name!r}", hint=f"One of {', '.join(formats)}, or FORMAT:FILE.")
    if colon and not file:
        raise UsageError(f"-f {text!r} names no file after the colon", hint=f"For example: -f {name}:report.txt")
    return Destination(renderer, None if file in ("", "-") else writable(file))


def writable(file: str) -> Path:
    """The path of a file that could be written; raises `UsageError` when its folder does not exist."""
    path = Path(file)
    if path.is_dir():
        raise UsageError(f"{file} is a folder, not a file to write")
    if not path.parent.is_dir():
        raise UsageError(f"cannot write {file}: there is no folder {path.parent}")
    return path


def write_reports(reports: Sequence[tuple[Path | None, str]], screen: Callable[[str], None] | None = None) -> None:
    """Write each text to its file, or to stdout or another `screen` (None); files first, as they may fail."""
    for file, text in reports:
        if file is not None:
            write_file(file, text)
    for file, text in reports:
        if file is None:
            (screen or write_stdout)(text)


def write_file(path: Path, text: str) -> None:
    """Write `text` in place of what the file held; on any failure the file is as it was.

    Raises `UsageError` when it cannot be written.
    """
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")
            return
        _replace(path.resolve(), text)
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        if path.exists():
            shutil.copymode(path, draft)
        draft.replace(path)
    except BaseException:
        with suppress(OSError):
            draft.unlink()
        raise


def write_stdout(text: str) -> None:
    """Write to stdout, with escapes for what its encoding lacks."""
    if sys.stdout is None:
        raise UsageError("stdout is closed", hint="Write to a file: -f table:report.txt")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.stdout.write(text)


def write_stderr(text: str) -> None:
    """Write to stderr, beside something else on stdout."""
    if sys.stderr is not None:
        sys.stderr.write(text)


def stdout_width() -> int | None:
    """Columns of the terminal, or `COLUMNS`; None when the output goes into a pipe or file: then nothing is cut."""
    if sys.stdout is not None and sys.stdout.isatty():
        return shutil.get_terminal_size().columns
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() and int(columns) else None
