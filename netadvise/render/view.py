"""Which rows a reader wants to see, and in which order.

    rows = top(sort(fold(filter(layers))))

A view never changes totals: they are those of the whole network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, get_args

from netadvise.facts import NetworkFacts
from netadvise.graph import Location
from netadvise.opinion import SecondOpinion
from netadvise.profiles import Layer, Profile, Sizes
from netadvise.quantity import Quantity, Unknown, known

SortKey = Literal["params", "macs", "flops", "other_ops", "activation", "receptive_field", "name"]
SORT_KEYS: tuple[str, ...] = get_args(SortKey)


@dataclass(frozen=True, slots=True)
class View:
    """How to show a profile. Empty means: every layer, as executed."""

    sort: SortKey | None = None
    """Largest first; names in alphabetical order."""
    top: int | None = None
    """Only the first rows; without `sort` those with the most MACs."""
    kinds: tuple[str, ...] = ()
    """Globs on the kind, in any case: "conv*"."""
    names: tuple[str, ...] = ()
    """Globs on the layer's name: "layer1.*"."""
    depth: int | None = None
    """One row per path prefix of so many parts; identical neighbours become one row."""
    width: int | None = None
    """Columns of text for the table; None: as wide as it needs."""

    opinion: SecondOpinion | None = None
    """Another tool's count, to show beside ours."""
    facts: NetworkFacts | None = None
    """What rules may ask about: part of the document that can be checked later."""

    @property
    def order(self) -> SortKey | None:
        """What the rows are sorted by, if at all."""
        return self.sort or ("macs" if self.top is not None else None)

    @property
    def partial(self) -> bool:
        """Whether rows may be left out."""
        return bool(self.kinds or self.names) or self.top is not None


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a report: a layer, or the sum over the layers below one path."""

    name: str
    kind: str
    layers: tuple[Layer, ...]
    """In execution order; the last one gives the output shape and the receptive field."""
    location: Location | None = None
    times: int = 1
    """How many identical blocks the row sums over."""

    @property
    def last(self) -> Layer:
        return self.layers[-1]

    @property
    def single(self) -> bool:
        return len(self.layers) == 1

    @property
    def params(self) -> int:
        return sum(layer.params for layer in self.layers)

    @property
    def macs(self) -> tuple[Quantity, ...]:
        return tuple(layer.macs for layer in self.layers)

    @property
    def flops(self) -> tuple[Quantity, ...]:
        return tuple(layer.flops for layer in self.layers)

    @property
    def other_ops(self) -> tuple[Quantity, ...]:
        return tuple(layer.other_ops for layer in self.layers)

    @property
    def activation_bytes(self) -> tuple[Quantity, ...]:
        return tuple(layer.activation_bytes for layer in self.layers)

    @property
    def receptive_field(self) -> Sizes:
        """That of the last layer; `()` where no image reaches it."""
        view = self.last.receptive_field
        return () if view is None else view.size


def rows(profile: Profile, view: View) -> tuple[Row, ...]:
    """The rows that `view` asks for."""
    layers = [layer for layer in profile.layers if _wanted(layer, view)]
    found = [_row(layer) for layer in layers] if view.depth is None else fold(layers, view.depth, _blocks(profile))
    if view.order is not None:
        found = sorted(found, key=_SORTS[view.order])
    return tuple(found[: view.top])


def fold(layers: Iterable[Layer], depth: int, blocks: dict[str, tuple[str, Location | None]]) -> list[Row]:
    """One row per path prefix of `depth` parts; identical neighbours `block.1`, `block.2` become one row."""
    groups: dict[tuple[str, int], list[Layer]] = {}
    for layer in layers:
        prefix = _prefix(layer.name, depth)
        groups.setdefault((prefix, layer.call if prefix == layer.name else 0), []).append(layer)
    folded: list[Row] = []
    for (prefix, _), members in groups.items():
        if members[0].name == prefix:
            folded.extend(map(_row, members))
            continue
        kind, location = blocks.get(prefix, ("", None))
        folded.append(Row(prefix, kind, tuple(members), location))
    return list(_merged(folded))


def _merged(folded: list[Row]) -> Iterator[Row]:
    run: list[Row] = []
    for row in folded:
        if run and not (_follows(run[-1].name, row.name) and _pattern(run[-1]) == _pattern(row)):
            yield _one(run)
            run = []
        run.append(row)
    if run:
        yield _one(run)


def _one(run: list[Row]) -> Row:
    first, last = run[0], run[-1]
    if len(run) == 1:
        return first
    name = f"{first.name}-{_parts(last.name)[-1]}"
    layers = tuple(layer for row in run for layer in row.layers)
    return Row(name, first.kind, layers, first.location, times=len(run))


def _follows(first: str, second: str) -> bool:
    *parent, index = _parts(first)
    *other, following = _parts(second)
    return parent == other and index.isdecimal() and following.isdecimal() and int(following) == int(index) + 1


def _pattern(row: Row) -> list[object]:
    return [
        (layer.name.removeprefix(row.name), layer.kind, layer.attrs, layer.output_shapes)
        + (layer.params, layer.macs, layer.other_ops, layer.activation_bytes)
        for layer in row.layers
    ]


def _row(layer: Layer) -> Row:
    name = layer.name if layer.call == 0 else f"{layer.name} (call {layer.call})"
    return Row(name, layer.kind, (layer,), layer.location or layer.called_at)


def _parts(name: str) -> list[str]:
    """ "layer1.0/add" -> layer1, 0, /add: an op is one level below its module."""
    path, slash, op = name.partition("/")
    return [*(part for part in path.split(".") if part), *([slash + op] if slash else [])]


def _prefix(name: str, depth: int) -> str:
    parts = _parts(name)
    return name if len(parts) <= depth else ".".join(parts[:depth])


def _blocks(profile: Profile) -> dict[str, tuple[str, Location | None]]:
    return {block.name: (block.kind, block.location) for block in profile.blocks}


def _wanted(layer: Layer, view: View) -> bool:
    kind = layer.kind.lower()
    return (not view.kinds or any(fnmatchcase(kind, glob.lower()) for glob in view.kinds)) and (
        not view.names or any(fnmatchcase(layer.name, glob) for glob in view.names)
    )


def _largest_field(row: Row) -> int:
    field = row.receptive_field
    return 0 if isinstance(field, Unknown) else -max(field, default=0)


_SORTS: dict[SortKey, Callable[[Row], int | str]] = {
    "params": lambda row: -row.params,
    "macs": lambda row: -known(row.macs),
    "flops": lambda row: -known(row.flops),
    "other_ops": lambda row: -known(row.other_ops),
    "activation": lambda row: -known(row.activation_bytes),
    "receptive_field": _largest_field,
    "name": lambda row: row.name,
}
