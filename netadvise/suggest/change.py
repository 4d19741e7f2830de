"""An edit in a few words: "Conv2d 3x3 64 -> 96 + BatchNorm2d + ReLU + Conv2d 3x3 96 -> 128"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from netadvise.edit import Edit, Insert, Part, Replace, SetArgs, modules_of
from netadvise.graph import Attr
from netadvise.suggest.alternatives import LIKE, Built

_WIDTHS = (("in_channels", "out_channels"), ("in_features", "out_features"))
_MARKS = (("stride", "/"), ("dilation", "d"), ("groups", "g"))


def change(edits: Sequence[Edit], here: str, built: Built) -> str:
    """What `edits` do: those of the layer `here` first and without its name."""
    ordered = sorted(edits, key=lambda edit: modules_of(edit) != here)
    return "; ".join(_said(edit, here, built) for edit in ordered)


def _said(edit: Edit, here: str, built: Built) -> str:
    lead = "" if modules_of(edit) == here else f"{modules_of(edit) or 'the model'}: "
    if isinstance(edit, SetArgs):
        return lead + ", ".join(f"{name}={_value(value)}" for name, value in edit.args.items())
    chain = " + ".join(_part(part, built) for part in edit.chain)
    if isinstance(edit, Insert):
        return f"{lead}insert {chain} {edit.place.where.replace('-', ' ')} {edit.place.function}".rstrip()
    return lead + ("remove it" if _removes(edit) else chain)


def _removes(edit: Replace) -> bool:
    return not edit.chain or [part.type for part in edit.chain] == ["Identity"]


def _part(part: Part, built: Built) -> str:
    """The class, and for layers with weights window and widths: "Conv2d 3x3 /2 g64 64 -> 64"."""
    kind, known = part.type, dict[str, Attr]()
    if kind.startswith(LIKE):
        path = kind.removeprefix(LIKE)
        kind, known = built.get(path, (f"a layer like {path}", {}))[0], dict(built.get(path, ("", {}))[1])
    args: Mapping[str, Attr] = {**known, **part.args}
    widths = [f"{args[before]} -> {args[after]}" for before, after in _WIDTHS if before in args and after in args]
    if not widths:
        return kind
    marks = [f"{mark}{said}" for name, mark in _MARKS if (said := _value(args.get(name, 1))) != "1"]
    return " ".join(word for word in (kind, _kernel(args.get("kernel_size"), kind), *marks, *widths) if word)


def _kernel(value: Attr, kind: str) -> str:
    if isinstance(value, tuple):
        return "x".join(map(str, value))
    if value is None or "1d" in kind:
        return "" if value is None else str(value)
    return "x".join([str(value)] * (3 if "3d" in kind else 2))


def _value(value: Attr) -> str:
    """Equal axes as one number, as a person would write them."""
    if isinstance(value, tuple) and value and len(set(value)) == 1:
        return str(value[0])
    return "x".join(map(str, value)) if isinstance(value, tuple) else repr(value)
