"""Whether a network that was recorded again has the dropouts that edits were to write, each at its place.

The recordings are laid side by side: what runs must be what ran before, and the dropouts that are new in between.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from netadvise.edit import Edit, Insert, Place, Replace, SetArgs
from netadvise.facts import NetworkFacts, Sheet, Subject
from netadvise.quantity import Unknown

_DROPPING = frozenset(("dropout", "drop_path"))
LIBRARY = frozenset(("StochasticDepth", "DropBlock2d"))
"""Dropouts of torchvision: each runs as several layers."""
_PLAIN_ARITHMETIC = frozenset(("DropBlock2d",))
"""Of these, the ones that a recording does not know for what they are."""
_USUAL_RATE = 0.5


def not_shown(edits: Sequence[Edit], before: NetworkFacts, after: NetworkFacts) -> str:
    """What is not as the edits want it, in training mode where that was recorded; empty when all is."""
    old, new = _sheets(before, after)
    for edit in edits:
        if isinstance(edit, SetArgs) and (reason := _not_set(edit, new)):
            return reason
    inserted = [edit for edit in edits if isinstance(edit, Insert)]
    rates = {edit.module: edit.args["p"] for edit in edits if isinstance(edit, SetArgs) and "p" in edit.args}
    return _not_inserted(inserted, _Aligned.of(old, new, rates)) if inserted else ""


def _sheets(before: NetworkFacts, after: NetworkFacts) -> tuple[Sheet, Sheet]:
    """Both in training mode, or both in evaluation mode: dropouts are recorded there, too."""
    if isinstance(before.training, Unknown) or isinstance(after.training, Unknown):
        return before.evaluation, after.evaluation
    return before.training, after.training


def _not_set(edit: SetArgs, sheet: Sheet) -> str:
    """Why an argument is not as it was to be set."""
    for name, value in edit.args.items():
        found = [layer.get(name) for layer in sheet.layers if layer.get("module") == edit.module]
        known = [each for each in found if each is not None]
        if known and value not in known:
            return f"{edit.module} has {name}={known[0]} in place of {value}"
        if not found:
            return f"{edit.module} does not run"
    return ""


def _not_inserted(edits: Sequence[Insert], found: _Aligned) -> str:
    seen = [edit for edit in edits if edit.chain[0].type not in _PLAIN_ARITHMETIC]
    if found.gone or (found.other and all(edit.chain[0].type not in LIBRARY for edit in edits)):
        return "other layers run than before"
    if len(seen) < len(edits) and not any(layer.get("function") == "bernoulli_" for layer in found.other):
        return "no further mask is drawn"
    expected = sum(_runs(edit.place, found.old) for edit in seen)
    if len(found.extra) != expected:
        return f"{len(found.extra)} further dropouts run in place of {expected}"
    left = list(found.extra)
    for edit in seen:
        match = next((each for each in left if _rate(each) == _wanted(edit) and found.stands(each, edit.place)), None)
        if match is None:
            return f"no dropout with p={_wanted(edit)} runs {_shown(edit.place)}"
        left.remove(match)
    return ""


@dataclass(frozen=True)
class _Aligned:
    """Two recordings side by side."""

    old: Sheet
    new: Sheet
    as_before: Mapping[int, int]
    """Layer of the new one -> the same layer of the old one."""
    extra: tuple[Subject, ...]

    other: tuple[Subject, ...]
    """Further layers that are no dropouts: what a library's dropout is made of."""
    gone: tuple[Subject, ...]
    """Layers that run no more."""

    @staticmethod
    def of(old: Sheet, new: Sheet, rates: Mapping[str, object]) -> _Aligned:
        """The new recording as the old one with further layers; `rates`: of old dropouts that were to be changed."""
        as_before: dict[int, int] = {}
        extra: list[Subject] = []
        other: list[Subject] = []
        waiting = deque(old.layers)
        for layer in new.layers:
            if waiting and _alike(waiting[0], layer, rates):
                as_before[layer.id] = waiting.popleft().id
            else:
                (extra if layer.get("op") in _DROPPING else other).append(layer)
        return _Aligned(old, new, as_before, tuple(extra), tuple(other), tuple(waiting))

    def stands(self, layer: Subject, place: Place) -> bool:
        """Whether a new dropout is where it was to be."""
        inside = _targets(place, self.old)
        read = inside.intersection(self._near(layer, "producers"))
        fed = inside.intersection(self._near(layer, "consumers"))
        return bool(fed and not read) if place.where == "before" else bool(read and not fed)

    def _near(self, layer: Subject, way: str) -> Iterator[int]:
        """The old layers that it reads, or that read it, through other dropouts."""
        for near in layer.producers if way == "producers" else layer.consumers:
            if near in self.as_before:
                yield self.as_before[near]
            if self.new.layers[near].get("op") in _DROPPING:
                yield from self._near(self.new.layers[near], way)


def _alike(old: Subject, new: Subject, rates: Mapping[str, object]) -> bool:
    rate = rates.get(str(old.get("module")), old.get("p")) if old.get("op") == "dropout" else old.get("p")
    same = all(old.get(name) == new.get(name) for name in ("function", "op", "output_shape"))
    return same and new.get("p") == rate


def _targets(place: Place, sheet: Sheet) -> frozenset[int]:
    """The layers that a place is behind or before."""
    if place.where == "after-call":
        calls = [
            layer for layer in _of_module(place.module, sheet, below=False) if layer.get("function") == place.function
        ]
        by_run: dict[object, list[int]] = {}
        for layer in calls:
            by_run.setdefault(layer.get("call_index"), []).append(layer.id)
        return frozenset(ids[place.index] for ids in by_run.values() if place.index < len(ids))
    return frozenset(layer.id for layer in _of_module(place.module, sheet, below=True))


def _runs(place: Place, sheet: Sheet) -> int:
    """How often the place is passed."""
    return max(1, len({layer.get("call_index") for layer in _of_module(place.module, sheet, below=False)}))


def _of_module(path: str, sheet: Sheet, *, below: bool) -> Iterator[Subject]:
    for layer in sheet.layers:
        module = str(layer.get("module"))
        if module == path or (below and (not path or module.startswith(f"{path}."))):
            yield layer


def _rate(layer: Subject) -> object:
    return layer.get("p")


def _wanted(edit: Insert | Replace) -> object:
    return edit.chain[0].args.get("p", _USUAL_RATE)


def _shown(place: Place) -> str:
    if place.where == "after-call":
        return f"behind call {place.index} of {place.function}() in {place.module or 'the model'}"
    return f"{'behind' if place.where == 'after' else 'before'} {place.module or 'the model'}"
