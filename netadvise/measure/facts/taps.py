"""What one axis of a sliding window reads, counted exactly: taps that meet padding, positions that nothing reads.

Output o and tap t meet input position o * stride - padding + t * dilation. Along an axis each tap meets data in one run
of outputs, and positions of one residue modulo the stride in one run too, so nothing is counted one by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Slide:
    """A window of `kernel` taps sliding over `length` positions to `outputs` places."""

    length: int
    outputs: int
    kernel: int
    stride: int
    padding: int
    dilation: int

    def meets(self, tap: int) -> range:
        """The outputs at which the tap meets data."""
        offset = tap * self.dilation - self.padding
        first = max(0, -(offset // self.stride))
        last = min(self.outputs - 1, (self.length - 1 - offset) // self.stride)
        return range(first, last + 1)


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one axis: how many taps, outputs and positions fare how."""

    live_taps: int
    data_products: int
    """Pairs of output and tap that meet data, of outputs times taps."""
    read: int
    """Positions that some window reads."""
    dropped: int
    """Positions behind all windows that only one window more would read."""
    blind: int
    """Outputs that meet no data."""


@lru_cache(maxsize=4096)
def counts(slide: Slide) -> Counts:
    """The counts of one axis."""
    runs = [slide.meets(tap) for tap in range(slide.kernel)]
    return Counts(
        live_taps=sum(len(run) > 0 for run in runs),
        data_products=sum(len(run) for run in runs),
        read=_read(slide),
        dropped=_dropped(slide),
        blind=slide.outputs - _covered((run.start, run.stop) for run in runs),
    )


def _read(slide: Slide) -> int:
    """Positions met: per residue modulo the stride, the union of the runs of its taps, in steps of the stride."""
    runs: dict[int, list[tuple[int, int]]] = {}
    for tap in range(slide.kernel):
        met = slide.meets(tap)
        turns, residue = divmod(tap * slide.dilation - slide.padding, slide.stride)
        runs.setdefault(residue, []).append((met.start + turns, met.stop + turns))
    return sum(_covered(each) for each in runs.values())


def _dropped(slide: Slide) -> int:
    """Positions of the window after the last that no window reads."""
    more = Slide(slide.length, slide.outputs + 1, slide.kernel, slide.stride, slide.padding, slide.dilation)
    return _read(more) - _read(slide)


def _covered(runs: Iterable[tuple[int, int]]) -> int:
    """How many integers some of the half-open runs hold."""
    total, reached = 0, None
    for start, stop in sorted(runs):
        begin = start if reached is None else max(start, reached)
        if stop > begin:
            total, reached = total + stop - begin, stop
    return total
