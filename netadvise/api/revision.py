"""A git repository as it was at a revision, in a temporary worktree: the index and the user's files are never touched.

The worktree is removed by a process of its own, which waits until this one lets go of it: by leaving the block, by
Ctrl-C, or by dying in whatever way.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from netadvise.errors import UsageError

_OF_A_HOOK = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"),
    *("GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE", "GIT_SHALLOW_FILE"),
)
"""What git sets for its hooks, and what would make it write into the user's own index from one."""
_QUIET = ("-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false")
_PREFIX = "netadvise-diff-"
_CLEAN_UP = 'cat > /dev/null; git -C "$1" worktree remove --force --force "$2"; rm -rf -- "$3"'


@dataclass(frozen=True, slots=True)
class Repository:
    """A git repository, by the top folder of its work tree, absolute."""

    top: Path

    def relative(self, path: str) -> str:
        """An absolute path as seen from the top, with forward slashes; as it is where it lies elsewhere."""
        real = Path(os.path.realpath(path))
        return real.relative_to(self.top).as_posix() if real.is_relative_to(self.top) else path


@dataclass(frozen=True, slots=True)
class Revision:
    """A commit, and how the user named it."""

    name: str
    commit: str

    def __str__(self) -> str:
        short = self.commit[:10]
        return self.name if self.commit.startswith(self.name) else f"{self.name} ({short})"


def repository_of(folder: Path) -> Repository:
    """The repository that a folder belongs to; raises `UsageError` when it belongs to none, or git is missing."""
    done = _git(folder, "rev-parse", "--show-toplevel")
    if done.returncode or not done.stdout.strip():
        raise UsageError(
            f"--base needs a git repository, and {folder} is in none that git can read: {_said(done)}",
            hint="Compare two targets, or two saved profiles: netadvise diff OLD NEW",
        )
    return Repository(Path(os.path.realpath(done.stdout.rstrip("\n"))))


def resolved(repository: Repository, name: str) -> Revision:
    """The commit that a revision names; raises `UsageError` when there is none."""
    done = _git(repository.top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    if done.returncode or not done.stdout.strip():
        shallow = _git(repository.top, "rev-parse", "--is-shallow-repository").stdout.strip() == "true"
        hint = (
            "This clone is shallow: fetch the history first (git fetch --unshallow; fetch-depth: 0 in a CI checkout)."
        )
        raise UsageError(
            f"git knows no revision {name!r} in {repository.top}",
            hint=hint if shallow else f"git -C {repository.top} log --oneline --all shows what there is.",
        )
    return Revision(name, done.stdout.strip())


@contextmanager
def checked_out(repository: Repository, revision: Revision) -> Iterator[Path]:
    """The folder that holds the repository at a revision, for as long as the block lasts.

    Hooks are not run, and files kept in Git LFS stay pointers. Raises `UsageError` when git cannot do it.
    """
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    place = folder.resolve() / "tree"
    janitor = _janitor(repository, place, folder)
    try:
        done = _git(repository.top, *_QUIET, "worktree", "add", "--detach", "--force", str(place), revision.commit)
        if done.returncode:
            raise UsageError(f"git cannot check out {revision}: {_said(done)}")
        yield place
    finally:
        # the pipe's end tells the janitor to begin
        if janitor.stdin is not None:
            janitor.stdin.close()
        janitor.wait()


def _janitor(repository: Repository, place: Path, folder: Path) -> subprocess.Popen[bytes]:
    """In a session of its own, so that neither Ctrl-C nor the end of a terminal reaches it."""
    try:
        return subprocess.Popen(
            ["sh", "-c", _CLEAN_UP, "sh", str(repository.top), str(place), str(folder)],
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise UsageError(f"--base needs a shell to clean up with: {error}") from error


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command: Sequence[str] = ("git", "-C", str(folder), *words)
    try:
        return subprocess.run(
            command,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
    except FileNotFoundError as error:
        raise UsageError("--base needs git, which is not installed here") from error


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _OF_A_HOOK}
    return {**kept, "GIT_LFS_SKIP_SMUDGE": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


def _said(done: subprocess.CompletedProcess[str]) -> str:
    """git's own reason, in its words."""
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    fatal = [line.removeprefix("fatal: ") for line in lines if line.startswith("fatal: ")]
    return (fatal or lines or [f"git ended with {done.returncode}"])[0]
