"""The table of what was done to layers, with a key to sort each cell by, and those that only follow from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from netadvise.comparison import Comparison, LayerChange
from netadvise.quantity import Quantity, Unknown
from netadvise.render.diffs import wording
from netadvise.render.diffs.view import DiffView, Group, called, groups
from netadvise.render.findings.wording import place
from netadvise.render.html.layers import Cell, Head
from netadvise.render.text import counted, human_bytes, plain

_MEMBERS = 400
"""Layers of one line that are listed."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the table; `number` is its anchor."""

    number: int
    status: str
    name: str
    members: tuple[str, ...]
    """The layers that the line stands for, where it is more than one."""
    more: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Changes:
    """Both tables. `anchors` says where a layer stands in them, as NEW calls it, or OLD where it was removed."""

    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    followers: tuple[Line, ...]
    said: str
    """Of those that follow."""
    done: int
    """Layers in `lines`."""
    anchors: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Column:
    """What stands in a column, and what it is sorted by; by its text where `key` is None."""

    head: Head
    text: Callable[[Group], str]
    key: Callable[[Group], int] | None = None


def changes(comparison: Comparison, view: DiffView) -> Changes:
    """The lines of the report, and the layers that follow, unless the view puts them among the others."""
    shown = groups(comparison, view)
    following = () if view.verbose else comparison.of("follows")
    follow = [Group(called(change.layer), (change,)) for change in following]
    chosen = [column for column in _COLUMNS if any(column.text(group) for group in (*shown, *follow))]
    lines = [_line(number, group, chosen) for number, group in enumerate((*shown, *follow))]
    return Changes(
        heads=tuple(column.head for column in chosen),
        lines=tuple(lines[: len(shown)]),
        followers=tuple(lines[len(shown) :]),
        said=wording.followers(comparison) if follow else "",
        done=sum(len(group.layers) for group in shown),
        anchors=_anchors((*shown, *follow)),
    )


def _line(number: int, group: Group, columns: list[_Column]) -> Line:
    members = tuple(_member(change) for change in group.layers) if len(group.layers) > 1 else ()
    cells = tuple(Cell(column.text(group), None if column.key is None else column.key(group)) for column in columns)
    name = wording.names(group)
    return Line(number, group.status, name, members[:_MEMBERS], max(0, len(members) - _MEMBERS), cells)


def _member(change: LayerChange) -> str:
    was = f" (was {change.old.name})" if change.renamed and change.old is not None else ""
    return called(change.layer) + was


def _anchors(shown: tuple[Group, ...]) -> Mapping[str, int]:
    there: dict[str, int] = {}
    gone: dict[str, int] = {}
    for number, group in enumerate(shown):
        for change in group.layers:
            (gone if change.new is None else there).setdefault(change.layer.name, number)
    return gone | there


def _done(group: Group) -> str:
    """What was done; what it is, where it came or went."""
    if group.status in ("added", "removed"):
        return f"{counted(len(group.layers), 'layer')}: {wording.kinds(group)}" if group.whole else wording.form(group)
    return f"{plain(group.first.layer.kind)}: {wording.what(group)}"


def _source(group: Group) -> str:
    change = group.first
    return place(change.layer.location or change.layer.called_at, "")


def _last(group: Group) -> LayerChange:
    return group.layers[-1] if group.whole else group.first


def _size(group: Group) -> int:
    seen = _last(group).layer.receptive_field
    return -1 if seen is None or isinstance(seen.size, Unknown) else max(seen.size, default=0)


def _number(quantity: Quantity) -> int:
    return 0 if isinstance(quantity, Unknown) else quantity


_COLUMNS: tuple[_Column, ...] = (
    _Column(Head("change", right=False, hint="before -> after; forced: by what the layer reads"), _done),
    _Column(
        Head("params", right=True, hint="parameters, NEW minus OLD"),
        lambda group: wording.unless_zero(group.params),
        lambda group: _number(group.params),
    ),
    _Column(
        Head("MACs", right=True, hint="multiply-accumulates, NEW minus OLD"),
        lambda group: wording.unless_zero(group.macs),
        lambda group: _number(group.macs),
    ),
    _Column(
        Head("memory", right=True, hint="bytes of the outputs, NEW minus OLD"),
        lambda group: wording.unless_zero(group.activation_bytes, human_bytes),
        lambda group: _number(group.activation_bytes),
    ),
    _Column(
        Head("field", right=True, hint="receptive field, before and after where it changed"),
        lambda group: wording.field(_last(group)),
        _size,
    ),
    _Column(Head("output", right=False, hint="shape, where it changed"), lambda group: wording.output(group.first)),
    _Column(Head("source", right=False, hint="of the removed layers, in OLD"), _source),
)
"""From left to right, behind the status and the name."""
