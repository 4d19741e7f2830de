"""Reading `rules/sets.yaml`."""

from __future__ import annotations

from pathlib import Path

from netadvise.check.problems import Problems, refuse
from netadvise.check.yaml import Entries, Items, Node, Scalar, read
from netadvise.errors import RuleFileError


def read_sets(path: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """Date -> set -> ids of its rules; raises `RuleFileError` for anything else."""
    problems = Problems(str(path))
    document = read(path, problems)
    dates = {} if document is None else _dates(document.root, problems)
    refuse(problems.found)
    if not dates:
        raise RuleFileError(f"{path}: there is no date under 'sets'")
    return dates


def _dates(root: Node, problems: Problems) -> dict[str, dict[str, tuple[str, ...]]]:
    sets = root.get("sets") if isinstance(root, Entries) else None
    if not isinstance(sets, Entries):
        problems.add(root, "must have the key 'sets', with one entry per date")
        return {}
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for date, content in sets.entries:
        if not all(part.isdecimal() for part in date.text.split(".")):
            problems.add(date, f"{date.text!r} is no date such as '2026.11'")
        elif not isinstance(content, Entries):
            problems.add(content, "must map set names to lists of rule ids")
        else:
            found[date.text] = {name.text: _ids(ids, problems) for name, ids in content.entries}
    return found


def _ids(node: Node, problems: Problems) -> tuple[str, ...]:
    if not isinstance(node, Items) or not all(isinstance(item, Scalar) for item in node.items):
        problems.add(node, "must be a list of rule ids")
        return ()
    return tuple(item.text for item in node.items if isinstance(item, Scalar))
