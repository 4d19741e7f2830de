"""One table of the configuration, read key by key; what is wrong is noted, with its line, and reading goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from netadvise.config.places import Keys, Places
from netadvise.config.values import meant, shown
from netadvise.errors import UsageError

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")
D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Kind(Generic[T_co]):
    """A type that a key may have."""

    expected: str
    """What to say when it has another one."""
    convert: Callable[[object], T_co | None]
    """The value; None when it is of another type. Raises `MistakesError` for what it can name itself."""


class MistakesError(ValueError):
    """What is wrong inside a value: the keys below it, and what is said of each."""

    def __init__(self, found: Sequence[tuple[Keys, str]]) -> None:
        super().__init__("; ".join(message for _, message in found))
        self.found = found


class Problems:
    """The mistakes found in one file."""

    def __init__(self, file: str, places: Places) -> None:
        self.file = file
        self.places = places
        self._found: list[tuple[int, str]] = []

    def add(self, keys: Keys, message: str) -> None:
        self._found.append((self.places.line(keys), message))

    def raise_all(self) -> None:
        """Raises `UsageError` with every mistake, in order of lines, if there are any."""
        lines = tuple(f"{self.file}:{line}: {message}" for line, message in sorted(set(self._found)))
        if len(lines) == 1:
            raise UsageError(lines[0])
        if lines:
            raise UsageError(f"{len(lines)} mistakes in [tool.netadvise]", notes=lines)


class Section:
    """A table, and its path from the top of the file."""

    def __init__(self, table: Mapping[str, object], keys: Keys, problems: Problems) -> None:
        self._table, self._keys, self._problems = table, keys, problems
        self._known: set[str] = set()

    def take(self, key: str, kind: Kind[T], default: D) -> T | D:
        """The value of `key`, or `default` where it is missing or wrong."""
        self._known.add(key)
        if key not in self._table:
            return default
        try:
            value = kind.convert(self._table[key])
        except MistakesError as mistakes:
            for keys, message in mistakes.found:
                self.problem(key, message, *keys)
            return default
        if value is None:
            self.problem(key, f"{key} must be {kind.expected}, not {shown(self._table[key])}")
            return default
        return value

    def require(self, key: str, kind: Kind[T], default: D) -> T | D:
        """As `take`; a missing key, or an empty value, is a mistake."""
        value = self.take(key, kind, default)
        if self._table.get(key) in (None, "", []):
            self.problem(key, f"{'.'.join(part for part in self._keys[2:] if not part.isdecimal())} needs {key!r}")
        return value

    def entries(self, key: str) -> list[Section]:
        """The tables of an array of tables."""
        self._known.add(key)
        value = self._table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.problem(key, f"{key} must be an array of tables: write [[tool.netadvise.{key}]]")
            return []
        return [Section(item, (*self._keys, key, str(index)), self._problems) for index, item in enumerate(value)]

    def finish(self) -> None:
        """Every key that nobody took is a mistake."""
        for key in self._table:
            if key not in self._known:
                self.problem(key, f"unknown key {key!r}{meant(key, self._known)}")

    def problem(self, key: str, message: str, *further: str) -> None:
        """Note a mistake at a key."""
        self._problems.add((*self._keys, key, *further), message)

    def place(self, *keys: str) -> tuple[str, int]:
        """The file and line of the first of `keys` that is there."""
        key = next((key for key in keys if key in self._table), "")
        return self._problems.file, self._problems.places.line((*self._keys, key) if key else self._keys)

    def where(self, *keys: str) -> str:
        """The same as text: "pyproject.toml:4"."""
        return "{}:{}".format(*self.place(*keys))
