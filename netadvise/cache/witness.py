"""What a result depends on, written down so that a later run can see whether any of it has changed."""

from __future__ import annotations

import hashlib
import os
import re
import sysconfig
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from typing import Literal

_LARGE = 64 << 20
"""Files of so many bytes are not read again: their size and time have to do."""
_CLOCK_NS = 20_000_000
"""How much the time of a file may lag behind the clock."""
_INSTALLED = re.compile(r"[\\/](?:site|dist)-packages(?:[\\/]|$)")
_OURS = ("__pycache__", ".netadvise_cache")
_READS_ENVIRONMENT = re.compile(rb"environ|getenv")
_ALWAYS = re.compile(
    r"(?:PYTHON|TORCH|PYTORCH|CUDA|NVIDIA|HF_|HUGGINGFACE|TRANSFORMERS_|TIMM_|LD_|DYLD_|VIRTUAL_ENV$|HOME$|XDG_)"
)
_VOLATILE = re.compile(r"(?:_|PWD|OLDPWD|SHLVL|COLUMNS|LINES|WINDOWID|TERM.*|TMUX.*|SSH_.*|NETADVISE_.*|PYTEST_.*)$")

Read = tuple[str, int, int]
"""A file as the worker saw it: absolute path, size (-1: it was not there), time in nanoseconds."""
Content = tuple[str, int, int, str]
"""The same with the digest of its content; "" where size and time decide."""
Names = Literal["importable", "all"]
Listing = tuple[str, Names, str]
"""A folder, which of its names count, and a digest of them."""


@dataclass(frozen=True, slots=True)
class Witness:
    """Everything that a result was seen to depend on."""

    files: tuple[Content, ...]
    folders: tuple[Listing, ...]
    all_variables: bool
    """Whether a file of the project reads environment variables, so that each one may matter."""
    environment: str

    def holds(self) -> bool:
        """Whether all of it is as it was."""
        return (
            self.environment == _environment(os.environ, all_variables=self.all_variables)
            and all(_unchanged(*file) for file in self.files)
            and all(_listed(path, names) == digest for path, names, digest in self.folders)
        )


def witness(files: Sequence[Read], path: Iterable[str], listed: Iterable[str], *, started_ns: int) -> Witness | None:
    """The witness of a run that began at `started_ns`.

    `path` are the folders in which imports were looked for, `listed` those that the model itself listed. None when a
    file changed while it ran: nobody can say which content was read.
    """
    contents = [_content(file, started_ns) for file in files]
    if None in contents:
        return None
    known = tuple(item for item in contents if item is not None)
    own = [path for path, size, *_ in known if size >= 0 and path.endswith(".py") and not installed(path)]
    importable = {os.path.abspath(folder) for folder in path} | {os.path.dirname(file) for file in own}
    folders: dict[str, Names] = {**dict.fromkeys(importable, "importable"), **dict.fromkeys(listed, "all")}
    every = any(map(_reads_environment, own))
    return Witness(
        known,
        tuple((folder, names, _listed(folder, names)) for folder, names in sorted(folders.items())),
        every,
        _environment(os.environ, all_variables=every),
    )


def installed(path: str) -> bool:
    """Whether a path belongs to Python or to an installed package: its content never changes in place."""
    return path.startswith(_system()) or _INSTALLED.search(path) is not None


@cache
def _system() -> tuple[str, ...]:
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    return tuple({f"{sysconfig.get_path(name)}{os.sep}" for name in names})


def _content(file: Read, started_ns: int) -> Content | None:
    path, size, time = file
    if _stat(path) != (size, time):
        return None
    if size < 0 or installed(path):
        return (*file, "")
    if time > started_ns - _CLOCK_NS:
        return None
    return (*file, "" if size >= _LARGE else _digest(path))


def _unchanged(path: str, size: int, time: int, digest: str) -> bool:
    found = _stat(path)
    if not digest:
        return found == (size, time)
    return found[0] == size and _digest(path) == digest


def _stat(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return -1, 0
    return found.st_size, found.st_mtime_ns


def _digest(path: str) -> str:
    try:
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return "unreadable"


def _listed(folder: str, names: Names) -> str:
    """A digest of the names in a folder; an installed one counts by its time, which changes with its names."""
    try:
        if names == "importable" and installed(folder + os.sep):
            return str(os.stat(folder).st_mtime_ns)
        with os.scandir(folder) as entries:
            found = sorted(entry.name for entry in entries if _counts(entry, names))
    except OSError:
        return "missing"
    return hashlib.sha256("\0".join(found).encode(errors="surrogateescape")).hexdigest()


def _counts(entry: os.DirEntry[str], names: Names) -> bool:
    if entry.name in _OURS:
        return False
    if names == "all" or entry.name.endswith((".py", *EXTENSION_SUFFIXES)):
        return True
    return entry.name.isidentifier() and entry.is_dir()


def _reads_environment(file: str) -> bool:
    try:
        return _READS_ENVIRONMENT.search(Path(file).read_bytes()) is not None
    except OSError:
        return True


def _environment(variables: Mapping[str, str], *, all_variables: bool) -> str:
    """A digest of the variables that count; their values are not written down."""
    kept = sorted(
        (name, value)
        for name, value in variables.items()
        if (not _VOLATILE.match(name) if all_variables else _ALWAYS.match(name))
    )
    return hashlib.sha256(repr(kept).encode(errors="surrogateescape")).hexdigest()
