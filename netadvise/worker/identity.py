"""What makes two runs comparable: the same code, data and recipe, told by a key that every process of a study computes.

A file that is edited while a study goes on, or data that come out differently each time they are loaded, change it.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from netadvise.capture.failures import is_library
from netadvise.errors import InternalError
from netadvise.probe.network import torch_version
from netadvise.study import StudyRequest
from netadvise.version import __version__

_BESIDE = ("target", "arguments", "inputs", "recipe")
"""What of a request every run depends on; the arms are in the runs' own ids."""


def study_key(request: StudyRequest, fingerprint: str) -> str:
    """What all runs have in common; `fingerprint` is that of the data. Network and data have been loaded before."""
    # which of several GPUs trains a run makes no difference to it, a GPU in place of the processor does
    kind = request.recipe.device.partition(":")[0]
    request = replace(request, recipe=replace(request.recipe, device=kind))
    parts = [__version__, torch_version(), fingerprint, _code()]
    parts += [repr(getattr(request, name)) for name in _BESIDE]
    return sha256("\x1f".join(parts).encode()).hexdigest()


def _code() -> str:
    """The content of every imported file that is neither Python's, nor installed, nor netadvise's."""
    installed = tuple({sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")})
    own = str(Path(__file__).parents[1]) + os.sep
    digests = []
    for file in sorted({str(getattr(module, "__file__", None) or "") for module in list(sys.modules.values())}):
        if not os.path.isabs(file) or file.startswith((*installed, own)) or is_library(file):
            continue
        try:
            digests.append(sha256(Path(file).read_bytes()).digest())
        except FileNotFoundError:
            # no network is built from it any more: each is built from the sources as they are now
            continue
        except OSError as error:
            raise InternalError(f"{file} was imported and cannot be read: {error.strerror}") from None
    # in an order of their own: a copy of a project may stand before or behind the other files
    return sha256(b"".join(sorted(digests))).hexdigest()
