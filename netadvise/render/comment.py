"""Parts of a comment on a pull request: tables, lists and links, in Markdown that acts on no name.

GitHub takes 65,536 characters: every part is cut to a length that lets whole reports fit.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from netadvise.render.escape import cut, escaped
from netadvise.render.paragraphs import Statement
from netadvise.render.text import plain

ROWS = 40
"""Rows of a table."""
NAME = 80
"""Characters of a name."""
TEXT = 300
"""Characters of a sentence in a table."""
_SENTENCES = 40
_URL = re.compile(r"https://[\w./:?&=#%+~,;@!$'*-]{1,200}")


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: Collection[str] = ()) -> Iterator[str]:
    """Rows of cells that are Markdown already; the columns named in `right` are set to the right."""
    yield f"| {' | '.join(header)} |"
    yield f"| {' | '.join('---:' if name in right else '---' for name in header)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


def items(sentences: Iterable[Statement], most: int = _SENTENCES) -> Iterator[str]:
    """Labelled sentences as a list of at most so many."""
    told = list(sentences)
    for label, sentence in told[:most]:
        lead = f"{escaped(label)}: " if label else ""
        yield f"{'- ' if label else '  - '}{lead}{text(sentence, 2 * TEXT)}"
    if len(told) > most:
        yield f"- and {len(told) - most:,} more"


def linked(name: str, refs: Iterable[str]) -> str:
    """The name of a rule, linked to its first source on the web."""
    url = next((ref for ref in refs if _URL.fullmatch(ref)), "")
    return f"[{escaped(plain(name))}]({url})" if url else escaped(plain(name))


def text(sentence: str, most: int) -> str:
    """A sentence as Markdown shows it, or as much of it as fits."""
    return escaped(cut(plain(sentence), most))
