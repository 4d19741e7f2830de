"""A git repository for a test, written commit by commit."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_IDENTITY = ("-c", "user.name=someone", "-c", "user.email=someone@example.org", "-c", "init.defaultBranch=main")


def git(folder: Path, *words: str) -> str:
    """What git prints."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *_IDENTITY, *words],
        cwd=folder,
        env={**kept, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_OPTIONAL_LOCKS": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def repository(folder: Path, files: dict[str, str]) -> Path:
    """A repository with one commit of these files."""
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet")
    return committed(folder, files)


def committed(folder: Path, files: dict[str, str]) -> Path:
    """The repository after one more commit."""
    written(folder, files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a change")
    return folder


def written(folder: Path, files: dict[str, str]) -> None:
    """Write files without a commit."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def state(folder: Path) -> tuple[str, str, str, bytes]:
    """What --base must not touch: status, branches, worktrees, index."""
    index = (folder / ".git" / "index").read_bytes()
    return git(folder, "status", "--short"), git(folder, "branch"), git(folder, "worktree", "list"), index
