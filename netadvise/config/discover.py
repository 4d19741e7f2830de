"""Which pyproject.toml counts: the nearest one with a `[tool.netadvise]`, from the target's folder upwards."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from netadvise.config.read import read_config
from netadvise.config.settings import FAIL_ON, Config
from netadvise.errors import UsageError
from netadvise.target import parse_target


def configuration(targets: Sequence[str], file: str | None = None, *, isolated: bool = False) -> Config:
    """The configuration of a run on `targets`; without any, that of the working folder.

    Raises `UsageError` for a file with mistakes, and when the targets belong to different projects.
    """
    if isolated:
        return Config()
    if file is not None:
        return read_config(Path(file), file) or Config(path=Path(file))
    found = {config.path: config for config in map(nearest, _folders(targets))}
    if len(found) > 1:
        names = ", ".join(str(path or "none") for path in found)
        raise UsageError(
            f"the targets belong to different configurations: {names}",
            hint="Lint them one by one, or say which one counts: --config FILE",
        )
    return next(iter(found.values()))


def nearest(folder: Path) -> Config:
    """The configuration of the nearest pyproject.toml at or above `folder`; an empty one when there is none."""
    start = Path(os.path.abspath(folder))
    for above in (start, *start.parents):
        file = above / "pyproject.toml"
        if file.is_file():
            path = _short(file)
            config = read_config(path, str(path))
            if config is not None:
                return config
    return Config()


def from_environment(environment: Mapping[str, str]) -> Config:
    """What `NETADVISE_FAIL_ON` and `NETADVISE_FORMAT` say; raises `UsageError` for a word they do not take."""
    given = environment.get("NETADVISE_FAIL_ON", "")
    fail_on = next((choice for choice in FAIL_ON if choice == given), None)
    if given and fail_on is None:
        raise UsageError(f"NETADVISE_FAIL_ON is {given!r}", hint=f"One of {', '.join(FAIL_ON)}.")
    formats = environment.get("NETADVISE_FORMAT", "").replace(",", " ").split()
    return Config(fail_on=fail_on, formats=tuple(formats))


def _folders(targets: Sequence[str]) -> list[Path]:
    sources = [Path(parse_target(target).source) for target in targets]
    folders = [source.parent for source in sources if source.suffix in (".py", ".json") or source.exists()]
    return folders or [Path()]


def _short(path: Path) -> Path:
    """The path from the working folder down, where it lies below it."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
