"""Rules of ops that work position by position, join branches, or normalise."""

from __future__ import annotations

from netadvise.measure.layout import carried, plain
from netadvise.measure.receptive_moves import mixed, sliced
from netadvise.measure.receptive_reach import Reach
from netadvise.measure.receptive_reading import RULES, Outcome, Reading


@RULES("factory", "random", "shape_only", "item", "weight_norm")
def _no_positions(reading: Reading) -> Outcome:
    return None


@RULES("add", "sub", "pointwise", "dropout", "local_response_norm")
def _pointwise(reading: Reading) -> Outcome:
    return reading.joined(*reading.reached())


@RULES("mul", "div")
def _product(reading: Reading) -> Outcome:
    """A gate may stand on either side of a product, and below a fraction line."""
    return reading.joined(*reading.reached(), gates=True)


@RULES("activation")
def _activation(reading: Reading) -> Outcome:
    found = reading.reached()[0]
    if reading.op.function != "glu":
        return found
    dim = reading.integer("dim", -1) % found.layout.rank
    half = reading.shape[dim]
    if not carried(found.layout.dims[dim]):
        return found.laid(found.layout.with_dim(dim, plain(half)))
    pieces = [sliced(found, dim, start, 1, half, reading.serial, reading.place) for start in (0, half)]
    return reading.joined(*(piece.settled() for piece in pieces))


@RULES("softmax", "scan")
def _along(reading: Reading) -> Outcome:
    """The whole of one dim feeds each output; sorting may drop or shorten that dim."""
    found = reading.reached()[0]
    dims = [dim % found.layout.rank for dim in reading.integers("dim") or range(found.layout.rank)]
    if found.shape == reading.shape:
        return mixed(found, dims, reading.place, keep=True)
    return _refitted(mixed(found, dims, reading.place), dims, reading)


@RULES("fft")
def _fft(reading: Reading) -> Outcome:
    found = reading.reached()[0]
    dims = [dim % found.layout.rank for dim in reading.integers("dim") or range(found.layout.rank)]
    if len(found.shape) != len(reading.shape):
        return reading.unplaced(f"no receptive-field rule for {reading.op.function} in {reading.place}")
    if found.shape == reading.shape:
        return mixed(found, dims, reading.place, keep=True)
    return _refitted(mixed(found, dims, reading.place), dims, reading)


@RULES("reduce")
def _reduce(reading: Reading) -> Outcome:
    found = reading.reached()[0]
    dims = [dim % found.layout.rank for dim in reading.integers("dim")] if found.layout.rank else []
    return _refitted(mixed(found, dims, reading.place), dims, reading)


def _refitted(found: Reach, dims: list[int], reading: Reading) -> Reach:
    """The mixed `dims`, now of size 1, dropped or given their new sizes without positions."""
    if found.layout.rank != len(reading.shape):
        return found.laid(found.layout.without(dims))
    layout = found.layout
    for dim in dims:
        layout = layout.with_dim(dim, plain(reading.shape[dim]))
    return found.laid(layout)


@RULES("loss")
def _loss(reading: Reading) -> Outcome:
    found = [mixed(reach, range(reach.layout.rank), reading.place) for reach in reading.reached()]
    return reading.joined(*(reach.laid(reach.layout.without(range(reach.layout.rank))).settled() for reach in found))


@RULES("batch_norm")
def _batch_norm(reading: Reading) -> Outcome:
    found = reading.reached()[0]
    if not reading.integer("training"):
        return found
    return _normalised(found, [dim for dim in range(found.layout.rank) if dim != 1], reading)


@RULES("instance_norm", "group_norm")
def _spatial_norm(reading: Reading) -> Outcome:
    """Statistics over space; with running statistics an instance norm is local."""
    found = reading.reached()[0]
    if reading.op.kind == "instance_norm" and not reading.integer("use_input_stats", 1):
        return found
    return _normalised(found, list(range(1, found.layout.rank)), reading)


@RULES("layer_norm", "rms_norm")
def _last_dims_norm(reading: Reading) -> Outcome:
    found = reading.reached()[0]
    count = len(reading.integers("normalized_shape"))
    return _normalised(found, list(range(found.layout.rank - count, found.layout.rank)), reading)


def _normalised(found: Reach, dims: list[int], reading: Reading) -> Reach:
    return mixed(found, dims, reading.place, keep=True, strict_only=True)
