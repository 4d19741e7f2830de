"""What an edit changed: one profile subtracted from another. Every number is after minus before.

Layers are matched by name and call. The parts of a chain (`conv.0`, `conv.1`) and what was inserted (`conv/inserted0`)
belong to the edited layer: they are no further layers that changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from netadvise.edit import Affected, Effect
from netadvise.profiles import Layer, Profile, Sizes
from netadvise.quantity import Quantity, Unknown

_Key = tuple[str, int]


def difference(before: Profile, after: Profile, at: Sequence[str]) -> tuple[Effect, tuple[Affected, ...]]:
    """The effect of edits at the layers `at`, and every other layer that they changed, in execution order.

    The receptive field "here" is that of the first of `at`, behind the last layer that belongs to it.
    """
    effect = Effect(
        params=after.totals.params - before.totals.params,
        macs=_minus(before, after, lambda layer: layer.macs),
        activation_bytes=_minus(before, after, lambda layer: layer.activation_bytes),
        receptive_field=_sizes_minus(after.totals.receptive_field, before.totals.receptive_field),
        receptive_field_here=_sizes_minus(*(_field_at(profile, at) for profile in (after, before))),
    )
    return effect, tuple(_affected(before, after, at))


def _minus(before: Profile, after: Profile, quantity: Callable[[Layer], Quantity]) -> Quantity:
    """The difference of the sums; layers that ran as before cancel out even where the quantity is unknown."""
    total, untouched = 0, _as_before(before, after)
    for profile, sign in ((after, 1), (before, -1)):
        for layer in profile.layers:
            if _key(layer) in untouched:
                continue
            value = quantity(layer)
            if isinstance(value, Unknown):
                return value
            total += sign * value
    return total


def _as_before(before: Profile, after: Profile) -> frozenset[_Key]:
    """The layers that ran on the same shapes with the same arguments, as far as a quantity can depend on them."""
    ran = [{(_key(layer), _ran(layer)) for layer in profile.layers} for profile in (before, after)]
    return frozenset(key for key, _ in ran[0] & ran[1])


def _ran(layer: Layer) -> object:
    costs = (layer.params, layer.macs, layer.other_ops, layer.activation_bytes)
    return layer.kind, layer.input_shapes, layer.output_shapes, tuple(sorted(map(str, layer.attrs.items()))), costs


def _key(layer: Layer) -> _Key:
    return layer.name, layer.call


def _sizes_minus(one: Sizes, other: Sizes) -> Sizes:
    if isinstance(one, Unknown):
        return one
    if isinstance(other, Unknown):
        return other
    if len(one) != len(other):
        return Unknown(f"{len(one)} spatial axes after the edit, {len(other)} before it")
    return tuple(first - second for first, second in zip(one, other, strict=True))


def _field_at(profile: Profile, at: Sequence[str]) -> Sizes:
    """The field behind the last layer that belongs to the first of `at`."""
    found = [layer for layer in profile.layers if at and _belongs(layer.name, at[0])]
    if not found:
        return Unknown("the edited layer does not run")
    field = found[-1].receptive_field
    return () if field is None else field.size


def _belongs(name: str, edited: str) -> bool:
    return not edited or name == edited or name.startswith((f"{edited}.", f"{edited}/"))


def _affected(before: Profile, after: Profile, at: Sequence[str]) -> Iterator[Affected]:
    """The layers of either profile that differ, in the order of the second; those that are gone come first."""
    old = {_key(layer): layer for layer in before.layers}
    new = {_key(layer): layer for layer in after.layers}
    for key, layer in old.items():
        if key not in new and not _part_of(layer.name, at):
            yield Affected(layer.name, "does not run any more", layer.location)
    for key, layer in new.items():
        if key not in old:
            if not _part_of(layer.name, at):
                yield Affected(layer.name, "runs only after the edit", layer.location)
            continue
        changes = _changes(old[key], layer)
        if changes and (layer.name not in at or layer.call):
            yield Affected(_shown(layer), "; ".join(changes), layer.location)


def _part_of(name: str, at: Sequence[str]) -> bool:
    return any(_belongs(name, edited) for edited in at)


def _shown(layer: Layer) -> str:
    return f"{layer.name} (call {layer.call})" if layer.call else layer.name


def _changes(old: Layer, new: Layer) -> list[str]:
    """What differs between two runs of a layer, in words."""
    return [
        f"{label} {_known(show, read(old))} -> {_known(show, read(new))}"
        for label, read, show in _WATCHED
        if read(old) != read(new)
    ]


def _known(show: Callable[[object], str], value: object) -> str:
    return "unknown" if isinstance(value, Unknown) else show(value)


def _shapes(value: object) -> str:
    assert isinstance(value, tuple)
    return ", ".join(_sizes(shape) for shape in value) or "nothing"


def _sizes(value: object) -> str:
    assert isinstance(value, tuple)
    return "x".join(map(str, value)) or "none"


def _count(value: object) -> str:
    """Three digits and a decimal unit: 999, "118 M"."""
    assert isinstance(value, int)
    scaled, unit = float(value), 0
    while abs(scaled) >= 999.5 and unit < len(_UNITS) - 1:
        scaled, unit = scaled / 1000, unit + 1
    return f"{scaled:.3g} {_UNITS[unit]}".rstrip() if unit else str(value)


def _field(layer: Layer) -> Sizes:
    return () if layer.receptive_field is None else layer.receptive_field.size


_UNITS = ("", "k", "M", "G", "T", "P")
_WATCHED: tuple[tuple[str, Callable[[Layer], object], Callable[[object], str]], ...] = (
    ("output", lambda layer: layer.output_shapes, _shapes),
    ("MACs", lambda layer: layer.macs, _count),
    ("params", lambda layer: layer.params, _count),
    ("receptive field", _field, _sizes),
)
