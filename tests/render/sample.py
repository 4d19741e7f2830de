"""A hand-made profile with every awkward case a renderer can meet."""

from __future__ import annotations

from fractions import Fraction

from netadvise.graph import Attr, Location
from netadvise.profiles import Block, Gap, InputInfo, Layer, Profile, ReceptiveField, Totals
from netadvise.quantity import Quantity, Unknown


def field(size: int, jump: Fraction | int = 1, culprit: str = "", period: int = 1) -> ReceptiveField:
    """A square receptive field."""
    both = (size, size)
    strict = (64, 64) if culprit else both
    return ReceptiveField(
        size=both,
        narrowest=(1, 1),
        strict=strict,
        clipped=(min(size, 64),) * 2,
        jump=(Fraction(jump),) * 2,
        start=(-(size // 2),) * 2,
        period=(period, period),
        culprit=culprit,
    )


def layer(
    name: str,
    kind: str,
    *,
    line: int | None = 10,
    params: int = 0,
    macs: Quantity = 0,
    channels: int = 8,
    view: ReceptiveField | None = None,
    call: int = 0,
    attrs: dict[str, Attr] | None = None,
) -> Layer:
    """One row on an 8 x 8 map."""
    shape = (1, channels, 8, 8)
    return Layer(
        name=name,
        kind=kind,
        call=call,
        location=None if line is None else Location("nets/small.py", line, 9),
        called_at=Location("nets/small.py", 40, 13),
        input_shapes=(shape,),
        output_shapes=(shape,),
        attrs=attrs or {},
        params=params,
        trainable_params=params,
        buffers=0,
        macs=macs,
        flops=macs if isinstance(macs, Unknown) else 2 * macs,
        other_ops=64,
        activation_bytes=2048,
        receptive_field=view,
    )


def conv(name: str, view: ReceptiveField | None, call: int = 0, **attrs: Attr) -> Layer:
    """A 3 x 3 convolution of 8 channels."""
    geometry: dict[str, Attr] = {"kernel_size": (3, 3), "stride": (1, 1), "padding": (1, 1), "dilation": (1, 1)}
    channels: dict[str, Attr] = {"groups": 1, "in_channels": 8, "out_channels": 8, "bias": False}
    return layer(name, "Conv2d", params=576, macs=36864, view=view, call=call, attrs=geometry | channels | attrs)


def sample() -> Profile:
    """A stem, three equal blocks, a gate, a custom op and a head."""
    unknown = Unknown("no formula for natten.na2d")
    lost = ReceptiveField(unknown, unknown, unknown, unknown, unknown, unknown)
    blocks = [
        part
        for index in range(3)
        for part in (
            conv(f"stage.{index}.conv", field(7 + 2 * index, 2, "gate" if index else "")),
            layer(f"stage.{index}/add", "add", line=None, view=field(7 + 2 * index, 2)),
        )
    ]
    layers = (
        conv("stem", field(3, 2), stride=(2, 1), groups=4, params="a clash", inf="inf"),
        conv("stem", field(5, 2), call=1, dilation=(2, 2), padding="same"),
        *blocks,
        layer("up", "Upsample", view=field(13, Fraction(1, 2), period=2), attrs={"scale_factor": 2.0, "mode": None}),
        layer("natten", "NeighborhoodAttention", macs=unknown, view=lost, attrs={"num_heads": 2}),
        layer("head", "Linear", params=90, macs=80, view=None, attrs={"in_features": 8, "out_features": 10}),
    )
    return Profile(
        version="0.1.0",
        torch="2.13.0",
        target="nets/small.py:Small(width=8)",
        mode="eval",
        inputs=(InputInfo("x", (1, 3, 64, 64), "float32", "inferred"), InputInfo("mask", (), "bool", "given")),
        totals=_totals(layers),
        layers=layers,
        notes=("the forward pass ran with real values",),
        modules=9,
        uncalled_modules=("aux.fc",),
        blocks=(Block("", "Small"), Block("stage", "Sequential", Location("nets/small.py", 20)))
        + tuple(Block(f"stage.{index}", "Residual", Location("nets/small.py", 21, 5)) for index in range(3)),
    )


def _totals(layers: tuple[Layer, ...]) -> Totals:
    macs = sum(item.macs for item in layers if not isinstance(item.macs, Unknown))
    params = sum(item.params for item in layers)
    return Totals(
        params=params,
        trainable_params=params - 90,
        buffers=16,
        param_bytes=4 * params,
        buffer_bytes=64,
        unused_params=10,
        macs=macs,
        flops=2 * macs,
        other_ops=64 * len(layers),
        activation_bytes=2048 * len(layers),
        peak_activation_bytes=4096,
        saved_activation_bytes=Unknown("natten.na2d keeps what it likes"),
        receptive_field=Unknown("no formula for natten.na2d"),
        gaps=(Gap("macs", "natten.na2d", 1, "no formula", Location("nets/small.py", 33)),),
    )
