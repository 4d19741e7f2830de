"""What the front process and the worker tell each other: one JSON line each, with a version."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

import msgspec

from netadvise.errors import ErrorDocument
from netadvise.evidence import ProbeProgress
from netadvise.graph import Mode
from netadvise.opinion import SecondOpinion

VERSION = 1

Phase = Literal[
    "starting",
    "importing torch",
    "loading the model",
    "recording the forward pass",
    "measuring",
    "asking fvcore",
    "trying edits",
    "training",
]
BEFORE_USERS_CODE: frozenset[Phase] = frozenset(("starting", "importing torch"))
"""The time limit counts from the end of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A target as the user wrote it, and what to do with it."""

    version: int = VERSION
    target: str
    arguments: tuple[str, ...] = ()
    """`--arg` texts, "k=v"."""
    inputs: tuple[str, ...] = ()
    """`-i` texts, "mask=1,20:bool"."""
    mode: Mode = "eval"
    graph: bool = False
    """Whether to hand back the recorded graph, too."""
    second_opinion: bool = False
    facts: bool = False
    """Whether to record twice more and hand back the facts that rules ask about, and the files that were read."""
    tries: str = ""
    """Alternatives to try, as `document.edits` writes them."""
    study: str = ""
    """A study to do instead of a profile, as `document.study` writes it."""
    timeout: float | None = None
    """Seconds after which the worker ends itself, saying where it was; for each alternative it has as many again."""
    memory: int | None = None
    """Bytes the worker may allocate; 0: no limit; None: what is available."""
    folder: str = ""
    """Where to run; empty: in the front's working folder."""
    copied: tuple[str, str] = ("", "")
    """A folder and a copy of it: what would be imported from the one is imported from the other."""


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file as it was when it was read; size -1 for one that was looked for and not there."""

    path: str
    size: int
    mtime_ns: int

    @staticmethod
    def now(path: str) -> FileRead:
        """The file as it is now."""
        try:
            found = os.stat(path)
        except OSError:
            return FileRead(path, -1, 0)
        return FileRead(path, found.st_size, found.st_mtime_ns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A profile, or an error."""

    version: int = VERSION
    profile: dict[str, object] | None = None
    """A profile document, which its reader checks: a typed one would lose the arguments of the layers."""
    graph: str | None = None
    """The graph's own JSON."""
    opinion: SecondOpinion | None = None
    """fvcore's count, when it was asked for."""
    facts: str | None = None
    """The facts document, `netadvise.facts/1`, when it was asked for."""
    tries: str | None = None
    """What became of the alternatives, as `document.edits` writes it, when there were some."""
    study: str | None = None
    """What a study found, as `document.study` writes it, when there was one."""
    files: tuple[FileRead, ...] | None = None
    """With the facts: the files read, by path, without Python's own library; None where they are not known."""
    path: tuple[str, ...] = ()
    """With the facts: where imports were looked for, absolute."""
    folders: tuple[str, ...] = ()
    """With the facts: the folders that were listed, by whatever but imports."""
    error: ErrorDocument | None = None
    traceback: str = ""
    """Python's own account of the error, for `--debug`."""


@dataclass(frozen=True, slots=True)
class Progress:
    """The phase that begins now."""

    phase: Phase


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one alternative, as soon as it is known."""

    attempt: int
    """Its position in the request."""
    tried: str
    """As `document.edits` writes it."""


@dataclass(frozen=True, slots=True)
class Advance:
    """How far a study is."""

    advance: ProbeProgress


def encode(message: Request | Response | Progress | Attempt | Advance) -> bytes:
    """One line."""
    return msgspec.json.encode(message) + b"\n"


def decode_request(line: bytes) -> Request:
    """The request of a line; raises `ValueError` for anything else."""
    request = msgspec.json.decode(line, type=Request)
    _check(request.version)
    return request


def decode_answer(line: bytes) -> Progress | Attempt | Advance | Response:
    """A phase, an alternative that was tried, a study's progress, or the response; `ValueError` for anything else."""
    if line.startswith(b'{"advance"'):
        return msgspec.json.decode(line, type=Advance)
    if line.startswith(b'{"attempt"'):
        return msgspec.json.decode(line, type=Attempt)
    if line.startswith(b'{"phase"'):
        return msgspec.json.decode(line, type=Progress)
    response = msgspec.json.decode(line, type=Response)
    _check(response.version)
    return response


def _check(version: int) -> None:
    if version != VERSION:
        raise ValueError(f"a message of version {version}, not {VERSION}")
