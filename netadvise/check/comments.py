"""`# netadvise: ignore[ID, name] reason`: which comments a file has, and which lines each one covers.

A comment covers the code on its own line; alone on a line, it covers the first line of code below it. A call is covered
when any of its lines is, so a formatter that breaks the call over several lines changes nothing.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

_COMMENT = re.compile(r"#\s*netadvise\s*:\s*(?P<rest>.*)", re.IGNORECASE)
_IGNORE = re.compile(r"ignore\s*\[(?P<names>[^\]]*)\]\s*(?P<reason>.*)", re.IGNORECASE)
_HEADED = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef

Span = tuple[int, int]
"""First and last line."""


@dataclass(frozen=True, slots=True)
class Comment:
    """One suppression comment."""

    line: int
    """Where it stands, from 1."""
    column: int
    covers: int
    """The line of code that it speaks of."""
    names: tuple[str, ...]
    """Empty: it names no rule."""
    reason: str


class Source:
    """The suppression comments of one Python file, and the extent of its calls."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.comments: tuple[Comment, ...] = tuple(_comments(text)) if "netadvise" in text.lower() else ()

    def covered(self, line: int, column: int | None) -> tuple[Comment, ...]:
        """The comments on the call, or the header of the class, that starts there."""
        if not self.comments:
            return ()
        first, last = self._span(line, column)
        return tuple(comment for comment in self.comments if first <= comment.covers <= last)

    def scope(self, line: int) -> Span:
        """The lines of the innermost function or class around a line; of the whole file outside of them."""
        around = [span for span in self._scopes if span[0] <= line <= span[1]]
        return min(around, key=lambda span: span[1] - span[0], default=(0, 0))

    def _span(self, line: int, column: int | None) -> Span:
        """From the first to the last line of what starts there: the longest such call, when no column is known."""
        starts = self._starts.get(line, {})
        if column is None:
            return line, max(starts.values(), default=line)
        before = [start for start in starts if start <= column]
        return line, starts[column] if column in starts else max((starts[start] for start in before), default=line)

    @cached_property
    def _tree(self) -> ast.Module | None:
        try:
            return ast.parse(self._text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    @cached_property
    def _starts(self) -> Mapping[int, Mapping[int, int]]:
        """First line -> column -> last line of the calls and headers that start there."""
        lines = self._text.splitlines()
        found: dict[int, dict[int, int]] = {}
        for node in ast.walk(self._tree) if self._tree is not None else ():
            if isinstance(node, ast.Call | _HEADED):
                last = (node.body[0].lineno - 1) if isinstance(node, _HEADED) else node.end_lineno or node.lineno
                column = _characters(lines, node.lineno, node.col_offset) + 1
                row = found.setdefault(node.lineno, {})
                row[column] = max(row.get(column, 0), last, node.lineno)
        return found

    @cached_property
    def _scopes(self) -> tuple[Span, ...]:
        nodes = ast.walk(self._tree) if self._tree is not None else ()
        return tuple((node.lineno, node.end_lineno or node.lineno) for node in nodes if isinstance(node, _HEADED))


def _characters(lines: list[str], line: int, offset: int) -> int:
    """A column in UTF-8 bytes as one in characters."""
    text = lines[line - 1] if line <= len(lines) else ""
    return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))


def _comments(text: str) -> Iterator[Comment]:
    found, code = _tokens(text)
    lines = sorted(code)
    for token in found:
        match = _COMMENT.search(token.string)
        if match is None:
            continue
        line = token.start[0]
        below = bisect_right(lines, line)
        covers = line if line in code or below == len(lines) else lines[below]
        ignore = _IGNORE.match(match["rest"])
        names = tuple(filter(None, (name.strip() for name in ignore["names"].split(",")))) if ignore else ()
        column = token.start[1] + match.start() + 1
        yield Comment(line, column, covers, names, ignore["reason"].strip() if ignore else "")


def _tokens(text: str) -> tuple[list[tokenize.TokenInfo], set[int]]:
    """The comments of a file, and the lines that hold code; as far as the file can be read."""
    layout = {tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.COMMENT}
    comments: list[tokenize.TokenInfo] = []
    code: set[int] = set()
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                comments.append(token)
            elif token.type not in layout:
                code.update(range(token.start[0], token.end[0] + 1))
    except (tokenize.TokenError, SyntaxError):
        pass
    return comments, code
