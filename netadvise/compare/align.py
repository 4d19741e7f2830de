"""Two sequences laid side by side: the pairs, in order, that have the most in common together.

    align(a b c d, a c' d) = a-a, c-c', d-d        b is left over

Longest common subsequence with weights, by dynamic programming. What both begin and end with is paired first, which
leaves little to weigh in most comparisons.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")
Pair = tuple[int, int]

_MOST_CELLS = 8_000_000
"""Above so many pairs to weigh (some seconds), only what is the same on both sides is paired."""
_AHEAD = 40
"""How far is looked for it."""


@dataclass(frozen=True)
class Scale(Generic[T]):
    """How two items are weighed against each other."""

    look: Callable[[T], int]
    """Equal for items that score alike but for their names: a deep network has few different ones."""
    name: Callable[[T], str]
    score: Callable[[T, T], int]
    """What a pair is worth; 0: no pair."""
    same: Callable[[T, T], bool]
    """Whether no other partner could be better."""


def align(old: Sequence[T], new: Sequence[T], scale: Scale[T]) -> list[Pair]:
    """Pairs of positions, rising on both sides, of the greatest total score."""
    first, last = _ends(old, new, scale.same)
    begun = [(position, position) for position in range(first)]
    ended = [(len(old) - back, len(new) - back) for back in range(last, 0, -1)]
    middle_old, middle_new = old[first : len(old) - last], new[first : len(new) - last]
    small = len(middle_old) * len(middle_new) <= _MOST_CELLS
    found = _weighed(middle_old, middle_new, scale) if small else _same_only(middle_old, middle_new, scale.same)
    return [*begun, *((one + first, other + first) for one, other in found), *ended]


def _ends(old: Sequence[T], new: Sequence[T], same: Callable[[T, T], bool]) -> Pair:
    """How many items both sequences begin, and end, with."""
    shorter = min(len(old), len(new))
    first = 0
    while first < shorter and same(old[first], new[first]):
        first += 1
    last = 0
    while last < shorter - first and same(old[-1 - last], new[-1 - last]):
        last += 1
    return first, last


def _weighed(old: Sequence[T], new: Sequence[T], scale: Scale[T]) -> Iterator[Pair]:
    table = _Table(new, scale)
    scores = [table.row(item) for item in old]
    best = [array("q", bytes(8 * (len(new) + 1))) for _ in range(len(old) + 1)]
    for row in range(len(old) - 1, -1, -1):
        _fill(best[row], best[row + 1], scores[row])
    row = column = 0
    while row < len(old) and column < len(new):
        points = scores[row][column]
        if points and points + best[row + 1][column + 1] == best[row][column]:
            yield row, column
            row, column = row + 1, column + 1
        elif best[row + 1][column] == best[row][column]:
            row += 1
        else:
            column += 1


@dataclass
class _Table(Generic[T]):
    """What each item of OLD scores with every one of NEW."""

    new: Sequence[T]
    scale: Scale[T]
    rows: dict[int, list[int]] = field(default_factory=dict)
    """By look: scores with all that have other names."""
    columns: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for column, item in enumerate(self.new):
            self.columns.setdefault(self.scale.name(item), []).append(column)

    def row(self, item: T) -> list[int]:
        """Items of one look score alike, but for their namesakes."""
        look, namesakes = self.scale.look(item), self.columns.get(self.scale.name(item), [])
        if look not in self.rows:
            self.rows[look] = [self.scale.score(item, other) for other in self.new]
        found = self.rows[look].copy()
        for column in namesakes:
            found[column] = self.scale.score(item, self.new[column])
        return found


def _fill(here: array[int], below: array[int], scored: Sequence[int]) -> None:
    """The best that can be had from each column on, when this row is the first."""
    most = 0
    for column in range(len(scored) - 1, -1, -1):
        points = scored[column]
        if points and points + below[column + 1] > most:
            most = points + below[column + 1]
        if below[column] > most:
            most = below[column]
        here[column] = most


def _same_only(old: Sequence[T], new: Sequence[T], same: Callable[[T, T], bool]) -> Iterator[Pair]:
    """For sequences too long to weigh: step by step, over the shortest stretch that leads to the same item again."""
    row = column = 0
    while row < len(old) and column < len(new):
        if same(old[row], new[column]):
            yield row, column
            row, column = row + 1, column + 1
            continue
        ahead = ((step, skipped - step) for skipped in range(1, _AHEAD) for step in range(skipped + 1))
        inside = ((one, other) for one, other in ahead if row + one < len(old) and column + other < len(new))
        skips = next((skip for skip in inside if same(old[row + skip[0]], new[column + skip[1]])), (1, 1))
        row, column = row + skips[0], column + skips[1]
