"""Window geometry: a kernel against the map that it slides over.

Axes are independent, so a share of a window is one minus the product of the live shares of its axes.
"""

from __future__ import annotations

from math import prod

from netadvise.facts import Fact
from netadvise.measure.facts.survey import Entry, Survey
from netadvise.measure.facts.taps import Counts, Slide, counts

Found = dict[str, Fact]
Sizes = tuple[int, ...]


def kernels(survey: Survey) -> None:
    """Effective sizes, dead taps, padding, coverage and borders of convolutions and pools."""
    for entry in survey.entries:
        kernel = sizes(entry, "kernel_size")
        if kernel:
            entry.facts.update(_of_kernel(entry, kernel))
            if entry.get("op") != "conv_transpose":
                entry.facts.update(_of_map(entry, kernel))
        if entry.get("op") in ("conv", "conv_transpose"):
            entry.facts.update(_of_channels(entry))


def sizes(entry: Entry, name: str) -> Sizes:
    """A fact that holds one int per spatial axis; empty where it does not apply."""
    found = entry.get(name)
    return tuple(item for item in found if isinstance(item, int)) if isinstance(found, tuple) else ()


def _of_kernel(entry: Entry, kernel: Sizes) -> Found:
    dilation = sizes(entry, "dilation")
    return {"effective_kernel_size": tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))}


def _of_channels(entry: Entry) -> Found:
    inside, outside, groups = (entry.get(name) for name in ("in_channels", "out_channels", "groups"))
    if not isinstance(inside, int) or not isinstance(outside, int) or not isinstance(groups, int):
        return {}
    kernel, stride, padding = (sizes(entry, name) for name in ("kernel_size", "stride", "padding"))
    spatial = sizes(entry, "in_spatial")
    return {
        "group_width": _ratio(inside, groups),
        "channel_ratio": _ratio(outside, inside),
        "is_pointwise": max(kernel) == 1,
        "is_depthwise": groups == inside > 1,
        "is_dense": groups == 1,
        "is_patchify": kernel == stride and max(kernel) > 1,
        "is_full_map": kernel == spatial and max(padding) == 0 and prod(spatial) > 1,
    }


def _ratio(one: int, other: int) -> int | float:
    return one // other if one % other == 0 else one / other


def _of_map(entry: Entry, kernel: Sizes) -> Found:
    before, stride = sizes(entry, "padding"), sizes(entry, "stride")
    after, dilation = sizes(entry, "padding_after") or before, sizes(entry, "dilation")
    inside, outside = sizes(entry, "in_spatial"), sizes(entry, "out_spatial")
    if len(inside) != len(kernel) or len(outside) != len(kernel) or prod(inside) * prod(outside) == 0:
        return {}
    slides = [Slide(*axis) for axis in zip(inside, outside, kernel, stride, before, dilation, strict=True)]
    found = [counts(slide) for slide in slides]
    return {
        "dead_tap_fraction": 1 - prod(c.live_taps for c in found) / prod(kernel),
        "padding_tap_fraction": 1 - prod(c.data_products for c in found) / (prod(kernel) * prod(outside)),
        **_of_positions(inside, found),
        "uneven_padding": any(_unread_end(slide, behind) for slide, behind in zip(slides, after, strict=True)),
        "constant_border": tuple(c.blind for c in found),
    }


def _of_positions(inside: Sizes, found: list[Counts]) -> Found:
    kept = prod(size - c.dropped for size, c in zip(inside, found, strict=True))
    return {
        "input_coverage": prod(c.read for c in found) / kept if kept else 0.0,
        "dropped_fraction": 1 - kept / prod(inside),
        "dropped_border": tuple(c.dropped for c in found),
    }


def _unread_end(slide: Slide, behind: int) -> bool:
    """Whether the last window stops short of the end of the padding."""
    last = (slide.outputs - 1) * slide.stride - slide.padding + (slide.kernel - 1) * slide.dilation
    return behind > 0 and last < slide.length + behind - 1
