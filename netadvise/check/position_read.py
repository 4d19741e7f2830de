"""From the YAML of `position` to an offer; an argument that the matched layers cannot have is noted."""

from __future__ import annotations

from netadvise.check.pattern import Pattern
from netadvise.check.pattern_read import Reader, parts
from netadvise.check.problems import hint
from netadvise.check.shapes import value_of
from netadvise.check.torch_layers import CLASSES, arguments, candidates
from netadvise.check.yaml import Entries, Node
from netadvise.rule import Offer

_OPS = frozenset(op for each in CLASSES.values() for op in each.ops)


def offer(node: Node | None, match: Pattern, reader: Reader) -> Offer | None:
    """What a rule's hits are to dropout; None for a rule about something else."""
    if not isinstance(node, Entries):
        return None

    def text(key: str) -> str:
        value = node.get(key)
        return "" if value is None else str(value_of(value) or "")

    given = node.get("argument")
    if given is not None:
        _check_argument(given, match, reader)
    _check_rates(node.get("rates"), reader)
    rates = [value_of(part) for part in parts(node.get("rates"))]
    return Offer(
        kind="refuse" if node.get("offer") is None else "offer",
        group=text("offer"),
        variant=text("variant"),
        argument=text("argument"),
        rates=tuple(float(rate) for rate in rates if isinstance(rate, int | float)),
        on="before" if text("on") == "before" else "after",
    )


def _check_rates(node: Node | None, reader: Reader) -> None:
    seen: set[object] = set()
    for part in parts(node):
        rate = value_of(part)
        if rate in seen and rate is not None:
            reader.problems.add(part, f"the rate {rate} stands there twice")
        seen.add(rate)


def _check_argument(node: Node, match: Pattern, reader: Reader) -> None:
    """Only of classes whose arguments are known can it be told that they have no such rate."""
    ops, types = match.ops, match.types
    told = ops is not None or types is not None
    if not told or (ops is not None and not ops <= _OPS) or (types is not None and not types <= CLASSES.keys()):
        return
    known, name = arguments(candidates(ops, types)), str(value_of(node) or "")
    rates = [each for each, kind in known.items() if kind == "number"]
    if name not in rates:
        reader.problems.add(node, f"the layers that this rule matches take no rate '{name}'{hint(name, rates)}")
