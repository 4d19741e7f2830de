"""What changed about each layer, and whether somebody changed it or it followed from what stands before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from netadvise.compare.matching import Pair
from netadvise.comparison import AttributeChange, Deltas, LayerChange, Status
from netadvise.graph import Attr
from netadvise.profiles import Layer, Profile, ReceptiveField, Sizes
from netadvise.quantity import Quantity, Unknown

_FORCED = frozenset(
    ("in_channels", "in_features", "in1_features", "in2_features", "num_features", "num_channels")
    + ("normalized_shape", "input_size", "kdim", "vdim"),
)
"""Arguments that what a layer reads leaves no choice about."""
_DEPTHWISE = frozenset(("groups", "out_channels"))
"""The same, for a convolution that has one group for each channel before and after."""


Functions = Mapping[int, str]
"""What layers call, by position."""


def changes(
    old: Profile, new: Profile, pairs: Sequence[Pair], functions: tuple[Functions, Functions] = ({}, {})
) -> tuple[LayerChange, ...]:
    """Every layer of both, in the order of NEW; a removed one stands behind its predecessor in OLD."""
    partner = {right: left for left, right in pairs}
    kept = dict(pairs)
    gone: dict[int, list[LayerChange]] = {}
    behind = -1
    for index, layer in enumerate(old.layers):
        if index in kept:
            behind = kept[index]
        else:
            gone.setdefault(behind, []).append(_alone(layer, "removed", -1))
    found = gone.pop(-1, [])
    for index, layer in enumerate(new.layers):
        before = partner.get(index)
        if before is None:
            found.append(_alone(layer, "added", 1))
        else:
            found.append(_both(old.layers[before], layer, (functions[0].get(before), functions[1].get(index))))
        found += gone.get(index, [])
    return tuple(found)


def _alone(layer: Layer, status: Status, sign: int) -> LayerChange:
    deltas = Deltas(sign * layer.params, _times(sign, layer.macs), _times(sign, layer.activation_bytes))
    return LayerChange(status, old=layer if sign < 0 else None, new=layer if sign > 0 else None, deltas=deltas)


def _times(sign: int, quantity: Quantity) -> Quantity:
    return quantity if isinstance(quantity, Unknown) else sign * quantity


def _both(old: Layer, new: Layer, called: tuple[str | None, str | None]) -> LayerChange:
    attributes = (*_attributes(old, new), *_computed(old, new, called))
    reread, reshaped = old.input_shapes != new.input_shapes, old.output_shapes != new.output_shapes
    status = _status(old, new, attributes)
    same = status == "same"
    deltas = Deltas(
        params=new.params - old.params,
        macs=0 if same else _minus(new.macs, old.macs),
        activation_bytes=0 if same else _minus(new.activation_bytes, old.activation_bytes),
        receptive_field=sizes_minus(_field(new), _field(old)),
    )
    return LayerChange(status, old, new, deltas, attributes, reread, reshaped)


def _status(old: Layer, new: Layer, attributes: Sequence[AttributeChange]) -> Status:
    """Edited, when somebody chose another argument, or when nothing before the layer explains what changed."""
    if any(not change.forced for change in attributes):
        return "edited"
    moved = old.input_shapes != new.input_shapes or _seen(old) != _seen(new)
    if moved or attributes:
        return "follows"
    return "same" if _numbers(old) == _numbers(new) else "edited"


def _seen(layer: Layer) -> ReceptiveField | None:
    """What a layer sees; through which layer it sees the whole input is a name, and names may change."""
    return None if layer.receptive_field is None else replace(layer.receptive_field, culprit="")


def _numbers(layer: Layer) -> object:
    """All that is measured of a layer, apart from what it sees."""
    counted = (layer.params, layer.trainable_params, layer.shared_params, layer.buffers)
    return layer.output_shapes, counted, layer.macs, layer.flops, layer.other_ops, layer.activation_bytes


def _attributes(old: Layer, new: Layer) -> Iterator[AttributeChange]:
    """Another kind has arguments of its own: of two kinds, only those that both have are compared."""
    names = {**old.attrs, **new.attrs}
    if old.kind != new.kind:
        yield AttributeChange("kind", old.kind, new.kind)
        names = {name: value for name, value in names.items() if name in old.attrs and name in new.attrs}
    reread, depthwise = old.input_shapes != new.input_shapes, _is_depthwise(old) and _is_depthwise(new)
    for name in names:
        before, after = old.attrs.get(name), new.attrs.get(name)
        if not _equal(before, after):
            forced = reread and (name in _FORCED or (depthwise and name in _DEPTHWISE))
            yield AttributeChange(name, before, after, forced)


def _computed(old: Layer, new: Layer, called: tuple[str | None, str | None]) -> Iterator[AttributeChange]:
    """A class of the user's may do something else under the same name."""
    if old.kind == new.kind and None not in called and called[0] != called[1]:
        yield AttributeChange("computes", *called)


def _equal(one: Attr, other: Attr) -> bool:
    """True is not 1 here, and a saved tuple is a list of the same values."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _is_depthwise(layer: Layer) -> bool:
    groups, inside = layer.attrs.get("groups"), layer.attrs.get("in_channels")
    return groups == inside == layer.attrs.get("out_channels") and isinstance(groups, int) and groups > 1


def _minus(new: Quantity, old: Quantity) -> Quantity:
    if isinstance(new, Unknown):
        return new
    return old if isinstance(old, Unknown) else new - old


def sizes_minus(new: Sizes, old: Sizes) -> Sizes:
    """NEW minus OLD, axis by axis; Unknown where one of them is, or where the axes are not the same ones."""
    if new == old and not isinstance(new, Unknown):
        return tuple(0 for _ in new)
    if isinstance(new, Unknown):
        return new
    if isinstance(old, Unknown):
        return old
    if len(new) != len(old):
        return Unknown(f"{len(new)} spatial axes in one network, {len(old)} in the other")
    return tuple(after - before for after, before in zip(new, old, strict=True))


def _field(layer: Layer) -> Sizes:
    return () if layer.receptive_field is None else layer.receptive_field.size
