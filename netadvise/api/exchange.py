"""Several files exchanged together: all of them or none, and back again as they were.

Each new text is written beside its file first, so that a full disk is met before anything is touched; the old file
keeps a second name until all is well. Putting it back is a rename: it needs no space and gives back the same file,
with its times, its owner and its links.
"""

from __future__ import annotations

import os
import shutil
import signal
import stat
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from netadvise.errors import UsageError
from netadvise.rewrite import Change

_SECOND_NS = 1_000_000_000


@contextmanager
def exchanged(changes: Sequence[Change]) -> Iterator[None]:
    """Inside the block the files hold the new text; they go back when it is left by an exception.

    Raises `UsageError` when a file cannot be written, or has changed since it was read; nothing is changed then.
    """
    files = [_File.of(change) for change in changes]
    try:
        try:
            for file in files:
                file.prepare()
            for file in files:
                os.replace(file.draft, file.path)
        except OSError as error:
            raise UsageError(f"cannot write {error.filename}: {error.strerror}") from error
        yield
    except BaseException:
        with _uninterrupted():
            for file in files:
                file.restore()
        raise
    finally:
        with _uninterrupted():
            for file in files:
                file.clean()


@dataclass(frozen=True, slots=True)
class _File:
    change: Change
    path: Path
    """What is written: where the name is a link, the file it leads to."""

    @staticmethod
    def of(change: Change) -> _File:
        """The file of a change; raises `UsageError` where it may not or cannot be written."""
        path = Path(os.path.realpath(change.file))
        try:
            content, mode = path.read_bytes(), path.stat().st_mode
        except OSError as error:
            raise UsageError(f"cannot read {change.file}: {error.strerror}") from error
        if content != change.before:
            raise UsageError(f"{change.file} has changed since it was read", hint="Run the command again.")
        if not mode & stat.S_IWUSR or not os.access(path, os.W_OK):
            raise UsageError(f"{change.file} is read-only")
        found = _File(change, path)
        if found.backup.exists():
            raise UsageError(
                f"{found.backup} is left from a run that was killed",
                hint=f"It is {path.name} as it was before; compare the two and remove it.",
            )
        return found

    @property
    def draft(self) -> Path:
        return self.path.with_name(f".{self.path.name}.netadvise-new")

    @property
    def backup(self) -> Path:
        return self.path.with_name(f".{self.path.name}.netadvise-old")

    def prepare(self) -> None:
        """Write the new text beside the file, and give the old one its second name."""
        before = self.path.stat()
        self.draft.unlink(missing_ok=True)
        with self.draft.open("xb") as stream:
            stream.write(self.change.after)
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(OSError):
            os.chown(self.draft, before.st_uid, before.st_gid)
        os.chmod(self.draft, stat.S_IMODE(before.st_mode))
        self._date_anew(before.st_mtime_ns)
        try:
            os.link(self.path, self.backup)
        except OSError:
            shutil.copy2(self.path, self.backup)

    def _date_anew(self, before_ns: int) -> None:
        """Python takes compiled code for current when second and size are equal: 5 to 3 keeps the size."""
        now = self.draft.stat().st_mtime_ns
        if now // _SECOND_NS == before_ns // _SECOND_NS:
            os.utime(self.draft, ns=(now, now + _SECOND_NS))

    def restore(self) -> None:
        """Give the old file its name back."""
        if self.backup.exists():
            os.replace(self.backup, self.path)

    def clean(self) -> None:
        """Remove what was needed on the way."""
        for path in (self.draft, self.backup):
            with suppress(OSError):
                path.unlink()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """While files are put back, a second Ctrl-C waits."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
