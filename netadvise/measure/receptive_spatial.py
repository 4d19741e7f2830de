"""Rules of ops that slide, pool or resample along spatial axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from netadvise.measure.layout import Factor, Layout, carried, lost, plain
from netadvise.measure.receptive_exact import Border
from netadvise.measure.receptive_moves import mixed, resampled
from netadvise.measure.receptive_reach import Reach
from netadvise.measure.receptive_reading import RULES, Outcome, Reading
from netadvise.measure.receptive_windows import (
    adaptive,
    cubic_taps,
    filter_taps,
    gathered,
    linear_taps,
    nearest,
    sampled,
    scale_of,
    shifted,
    spread,
    strided,
    transposed,
)
from netadvise.measure.window import Window


def _slid(found: Reach, reading: Reading, windows: Sequence[Window], border: Border = "drop") -> Reach:
    """The last dims read through one window each, to the sizes of the output."""
    rank = len(windows)
    for index, window in enumerate(windows, start=-rank):
        dim = found.layout.rank + index
        found = resampled(found, dim, window, reading.shape[index], reading.serial, reading.place, border)
    return found


def _geometry(reading: Reading) -> list[tuple[int, int, int, int]]:
    """Kernel, stride, padding before and dilation of each spatial axis."""
    kernel = reading.integers("kernel_size")
    rank = len(kernel)
    stride = reading.per_axis("stride", rank, 1)
    padding, dilation = reading.per_axis("padding", rank), reading.per_axis("dilation", rank, 1)
    return list(zip(kernel, stride, padding, dilation, strict=True))


@RULES("conv")
def _conv(reading: Reading) -> Outcome:
    windows = [strided(k, s, p, d) for k, s, p, d in _geometry(reading)]
    return _convolved(reading, windows)


@RULES("conv_transpose")
def _conv_transpose(reading: Reading) -> Outcome:
    windows = [transposed(k, s, p, d) for k, s, p, d in _geometry(reading)]
    return _convolved(reading, windows)


def _convolved(reading: Reading, windows: Sequence[Window]) -> Reach:
    found = reading.reach("input")
    if found is None:
        return reading.unplaced(f"the weight of {reading.place} is computed from the input")
    dim = found.layout.rank - len(windows) - 1
    channels, outputs = found.shape[dim], reading.shape[dim]
    if not (channels == outputs == reading.integer("groups", 1)):
        found = mixed(found, (dim,), reading.place)
        found = found.laid(found.layout.with_dim(dim, plain(outputs)))
    slid = _slid(found.settled(), reading, windows)
    weights = [mixed(reach, range(reach.layout.rank), reading.place) for reach in reading.reached("weight", "bias")]
    return _gated(slid, weights, reading)


def _gated(slid: Reach, weights: Sequence[Reach], reading: Reading) -> Reach:
    """Weights computed from the input gate the result: they count on the strict track, like a factor."""
    flat = [weight.laid(Layout(((),) * len(reading.shape))).settled() for weight in weights]
    return reading.joined(slid.settled(), *flat, gates=True) if flat else slid


@RULES("max_pool", "avg_pool", "lp_pool")
def _pool(reading: Reading) -> Outcome:
    found = reading.reached()[0]
    return _slid(found, reading, [strided(k, s, p, d) for k, s, p, d in _geometry(reading)])


@RULES("adaptive_avg_pool", "adaptive_max_pool")
def _adaptive_pool(reading: Reading) -> Outcome:
    found = reading.reached()[0]
    rank = len(reading.integers("output_size"))
    for index in range(-rank, 0):
        dim, outputs = found.layout.rank + index, reading.shape[index]
        if outputs == 1:
            found = mixed(found, (dim,), reading.place)
        else:
            window = adaptive(found.shape[dim], outputs)
            found = resampled(found, dim, window, outputs, reading.serial, reading.place)
    return found


@RULES("max_unpool")
def _max_unpool(reading: Reading) -> Outcome:
    """Each input lands somewhere in its pooling window, as a transposed pool; the indices steer, they are not read."""
    found = reading.reach("input")
    if found is None:
        return reading.unplaced(f"only the indices of {reading.place} depend on the input")
    rank = found.layout.rank - 2
    kernel = reading.per_axis("kernel_size", rank)
    strides, padding = reading.per_axis("stride", rank), reading.per_axis("padding", rank)
    if not kernel or 0 in kernel:
        strides = kernel = tuple(
            out // size for out, size in zip(reading.shape[-rank:], found.shape[-rank:], strict=True)
        )
    return _slid(found, reading, [transposed(k, s or k, p) for k, s, p in zip(kernel, strides, padding, strict=True)])


@RULES("pixel_shuffle")
def _pixel_shuffle(reading: Reading) -> Outcome:
    factor = reading.integer("upscale_factor")
    return _rescaled(reading, spread(factor))


@RULES("pixel_unshuffle")
def _pixel_unshuffle(reading: Reading) -> Outcome:
    return _rescaled(reading, gathered(reading.integer("downscale_factor")))


def _rescaled(reading: Reading, window: Window) -> Reach:
    found = mixed(reading.reached()[0], (-3,), reading.place)
    found = found.laid(found.layout.with_dim(-3, plain(reading.shape[-3])))
    return _slid(found.settled(), reading, (window, window))


@RULES("channel_shuffle")
def _channel_shuffle(reading: Reading) -> Outcome:
    return reading.reached()[0]


@RULES("interpolate")
def _interpolate(reading: Reading) -> Outcome:
    found = reading.reached()[0]
    mode, rank = reading.text("mode"), len(reading.shape) - 2
    border: Border = "drop" if reading.integer("antialias") or mode.startswith(("nearest", "area")) else "replicate"
    windows = [_resize(reading, mode, index, found.shape[index + 2], reading.shape[index + 2]) for index in range(rank)]
    return _slid(found, reading, windows, border)


def _resize(reading: Reading, mode: str, index: int, size: int, outputs: int) -> Window:
    """The window of one axis; modes as torch.nn.functional.interpolate names them."""
    factors = reading.op.attrs.get("scale_factor")
    used = isinstance(factors, tuple) and not reading.integer("recompute_scale_factor")
    given = factors[index] if used and isinstance(factors, tuple) else None
    factor = float(given) if isinstance(given, int | float) else None
    if mode == "area":
        return adaptive(size, outputs)
    if mode.startswith("nearest"):
        return nearest(size, outputs, factor, centred=mode == "nearest-exact")
    return _smooth(reading, mode, size, outputs, factor)


def _smooth(reading: Reading, mode: str, size: int, outputs: int, factor: float | None) -> Window:
    corners = bool(reading.integer("align_corners"))
    scale = scale_of(size, outputs, factor)
    if corners:
        scale = Fraction(size - 1, outputs - 1) if outputs > 1 else Fraction(0)
    if size == outputs and (scale == 1 or outputs == 1):
        return shifted(0)
    if reading.integer("antialias") and scale > 1:
        return sampled(scale, False, filter_taps(scale * (2 if mode == "bicubic" else 1)))
    corners = corners and not reading.integer("antialias")
    return sampled(scale, corners, cubic_taps if mode == "bicubic" else linear_taps)


_BORDERS: dict[str, Border] = {
    "constant": "drop",
    "reflect": "reflect",
    "replicate": "replicate",
    "circular": "circular",
}


@RULES("pad")
def _pad(reading: Reading) -> Outcome:
    """Constants enter nothing; reflected, replicated or wrapped content changes border units only."""
    found = reading.reach("input")
    amounts = reading.integers("pad")
    border = _BORDERS.get(reading.text("mode") or "constant")
    if found is None or border is None:
        return reading.unplaced(f"no receptive-field rule for padding mode {reading.text('mode')} in {reading.place}")
    for place, before in enumerate(amounts[::2]):
        dim = found.layout.rank - 1 - place
        after = amounts[2 * place + 1]
        if before or after:
            count = reading.shape[dim]
            found = resampled(found, dim, shifted(-before), count, reading.serial, reading.place, border)
    return found


@RULES("unfold")
def _unfold(reading: Reading) -> Outcome:
    """(N, C, H, W) to (N, C * kernel, positions): a convolution whose taps are channels."""
    found = reading.reached()[0]
    windows = [strided(k, s, p, d) for k, s, p, d in _geometry(reading)]
    sizes = _columns(found.shape[-len(windows) :], reading)
    found = mixed(found, (-len(windows) - 1,), reading.place)
    for index, (window, count) in enumerate(zip(windows, sizes, strict=True), start=found.layout.rank - len(windows)):
        found = resampled(found, index, window, count, reading.serial, reading.place)
    found = found.settled()
    dims = found.layout.dims
    flat = tuple(factor for dim in dims[-len(windows) :] for factor in dim)
    batch = dims[: -len(windows) - 1]
    return found.laid(Layout((*batch, plain(reading.shape[-2]), flat)))


def _columns(sizes: Sequence[int], reading: Reading) -> list[int]:
    return [(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, (k, s, p, d) in zip(sizes, _geometry(reading), strict=True)]


@RULES("fold")
def _fold(reading: Reading) -> Outcome:
    """(N, C * kernel, positions) to (N, C, H, W): the transposed convolution of unfold, as if every column reached
    every tap, which it does after any product over the columns' channels.
    """
    found = mixed(reading.reached()[0], (-2,), reading.place)
    output = reading.shape[len(reading.shape) - len(reading.integers("kernel_size")) :]
    grid = _columns(output, reading)
    batch = found.layout.shape[:-2]
    layout = found.layout.viewed((*batch, 1, *grid), reading.serial).with_dim(
        len(batch), plain(reading.shape[-len(grid) - 1])
    )
    found = found.laid(layout).settled()
    return _slid(found, reading, [transposed(k, s, p, d) for k, s, p, d in _geometry(reading)])


@RULES("as_strided")
def _as_strided(reading: Reading) -> Outcome:
    """`Tensor.unfold` moves a sliding window to a new last dim; other stridings cannot be followed."""
    found = reading.reached()[0]
    if "dimension" not in reading.op.attrs:
        return _contiguous(found, reading)
    dim, size, step = reading.integer("dimension"), reading.integer("size"), reading.integer("step", 1)
    factors = found.layout.dims[dim]
    count = reading.shape[dim]
    alone = len(factors) == 1 and len(found.layout.placement(factors[0].axis)) == 1
    if size == step and alone and factors[0].placed:
        axis = factors[0].axis
        layout = found.layout.with_dim(dim, (Factor(axis, size, count),))
        return found.laid(Layout((*layout.dims, (Factor(axis, 1, size),))))
    slid = resampled(found, dim, strided(size, step), count, reading.serial, reading.place)
    return slid.laid(Layout((*slid.layout.dims, plain(size))))


def _contiguous(found: Reach, reading: Reading) -> Reach:
    size, strides = reading.integers("size"), reading.integers("stride")
    natural, running = [], 1
    for length in reversed(size):
        natural.append(running)
        running *= length
    if strides == tuple(reversed(natural)) and found.layout.shape and running == _elements(found):
        return found.laid(found.layout.viewed(reading.shape, reading.serial))
    return reading.unplaced(f"elements are picked by memory stride at {reading.place}")


def _elements(found: Reach) -> int:
    total = 1
    for length in found.shape:
        total *= length
    return total


@RULES("grid_sample")
def _grid_sample(reading: Reading) -> Outcome:
    """Where it reads is data, not structure: anything on the strict track, nothing known on the spatial path.

    Samples stay apart.
    """
    found = reading.reached()[0]
    everything = mixed(found, range(1, found.layout.rank), reading.place, strict_only=True)
    reason = f"{reading.place} samples at computed positions"
    blind = found.unknown(reading.shape, reason)
    samples = found.layout.dims[0]
    moved = found.layout.axes() - carried(samples)
    held = [moved if dim > 1 else frozenset() for dim in range(1, len(reading.shape))]
    dims = (lost(size, axes, reading.serial) for size, axes in zip(reading.shape[1:], held, strict=True))
    pairs = zip(blind.axes, everything.axes, strict=True)
    axes = tuple(replace(hidden, strict=full.strict, culprit=full.culprit) for hidden, full in pairs)
    return Reach(Layout((samples, *dims)), axes)
