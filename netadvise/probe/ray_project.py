"""The user's project on the nodes of a cluster: what is sent of it, and what its paths are called there.

Sent is what lies below the current directory, but for what no run reads. A path below it is the same in the copy; one
outside of it must be there on the nodes, too.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from netadvise.errors import UsageError
from netadvise.study import StudyRequest

LIMIT = 512 * 2**20
"""Bytes that Ray sends of a project at most."""
_LEFT_OUT = frozenset(
    (".git", ".hg", ".svn", ".tox", ".nox", ".eggs", ".ipynb_checkpoints", "__pycache__", "node_modules", "wandb")
)
_CACHES = re.compile(r"\..*cache")
_MARKS = ("pyvenv.cfg", "conda-meta", "CACHEDIR.TAG")
"""What stands in a virtual environment, and in a cache."""
_PATHS = ("data", "loss", "metric", "optimizer", "train_step")


@dataclass(frozen=True, slots=True)
class Project:
    """The folder that is sent, as far as it is."""

    root: Path
    left_out: tuple[str, ...]
    """Folders in it, relative to it."""
    size: int
    """Bytes of what is sent; a little more than the limit where it is more."""

    @staticmethod
    def of(root: Path, study: Path) -> Project:
        """The project of a folder; `study` is where studies are kept, which is left out."""
        left_out: list[str] = []
        size = sum(_sizes(root, study, left_out))
        return Project(root, tuple(left_out), size)

    @property
    def fits(self) -> bool:
        """Whether Ray sends so much."""
        return self.size <= LIMIT

    @property
    def environment(self) -> dict[str, object]:
        """What Ray is told to send."""
        # patterns as in .gitignore; a folder may have a name that looks like one
        excludes = ["/" + re.sub(r"([*?!#[ ])", r"\\\1", folder) for folder in self.left_out]
        return {"working_dir": str(self.root), "excludes": excludes}


def _sizes(root: Path, study: Path, left_out: list[str]) -> Iterator[int]:
    """Of the files that are sent, until there are too many; notes the folders that are not."""
    total = 0
    for folder, folders, files in os.walk(root):
        for name in sorted(folders):
            path = Path(folder, name)
            if _is_left_out(path, study):
                folders.remove(name)
                left_out.append(path.relative_to(root).as_posix())
        for name in files:
            try:
                size = os.lstat(os.path.join(folder, name)).st_size
            except OSError:
                continue
            total += size
            yield size
        if total > LIMIT:
            return


def _is_left_out(path: Path, study: Path) -> bool:
    if path.name in _LEFT_OUT or _CACHES.fullmatch(path.name) or path == study:
        return True
    return any((path / mark).exists() for mark in _MARKS)


def check_size(project: Project, missing: list[str]) -> None:
    """Raises `UsageError` for a project that is too large to be sent, and is not on all nodes at the same place."""
    if project.fits or not missing:
        return
    raise UsageError(
        f"{project.root} holds more than the {LIMIT // 2**20} MB that Ray sends to its nodes",
        notes=(f"and there is no such folder on {', '.join(missing[:5])}",),
        hint="Put it on storage that all nodes share, under the same path; or begin in a folder with less in it, and "
        "name large data by a path that is the same on every node.",
    )


def translated(request: StudyRequest, root: str) -> StudyRequest:
    """A request whose paths below a folder are relative to it."""
    recipe = request.recipe
    given = {name: getattr(recipe, name) for name in _PATHS}
    moved: dict[str, Any] = {name: _relative(text, root) for name, text in given.items() if text is not None}
    return replace(
        request,
        target=_relative(request.target, root),
        arguments=tuple(_relative_value(text, root) for text in request.arguments),
        recipe=replace(recipe, **moved),
    )


def outside(request: StudyRequest, root: str) -> list[str]:
    """The paths of a request that are not below a folder."""
    moved = translated(request, root)
    given = (moved.target, *(getattr(moved.recipe, name) or "" for name in _PATHS))
    return [path for path in given if os.path.isabs(path) or os.path.normpath(path).startswith("..")]


def _relative(text: str, root: str) -> str:
    return text.removeprefix(root.rstrip(os.sep) + os.sep)


def _relative_value(text: str, root: str) -> str:
    name, equals, value = text.partition("=")
    return f"{name}{equals}{_relative(value, root)}"
