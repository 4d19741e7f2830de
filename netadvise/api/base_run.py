"""A target as it was at a git revision: recorded in a temporary worktree, and told in the repository's own paths."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import netadvise
from netadvise.api.answers import Answer
from netadvise.api.places import moved_facts, moved_profile
from netadvise.api.revision import Repository, Revision, repository_of
from netadvise.api.running import Watch, respond
from netadvise.cache.witness import installed
from netadvise.capture.files import check_file
from netadvise.document import profile_from_document
from netadvise.document.facts import facts_from_json
from netadvise.errors import InternalError, NetadviseError, TargetError, UsageError
from netadvise.target import parse_target
from netadvise.worker.protocol import Request, Response

_OWN = os.path.dirname(os.path.abspath(netadvise.__file__)) + os.sep
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Rooted:
    """A target of a repository."""

    repository: Repository
    source: str
    """The file as seen from the repository's top, or a dotted module."""
    rest: str
    """":Net(depth=18)"."""
    is_file: bool

    def __str__(self) -> str:
        return self.source + self.rest


def rooted(target: str) -> Rooted:
    """The target with the repository that it belongs to; raises `TargetError` when its file is none, or in none."""
    source = parse_target(target).source
    rest = target[len(source) :]
    if not source.lower().endswith(".py"):
        return Rooted(repository_of(Path.cwd()), source, rest, is_file=False)
    path = Path(source)
    check_file(path, source)
    real = Path(os.path.realpath(path))
    repository = repository_of(real.parent)
    return Rooted(repository, real.relative_to(repository.top).as_posix(), rest, is_file=True)


def answer_at(
    request: Request, target: Rooted, revision: Revision, place: Path, watch: Watch, *, quiet: bool
) -> tuple[Answer, Callable[[str], str]]:
    """Profile and facts of the target in the worktree `place`, with absolute paths, and what makes those short.

    Raises `UsageError` when the file is not there at the revision, `TargetError` when its run read code of the present
    work tree, and what `respond` raises.
    """
    text = str(target)
    if target.is_file:
        if not (place / target.source).is_file():
            raise UsageError(
                f"{target.source} does not exist at {revision}",
                hint="If it was renamed, save a profile there and compare that: netadvise diff old.json new.py",
            )
        text = str(place / target.source) + target.rest
    folder = _folder(place, target.repository)
    copied = (str(target.repository.top), str(place))
    try:
        response = respond(
            replace(request, target=text, folder=str(folder), copied=copied), in_process=False, watch=watch, quiet=quiet
        )
    except NetadviseError as error:
        raise _told_of(error, revision, place) from None
    _check_files(response, target, revision, place)
    return _answer(response, folder), lambda file: Repository(place).relative(file)


def _answer(response: Response, folder: Path) -> Answer:
    if response.profile is None or response.facts is None:
        raise InternalError("the worker answered without a profile or without facts")

    def absolute(file: str) -> str:
        return os.path.join(folder, file)

    profile = moved_profile(profile_from_document(response.profile), absolute)
    return Answer(profile, moved_facts(facts_from_json(response.facts), absolute))


def _folder(place: Path, repository: Repository) -> Path:
    """The working folder, in the worktree; its top where it is elsewhere or was not there yet."""
    here = Path(os.path.realpath(os.getcwd()))
    if not here.is_relative_to(repository.top):
        return place
    twin = place / here.relative_to(repository.top)
    return twin if twin.is_dir() else place


def _told_of(error: NetadviseError, revision: Revision, place: Path) -> NetadviseError:
    """The error of a run at a revision, in the repository's paths."""

    def short(text: str) -> str:
        return text.replace(f"{place}{os.sep}", "").replace(str(place), ".")

    told = type(error)(
        f"at {revision}: {short(error.message)}",
        where=short(error.where),
        notes=tuple(map(short, error.notes)),
        hint=short(error.hint),
    )
    for note in getattr(error, "__notes__", ()):
        told.add_note(short(note))
    return told


def _check_files(response: Response, target: Rooted, revision: Revision, place: Path) -> None:
    """Code of the present work tree in a run of OLD would be measured as if it had been there then."""
    read = [file.path for file in response.files or () if file.size >= 0 and file.path.endswith(".py")]
    if strangers := [path for path in read if _is_present(path, target.repository, place)]:
        named = ", ".join(map(target.repository.relative, strangers[:_NAMED]))
        more = f" and {len(strangers) - _NAMED} more" if len(strangers) > _NAMED else ""
        raise TargetError(
            f"the run at {revision} imported code of the present work tree: {named}{more}",
            hint="A package that is installed in editable mode? PYTHONPATH=FOLDER, the folder that holds it, makes its "
            "copy of that revision count.",
        )
    if not target.is_file and response.files is not None and not _any_inside(read, place):
        raise UsageError(
            f"nothing of {target.source} comes from the repository {target.repository.top}",
            hint="--base would compare it with itself.",
        )


def _is_present(path: str, repository: Repository, place: Path) -> bool:
    if path.startswith(_OWN) or installed(path) or Path(path).is_relative_to(place):
        return False
    return Path(os.path.realpath(path)).is_relative_to(repository.top)


def _any_inside(paths: Sequence[str], place: Path) -> bool:
    return any(Path(path).is_relative_to(place) for path in paths)
