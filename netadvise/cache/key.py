"""What must be equal for two runs to be the same run."""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from netadvise.version import __version__

SCHEMA = "netadvise.cache/1"


def cache_key(request: Sequence[object]) -> str:
    """The digest of a request, of where it runs, and of the versions that answer it."""
    versions = (SCHEMA, __version__, platform.python_version(), sys.prefix, _torch())
    text = json.dumps([*request, str(Path.cwd()), *versions, sys.flags.optimize])
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def _torch() -> str:
    """The version of the installed torch, from its metadata's name: `importlib.metadata` is slow to import."""
    for folder in sys.path:
        try:
            names = os.listdir(folder or ".")
        except OSError:
            continue
        found = sorted(
            name for name in names if name.startswith("torch-") and name.endswith((".dist-info", ".egg-info"))
        )
        if found:
            return found[0]
    return ""
