"""The folder of the cache: entries written whole or not at all, damaged ones ignored, old ones removed."""

from __future__ import annotations

import hashlib
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from netadvise.cache.key import SCHEMA
from netadvise.cache.witness import Witness

NAME = ".netadvise_cache"
_SUFFIX = ".entry"
_MOST = 256
_OLD_S = 30 * 24 * 3600
_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n# This folder is netadvise's cache; it may be deleted at any time.\n"
)


@dataclass(frozen=True, slots=True)
class _Header:
    """The first line of an entry."""

    schema: str
    witness: Witness
    digest: str
    """Of the content that follows."""


def cache_folder(project: Path | None) -> Path:
    """Beside the project's pyproject.toml; without one, in the user's cache folder."""
    if project is not None:
        return project / NAME
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return Path(home) / "netadvise"


class Cache:
    """The entries of one folder. Whatever goes wrong with them only costs time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def load(self, key: str) -> tuple[bytes, ...] | None:
        """The content stored under `key`, if all that it depends on is unchanged."""
        path = self._path(key)
        try:
            head, _, content = path.read_bytes().partition(b"\n")
            header = msgspec.json.decode(head, type=_Header)
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError):
            return None
        if header.schema != SCHEMA or header.digest != _digest(content) or not header.witness.holds():
            return None
        with suppress(OSError):
            os.utime(path)
        return tuple(content.split(b"\n"))

    def store(self, key: str, witness: Witness, content: tuple[bytes, ...]) -> bool:
        """Keep `content`, lines without line ends; whether that worked."""
        body = b"\n".join(content)
        head = msgspec.json.encode(_Header(SCHEMA, witness, _digest(body)))
        try:
            self._prepare()
            _write(self._path(key), head + b"\n" + body)
            self._prune()
        except OSError:
            return False
        return True

    def _path(self, key: str) -> Path:
        return self._folder / f"{key[:40]}{_SUFFIX}"

    def _prepare(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for name, text in (("CACHEDIR.TAG", _TAG), (".gitignore", "*\n")):
            if not (self._folder / name).exists():
                _write(self._folder / name, text.encode())

    def _prune(self) -> None:
        entries = [(path.stat().st_mtime, path) for path in self._folder.glob(f"*{_SUFFIX}")]
        oldest = time.time() - _OLD_S
        for position, (used, path) in enumerate(sorted(entries, reverse=True)):
            if position >= _MOST or used < oldest:
                path.unlink(missing_ok=True)


def _write(path: Path, data: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
