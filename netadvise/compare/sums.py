"""The sums over both networks. One that leaves a layer out is Unknown; its difference need not be.

A layer without a formula that runs in both as it was cancels out of the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from netadvise.comparison import LayerChange, TotalChange
from netadvise.profiles import Layer, Totals
from netadvise.quantity import Quantity, Unknown, total

_STANDS_FOR = {"flops": "macs"}
"""A gap in MACs is one in FLOPs."""


def sums(old: Totals, new: Totals, layers: Sequence[LayerChange]) -> tuple[TotalChange, ...]:
    """Every sum of the profile, in its order, and the number of layers."""
    changed = [change for change in layers if change.status != "same"]
    found = [_change(key, read(old), read(new)) for key, read in _EXACT.items()]
    for key, (read, of_layer) in _SUMMED.items():
        found.append(_summed(key, (old, new), read, changed, of_layer))
    found += [_change(key, read(old), read(new)) for key, read in _WHOLE.items()]
    counts = (sum(change.old is not None for change in layers), sum(change.new is not None for change in layers))
    return (*found, _change("layers", *counts))


def _change(key: str, old: Quantity, new: Quantity) -> TotalChange:
    if isinstance(old, Unknown) or isinstance(new, Unknown):
        unknown = new if isinstance(new, Unknown) else old
        return TotalChange(key, old, new, unknown)
    return TotalChange(key, old, new, new - old, (old, new))


def _summed(
    key: str,
    totals: tuple[Totals, Totals],
    read: Callable[[Totals], int],
    changed: Sequence[LayerChange],
    of_layer: Callable[[Layer], Quantity],
) -> TotalChange:
    known = (read(totals[0]), read(totals[1]))
    old, new = (_or_gap(side, key, number) for side, number in zip(totals, known, strict=True))
    if not isinstance(old, Unknown) and not isinstance(new, Unknown):
        return TotalChange(key, old, new, new - old, known)
    after = total(of_layer(change.new) for change in changed if change.new is not None)
    before = total(of_layer(change.old) for change in changed if change.old is not None)
    if isinstance(after, Unknown) or isinstance(before, Unknown):
        return TotalChange(key, old, new, after if isinstance(after, Unknown) else before, known)
    return TotalChange(key, old, new, after - before, known)


def _or_gap(totals: Totals, key: str, number: int) -> Quantity:
    for gap in totals.gaps:
        if gap.quantity == _STANDS_FOR.get(key, key):
            return Unknown(f"the sum leaves out {gap.op}: {gap.reason}")
    return number


_EXACT: dict[str, Callable[[Totals], int]] = {
    "params": lambda totals: totals.params,
    "trainable_params": lambda totals: totals.trainable_params,
    "buffers": lambda totals: totals.buffers,
    "param_bytes": lambda totals: totals.param_bytes,
}
_SUMMED: dict[str, tuple[Callable[[Totals], int], Callable[[Layer], Quantity]]] = {
    "macs": (lambda totals: totals.macs, lambda layer: layer.macs),
    "flops": (lambda totals: totals.flops, lambda layer: layer.flops),
    "other_ops": (lambda totals: totals.other_ops, lambda layer: layer.other_ops),
    "activation_bytes": (lambda totals: totals.activation_bytes, lambda layer: layer.activation_bytes),
}
_WHOLE: dict[str, Callable[[Totals], Quantity]] = {
    "peak_activation_bytes": lambda totals: totals.peak_activation_bytes,
    "saved_activation_bytes": lambda totals: totals.saved_activation_bytes,
}
