"""What can go wrong, and the exit code of each.

Every message says what was being done, to what, what was found and what to do next. Code that cannot name the
cause does not raise one of these: an unforeseen exception is our fault (`InternalError`), and says so.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar, TypedDict


class ExitCode(IntEnum):
    """The documented exit codes of the `netadvise` command."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    MODEL = 3
    INTERNAL = 4
    INTERRUPTED = 130


class ErrorDocument(TypedDict):
    """An error as plain values, between the worker and the front process."""

    type: str
    message: str
    where: str
    notes: list[str]
    hint: str


class NetadviseError(Exception):
    """An error with a message for the user.

    `where` is `file:line` in the user's code, when one is known; `notes` are further lines (what was tried);
    `hint` is what to do next.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.INTERNAL

    def __init__(self, message: str, *, where: str = "", notes: tuple[str, ...] = (), hint: str = "") -> None:
        super().__init__(message)
        self.message, self.where, self.notes, self.hint = message, where, notes, hint

    def to_json(self) -> ErrorDocument:
        """The error as plain values: how the worker hands it to the front process."""
        return {
            "type": type(self).__name__,
            "message": self.message,
            "where": self.where,
            "notes": list(self.notes),
            "hint": self.hint,
        }

    @staticmethod
    def from_json(data: ErrorDocument) -> NetadviseError:
        """The error that `to_json` wrote; a type this version does not know becomes `InternalError`."""
        kind = _BY_NAME.get(data["type"], InternalError)
        return kind(data["message"], where=data["where"], notes=tuple(data["notes"]), hint=data["hint"])


class UsageError(NetadviseError):
    """The command line, the configuration or a rule file is wrong."""

    exit_code = ExitCode.USAGE


class RuleFileError(UsageError):
    """Rule files are wrong: the message lists every problem as a line `file:line:column: text`."""


class TargetError(NetadviseError):
    """The target could not be turned into a module: no file, no such name, an import or a constructor that raises."""

    exit_code = ExitCode.MODEL


class CaptureError(NetadviseError):
    """The module was built, but one forward pass of it could not be recorded."""

    exit_code = ExitCode.MODEL


class ValuesNeededError(CaptureError):
    """The forward pass needs real values where only shapes were computed; a real run may succeed."""


class EditError(NetadviseError):
    """An edit cannot be applied to a live module: no such module or argument, or a constructor that refuses it."""

    exit_code = ExitCode.MODEL


class WorkerError(NetadviseError):
    """The worker process timed out, crashed or ran out of memory while it ran the user's code."""

    exit_code = ExitCode.MODEL


class InternalError(NetadviseError):
    """A bug of netadvise's own."""

    exit_code = ExitCode.INTERNAL


_BY_NAME: dict[str, type[NetadviseError]] = {
    kind.__name__: kind
    for kind in (
        UsageError,
        RuleFileError,
        TargetError,
        CaptureError,
        ValuesNeededError,
        EditError,
        WorkerError,
        InternalError,
    )
}
