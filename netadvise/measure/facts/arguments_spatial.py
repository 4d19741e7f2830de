"""What pools, up-samplings, paddings and the like were called with."""

from __future__ import annotations

from collections.abc import Callable

from netadvise.facts import Fact
from netadvise.graph import Attr
from netadvise.measure.facts.arguments import explicit_padding
from netadvise.measure.facts.reading import flag, text
from netadvise.measure.facts.survey import Entry, Survey
from netadvise.measure.other_ops import axes
from netadvise.table import Table

Found = dict[str, Fact]
Describe = Callable[[Survey, Entry], Found]

_describe: Table[Describe] = Table("arguments of a spatial op")


def spatial_arguments(survey: Survey) -> None:
    """The arguments of every pool, resampling and padding."""
    for entry in survey.entries:
        describe = _describe.get(entry.op.kind)
        if describe is not None and entry.get("op") != "constant":
            entry.facts.update(describe(survey, entry))


@_describe("max_pool", "avg_pool", "lp_pool")
def _pool(survey: Survey, entry: Entry) -> Found:
    attrs = entry.op.attrs
    kernel = axes(attrs.get("kernel_size"))
    rank = len(kernel)
    return {
        "kernel_size": kernel,
        "stride": axes(attrs.get("stride")) or kernel,
        "padding": axes(attrs.get("padding")) or (0,) * rank,
        "dilation": axes(attrs.get("dilation")) or (1,) * rank,
        "ceil_mode": flag(attrs.get("ceil_mode")),
        "count_include_pad": flag(attrs.get("count_include_pad")),
        "ndim": rank,
        "explicit_padding": explicit_padding(survey, entry, rank),
    }


@_describe("adaptive_avg_pool", "adaptive_max_pool")
def _adaptive(survey: Survey, entry: Entry) -> Found:
    size = axes(entry.op.attrs.get("output_size"))
    return {"output_size": size, "ndim": len(size)}


@_describe("interpolate")
def _interpolate(survey: Survey, entry: Entry) -> Found:
    attrs = entry.op.attrs
    mode, aligned = text(attrs.get("mode")), flag(attrs.get("align_corners"))
    linear = mode is not None and ("linear" in mode or mode == "bicubic")
    return {"scale_factor": _numbers(attrs.get("scale_factor")), "mode": mode, "align_corners": _or(aligned, linear)}


def _or(given: bool | None, applies: bool) -> Fact:
    """torch takes False where an interpolation between pixels was called without it."""
    return False if given is None and applies else given


def _numbers(attr: Attr) -> Fact:
    items = attr if isinstance(attr, tuple) else ()
    return tuple(item for item in items if isinstance(item, int | float)) or None


@_describe("grid_sample")
def _grid_sample(survey: Survey, entry: Entry) -> Found:
    attrs = entry.op.attrs
    return {"mode": text(attrs.get("mode")), "align_corners": bool(attrs.get("align_corners"))}


@_describe("pad")
def _pad(survey: Survey, entry: Entry) -> Found:
    return {"mode": text(entry.op.attrs.get("mode"))}
