"""From rule files to compiled rules: every key checked, every problem noted with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from netadvise.check.compiled import Compiled
from netadvise.check.layout import FILE, OURS
from netadvise.check.pattern_read import Reader, parts
from netadvise.check.problems import Problems
from netadvise.check.rulefile_rule import compile_rule
from netadvise.check.shapes import value_of
from netadvise.check.yaml import Entries, Node, read
from netadvise.rulepath import rules_directory


@dataclass(frozen=True, slots=True)
class Given:
    """A rule with the node it was read from."""

    compiled: Compiled
    node: Entries


def read_rules(path: Path, problems: Problems) -> Iterator[Given]:
    """The rules of one file; what is wrong with it is noted, and what can be read is read."""
    document = read(path, problems)
    if document is None:
        return
    root = document.root
    FILE.check(root, problems, "the file")
    if not isinstance(root, Entries):
        return
    _check_set(root, path, problems)
    prefix = _prefix(root, path, problems)
    for node in parts(root.get("rules")):
        if isinstance(node, Entries):
            rule_id = _text(node.get("id"))
            labelled = problems.of(rule_id)
            _check_prefix(node, rule_id, prefix, labelled)
            yield Given(compile_rule(node, path.stem, Reader(document.lines, labelled)), node)


def _check_set(root: Entries, path: Path, problems: Problems) -> None:
    node = root.get("set")
    if node is not None and _text(node) != path.stem:
        problems.add(node, f"set must be the name of the file, '{path.stem}'")


def _prefix(root: Entries, path: Path, problems: Problems) -> str:
    """The prefix of a user's own pack; empty for the rules that come with netadvise."""
    node = root.get("prefix")
    if node is not None and _text(node) in OURS:
        problems.add(node, f"prefix {_text(node)} belongs to netadvise: choose another one")
    if node is None and path.resolve().parent != rules_directory().resolve():
        problems.add(root, "the file has no 'prefix': the ids of your own rules begin with one, such as MY")
    return _text(node)


def _check_prefix(node: Entries, rule_id: str, prefix: str, problems: Problems) -> None:
    place = node.get("id")
    family = rule_id.rstrip("0123456789")
    if place is None or not family:
        return
    if prefix and family != prefix:
        problems.add(place, f"the id begins with '{family}', not with the file's prefix {prefix}")
    elif not prefix and family not in OURS:
        problems.add(place, f"'{family}' is no prefix of netadvise: one of {', '.join(OURS)}")


def _text(node: Node | None) -> str:
    return "" if node is None else str(value_of(node) or "")
