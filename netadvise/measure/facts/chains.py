"""Convolutions side by side and one behind the other: parallel dilations, small kernels beside large ones, gridding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from netadvise.measure.facts.kernel import sizes
from netadvise.measure.facts.structure import Structure
from netadvise.measure.facts.survey import Entry, Survey

_SMALL = 5
_STARTING_ANEW = frozenset(
    ("conv_transpose", "upsample", "grid_sample", "pixel_shuffle", "pixel_unshuffle", "pool_global", "pool_adaptive")
    + ("rnn", "scan", "opaque"),
)
"""Ops behind which positions are others than before."""


def side_by_side(survey: Survey, found: Structure) -> None:
    """What other convolutions read the same tensor."""
    readers: dict[int, list[Entry]] = {}
    for entry in survey.entries:
        if entry.get("op") == "conv" and sizes(entry, "kernel_size"):
            readers.setdefault(_whole(found, entry), []).append(entry)
    for group in readers.values():
        wide = [entry for entry in group if max(sizes(entry, "kernel_size")) > 1]
        several = len({sizes(entry, "dilation") for entry in wide}) > 1
        for entry in group:
            entry.facts["parallel_dilations"] = several and entry in wide
            if entry.get("is_depthwise") is True:
                entry.facts["has_parallel_small_kernel"] = any(_is_small(each) for each in group if each is not entry)


def _whole(found: Structure, entry: Entry) -> int:
    """The tensor it reads, or of which it reads some channels."""
    paths, value = found.paths, entry.op.inputs[0].value
    maker = paths.maker(value)
    while maker is not None and paths.op(maker) in ("slice", "copy", "identity"):
        value = paths.reads[maker][0]
        maker = paths.maker(value)
    return value


def _is_small(entry: Entry) -> bool:
    return entry.get("is_depthwise") is True and 1 < max(sizes(entry, "kernel_size")) <= _SMALL


def dilation_chains(survey: Survey, found: Structure) -> None:
    """The dilations of every chain of convolutions with kernels at one resolution, at the last of them.

    A chain starts anew at an undilated dense convolution: that one mixes all neighbours.
    """
    before = _predecessors(survey, found)
    continued = set(before.values())
    for last in before:
        if last not in continued:
            chain = list(_back(survey, before, last))[::-1]
            dilations = tuple(max(sizes(entry, "dilation")) for entry in chain)
            if len(chain) > 1 and max(dilations) > 1:
                facts = survey.entries[last].facts
                facts["dilation_chain"] = dilations
                facts["dilation_chain_gap"] = _gap(chain[1:])


def _predecessors(survey: Survey, found: Structure) -> dict[int, int | None]:
    """For every convolution with a kernel, the one before it in its chain."""
    before: dict[int, int | None] = {}
    latest: dict[int, int | None] = {}
    meetings = {part.join for part in found.parts if part.type == "inception"}
    for place in sorted(found.paths.useful):
        entry = survey.entries[place]
        state = latest.get(_deepest(survey, found, place))
        if place in meetings or place in found.attention or _starts_anew(entry):
            state = None
        elif entry.get("op") == "conv" and max(sizes(entry, "kernel_size"), default=1) > 1:
            undilated = max(sizes(entry, "dilation")) == 1 and entry.get("is_dense") is True
            before[place] = None if undilated else state
            state = place
        latest[place] = state
    return before


def _starts_anew(entry: Entry) -> bool:
    """Whether positions behind it are others than before, or it stands among parallel dilations, which are no chain."""
    moved = entry.get("op") in _STARTING_ANEW or max(sizes(entry, "stride"), default=1) > 1
    return moved or entry.get("parallel_dilations") is True


def _deepest(survey: Survey, found: Structure, place: int) -> int:
    """The entry before it on the longest path; -1 at an input."""
    gate = found.gates.get(place)
    values = found.paths.reads[place] if gate is None else (gate.main,)
    makers = [maker for value in values if (maker := found.paths.maker(value)) is not None]
    return max(makers, key=lambda maker: (survey.entries[maker].get("depth") or 0, maker), default=-1)


def _back(survey: Survey, before: dict[int, int | None], last: int) -> Iterator[Entry]:
    place: int | None = last
    while place is not None:
        yield survey.entries[place]
        place = before[place]


def _gap(chain: Sequence[Entry]) -> int:
    """The largest distance between neighbouring positions that the chain reads, over the axes.

    This is M2 of hybrid dilated convolution (Wang et al. 2018) when the first convolution of the whole chain is left
    out of `chain`: the kernel of that one must span it.
    """
    axes = range(len(sizes(chain[0], "kernel_size")))
    return max(_gap_on(axis, chain) for axis in axes)


def _gap_on(axis: int, chain: Sequence[Entry]) -> int:
    """The positions read are bits of one number."""
    read = 1
    for entry in chain:
        kernel, dilation = sizes(entry, "kernel_size")[axis], sizes(entry, "dilation")[axis]
        read = _spread(read, kernel, dilation)
    positions = [place for place, bit in enumerate(bin(read)[:1:-1]) if bit == "1"]
    return max((after - before for before, after in pairwise(positions)), default=1)


def _spread(read: int, kernel: int, dilation: int) -> int:
    """The positions that a kernel reaches from those in `read`."""
    reached = 0
    for tap in range(kernel):
        reached |= read << (tap * dilation)
    return reached
