"""One recorded pass, laid out for matching: layers by op and by type, neighbours, enclosing blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from netadvise.check.pattern import Pattern, Relation
from netadvise.facts import Sheet, Subject

_ALWAYS = ("identity", "copy")
_WITH_RATE = ("dropout", "drop_path")


class Arrangement:
    """The layers and blocks of a sheet, with the look-ups that patterns need."""

    def __init__(self, sheet: Sheet) -> None:
        self.layers, self.blocks = sheet.layers, sheet.blocks

    def candidates(self, pattern: Pattern) -> Sequence[Subject]:
        """The layers that can fit, by their `op` or else their `type`; in execution order."""
        if pattern.ops is not None:
            return _picked(self._by_op, pattern.ops)
        if pattern.types is not None:
            return _picked(self._by_type, pattern.types)
        return self.layers

    @cached_property
    def _by_op(self) -> dict[str, list[Subject]]:
        return _index(self.layers, "op")

    @cached_property
    def _by_type(self) -> dict[str, list[Subject]]:
        return _index(self.layers, "type")

    def neighbours(self, relation: Relation, subject: Subject) -> tuple[list[Subject], bool]:
        """The layers that `next` or `prev` is about, and whether an output of the model reads the same result."""
        ahead = relation.kind == "next"
        onward: Callable[[Subject], tuple[int, ...]] = (lambda s: s.consumers) if ahead else (lambda s: s.producers)
        found: dict[int, Subject] = {}
        seen: set[int] = set()
        leaks = ahead and subject.facts.get("is_output") is True
        waiting = list(onward(subject))
        while waiting:
            layer = self.layers[waiting.pop()]
            if layer.id in seen:
                continue
            seen.add(layer.id)
            if _transparent(layer, relation):
                leaks = leaks or (ahead and layer.facts.get("is_output") is True)
                waiting.extend(onward(layer))
            else:
                found[layer.id] = layer
        return [found[each] for each in sorted(found, reverse=not ahead)], leaks

    def enclosing(self, subject: Subject) -> Sequence[Subject]:
        """The blocks around a layer or block, the innermost first."""
        if subject.kind == "layer":
            return self._around.get(subject.id, ())
        members = frozenset(subject.members)
        around = self._around.get(subject.members[0], ()) if subject.members else ()
        return [block for block in around if members < frozenset(block.members)]

    @cached_property
    def _around(self) -> dict[int, list[Subject]]:
        around: dict[int, list[Subject]] = {}
        for block in sorted(self.blocks, key=lambda each: (len(each.members), -each.id)):
            for member in block.members:
                around.setdefault(member, []).append(block)
        return around


def _transparent(layer: Subject, relation: Relation) -> bool:
    """Whether it is looked through; never what the pattern asks for by its `op`."""
    op = layer.facts.get("op")
    if relation.pattern.ops is not None and op in relation.pattern.ops:
        return False
    return op in _ALWAYS or op in relation.through or (op in _WITH_RATE and layer.facts.get("p") == 0)


def _index(layers: Iterable[Subject], name: str) -> dict[str, list[Subject]]:
    index: dict[str, list[Subject]] = {}
    for layer in layers:
        index.setdefault(str(layer.facts.get(name)), []).append(layer)
    return index


def _picked(index: dict[str, list[Subject]], keys: Iterable[str]) -> Sequence[Subject]:
    lists = [index[key] for key in keys if key in index]
    if len(lists) == 1:
        return lists[0]
    return sorted((layer for each in lists for layer in each), key=lambda layer: layer.id)
