"""One rule, explained: what it says, why, how sure it is, what to do, and networks that show it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence

from netadvise.render.encode import json_text
from netadvise.render.escape import code, escaped
from netadvise.render.rule_facts import Section, rule_document, sections
from netadvise.render.text import plain
from netadvise.rule import Rule
from netadvise.table import Table

Explainer = Callable[[Rule, bool, int | None], str]
"""The rule, whether it is on by default, and the terminal's columns (None: no terminal)."""

EXPLAIN_FORMATS: Table[Explainer] = Table("explanation format")
_WIDEST = 100
_LABEL = 13
_ADDRESS = re.compile(r"https?://[\w./~:?=&%+,;#@!()-]+", re.ASCII)


@EXPLAIN_FORMATS("text")
def text(rule: Rule, default: bool, width: int | None) -> str:
    """For a terminal: a heading and short sections."""
    lines = [f"{plain(rule.id)} {plain(rule.name)}", *_wrapped(plain(rule.title), width, 0), ""]
    for section in sections(rule, default=default):
        if section.kind == "facts":
            lines.extend(
                line for label, said in section.entries for line in _hung(f"{label + ':':<{_LABEL}}", said, width)
            )
        else:
            lines.extend([section.title, *_body(section, width)])
        lines.append("")
    return "\n".join(lines)


@EXPLAIN_FORMATS("markdown")
def markdown(rule: Rule, default: bool, width: int | None) -> str:
    """For a web page: the page that `rules docs` writes of the rule."""
    return rule_page(rule, default=default)


@EXPLAIN_FORMATS("json")
def json(rule: Rule, default: bool, width: int | None) -> str:
    """`netadvise.rule/1`."""
    return json_text({"schema": "netadvise.rule/1", **rule_document(rule, default=default)}, indent=1) + "\n"


def rule_page(rule: Rule, *, default: bool) -> str:
    """A Markdown page about the rule."""
    parts = [f"# {escaped(plain(rule.id))} {escaped(plain(rule.name))}", escaped(plain(rule.title))]
    for section in sections(rule, default=default):
        heading = [] if section.kind == "facts" else [f"## {section.title}"]
        parts.extend([*heading, _marked(section)])
    return "\n\n".join(parts) + "\n"


def _body(section: Section, width: int | None) -> Iterator[str]:
    """Prose is wrapped; code stays on its line, to be copied from there."""
    longest = max((len(label) for label, _ in section.entries), default=0)
    for label, said in section.entries:
        lead = f"  {label:<{longest}}  " if longest else "  "
        if section.kind == "code":
            yield lead + said
            continue
        yield from _hung(lead, said, width)


def _hung(lead: str, said: str, width: int | None) -> Iterator[str]:
    """`said` behind `lead`, its further lines below its first."""
    first, *rest = _wrapped(said, width, len(lead)) or [""]
    yield lead + first[len(lead) :]
    yield from rest


def _wrapped(said: str, width: int | None, indent: int) -> Sequence[str]:
    room = min(width or _WIDEST, _WIDEST)
    blank = " " * indent
    return textwrap.wrap(
        said, room, initial_indent=blank, subsequent_indent=blank, break_long_words=False, break_on_hyphens=False
    )


def _marked(section: Section) -> str:
    if section.kind == "facts":
        rows = "\n".join(f"| {escaped(label)} | {escaped(said)} |" for label, said in section.entries)
        return f"| | |\n| --- | --- |\n{rows}"
    if section.kind in ("prose", "text"):
        show = code if section.kind == "text" else escaped
        return "\n\n".join(show(said) for _, said in section.entries)
    item: Callable[[str], str] = code if section.kind == "code" else _linked
    return "\n".join(f"- {f'{escaped(label)}: ' if label else ''}{item(said)}" for label, said in section.entries)


def _linked(said: str) -> str:
    """An address as a link: escaped signs would cut it short. Anything else as it is."""
    return f"<{said}>" if _ADDRESS.fullmatch(said) else escaped(said)
