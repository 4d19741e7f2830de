"""Exact integer windows: which inputs each output of an op, or of a chain of ops, reads along one axis.

    window ::= shift, span(0), ..., span(period - 1)          span(o) = span[o mod period] + (o div period) * shift
    span   ::= first, last, step                              the inputs first, first + step, ..., last; or nothing

A convolution is one span shifted by its stride; a transposed convolution has as many spans as its stride and a shift
of 1. Windows know no borders: index -1 is the position left of the first, in the padding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import gcd, lcm
from typing import NamedTuple

from netadvise.quantity import Unknown

MOST_PHASES = 1024
"""Beyond so many different units in a row, a window is given up for an Unknown."""


class Span(NamedTuple):
    """The inputs first, first + step, ..., last."""

    first: int
    last: int
    step: int = 1

    def shifted(self, by: int) -> Span:
        return Span(self.first + by, self.last + by, self.step)

    @property
    def size(self) -> int:
        """From the first to the last input, both included."""
        return self.last - self.first + 1

    @property
    def taps(self) -> range:
        return range(self.first, self.last + 1, self.step)


@dataclass(frozen=True, slots=True)
class Window:
    """A quasi-periodic map from output index to input span; see the module's formula."""

    shift: int
    spans: tuple[Span | None, ...]

    @property
    def period(self) -> int:
        return len(self.spans)

    @property
    def jump(self) -> Fraction:
        """Inputs from one output to the next, on average over a period; negative when the order is reversed."""
        return Fraction(self.shift, self.period)

    @property
    def size(self) -> int:
        """The largest span over one period; 0 when no output reads anything."""
        return max((span.size for span in self.spans if span), default=0)

    @property
    def smallest(self) -> int:
        """The smallest span over one period; 0 when some output reads nothing."""
        return min(span.size if span else 0 for span in self.spans)

    @property
    def start(self) -> int:
        """The first input of the first output that reads anything."""
        return next((span.first for span in self.spans if span), 0)

    def at(self, output: int) -> Span | None:
        """What output index `output` (any integer) reads."""
        turns, phase = divmod(output, len(self.spans))
        span = self.spans[phase]
        return span.shifted(turns * self.shift) if span and turns else span

    def after(self, earlier: Window) -> Window | Unknown:
        """What this op's outputs see of the input of `earlier`, whose outputs it reads: hulls, without gaps.

        Unknown when the period grows beyond MOST_PHASES.
        """
        return _compose(self, earlier)

    def union(self, other: Window) -> Window | Unknown:
        """Per output the hull of both spans; Unknown when the jumps differ: then no period exists."""
        if self == other:
            return self
        if not self.keeps_pace_with(other):
            return Unknown(f"branches of jump {self.jump} and {other.jump} meet")
        if self.period == other.period == 1:
            return Window(self.shift, (_hull(self.spans[0], other.spans[0]),))
        period = lcm(self.period, other.period)
        if period > MOST_PHASES:
            return _too_many(period)
        spans = tuple(_hull(self.at(output), other.at(output)) for output in range(period))
        return canonical(self.shift * (period // self.period), spans)

    def keeps_pace_with(self, other: Window) -> bool:
        """Whether both have the same jump."""
        return self.shift * other.period == other.shift * self.period

    def moved(self, outputs: int) -> Window:
        """The window whose output o is this one's output o + `outputs`."""
        spans = tuple(self.at(output + outputs) for output in range(self.period))
        return Window(self.shift, spans)

    def hull(self, taps: Span | None) -> Span | None:
        """Hull of what the outputs `taps` read; shifts being linear, one period at either end decides."""
        if taps is None:
            return None
        positions, result = taps.taps, None
        for output in _ends(positions, self.period):
            result = _hull(result, self.at(output))
        return result


def canonical(shift: int, spans: tuple[Span | None, ...]) -> Window:
    """The window of the smallest true period that maps every output alike."""
    length = len(spans)
    for period in range(1, length // 2 + 1):
        if length % period or shift * period % length:
            continue
        candidate = Window(shift * period // length, spans[:period])
        if all(candidate.at(output) == spans[output] for output in range(period, length)):
            return candidate
    return Window(shift, spans)


def constant(first: int, last: int) -> Window:
    """Every output reads the same inputs."""
    return Window(0, (Span(first, last),))


IDENTITY = Window(1, (Span(0, 0),))


@lru_cache(maxsize=4096)
def _compose(later: Window, earlier: Window) -> Window | Unknown:
    repeat = earlier.period // gcd(earlier.period, later.shift)
    period = later.period * repeat
    if period > MOST_PHASES:
        return _too_many(period)
    taps = [later.at(output) for output in range(period)]
    hulls = {span: earlier.hull(span) for span in set(taps)}
    spans = tuple(hulls[span] for span in taps)
    return canonical(later.shift * repeat * earlier.shift // earlier.period, spans)


def _ends(positions: range, count: int) -> Iterator[int]:
    if len(positions) <= 2 * count:
        yield from positions
    else:
        yield from positions[:count]
        yield from positions[-count:]


def _hull(one: Span | None, other: Span | None) -> Span | None:
    if one is None or other is None:
        found = one or other
        return Span(found.first, found.last) if found else None
    return Span(min(one.first, other.first), max(one.last, other.last))


def _too_many(period: int) -> Unknown:
    return Unknown(f"the receptive field repeats only after {period} units")
