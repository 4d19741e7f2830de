"""What kind of block the layers with weights between a fork and its sum make."""

from __future__ import annotations

from collections.abc import Sequence
from re import fullmatch

from netadvise.measure.facts.kernel import sizes
from netadvise.measure.facts.paths import Paths

_CARRYING = frozenset({"dropout", "reshape", "permute", "expand", "slice", "copy", "identity", "pointwise", "mul"})
_FARTHEST = 12


def attending(paths: Paths) -> frozenset[int]:
    """The entries that weigh values by a softmax of scores: attention calls, and products written by hand."""
    return frozenset(entry for entry in paths.useful if paths.op(entry) == "attention" or _weighs(paths, entry))


def _weighs(paths: Paths, entry: int) -> bool:
    several = paths.op(entry) == "matmul" and len(paths.reads[entry]) > 1
    return several and any(_is_softmax(paths, value) for value in paths.reads[entry])


def _is_softmax(paths: Paths, value: int) -> bool:
    for _ in range(_FARTHEST):
        maker = paths.maker(value)
        if maker is None:
            return False
        if paths.text(maker, "activation") == "softmax":
            return True
        before = paths.only(maker)
        if before is None or paths.op(maker) not in _CARRYING:
            return False
        value = before
    return False


def width_in(paths: Paths, entry: int) -> int:
    """Channels or features that a layer reads; 0 where it has no one number of them."""
    return (
        paths.number(entry, "in_channels") or paths.number(entry, "in_features") or _last(paths, entry, "input_shape")
    )


def width_out(paths: Paths, entry: int) -> int:
    """Channels or features that a layer makes; 0 where it has no one number of them."""
    told = paths.number(entry, "out_channels") or paths.number(entry, "out_features")
    return told or _last(paths, entry, "output_shape")


def _last(paths: Paths, entry: int, shape: str) -> int:
    """The last axis of a product with a parameter: a linear layer by another name."""
    axes = sizes(paths.survey.entries[entry], shape)
    return axes[-1] if axes and paths.op(entry) == "matmul" else 0


def is_pointwise(paths: Paths, entry: int) -> bool:
    """A 1x1 convolution, or a linear layer, which is one over tokens and channels-last maps."""
    return paths.op(entry) in ("linear", "matmul") or paths.holds(entry, "is_pointwise")


def residual_type(paths: Paths, layers: Sequence[int], *, batch_norm: bool, ends_linear: bool) -> str:
    """The type of a residual block from the layers with weights of its main branch, in order."""
    word = "".join(_letter(paths, layer) for layer in layers)
    if len(layers) < 2 or "?" in word:
        return "residual"
    first, last = width_in(paths, layers[0]), width_out(paths, layers[-1])
    hidden = [width_out(paths, layer) for layer in layers[:-1]]
    if is_inverted(word, first, max(hidden), last) and (word != "dp" or ends_linear):
        return "inverted_bottleneck"
    if fullmatch("p[kgd]+p", word):
        return "bottleneck" if min(hidden) <= max(first, last) else "inverted_bottleneck"
    expands = max(hidden) > first
    return "mlp" if set(word) == {"p"} and (expands or not batch_norm) else "residual"


def is_inverted(word: str, first: int, hidden: int, last: int) -> bool:
    """Depthwise convolutions among pointwise ones that first widen, then narrow; or that only narrow."""
    if word == "dp":
        return last <= first
    return fullmatch("d*pd*p", word) is not None and "d" in word and hidden > first and last < hidden


def _letter(paths: Paths, entry: int) -> str:
    if is_pointwise(paths, entry):
        return "p"
    if paths.op(entry) != "conv":
        return "?"
    return "d" if paths.holds(entry, "is_depthwise") else "k" if paths.holds(entry, "is_dense") else "g"
