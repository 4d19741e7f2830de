"""The lines on which the keys of a TOML text stand, which `tomllib` does not tell."""

from __future__ import annotations

import re

Keys = tuple[str, ...]
"""A path into the document; an entry of an array of tables is its index: ("models", "0", "name")."""

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PART = re.compile(r"""([\w-]+)|"([^"]*)"|'([^']*)'""")


class Places:
    """Where the keys of one TOML text stand, found by reading its lines."""

    def __init__(self, text: str) -> None:
        self._lines: dict[Keys, int] = {}
        self._counts: dict[Keys, int] = {}
        table: Keys = ()
        for number, line in enumerate(text.splitlines(), 1):
            if header := _HEADER.match(line):
                table = self._opened(_parts(header[2]), repeated=header[1] == "[[")
                self._lines.setdefault(table, number)
            elif key := _KEY.match(line):
                self._note(table, _parts(key[1]), number)

    def line(self, keys: Keys) -> int:
        """The line of the longest known beginning of `keys`: a key of an inline table stands where its table does."""
        for length in range(len(keys), 0, -1):
            if keys[:length] in self._lines:
                return self._lines[keys[:length]]
        return 1

    def _note(self, table: Keys, parts: Keys, number: int) -> None:
        for length in range(1, len(parts) + 1):
            self._lines.setdefault((*table, *parts[:length]), number)

    def _opened(self, parts: Keys, *, repeated: bool) -> Keys:
        """The full path of a header; parts that name an array of tables get the index of its last entry."""
        found: Keys = ()
        for position, part in enumerate(parts):
            found = (*found, part)
            if repeated and position == len(parts) - 1:
                self._counts[found] = self._counts.get(found, 0) + 1
            if found in self._counts:
                found = (*found, str(self._counts[found] - 1))
        return found


def _parts(text: str) -> Keys:
    return tuple(bare or double or single for bare, double, single in _PART.findall(text))
