"""The runs of a study on disk: content-addressed, one folder each, whole or not there.

    study.json               what is studied
    runs/<id>/spec.json      one run
             /metrics.jsonl  a line for each look at it, as it is made
             /state.pt       where it has got to, from time to time
             /arrays.npz     of each validation example
             /result.json    written last: a run with a result is finished, whatever happened before
             /failure.json   instead of it

Several processes, on several machines, may train one run at the same time: each of them writes the same, and the first
result stays. A kill at any moment, of any process, costs at most what was trained since the last state. When a machine
loses power, results of the last seconds may be gone, and are trained again; what is read is whole, or not taken.
"""

from __future__ import annotations

import fcntl
import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from netadvise.errors import UsageError
from netadvise.probe.ledger_files import Lines, end_line, is_whole, replace, sweep
from netadvise.probe.spec import Checks, Failure, Numbers, Point, RunResult, RunSpec, decode, encode

T = TypeVar("T")
_ARRAYS = ("losses", "metrics", "losses_end", "metrics_end")
STUDY = "study.json"
LOOKS = "metrics.jsonl"
_STATE = "state.pt"
_FAILURE = "failure.json"


@dataclass(frozen=True, slots=True)
class Ledger:
    """A folder of runs; `key` stands for everything that they have in common."""

    folder: Path
    key: str
    _lines: Lines = field(default_factory=Lines, repr=False, compare=False, kw_only=True)

    def result(self, spec: RunSpec) -> RunResult | None:
        """What a run came to; None for one that is not finished, or whose files are damaged."""
        folder = self._run(spec)
        numbers = _read(folder / "result.json", Numbers)
        if numbers is None:
            return None
        try:
            with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
                found = [np.asarray(arrays[name], dtype=np.float64) for name in _ARRAYS]
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
            return None
        return RunResult(numbers, *found)

    def checks(self, spec: RunSpec) -> Checks | None:
        """What the checks found; None where they are not done."""
        return _read(self._run(spec) / "result.json", Checks)

    def failure(self, spec: RunSpec) -> Failure | None:
        """Why a run has no result."""
        return _read(self._run(spec) / _FAILURE, Failure)

    def finished(self, spec: RunSpec) -> bool:
        """Whether there is a result, or what the checks found."""
        return (self.checks(spec) if spec.checks else self.result(spec)) is not None

    def begin(self, spec: RunSpec) -> Path:
        """The folder of a run, with its spec in it; a line of looks that was cut short is ended."""
        folder = self._run(spec)
        folder.mkdir(parents=True, exist_ok=True)
        self._lines.end_all()
        end_line(folder / LOOKS)
        if not (folder / "spec.json").exists():
            replace(folder / "spec.json", encode({"seed": spec.seed, "least": spec.least, "most": spec.most}))
        return folder

    def look(self, spec: RunSpec, point: Point) -> None:
        """Append one look, within a second; a run that goes on from a state repeats those behind it."""
        self._lines.add(self._run(spec) / LOOKS, encode(point))

    def keep(self, spec: RunSpec, result: RunResult) -> None:
        """Write a result, the arrays first; where there is one already, that one stays: decisions may rest on it."""
        if self.result(spec) is None:
            folder, content = self._run(spec), io.BytesIO()
            np.savez(content, **{name: getattr(result, name) for name in _ARRAYS})
            replace(folder / "arrays.npz", content.getvalue(), lasting=True)
            replace(folder / "result.json", encode(result.numbers), lasting=True)
        self._end(spec)

    def keep_checks(self, spec: RunSpec, checks: Checks) -> None:
        """Write what the checks found, likewise."""
        if self.checks(spec) is None:
            replace(self._run(spec) / "result.json", encode(checks), lasting=True)
        self._end(spec)

    def fail(self, spec: RunSpec, failure: Failure) -> None:
        """Write why a run has no result, if it has none."""
        if not self.finished(spec):
            replace(self.begin(spec) / _FAILURE, encode(failure))

    def forgive_all(self) -> None:
        """Forget every failure, so that its run is tried again; and what a kill left half written."""
        sweep(self.folder / "runs", frozenset({_FAILURE}))

    def state(self, spec: RunSpec) -> Path:
        """Where a run keeps how far it has got; a damaged file there is removed."""
        path = self._run(spec) / _STATE
        if path.exists() and not is_whole(path):
            path.unlink(missing_ok=True)
        return path

    def save_state(self, spec: RunSpec, content: bytes) -> None:
        """Write how far a run has got, and the looks before that; nothing where a copy of it is finished already."""
        folder = self._run(spec)
        self._lines.flush(folder / LOOKS)
        if not (folder / "result.json").exists():
            replace(folder / _STATE, content)

    def discard(self, spec: RunSpec) -> None:
        """Forget how far a run has got; a result that another process has written meanwhile stays."""
        self._lines.waiting.pop(self._run(spec) / LOOKS, None)
        for name in (_STATE, LOOKS):
            (self._run(spec) / name).unlink(missing_ok=True)

    def _run(self, spec: RunSpec) -> Path:
        return self.folder / "runs" / spec.id(self.key)

    def _end(self, spec: RunSpec) -> None:
        folder = self._run(spec)
        self._lines.end(folder / LOOKS)
        for name in (_STATE, _FAILURE):
            (folder / name).unlink(missing_ok=True)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder of a study: while active, no other process studies into it.

    Raises `UsageError` where one does already, where the folder cannot be made, and where it cannot be locked.
    """
    with ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            stream = stack.enter_context((folder / ".lock").open("a"))
        except OSError as error:
            raise _not_kept(folder, error) from error
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            message = f"another netadvise is at work on the study in {folder}"
            raise UsageError(message, hint="Wait for it, or give this one a folder of its own: --study-dir") from None
        except OSError as error:
            raise _not_locked(folder, error) from error
        yield


def write_study(folder: Path, document: bytes) -> None:
    """Write down what is studied; raises `UsageError` where that cannot be."""
    try:
        replace(folder / STUDY, document, lasting=True)
    except OSError as error:
        raise _not_kept(folder, error) from error


def _not_locked(folder: Path, error: OSError) -> UsageError:
    """Some file systems of clusters have no locks, or none until they are mounted with them."""
    told = f"the folder of the study cannot be locked: {folder}: {error.strerror or error}"
    hint = (
        "Its file system has no locks (flock). Give a folder on one that has: --study-dir; or have it mounted with "
        "them (Lustre: -o flock; NFS: version 4, or version 3 with its lock daemon)."
    )
    return UsageError(told, hint=hint)


def _not_kept(folder: Path, error: OSError) -> UsageError:
    told = f"the study cannot be kept in {folder}: {error.strerror or error}"
    return UsageError(told, hint="Give a folder that can be written to: --study-dir")


def read_study(folder: Path) -> bytes:
    """What `write_study` wrote; raises `UsageError` where there is no study."""
    try:
        return (folder / STUDY).read_bytes()
    except OSError as error:
        hint = "Give the folder that a run named as its study; without --resume, a new study begins."
        raise UsageError(f"there is no study in {folder}: {error.strerror or error}", hint=hint) from None


def _read(path: Path, kind: type[T]) -> T | None:
    try:
        return decode(path.read_bytes(), kind)
    except (OSError, ValueError):
        return None


def packed(state: Any) -> bytes:
    """A checkpoint as bytes."""
    import torch

    content = io.BytesIO()
    torch.save(state, content)
    return content.getvalue()
