"""Files that are written whole or not at all, and lines that several processes append.

What is promised, of any number of writers on one machine or on many that share a folder:

- A reader sees a file as it was or as it is, never half of it, whoever is killed when. Writers of one file do not meet:
  the last one counts.
- A file that is to last (`lasting`) is on the disk before its name is. Of others, a machine that loses power may leave
  a name without content, or with part of it: who reads them checks what was read.
- Lines are appended whole, by one write each time. On NFS two machines that append to one file at the same moment may
  overwrite each other's lines: a reader skips what is no line.
"""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from secrets import token_hex
from time import monotonic

DRAFT = ".draft."
"""What the name of a file that is being written begins with."""
_ATTEMPTS = 10
_LINE_SECONDS = 1.0


def replace(path: Path, content: bytes | memoryview, *, lasting: bool = False) -> None:
    """Give a file this content; raises `OSError` where it cannot be written, and leaves the old one then."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            _replace(path, content, lasting=lasting)
        except FileNotFoundError:
            # who sweeps up drafts of the dead has taken it for one of them
            if attempt == _ATTEMPTS:
                raise
        else:
            return


def _replace(path: Path, content: bytes | memoryview, *, lasting: bool) -> None:
    # processes of two machines may have one number
    draft = path.with_name(f"{DRAFT}{path.name}.{os.uname().nodename}.{os.getpid()}.{token_hex(4)}")
    try:
        with draft.open("wb") as stream:
            stream.write(content)
            if lasting:
                stream.flush()
                os.fsync(stream.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def append(path: Path, content: bytes) -> None:
    """Append to a file, by one write unless the disk is full."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        while content:
            content = content[os.write(file, content) :]
    finally:
        os.close(file)


def end_line(path: Path) -> None:
    """Whatever cut the last line short, the next one begins a line of its own."""
    try:
        with path.open("rb") as stream:
            stream.seek(-1, os.SEEK_END)
            ended = stream.read(1) == b"\n"
    except OSError:
        # there is no such file, or it is empty
        return
    if not ended:
        append(path, b"\n")


@dataclass(slots=True)
class Lines:
    """Lines on their way into files: one write a second for each file, because the disk may be that of another machine.

    A process that is killed takes the lines of its last second with it.
    """

    waiting: dict[Path, bytes] = field(default_factory=dict)
    written: dict[Path, float] = field(default_factory=dict)
    """When a file was last written to."""

    def add(self, path: Path, line: bytes) -> None:
        """Append a line, now or within a second of training."""
        self.waiting[path] = self.waiting.get(path, b"") + line + b"\n"
        if monotonic() - self.written.get(path, float("-inf")) >= _LINE_SECONDS:
            self.flush(path)

    def flush(self, path: Path) -> None:
        """Write what waits for a file."""
        if content := self.waiting.pop(path, b""):
            append(path, content)
            self.written[path] = monotonic()

    def end(self, path: Path) -> None:
        """Write what waits for a file that gets no more."""
        self.flush(path)
        self.written.pop(path, None)

    def end_all(self) -> None:
        """The same for every file: of runs that ended in an error."""
        for path in [*self.waiting, *self.written]:
            self.end(path)


def is_whole(path: Path) -> bool:
    """Whether a zip file has the content it was made with: a checkpoint, for one, because torch does not look."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.testzip() is None
    except Exception:
        # whatever a damaged file makes of it
        return False


def sweep(folders: Path, names: frozenset[str]) -> None:
    """Remove files of such names, and drafts, from every folder in a folder; what is not there needs no removing."""
    for folder in _names(folders):
        inside = os.path.join(folders, folder)
        for name in _names(inside):
            if name in names or name.startswith(DRAFT):
                Path(inside, name).unlink(missing_ok=True)


def _names(folder: Path | str) -> list[str]:
    try:
        return os.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
