"""Which suggestion comes first, which one is the first choice of a layer, and which ones go together."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from netadvise.edit import Effect, conflicts
from netadvise.profiles import Totals
from netadvise.quantity import Quantity, Unknown
from netadvise.suggestion import Excluded, Suggestion

_COMBINED = ("A", "B")


@dataclass(frozen=True, slots=True)
class Ranked:
    """Suggestions in order, those that are hidden unless everything is asked for apart."""

    shown: tuple[Suggestion, ...]
    hidden: tuple[Suggestion, ...]


def ranked(suggestions: Iterable[Suggestion], totals: Totals, *, everything: bool = False) -> Ranked:
    """Best first: by grade, then by receptive field lost, then by what is saved.

    The first choice of each layer leads; other alternatives for a layer stand behind it.
    """
    ordered = sorted(suggestions, key=lambda item: _key(item, totals))
    shown = [item for item in ordered if everything or is_worth_showing(item)]
    hidden = [item for item in ordered if not (everything or is_worth_showing(item))]
    return Ranked(_first_choices_lead(shown), tuple(hidden))


def is_worth_showing(item: Suggestion) -> bool:
    """Of grade A or B, and it gains something, or mends what its rule calls wrong."""
    return item.confidence in _COMBINED and (item.severity != "advice" or gains(item.tried.effect))


def gains(effect: Effect) -> bool:
    """Whether parameters or MACs fall, or the receptive field grows, or memory falls at no cost of these."""
    falls = [isinstance(each, int) and each < 0 for each in (effect.params, effect.macs)]
    rises = [not isinstance(each, int) or each > 0 for each in (effect.params, effect.macs)]
    grows = isinstance(effect.receptive_field, tuple) and max(effect.receptive_field, default=0) > 0
    lighter = isinstance(effect.activation_bytes, int) and effect.activation_bytes < 0 and not any(rises)
    return any(falls) or grows or lighter


def field_lost(effect: Effect) -> float:
    """Pixels of receptive field that the last feature map loses, over all axes; infinite where that is not known."""
    change = effect.receptive_field
    return math.inf if isinstance(change, Unknown) else sum(max(0, -axis) for axis in change)


def saving(effect: Effect, totals: Totals) -> float:
    """The mean of the shares of parameters and of MACs that are saved; negative for a cost."""
    return (_share(effect.params, totals.params) + _share(effect.macs, totals.macs)) / 2


def going_together(
    suggestions: Sequence[Suggestion], grades: Collection[str] = _COMBINED
) -> tuple[tuple[Suggestion, ...], tuple[Excluded, ...]]:
    """The first choices of these grades, best first, and those that do not go with an earlier one."""
    chosen: list[Suggestion] = []
    excluded: list[Excluded] = []
    for item in suggestions:
        if not item.best or item.confidence not in grades:
            continue
        reason = next(filter(None, (_quarrel(item, other) for other in chosen)), "")
        if reason:
            excluded.append(Excluded(item.layer, item.rule, reason))
        else:
            chosen.append(item)
    return tuple(chosen), tuple(excluded)


def _quarrel(item: Suggestion, other: Suggestion) -> str:
    """Why two do not go together: they change the same module, or one changes the maps that the other was judged on."""
    module = conflicts(item.edits, other.edits)
    if module:
        return f"{item.rule} at {item.layer} changes {module}, which {other.rule} at {other.layer} changes, too"
    for one, another in ((item, other), (other, item)):
        for layer in another.layers:
            if layer in reshaped(one):
                told = f"{one.rule} at {one.layer} changes the maps at {layer}, on which {another.rule} was judged"
                return f"{told}: take one, then run again"
    return ""


def reshaped(item: Suggestion) -> frozenset[str]:
    """Layers behind the edits whose results get another shape."""
    return frozenset(layer.layer for layer in item.tried.affected if layer.what.startswith("output "))


def _key(item: Suggestion, totals: Totals) -> tuple[object, ...]:
    effect = item.tried.effect
    return item.confidence, field_lost(effect), -saving(effect, totals), item.rule, item.layer


def _share(change: Quantity, whole: int) -> float:
    return 0.0 if isinstance(change, Unknown) or whole == 0 else -change / whole


def _first_choices_lead(ordered: Sequence[Suggestion]) -> tuple[Suggestion, ...]:
    """Each suggestion behind the first choice of its first layer that has one."""
    followers: dict[int, list[Suggestion]] = {}
    leader: dict[str, int] = {}
    for index, item in enumerate(ordered):
        leading = next((leader[layer] for layer in item.layers if layer in leader), None)
        if leading is None:
            leader.update(dict.fromkeys(item.layers, index))
            followers[index] = [replace(item, best=True)]
        else:
            followers[leading].append(replace(item, best=False))
    return tuple(item for group in followers.values() for item in group)
