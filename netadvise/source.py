"""A source file as text, tree and tokens at once, all in one coordinate: the offset of a character in the text.

`ast` counts the bytes of a line in UTF-8, `tokenize` its characters, a `Location` its characters from 1. Lines end
where Python ends them: at \\n, \\r\\n or \\r, and nowhere else (`str.splitlines` also splits at form feeds).
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from bisect import bisect_right
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from netadvise.graph import Location

_LINE_END = re.compile(r"\r\n|\r|\n")
_UNREADABLE = (SyntaxError, ValueError, LookupError, RecursionError, MemoryError)


@dataclass(frozen=True, slots=True)
class Token:
    """One token of the file; `kind` is a constant of `tokenize`."""

    kind: int
    text: str
    start: int
    end: int


@dataclass(frozen=True)
class Source:
    """A Python file that can be parsed, and that turns back into the same bytes."""

    file: str
    content: bytes
    encoding: str
    text: str

    @staticmethod
    def of(file: str, content: bytes) -> Source:
        """The source of these bytes; raises `ValueError`, with the reason, where an edit could not keep them."""
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
            source = Source(file, content, encoding, content.decode(encoding))
            if source.text.encode(encoding) != content:
                raise ValueError(f"its encoding {encoding} does not give the same bytes back")
            _ = source.tree, source.tokens
        except (tokenize.TokenError, *_UNREADABLE) as error:
            raise ValueError(f"{file} cannot be read as Python: {error}") from None
        return source

    @staticmethod
    def of_text(file: str, text: str) -> Source:
        """The source of a text; raises `ValueError` where it is no Python."""
        source = Source(file, b"", "utf-8", text)
        try:
            _ = source.tree
        except _UNREADABLE as error:
            raise ValueError(f"{file} cannot be read as Python: {error}") from None
        return source

    def with_text(self, text: str) -> Source:
        """The same file with another text; raises `ValueError` where that is no Python any more."""
        try:
            return Source.of(self.file, text.encode(self.encoding))
        except UnicodeEncodeError as error:
            raise ValueError(f"{self.file} is written in {self.encoding}: {error}") from None

    @cached_property
    def tree(self) -> ast.Module:
        """What the text says."""
        return ast.parse(self.text)

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """The node around each node."""
        return {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    @cached_property
    def tokens(self) -> tuple[Token, ...]:
        """All tokens that stand for text, in order."""
        lines = io.StringIO(_LINE_END.sub("\n", self.text))
        return tuple(
            Token(token.type, token.string, self._offset(*token.start), self._offset(*token.end))
            for token in tokenize.generate_tokens(lines.readline)
            if token.string
        )

    def tokens_between(self, start: int, end: int) -> tuple[Token, ...]:
        """The tokens that lie in a stretch of the text."""
        first = bisect_right(self._token_starts, start - 1)
        last = bisect_right(self._token_starts, end - 1)
        return tuple(token for token in self.tokens[first:last] if token.end <= end)

    def span(self, node: ast.expr | ast.keyword) -> tuple[int, int]:
        """Where a node begins and ends; parentheses around it are not part of it."""
        end_line, end_column = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
        return self._offset_of_bytes(node.lineno, node.col_offset), self._offset_of_bytes(end_line, end_column)

    def said(self, node: ast.expr | ast.keyword) -> str:
        """The text of a node."""
        start, end = self.span(node)
        return self.text[start:end]

    def line_of(self, offset: int) -> int:
        """The line, from 1, in which a character stands."""
        return bisect_right(self._starts, offset)

    def line_span(self, line: int) -> tuple[int, int]:
        """Where a line begins and ends, without what ends it."""
        start, text = self._starts[line - 1], self.line(line)
        return start, start + len(text)

    def line(self, line: int) -> str:
        """The text of a line, without what ends it."""
        start = self._starts[line - 1]
        ending = _LINE_END.search(self.text, start)
        return self.text[start : len(self.text) if ending is None else ending.start()]

    def line_end(self, line: int) -> str:
        """What ends a line: the file's own way at that place."""
        found = _LINE_END.search(self.text, self._starts[line - 1])
        found = found or _LINE_END.search(self.text)
        return "\n" if found is None else found.group()

    def location(self, node: ast.expr | ast.keyword) -> Location:
        """Where a node begins, as editors count."""
        line, column = self.position(self.span(node)[0])
        return Location(self.file, line, column)

    def position(self, offset: int) -> tuple[int, int]:
        """The line and column of a character, both from 1."""
        line = self.line_of(offset)
        return line, offset - self._starts[line - 1] + 1

    def calls_at(self, location: Location) -> tuple[ast.Call, ...]:
        """The calls that Python places at `location`, the innermost first: `nn.ReLU()(x)` begins two."""
        if location.column is None or not 0 < location.line <= len(self._starts):
            return ()
        return self._calls.get(self._starts[location.line - 1] + location.column - 1, ())

    @cached_property
    def _calls(self) -> dict[int, tuple[ast.Call, ...]]:
        found: dict[int, tuple[ast.Call, ...]] = {}
        for call in _calls_in(self.tree):
            for place in self._places(call):
                found[place] = (call, *found.get(place, ()))
        return found

    def _places(self, call: ast.Call) -> set[int]:
        """The offsets that Python may give for a call: for an attribute on a later line, that of its name."""
        start, _ = self.span(call)
        if not isinstance(call.func, ast.Attribute):
            return {start}
        _, end = self.span(call.func)
        return {start} if self.line_of(end) == self.line_of(start) else {start, end - len(call.func.attr)}

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        return (0, *(found.end() for found in _LINE_END.finditer(self.text)))

    @cached_property
    def _token_starts(self) -> tuple[int, ...]:
        return tuple(token.start for token in self.tokens)

    def _offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column if line <= len(self._starts) else len(self.text)

    def _offset_of_bytes(self, line: int, column: int) -> int:
        text = self.line(line)
        return self._starts[line - 1] + (
            column if text.isascii() else len(text.encode()[:column].decode(errors="ignore"))
        )


def _calls_in(tree: ast.Module) -> Iterator[ast.Call]:
    """Outer calls before inner ones; none inside an f-string, whose columns are not those of the file."""
    waiting: deque[ast.AST] = deque([tree])
    while waiting:
        node = waiting.popleft()
        if isinstance(node, ast.Call):
            yield node
        waiting.extend(child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.JoinedStr))


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a text as Python counts them, without what ends them."""
    return tuple(_LINE_END.split(text))
