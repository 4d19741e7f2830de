"""Which files of a folder are rule files."""

from __future__ import annotations

from pathlib import Path

SETS = "sets.yaml"


def rule_files(path: Path) -> tuple[Path, ...]:
    """The rule files that a path means: itself, or every `*.yaml` in a folder but the list of sets."""
    if not path.is_dir():
        return (path,)
    return tuple(sorted(file for file in path.glob("*.yaml") if file.name != SETS))
