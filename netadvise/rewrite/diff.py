"""A unified diff that `patch -p0`, `patch -p1` and `git apply` all take, byte for byte.

Its paths begin with `./`: -p0 reads `./net.py` as it stands, and git and -p1 strip that first part.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from netadvise.rewrite.plan import Change

_NO_NEWLINE = b"\\ No newline at end of file"
_ESCAPES = {ord("\\"): "\\\\", ord('"'): '\\"', ord("\n"): "\\n", ord("\t"): "\\t", ord("\r"): "\\r"}


def unified_diff(changes: Sequence[Change], base: Path) -> bytes:
    """The changes as one diff, to be applied in the folder `base`."""
    return b"".join(part for change in changes for part in _of_file(change, base))


def common_base(changes: Sequence[Change]) -> Path:
    """The folder in which a diff of the changes applies: the working folder, if all files lie in it."""
    here = Path.cwd()
    files = [Path(os.path.abspath(change.file)) for change in changes]
    if all(file.is_relative_to(here) for file in files):
        return here
    return Path(os.path.commonpath([file.parent for file in files]))


def _of_file(change: Change, base: Path) -> Iterator[bytes]:
    path = os.path.relpath(os.path.abspath(change.file), base)
    old, new = _lines(change.before), _lines(change.after)
    # latin-1 keeps every byte; autojunk would give large files with many equal lines a needlessly large diff
    found = difflib.unified_diff([line.decode("latin-1") for line in old], [line.decode("latin-1") for line in new])
    for number, line in enumerate(found):
        if number < 2:
            yield _header("-+"[number] * 3, Path(path).as_posix())
            continue
        data = line.encode("latin-1")
        yield data if data.endswith(b"\n") else data + b"\n" + _NO_NEWLINE + b"\n"


def _lines(content: bytes) -> list[bytes]:
    """Lines as diff and patch count them: they end at \\n alone."""
    lines = content.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _header(mark: str, path: str) -> bytes:
    """A path with a blank ends in a tab, one with control characters or quotes stands in quotes, as git writes it."""
    said = f"./{path}"
    escaped = said.translate(_ESCAPES)
    shown = f'"{escaped}"' if escaped != said else f"{said}\t" if " " in said else said
    return f"{mark} {shown}\n".encode("utf-8", "surrogateescape")
