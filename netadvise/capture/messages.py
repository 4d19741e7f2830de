"""What torch's own error messages say about the tensor that should have arrived: one rule for each message."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from math import prod

from netadvise.capture.blueprint import Slot, as_image

Match = re.Match[str]
SlotRule = Callable[[Match, Slot], Slot | None]
"""The tensor to give instead of the one given, or None when the message is not about it."""


def sizes(text: str) -> tuple[int, ...]:
    """The whole numbers in a text."""
    return tuple(int(item) for item in re.findall(r"\d+", text))


def _channels_expected(match: Match, slot: Slot) -> Slot | None:
    shape, channels = sizes(match["shape"]), int(match["channels"])
    if shape == slot.shape and len(shape) > 1:
        return replace(slot, shape=(shape[0], channels, *shape[2:]))
    if (1, *shape) == slot.shape or shape == (1, *slot.shape):
        return _to_rank(replace(slot, shape=(1, channels, *shape[-2:]), free=()), 4)
    return _folded_channels(slot, shape, channels)


def _folded_channels(slot: Slot, shape: tuple[int, ...], channels: int) -> Slot | None:
    """The input's pixels were folded into channels on the way, each of its channels giving the same number."""
    if len(shape) != len(slot.shape) or len(shape) < 3 or shape[1] % slot.shape[1]:
        return None
    factor = shape[1] // slot.shape[1]
    if factor == 1 or channels % factor:
        return None
    return replace(slot, shape=(slot.shape[0], channels // factor, *slot.shape[2:]))


def _rank_expected(match: Match, slot: Slot) -> Slot | None:
    found = match.groupdict().get("found")
    if found and len(sizes(found)) == len(slot.shape) + 1 and prod(sizes(found)) == prod(slot.shape):
        return _without_singleton(slot)
    if found and found not in (str(len(slot.shape)), "[" + ", ".join(map(str, slot.shape)) + "]"):
        return None
    return _to_rank(slot, int(match["rank"]))


def _without_singleton(slot: Slot) -> Slot | None:
    """The tensor without its channel axis of one: the model adds that itself."""
    if len(slot.shape) < 3 or slot.shape[1] != 1:
        return None
    return replace(slot, shape=(slot.shape[0], *slot.shape[2:]), free=tuple(axis - 1 for axis in slot.free))


def _to_rank(slot: Slot, rank: int) -> Slot | None:
    """The same tensor with axes added before the last or taken away, free ones first."""
    shape, missing = slot.shape, rank - len(slot.shape)
    if missing == 0 or rank < 1 or not slot.dtype.startswith("float"):
        return None
    if missing < 0:
        kept = (shape[0], *shape[len(shape) - rank + 1 :]) if rank > 1 else shape[-1:]
        return Slot(kept, slot.dtype, slot.fill)
    size = slot.size or 32
    image = as_image(shape[1]) if len(shape) == 2 and rank == 4 else None
    if image is not None:
        return replace(image, dtype=slot.dtype)
    if slot.free:
        return Slot(
            (shape[0], *[1] * (missing - 0), *shape[1:]), slot.dtype, slot.fill, tuple(a + missing for a in slot.free)
        )
    added = (shape[0], *[size] * missing, *shape[1:]) if missing < 2 else (*shape, *[size] * missing)
    free = tuple(range(1, 1 + missing)) if missing < 2 else tuple(range(len(shape), rank))
    return Slot(added, slot.dtype, slot.fill, free)


def _last_axis(match: Match, slot: Slot) -> Slot | None:
    """The features that arrive are those of the input itself: give it as many as are wanted."""
    rows, features, wanted = int(match["rows"]), int(match["found"]), int(match["wanted"])
    shape = slot.shape
    if len(shape) < 2 or shape[-1] != features or prod(shape[:-1]) != rows or not slot.dtype.startswith("float"):
        return None
    return replace(slot, shape=(*shape[:-1], wanted), free=tuple(axis for axis in slot.free if axis != len(shape) - 1))


def _joined(match: Match, slot: Slot) -> Slot | None:
    """The input is concatenated with something else before the layer that complains."""
    rows, width = int(match["rows"]), slot.shape[-1] if slot.shape else 0
    wanted = width + int(match["wanted"]) - int(match["found"])
    if len(slot.shape) != 2 or slot.shape[0] != rows or wanted < 1 or not slot.dtype.startswith("float"):
        return None
    return replace(slot, shape=(rows, wanted), free=())


def _feature_count(match: Match, slot: Slot) -> Slot | None:
    wanted, found = int(match["wanted"]), match.groupdict().get("found")
    shape = slot.shape
    if not shape or not slot.dtype.startswith("float") or (found and int(found) != shape[-1]):
        return None
    return replace(slot, shape=(*shape[:-1], wanted), free=tuple(axis for axis in slot.free if axis != len(shape) - 1))


def _flat_features(match: Match, slot: Slot) -> Slot | None:
    """An image that is flattened at once: the size whose square times the channels is what is wanted."""
    wanted, found = int(match["wanted"]), int(match["found"])
    if len(slot.shape) != 4 or prod(slot.shape) != found * slot.shape[0]:
        return None
    size = round((wanted / slot.shape[1]) ** 0.5)
    return slot.resized(size) if size * size * slot.shape[1] == wanted else None


def _norm_channels(match: Match, slot: Slot) -> Slot | None:
    wanted, found = int(match["wanted"]), int(match["found"])
    if len(slot.shape) < 2 or slot.shape[1] != found:
        return None
    return replace(slot, shape=(slot.shape[0], wanted, *slot.shape[2:]))


def _broadcast_channels(match: Match, slot: Slot) -> Slot | None:
    """A constant per channel that meets the input itself."""
    axis, shape = int(match["axis"]), sizes(match["shape"])
    if shape != slot.shape or len(shape) + axis != 1:
        return None
    return replace(slot, shape=(shape[0], int(match["wanted"]), *shape[2:]))


def _to_ids(match: Match, slot: Slot) -> Slot | None:
    if not slot.dtype.startswith("float"):
        return None
    shape = slot.shape[:2] if len(slot.shape) > 2 else slot.shape
    free = tuple(axis for axis in slot.free if axis < len(shape))
    return Slot(shape, "int64", "ids", free)


def _to_float(match: Match, slot: Slot) -> Slot | None:
    return None if slot.dtype.startswith("float") else replace(slot, dtype="float32", fill="plain")


def _to_dtype(match: Match, slot: Slot) -> Slot | None:
    names = {"Half": "float16", "Double": "float64", "BFloat16": "bfloat16", "double": "float64", "half": "float16"}
    wanted = names.get(match["dtype"])
    return replace(slot, dtype=wanted) if wanted and slot.dtype == "float32" else None


def _two_samples(match: Match, slot: Slot) -> Slot | None:
    return replace(slot, shape=(2, *slot.shape[1:])) if slot.shape and slot.shape[0] == 1 else None


def _batch_and_features(match: Match, slot: Slot) -> Slot | None:
    wanted = int(match["wanted"])
    if slot.shape and slot.dtype.startswith("float"):
        return replace(
            slot, shape=(*slot.shape[:-1], wanted), free=tuple(a for a in slot.free if a != len(slot.shape) - 1)
        )
    return None


def _multiple(match: Match, slot: Slot) -> Slot | None:
    step = int(match["step"])
    if slot.size is None or not 1 < step <= 512 or slot.size % step == 0:
        return None
    return slot.resized(max(step, round(slot.size / step) * step))


BROADCAST = r"length (?P<wanted>\d+) at (?P<axis>-?\d+)!.*broadcastable to [^\d]*(?P<shape>\d[\d, ]*)"
_S = r"\[(?P<shape>[\d, ]+)\]"
SLOT_RULES: tuple[tuple[str, SlotRule], ...] = (
    (rf"expected input{_S} to have (?P<channels>\d+) channels", _channels_expected),
    (r"\(unbatched\) or (?P<rank>\d)D \(batched\) input to .*? size: (?P<found>\[[\d, ]+\])", _rank_expected),
    (r"[Ee]xpected (?P<rank>\d)D (?:or \dD )?(?:input|tensor)? ?\(got (?P<found>\d)D input\)", _rank_expected),
    (r"not enough values to unpack \(expected (?P<rank>\d), got (?P<found>\d)\)", _rank_expected),
    (r"too many values to unpack \(expected (?P<rank>\d)(?:, got (?P<found>\d))?\)", _rank_expected),
    (r"\((?P<rows>\d+)x(?P<found>\d+) and (?P<wanted>\d+)x\d+\)", _last_axis),
    (r"\((?P<rows>\d+)x(?P<found>\d+) and (?P<wanted>\d+)x\d+\)", _joined),
    (r"\(\d+x(?P<found>\d+) and (?P<wanted>\d+)x\d+\)", _flat_features),
    (BROADCAST, _broadcast_channels),
    (r"running_mean should contain (?P<found>\d+) elements not (?P<wanted>\d+)", _norm_channels),
    (r"Expected (?P<wanted>\d+), got (?P<found>\d+)", _feature_count),
    (r"input has inconsistent input_size: got (?P<found>\d+) expected (?P<wanted>\d+)", _feature_count),
    (r"expected input with shape \[\*, (?P<wanted>\d+)\]", _batch_and_features),
    (r"embedding dimension of (?P<wanted>\d+), but got (?P<found>\d+)", _feature_count),
    (r"Long, Int|tensors used as indices must be|must be Long|\"index", _to_ids),
    (r"expected (?:m1 and m2|scalar type Float|mat1 and mat2)|not implemented for '(?:Long|Bool|Int)'", _to_float),
    (r"[Ii]nput type \((?:Long|Bool|long|bool)[\w ]*\)|self\.dtype.*Long|got: (?:long|Long)", _to_float),
    (r"same dtype, but got: (?:float|Float) and (?:c10::)?(?P<dtype>\w+)", _to_dtype),
    (r"[Ii]nput type \(\w+\) and (?:bias|weight) type \((?:c10::)?(?P<dtype>\w+)\)", _to_dtype),
    (r"Expected more than 1 value per channel", _two_samples),
    (r"(?:divisible by|multiple of|multiples of)[^\d]{0,30}(?P<step>\d+)", _multiple),
)  # fmt: skip
