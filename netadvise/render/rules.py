"""Tables of rules: for a terminal, a web page, or a program."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from rich.cells import cell_len, set_cell_size

from netadvise.render.encode import json_text
from netadvise.render.escape import escaped
from netadvise.render.rule_facts import rule_document
from netadvise.render.text import counted, plain
from netadvise.rule import Rule
from netadvise.table import Table

Lister = Callable[[Sequence[Rule], Collection[str], int | None], str]
"""The rules, the ids of those that are on by default, and the terminal's columns (None: no terminal)."""

RULE_LISTS: Table[Lister] = Table("rule list format")
HEADER = ("id", "name", "severity", "grade", "set", "on", "title")
_ON = "on"


@RULE_LISTS("text")
def text(rules: Sequence[Rule], default: Collection[str], width: int | None) -> str:
    """One line a rule; the title is cut to the terminal."""
    rows = [HEADER, *(cells(rule, default) for rule in rules)]
    widths = [max(cell_len(row[column]) for row in rows) for column in range(len(HEADER))]
    on = sum(rule.id in default for rule in rules)
    total = f"{counted(len(rules), 'rule')}, {on} on by default"
    return "\n".join([*(_line(row, widths, width) for row in rows), "", total, ""])


@RULE_LISTS("markdown")
def markdown(rules: Sequence[Rule], default: Collection[str], width: int | None) -> str:
    """A table."""
    return rule_table(rules, default, linked=False)


@RULE_LISTS("json")
def json(rules: Sequence[Rule], default: Collection[str], width: int | None) -> str:
    """`netadvise.rules/1`: everything about every rule."""
    documents = [rule_document(rule, default=rule.id in default) for rule in rules]
    return json_text({"schema": "netadvise.rules/1", "rules": documents}, indent=1) + "\n"


def rule_table(rules: Sequence[Rule], default: Collection[str], *, linked: bool) -> str:
    """A Markdown table; `linked` to a page per rule beside it."""
    lines = [f"| {' | '.join(HEADER)} |", f"|{' --- |' * len(HEADER)}"]
    for rule in rules:
        ident, *rest = map(escaped, cells(rule, default))
        shown = f"[{ident}]({page_name(rule)})" if linked else ident
        lines.append(f"| {' | '.join((shown, *rest))} |")
    return "\n".join(lines) + "\n"


def page_name(rule: Rule) -> str:
    """The file of the rule's page."""
    return f"{rule.id}.md"


def cells(rule: Rule, default: Collection[str]) -> tuple[str, ...]:
    """What stands under `HEADER`."""
    on = _ON if rule.id in default else ""
    named = (rule.id, rule.name, rule.severity, rule.confidence, rule.set, on, rule.title)
    return tuple(plain(cell) for cell in named)


def _line(row: Sequence[str], widths: Sequence[int], width: int | None) -> str:
    padded = (cell + " " * (size - cell_len(cell)) for cell, size in zip(row, widths, strict=True))
    line = "  ".join(padded).rstrip()
    return line if width is None or cell_len(line) <= width else set_cell_size(line, width - 1).rstrip() + "…"
