"""Running in another folder, on a copy of a tree of sources: nothing of the original may be imported by mistake."""

from __future__ import annotations

import os
import sys


def relocate(folder: str, original: str, copy: str) -> None:
    """Work in `folder`; an entry of `sys.path` inside `original` becomes the same folder of `copy`, where it has one.

    Such entries come from PYTHONPATH and from editable installs. A virtual environment inside the original is no part
    of the copy, and stays.
    """
    if folder:
        os.chdir(folder)
    if original:
        sys.path[:] = [_moved(entry, original, copy) for entry in sys.path]


def _moved(entry: str, original: str, copy: str) -> str:
    real = os.path.realpath(entry)
    if real != original and not real.startswith(original + os.sep):
        return entry
    twin = os.path.normpath(os.path.join(copy, os.path.relpath(real, original)))
    return twin if os.path.isdir(twin) else entry
