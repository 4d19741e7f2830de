"""Which rule files a run reads, and which rules its `rules` turn on before anybody selects.

source ::= "netadvise"              the default set of the newest date
         | "netadvise:2026.11"      the default set of that date; the other sets of that date are frozen with it
         | set                      one of our sets, whole: "gpu"
         | rule file | folder       a project's own rules

Our own rules are always read, so that each of them can be selected whatever the sources are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from netadvise.check.files import rule_files
from netadvise.check.problems import hint
from netadvise.check.sets import DEFAULT, DatedSets
from netadvise.config import RuleSource
from netadvise.errors import UsageError
from netadvise.rule import Rule

OURS = "netadvise"
_ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of one run, sorted into our sets and the files of the project."""

    sets: tuple[RuleSource, ...]
    files: tuple[Path, ...]


def sorted_out(sources: Sequence[RuleSource], shipped: Path) -> Sources:
    """Which sources name our sets and which name files; raises `UsageError` for a path that there is none of."""
    ours = {path.resolve() for path in rule_files(shipped)}
    sets: list[RuleSource] = []
    files: dict[Path, Path] = {}
    for source in sources:
        path = source.folder / source.text
        if not _is_path(source, shipped):
            sets.append(source)
        elif path.resolve() in ours:
            sets.append(RuleSource(path.stem, source.folder, source.where))
        else:
            files.update({file.resolve(): file for file in _files(path, source)})
    return Sources(tuple(sets), tuple(files.values()))


def shipped_files(shipped: Path) -> tuple[Path, ...]:
    """Our own rule files."""
    return rule_files(shipped)


def frozen_sets(sources: Sources, dated: DatedSets) -> Mapping[str, tuple[str, ...]]:
    """The sets of the date that the sources name, of the newest one otherwise."""
    dates = [_date(source, dated) for source in sources.sets if source.text.startswith(f"{OURS}:")]
    return dated.of(dates[-1] if dates else dated.newest)


def on_by_default(sources: Sources, rules: Sequence[Rule], frozen: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """Ids of the rules that are on before anybody selects; raises `UsageError` for a set that there is none of."""
    files = {file.resolve() for file in sources.files}
    found = {rule.id for rule in rules if Path(rule.location.file).resolve() in files}
    known = {rule.id for rule in rules}
    if not sources.sets and not files:
        return frozenset(frozen.get(DEFAULT, ())) & known
    for source in sources.sets:
        found |= _members(source, rules, frozen) & known
    return frozenset(found)


def _members(source: RuleSource, rules: Sequence[Rule], frozen: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    name = source.text
    if name == OURS or name.startswith(f"{OURS}:"):
        return frozenset(frozen.get(DEFAULT, ()))
    if name in frozen:
        return frozenset(frozen[name])
    members = frozenset(rule.id for rule in rules if rule.set == name)
    if not members:
        sets = {rule.set for rule in rules}
        raise UsageError(
            f"{source.where}: there is no rule set or rule file {name!r}{hint(name, sets)}",
            hint=f"Sets: {OURS}, {', '.join(sorted(sets))}; or the path of a .yaml file or of a folder of them.",
        )
    return members


def _date(source: RuleSource, dated: DatedSets) -> str:
    date = source.text.removeprefix(f"{OURS}:")
    if not dated.of(date):
        raise UsageError(
            f"{source.where}: this netadvise has no rule set {source.text!r}{hint(date, dated.dates)}",
            hint=f"It has: {', '.join(f'{OURS}:{known}' for known in dated.dates)}.",
        )
    return date


def _is_path(source: RuleSource, shipped: Path) -> bool:
    text = source.text
    if "/" in text or "\\" in text or text.endswith(_ENDINGS):
        return True
    is_set = text.startswith(OURS) or (shipped / f"{text}.yaml").is_file()
    return not is_set and (source.folder / text).exists()


def _files(path: Path, source: RuleSource) -> list[Path]:
    if path.is_dir():
        found = list(rule_files(path))
        if not found:
            raise UsageError(f"{source.where}: the folder {path} has no rule files (*.yaml)")
        return found
    if not path.exists():
        near = hint(path.name, [file.name for file in path.parent.glob("*.yaml")]) if path.parent.is_dir() else ""
        raise UsageError(f"{source.where}: there is no rule file {path}{near}")
    return [path]
