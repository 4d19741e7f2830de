"""Roles and attributes of aten operators, for what ran outside the functions that are recorded whole.

Attributes are the operator's own non-tensor arguments under the names of its schema, passed through the kind's
normaliser so that every op of a kind carries the attributes that `kinds.KINDS` lists.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from netadvise.capture.aten_kinds import ATEN_KINDS

Attrs = dict[str, Any]

ROLES = {
    "self": "input",
    "mat2": "other",
    "vec2": "other",
    "mat_a": "input",
    "mat_b": "other",
    "batch1": "input",
    "batch2": "other",
    "mat1": "input",
    "mat": "input",
    "vec": "other",
    "tensor": "other",
    "indices": "index",
    "src": "value",
    "values": "value",
    "source": "value",
}
"""Schema argument names to operand roles, where they differ."""

BIASED_PRODUCTS = {"aten.addmm", "aten.baddbmm", "aten.addmv", "aten.addbmm"}
"""Products whose `self` is added to the result."""


def roles_of(packet: str, name: str) -> str:
    """The operand role of a schema argument."""
    if packet in BIASED_PRODUCTS and name == "self":
        return "bias"
    if packet in ("aten.embedding", "aten.embedding_bag", "aten._embedding_bag"):
        return {"indices": "input"}.get(name, name)
    return ROLES.get(name, name)


Normalise = Callable[[Attrs, tuple[int, ...], list[tuple[int, ...]]], Attrs]
_NORMALISE: dict[str, Normalise] = {}


def _of(*packets: str) -> Callable[[Normalise], Normalise]:
    def register(function: Normalise) -> Normalise:
        _NORMALISE.update(dict.fromkeys(packets, function))
        return function

    return register


def normalised(packet: str, attrs: Attrs, shape: tuple[int, ...], outputs: list[tuple[int, ...]]) -> Attrs:
    """`attrs` of an operator with the names and forms of its kind; `shape` is the first operand's."""
    kind = ATEN_KINDS.get(packet, "")
    function = _NORMALISE.get(packet) or _NORMALISE.get(packet.removesuffix("_")) or _NORMALISE.get(kind)
    return attrs if function is None else function(attrs, shape, outputs)


@_of("view", "expand")
def _view(attrs: Attrs, shape: tuple[int, ...], outputs: list[tuple[int, ...]]) -> Attrs:
    return {"shape": outputs[0]}


@_of("permute")
def _permute(attrs: Attrs, shape: tuple[int, ...], outputs: list[tuple[int, ...]]) -> Attrs:
    rank = len(shape)
    if "dims" in attrs:
        return {"dims": tuple(dim % rank for dim in attrs["dims"])}
    dims = list(range(rank))
    first, second = int(attrs.get("dim0", -2)), int(attrs.get("dim1", -1))
    if rank > 1:
        dims[first], dims[second] = dims[second], dims[first]
    return {"dims": tuple(dims)}


@_of("slice")
def _slice(attrs: Attrs, shape: tuple[int, ...], outputs: list[tuple[int, ...]]) -> Attrs:
    dim = attrs.get("dim", 0) % len(shape)
    end = attrs.get("end")
    if "length" in attrs:
        end = attrs["start"] + attrs["length"]
    start, end, step = slice(attrs.get("start"), end, attrs.get("step", 1)).indices(shape[dim])
    return {"dim": dim, "start": start, "end": max(start, end), "step": step}


@_of("select")
def _select(attrs: Attrs, shape: tuple[int, ...], outputs: list[tuple[int, ...]]) -> Attrs:
    dim = attrs["dim"] % len(shape)
    return {"dim": dim, "index": attrs["index"] % shape[dim]}


@_of("split")
def _split(attrs: Attrs, shape: tuple[int, ...], outputs: list[tuple[int, ...]]) -> Attrs:
    dim = attrs.get("dim", 0) % len(shape)
    squeeze = bool(outputs) and len(outputs[0]) < len(shape)
    sizes = tuple(1 if squeeze else output[dim] for output in outputs)
    return {"dim": dim, "sizes": sizes, "squeeze": squeeze}


@_of("cat", "stack")
def _cat(attrs: Attrs, shape: tuple[int, ...], outputs: list[tuple[int, ...]]) -> Attrs:
    return {"dim": attrs.get("dim", 0) % len(outputs[0])}


@_of("flip")
def _flip(attrs: Attrs, shape: tuple[int, ...], outputs: list[tuple[int, ...]]) -> Attrs:
    return {"dims": tuple(dim % len(shape) for dim in attrs.get("dims", ()))}


@_of("roll")
def _roll(attrs: Attrs, shape: tuple[int, ...], outputs: list[tuple[int, ...]]) -> Attrs:
    return {"shifts": tuple(attrs["shifts"]), "dims": tuple(dim % len(shape) for dim in attrs.get("dims", ()))}


@_of("reduce")
def _reduce(attrs: Attrs, shape: tuple[int, ...], outputs: list[tuple[int, ...]]) -> Attrs:
    dim = attrs.pop("dim", None)
    dims = tuple(range(len(shape))) if dim is None or dim == [] else tuple(dim) if isinstance(dim, list) else (dim,)
    return {**attrs, "dim": tuple(item % max(len(shape), 1) for item in dims), "keepdim": attrs.get("keepdim", False)}


@_of("softmax", "scan", "fft", "aten.glu")
def _one_dim(attrs: Attrs, shape: tuple[int, ...], outputs: list[tuple[int, ...]]) -> Attrs:
    dim = attrs.get("dim", -1)
    rank = max(len(shape), 1)
    positive = tuple(item % rank for item in dim) if isinstance(dim, list) else (dim or 0) % rank
    return {**attrs, "dim": positive}


@_of("aten.unfold")
def _tensor_unfold(attrs: Attrs, shape: tuple[int, ...], outputs: list[tuple[int, ...]]) -> Attrs:
    return {**attrs, "dimension": attrs["dimension"] % len(shape)}


@_of("max_pool", "avg_pool")
def _pool(attrs: Attrs, shape: tuple[int, ...], outputs: list[tuple[int, ...]]) -> Attrs:
    rank = len(attrs["kernel_size"])
    wide = {name: tuple(attrs.get(name) or ()) for name in ("stride", "padding", "dilation")}
    kernel = tuple(attrs["kernel_size"])
    found = {**attrs, "kernel_size": kernel, "stride": wide["stride"] or kernel}
    found["padding"] = wide["padding"] or (0,) * rank
    if "dilation" in attrs:
        found["dilation"] = wide["dilation"] or (1,) * rank
    return found


@_of("pad")
def _pad(attrs: Attrs, shape: tuple[int, ...], outputs: list[tuple[int, ...]]) -> Attrs:
    amounts = attrs.pop("pad", None) or attrs.pop("padding", ())
    return {**attrs, "pad": tuple(amounts)}


def _fixed(**fixed: Any) -> Normalise:
    return lambda attrs, shape, outputs: {**_pad(attrs, shape, outputs), **fixed}


for _rank in (1, 2, 3):
    _NORMALISE[f"aten.reflection_pad{_rank}d"] = _fixed(mode="reflect")
    _NORMALISE[f"aten.replication_pad{_rank}d"] = _fixed(mode="replicate")
_NORMALISE["aten.constant_pad_nd"] = _fixed(mode="constant")
_NORMALISE["aten._pad_circular"] = _fixed(mode="circular")

_MODES = {"nearest_exact": "nearest-exact", "nearest": "nearest", "bilinear": "bilinear", "trilinear": "trilinear"}
_MODES |= {"bicubic": "bicubic", "linear": "linear"}


def _resize(packet: str) -> Normalise:
    """The mode of an up-sampling operator is in its name; its scales are separate arguments."""
    mode = next(value for name, value in _MODES.items() if name in packet)

    def normalise(attrs: Attrs, shape: tuple[int, ...], outputs: list[tuple[int, ...]]) -> Attrs:
        names = ("scales", "scales_d", "scales_h", "scales_w")
        scales = attrs.get("scale_factors") or [attrs.get(name) for name in names]
        given = tuple(float(scale) for scale in scales if scale is not None)
        rank = len(shape) - 2
        return {
            "mode": mode,
            "align_corners": attrs.get("align_corners"),
            "antialias": packet.endswith("_aa"),
            "size": outputs[0][2:],
            "scale_factor": given if len(given) == rank else None,
            "recompute_scale_factor": None,
        }

    return normalise


for _packet, _kind in list(ATEN_KINDS.items()):
    if _kind == "interpolate":
        _NORMALISE[_packet] = _resize(_packet)
