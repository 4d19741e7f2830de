"""What the error of a failed forward says about the inputs it would have accepted.

Sizes are found by search: many layers fix how many features must arrive (`mat1 and mat2 shapes cannot be multiplied
(1x9216 and 400x120)`), what arrives grows with the input's size, so each failure bounds the size from one side.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import prod

from netadvise.capture.blueprint import Blueprint, Slot, revised, slots
from netadvise.capture.inferred import SIZES
from netadvise.capture.messages import BROADCAST, SLOT_RULES, Match, SlotRule, sizes

_REDUCTION = re.compile(r"\[(\d+), (\d+)\] X \[(\d+), (\d+)\]")
"""How a product on shapes alone words what a real one calls "(1x9216 and 400x120)"."""


def revisions(blueprint: Blueprint, text: str, search: SizeSearch) -> Iterator[Blueprint]:
    """Blueprints that the error `text` suggests instead, likeliest first."""
    text = _REDUCTION.sub(r"(\1x\2 and \3x\4)", text)
    for pattern, rule in SLOT_RULES:
        match = re.search(pattern, text)
        if match is not None:
            yield from _changed(blueprint, match, rule)
    size = _size_of(blueprint)
    if size is None:
        return
    for pattern, compare in _SIZE_RULES:
        match = re.search(pattern, text)
        if match is not None:
            verdict = compare(match)
            proposed = search.next_size(size, *verdict) if verdict else None
            if proposed is not None:
                yield _resized(blueprint, proposed)
            return
    named = _named_size(text, size)
    if named is not None:
        yield _resized(blueprint, named)


def _resized(blueprint: Blueprint, size: int) -> Blueprint:
    return revised(blueprint, lambda slot: slot.resized(size) if slot.free else slot)


def _changed(blueprint: Blueprint, match: Match, rule: SlotRule) -> Iterator[Blueprint]:
    """The blueprint with the rule applied to every slot it fits; then to each slot alone."""
    count = len(list(slots(blueprint)))
    for only in (None, *(range(count) if count > 1 else ())):
        positions = iter(range(count))

        def change(slot: Slot, only: int | None = only, positions: Iterator[int] = positions) -> Slot:
            position = next(positions)
            return (rule(match, slot) or slot) if only in (None, position) else slot

        changed = revised(blueprint, change)
        if changed != blueprint:
            yield changed


def _size_of(blueprint: Blueprint) -> int | None:
    return next((slot.size for slot in slots(blueprint) if slot.size is not None), None)


def _named_size(text: str, size: int) -> int | None:
    """The one other size in a message like "Input height (224) doesn't match model (384)"."""
    numbers = {int(item) for item in re.findall(r"(?<![\w.])\d+(?![\w.]*\d)", text.replace("x", " "))}
    others = sorted(number for number in numbers - {size} if 4 <= number <= 2048)
    return others[0] if size in numbers and len(others) == 1 else None


@dataclass
class SizeSearch:
    """Bounds on the size that makes a quantity arrive as wanted: the quantity grows with the size."""

    too_small: int = 0
    too_large: int = 1 << 14
    tried: set[int] = field(default_factory=set)

    def next_size(self, size: int, found: float, wanted: float, power: float = 0.5) -> int | None:
        """The next size to try, given that `size` made `found` arrive where `wanted` was expected."""
        self.tried.add(size)
        if found < wanted:
            self.too_small = max(self.too_small, size)
        else:
            self.too_large = min(self.too_large, size)
        estimate = size * (wanted / found) ** power if found and wanted else size * 2
        usual = [item for item in SIZES[2] if self.too_small < item < self.too_large and item not in self.tried]
        near = [item for item in usual if 0.6 < item / estimate < 1.7]
        if near and len(self.tried) < 5:
            return min(near, key=lambda item: abs(item - estimate))
        middle = round(estimate)
        if not self.too_small < middle < self.too_large or middle in self.tried:
            middle = (self.too_small + min(self.too_large, 4096)) // 2
        return middle if self.too_small < middle < self.too_large and middle not in self.tried else None


def _multiplied(match: Match) -> tuple[float, float]:
    return float(match["found"]), float(match["wanted"])


def _reshaped(match: Match) -> tuple[float, float] | None:
    wanted = [int(item) for item in re.findall(r"-?\d+", match["shape"])]
    features = prod(item for item in wanted if item > 0)
    return (float(match["found"]), float(features)) if features else None


def _broadcast(match: Match) -> tuple[float, float] | None:
    axis, shape = int(match["axis"]), sizes(match["shape"])
    return (float(shape[axis]), float(match["wanted"])) if -len(shape) <= axis < len(shape) else None


def _shrunk_away(match: Match) -> tuple[float, float]:
    return 0.0, 1.0


_SIZE_RULES: tuple[tuple[str, Callable[[Match], tuple[float, float] | None]], ...] = (
    (r"\(\d+x(?P<found>\d+) and (?P<wanted>\d+)x\d+\)", _multiplied),
    (r"shape '\[(?P<shape>[-\d, ]+)\]' is invalid for input of size (?P<found>\d+)", _reshaped),
    (r"expected input with shape \[\*, (?P<wanted>\d+)\].*size ?\[(?:\d+, )*(?P<found>\d+)\]", _multiplied),
    (BROADCAST, _broadcast),
    (r"Expected (?P<wanted>\d+), got (?P<found>\d+)", _multiplied),
    (r"Kernel size can't be greater|Output size is too small|smaller than kernel|Padding size should be", _shrunk_away),
    (r"non-zero|zero-size|is too small|non-empty|stack expects a non-empty|must be positive", _shrunk_away),
    (r"tensor a \((?P<found>\d+)\) must match .* tensor b \((?P<wanted>\d+)\) at .*dimension [12]\b", _multiplied),
)  # fmt: skip
