"""Names that changed, folded: a block renamed as a whole is one rename, and so is a run of numbers that moved on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from netadvise.compare.tree import parts
from netadvise.comparison import LayerChange, Rename


def renames(changes: Iterable[LayerChange]) -> tuple[Rename, ...]:
    """The renames, in the order of NEW; `blocks.7-15 -> blocks.8-16` is one of nine blocks."""
    found: Counter[tuple[str, str]] = Counter()
    for change in changes:
        if change.old is not None and change.new is not None and change.renamed:
            found[_beginnings(change.old.name, change.new.name)] += 1
    runs: list[list[Rename]] = []
    for (old, new), count in found.items():
        rename = Rename(old, new, count)
        if runs and _follows(runs[-1][-1], rename):
            runs[-1].append(rename)
        else:
            runs.append([rename])
    return tuple(map(_run, runs))


def translated(name: str, layers: Mapping[str, str], beginnings: Iterable[Rename]) -> str:
    """What NEW calls a layer, block or module of OLD: by its layers, else by the longest beginning that was renamed.

    `layers` maps the names of matched layers, `beginnings` are renames that were not folded into runs.
    """
    if name in layers:
        return layers[name]
    fitting = [item for item in beginnings if name == item.old or name.startswith((f"{item.old}.", f"{item.old}/"))]
    if not fitting:
        return name
    longest = max(fitting, key=lambda item: len(item.old))
    return (longest.new + name[len(longest.old) :]).lstrip(".")


def beginnings(changes: Iterable[LayerChange]) -> tuple[Rename, ...]:
    """The renamed beginnings, each by itself."""
    pairs = (
        _beginnings(change.old.name, change.new.name)
        for change in changes
        if change.old is not None and change.new is not None and change.renamed
    )
    return tuple(Rename(old, new, count) for (old, new), count in Counter(pairs).items() if old)


def _beginnings(old: str, new: str) -> tuple[str, str]:
    """Two names without the parts that they end with alike; one of them keeps at least its first part."""
    one, other = parts(old), parts(new)
    while len(one) > 1 and len(other) > 1 and one[-1] == other[-1]:
        one.pop()
        other.pop()
    if one[-1:] == other[-1:] and len(one) != len(other):
        one, other = one[:-1], other[:-1]
    return _joined(one), _joined(other)


def _joined(path: Sequence[str]) -> str:
    return ".".join(path).replace("./", "/")


def _run(run: Sequence[Rename]) -> Rename:
    first, last = run[0], run[-1]
    if len(run) == 1:
        return first
    ends = [name.rpartition(".")[2] for name in (last.old, last.new)]
    return Rename(f"{first.old}-{ends[0]}", f"{first.new}-{ends[1]}", sum(item.layers for item in run))


def _follows(before: Rename, after: Rename) -> bool:
    """Whether both names count on by one: 7 -> 8 and then 8 -> 9."""
    return _counts_on(before.old, after.old) and _counts_on(before.new, after.new)


def _counts_on(before: str, after: str) -> bool:
    parent, _, number = before.rpartition(".")
    other, _, following = after.rpartition(".")
    return parent == other and number.isdecimal() and following.isdecimal() and int(following) == int(number) + 1
