"""The window of each op along one axis, from its arguments as torch reads them.

convolution, pooling    o * s - p + t * d                           for taps t = 0 ... k - 1
transposed convolution  (o + p - t * d) / s                         where that is whole
nearest                 floor(o * scale), in float32 as torch computes it
linear, cubic           floor(c) and its neighbours, c = (o + 1/2) * scale - 1/2, or o * (L-1)/(O-1) on corners
antialiased             every i with |i + 1/2 - (o + 1/2) * scale| < support
adaptive pooling        floor(o * L / O) ... ceil((o + 1) * L / O) - 1
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor, gcd

from netadvise.measure.window import Span, Window, canonical


def strided(kernel: int, stride: int = 1, before: int = 0, dilation: int = 1) -> Window:
    """Convolution, pooling and im2col, with `before` padded positions on the left."""
    span = Span(-before, dilation * (kernel - 1) - before, dilation if kernel > 1 else 1)
    return Window(stride, (span,))


def transposed(kernel: int, stride: int, before: int, dilation: int = 1) -> Window:
    """Transposed convolution and col2im; output padding lengthens the output, not the window."""
    spans = tuple(_transposed_span(o + before, kernel, stride, dilation) for o in range(stride))
    return Window(1, spans)


def _transposed_span(position: int, kernel: int, stride: int, dilation: int) -> Span | None:
    hits = [(position - t * dilation) // stride for t in range(kernel) if (position - t * dilation) % stride == 0]
    if not hits:
        return None
    step = hits[0] - hits[1] if len(hits) > 1 else 1
    return Span(hits[-1], hits[0], step)


def adaptive(size: int, outputs: int) -> Window:
    """Adaptive pooling of `size` positions to `outputs`."""
    common = gcd(size, outputs)
    spans = [Span(o * size // outputs, -(-(o + 1) * size // outputs) - 1) for o in range(outputs // common)]
    return canonical(size // common, tuple(spans))


def spread(factor: int) -> Window:
    """Pixel shuffle: `factor` outputs for each input."""
    return Window(1, (Span(0, 0),) * factor)


def gathered(factor: int) -> Window:
    """Pixel unshuffle: `factor` inputs for each output."""
    return Window(factor, (Span(0, factor - 1),))


def shifted(by: int, step: int = 1) -> Window:
    """Output o reads input o * step + by: slices, crops, pads, rolls; with step -1, flips."""
    return Window(step, (Span(by, by),))


def grouped(stride: int, size: int) -> Window:
    """Every position reads all `size` positions that differ from it in one factor only."""
    block = stride * size
    spans = (Span(phase % stride, phase % stride + stride * (size - 1), stride) for phase in range(block))
    return canonical(block, tuple(spans))


def scale_of(size: int, outputs: int, factor: float | None) -> Fraction:
    """Inputs per output: from the scale factor where torch uses it, else from the sizes."""
    if factor is None:
        return Fraction(size, outputs)
    return 1 / Fraction(factor).limit_denominator(1 << 16)


def nearest(size: int, outputs: int, factor: float | None, *, centred: bool) -> Window:
    """Nearest neighbour; `centred` for nearest-exact. The index is rounded as torch's float32 arithmetic does it."""
    scale, half = scale_of(size, outputs, factor), Fraction(1, 2) if centred else Fraction(0)
    exact = [floor((o + half) * scale) for o in range(scale.denominator)]
    rule = Window(scale.numerator, tuple(Span(i, i) for i in exact))
    if outputs in (size, 2 * size) or _is_power_of_two(scale):
        return canonical(rule.shift, rule.spans)
    real = _single_precision(outputs, 1 / factor if factor else size / outputs, 0.5 if centred else 0.0)
    if all(i >= size or rule.at(o) == Span(i, i) for o, i in enumerate(real)):
        return canonical(rule.shift, rule.spans)
    return canonical(size, tuple(Span(min(i, size - 1), min(i, size - 1)) for i in real))


def _single_precision(outputs: int, scale: float, offset: float) -> list[int]:
    rounded = array("f", [scale])[0]
    return [floor(product) for product in array("f", ((o + offset) * rounded for o in range(outputs)))]


def _is_power_of_two(scale: Fraction) -> bool:
    return scale.numerator & (scale.numerator - 1) == 0 and scale.denominator & (scale.denominator - 1) == 0


def sampled(scale: Fraction, corners: bool, spans: Callable[[Fraction], Span]) -> Window:
    """Interpolation whose output o lies at input coordinate c(o); `spans` gives the taps around a coordinate."""
    half = Fraction(0) if corners else Fraction(1, 2)
    taps = tuple(spans((o + half) * scale - half) for o in range(scale.denominator))
    return canonical(scale.numerator, taps)


def linear_taps(at: Fraction) -> Span:
    """The one or two neighbours with a weight."""
    return Span(floor(at), ceil(at))


def cubic_taps(at: Fraction) -> Span:
    """The four neighbours; on a position the other three weigh nothing."""
    return Span(floor(at) - 1, floor(at) + 2) if at.denominator > 1 else Span(floor(at), floor(at))


def filter_taps(support: Fraction) -> Callable[[Fraction], Span]:
    """The positions nearer than `support`: an antialiasing filter."""

    def taps(at: Fraction) -> Span:
        return Span(floor(at - support) + 1, ceil(at + support) - 1)

    return taps
