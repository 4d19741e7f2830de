"""Profiles written by hand: a line for each layer."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from netadvise.compare import compared
from netadvise.comparison import Comparison, Side
from netadvise.graph import Attr, Location
from netadvise.profiles import Gap, InputInfo, Layer, Profile, ReceptiveField, Totals
from netadvise.quantity import Quantity, Unknown

SHAPE = (1, 8, 8, 8)


def seen(size: int) -> ReceptiveField:
    """A square receptive field."""
    both = (size, size)
    return ReceptiveField(both, both, both, both, (Fraction(1),) * 2, (0, 0))


def conv(name: str, kernel: int = 3, channels: tuple[int, int] = (8, 8), **changes: object) -> Layer:
    """A convolution that costs what its arguments say."""
    inside, outside = channels
    attrs: dict[str, Attr] = {
        "in_channels": inside,
        "out_channels": outside,
        "kernel_size": (kernel, kernel),
        "stride": (1, 1),
        "padding": (kernel // 2, kernel // 2),
        "groups": 1,
        "bias": False,
    }
    params = inside * outside * kernel * kernel
    found = layer(name, "Conv2d", (1, inside, 8, 8), (1, outside, 8, 8), params, 64 * params, attrs)
    return replace(found, **changes)  # type: ignore[arg-type]


def relu(name: str, channels: int = 8, **changes: object) -> Layer:
    """A layer without parameters."""
    shape = (1, channels, 8, 8)
    return replace(layer(name, "ReLU", shape, shape, attrs={"inplace": False}), **changes)  # type: ignore[arg-type]


def norm(name: str, channels: int = 8) -> Layer:
    """A layer that has no choice about its width."""
    shape = (1, channels, 8, 8)
    return layer(name, "BatchNorm2d", shape, shape, 2 * channels, attrs={"num_features": channels, "eps": 1e-5})


def layer(
    name: str,
    kind: str,
    read: tuple[int, ...] = SHAPE,
    made: tuple[int, ...] = SHAPE,
    params: int = 0,
    macs: Quantity = 0,
    attrs: dict[str, Attr] | None = None,
) -> Layer:
    """One row."""
    return Layer(
        name=name,
        kind=kind,
        call=0,
        location=Location("net.py", 10, 9),
        called_at=Location("net.py", 40, 9),
        input_shapes=(read,),
        output_shapes=(made,),
        attrs=attrs or {},
        params=params,
        trainable_params=params,
        buffers=0,
        macs=macs,
        flops=macs if isinstance(macs, Unknown) else 2 * macs,
        other_ops=64,
        activation_bytes=4 * made[1] * 64,
        receptive_field=seen(3),
    )


def net(*layers: Layer, size: int = 8, mode: str = "eval") -> Profile:
    """A network of these layers, summed up."""
    missing = [item.macs for item in layers if isinstance(item.macs, Unknown)]
    macs = sum(item.macs for item in layers if not isinstance(item.macs, Unknown))
    params = sum(item.params for item in layers)
    memory = sum(item.activation_bytes for item in layers if not isinstance(item.activation_bytes, Unknown))
    totals = Totals(
        params=params,
        trainable_params=params,
        buffers=0,
        param_bytes=4 * params,
        buffer_bytes=0,
        unused_params=0,
        macs=macs,
        flops=2 * macs,
        other_ops=64 * len(layers),
        activation_bytes=memory,
        peak_activation_bytes=4096,
        saved_activation_bytes=2 * memory,
        receptive_field=layers[-1].receptive_field.size if layers and layers[-1].receptive_field else (),
        gaps=tuple(Gap("macs", "natten.na2d", 1, unknown.reason) for unknown in missing),
    )
    inputs = (InputInfo("x", (1, 8, size, size), "float32", "given"),)
    return Profile("0.1.0", "2.13.0", "net.py:Net", mode, inputs, totals, layers)  # type: ignore[arg-type]


def compare(old: Profile, new: Profile) -> Comparison:
    """The comparison, sides called OLD and NEW."""
    return compared(Side("OLD", old), Side("NEW", new))


def names(found: Comparison) -> list[tuple[str, str | None, str | None]]:
    """What became of each layer that is not as it was, and of each with another name."""
    return [
        (item.status, item.old and item.old.name, item.new and item.new.name)
        for item in found.layers
        if item.status != "same" or item.renamed
    ]
