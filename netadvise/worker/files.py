"""Which files and folders the model's loading and recording read, for a cache that must notice when one changes.

Every opened file raises Python's audit event `open`, every listed folder `os.listdir` or `os.scandir`; the source of
every imported module is added at the end. The interpreter's own library is left out, and so is what the kernel makes
up (/proc, /sys, /dev).
"""

from __future__ import annotations

import os
import sys
import sysconfig
from importlib.util import source_from_cache

from netadvise.worker.protocol import FileRead

_STDLIB = tuple({f"{sysconfig.get_path(name)}{os.sep}" for name in ("stdlib", "platstdlib")})
_SITE = tuple({f"{sysconfig.get_path(name)}{os.sep}" for name in ("purelib", "platlib")})
_KERNEL = ("/proc/", "/sys/", "/dev/")


class Opened:
    """The paths opened for reading since `watch`. An audit hook cannot be taken off: for a process of its own."""

    def __init__(self) -> None:
        self._paths: set[str] = set()
        self._folders: set[str] = set()

    def watch(self) -> None:
        """Listen from now on, as long as the process lives."""
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open" and _reads(arguments[1], arguments[2]):
            self._note(arguments[0], self._paths)
        elif event in ("os.listdir", "os.scandir") and "importlib" not in sys._getframe(1).f_code.co_filename:
            self._note("." if arguments[0] is None else arguments[0], self._folders)

    def _note(self, path: object, into: set[str]) -> None:
        if isinstance(path, str | bytes):
            into.add(os.path.abspath(os.fsdecode(path)))

    def files(self) -> tuple[FileRead, ...] | None:
        """Every file read, as it is now, by path; None when a path cannot be written down."""
        sources = (getattr(module, "__file__", None) for module in list(sys.modules.values()))
        paths = {_compiled_from(path) for path in self._paths} | {path for path in sources if isinstance(path, str)}
        kept = sorted(path for path in paths if _matters(path))
        if not all(map(_is_text, kept)):
            return None
        return tuple(FileRead.now(path) for path in kept if os.path.isfile(path) or not os.path.exists(path))

    def folders(self) -> tuple[str, ...]:
        """Every folder that the code listed, by path."""
        return tuple(sorted(path for path in self._folders if _matters(path) and _is_text(path)))

    def path(self) -> tuple[str, ...]:
        """`sys.path` as it is now, absolute."""
        return tuple(filter(_is_text, map(os.path.abspath, sys.path)))


def _is_text(path: str) -> bool:
    """Whether a path can be written down: not every file name is text."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _reads(mode: object, flags: object) -> bool:
    """Whether a file is opened for reading alone: by mode from `open`, by flags from `os.open`."""
    if isinstance(mode, str):
        return not set(mode) & set("wax+")
    return isinstance(flags, int) and flags & os.O_ACCMODE == os.O_RDONLY


def _compiled_from(path: str) -> str:
    """The source that a cached byte code was compiled from: the cache is written anew at any time."""
    try:
        return source_from_cache(path) if path.endswith(".pyc") else path
    except ValueError:
        return path


def _matters(path: str) -> bool:
    if path.startswith(_KERNEL) or not os.path.isabs(path):
        return False
    return path.startswith(_SITE) or not path.startswith(_STDLIB)
