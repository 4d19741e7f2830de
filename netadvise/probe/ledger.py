"""The runs of a study on disk: content-addressed, one folder each, whole or not there.

    study.json               what is studied
    runs/<id>/spec.json      one run
             /metrics.jsonl  a line for each look at it, as it is made
             /state.pt       where it has got to, from time to time
             /arrays.npz     of each validation example
             /result.json    written last: a run with a result is finished, whatever happened before
             /failure.json   instead of it

Every file but metrics.jsonl is written beside its name first and then renamed, so a reader never sees half of one and a
kill at any moment costs at most what was trained since the last state.
"""

from __future__ import annotations

import fcntl
import io
import os
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any, TypeVar

import numpy as np

from netadvise.errors import UsageError
from netadvise.probe.spec import Checks, Failure, Numbers, Point, RunResult, RunSpec, decode, encode

T = TypeVar("T")
_ARRAYS = ("losses", "metrics", "losses_end", "metrics_end")
STUDY = "study.json"
LOOKS = "metrics.jsonl"
_DRAFT = ".draft."


@dataclass(frozen=True, slots=True)
class Ledger:
    """A folder of runs; `key` stands for everything that they have in common."""

    folder: Path
    key: str

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
        return _read(self._run(spec) / "failure.json", Failure)

    def begin(self, spec: RunSpec) -> Path:
        """The folder of a run, with its spec in it; a line of looks that was cut short is ended."""
        folder = self._run(spec)
        folder.mkdir(parents=True, exist_ok=True)
        _end_line(folder / LOOKS)
        if not (folder / "spec.json").exists():
            _replace(folder / "spec.json", encode({"seed": spec.seed, "least": spec.least, "most": spec.most}))
        return folder

    def look(self, spec: RunSpec, point: Point) -> None:
        """Append one look; a run that goes on from a state repeats those behind it."""
        with (self._run(spec) / LOOKS).open("ab") as stream:
            stream.write(encode(point) + b"\n")

    def keep(self, spec: RunSpec, result: RunResult) -> None:
        """Write a result; the arrays first."""
        folder, content = self._run(spec), io.BytesIO()
        np.savez(content, **{name: getattr(result, name) for name in _ARRAYS})
        _replace(folder / "arrays.npz", content.getvalue())
        self._finish(folder, encode(result.numbers))

    def keep_checks(self, spec: RunSpec, checks: Checks) -> None:
        """Write what the checks found."""
        self._finish(self._run(spec), encode(checks))

    def fail(self, spec: RunSpec, failure: Failure) -> None:
        """Write why a run has no result."""
        _replace(self.begin(spec) / "failure.json", encode(failure))

    def forgive_all(self) -> None:
        """Forget every failure, so that its run is tried again; and what a kill left half written."""
        for pattern in ("runs/*/failure.json", f"runs/*/{_DRAFT}*"):
            for file in self.folder.glob(pattern):
                file.unlink(missing_ok=True)

    def state(self, spec: RunSpec) -> Path:
        """Where a run keeps how far it has got."""
        return self._run(spec) / "state.pt"

    def save_state(self, spec: RunSpec, content: bytes) -> None:
        """Write how far a run has got."""
        _replace(self.state(spec), content)

    def discard(self, spec: RunSpec) -> None:
        """Remove all there is of a run."""
        rmtree(self._run(spec), ignore_errors=True)

    def _run(self, spec: RunSpec) -> Path:
        return self.folder / "runs" / spec.id(self.key)

    def _finish(self, folder: Path, content: bytes) -> None:
        _replace(folder / "result.json", content)
        (folder / "state.pt").unlink(missing_ok=True)
        (folder / "failure.json").unlink(missing_ok=True)


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Make the folder of a study: while active, no other process studies into it.

    Raises `UsageError` where one does already, and where the folder cannot be made.
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
        yield


def write_study(folder: Path, document: bytes) -> None:
    """Write down what is studied; raises `UsageError` where that cannot be."""
    try:
        _replace(folder / STUDY, document)
    except OSError as error:
        raise _not_kept(folder, error) from error


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


def _end_line(path: Path) -> None:
    """Whatever cut the last line short, the next one begins a line of its own."""
    content = path.read_bytes() if path.exists() else b""
    if content and not content.endswith(b"\n"):
        with path.open("ab") as stream:
            stream.write(b"\n")


def _replace(path: Path, content: bytes | memoryview) -> None:
    draft = path.with_name(f"{_DRAFT}{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def packed(state: Any) -> bytes:
    """A checkpoint as bytes."""
    import torch

    content = io.BytesIO()
    torch.save(state, content)
    return content.getvalue()
