"""The layout of patterns in rule files: `match`, relations, `not`, `any`, `count`."""

from __future__ import annotations

from collections.abc import Mapping

from netadvise.check.containers import Key, Many, Named, Record
from netadvise.check.fieldtests import FieldShape
from netadvise.check.shapes import Choice, Expr, Flag, Shape, Text
from netadvise.vocabulary import BLOCK, CONTEXT, LAYER, MODEL, MODULE, OPS, PROBE, VOCABULARY, Field

NAME = "[a-z][a-z0-9_]{0,39}"
SUBJECTS: Mapping[str, Mapping[str, Field]] = {
    "layer": LAYER,
    "sequence": LAYER,
    "block": BLOCK,
    "module": MODULE,
    "model": MODEL,
    "probe": PROBE,
}

_NO_GRAPH = "relations to other layers are for rules about layers"
_ELSEWHERE = {
    "next": _NO_GRAPH,
    "prev": _NO_GRAPH,
    "below": _NO_GRAPH,
    "above": _NO_GRAPH,
    "inside": "'inside' is for layers and blocks",
    "until": "'until' belongs inside `below` or `above`",
    "only": "'only' belongs inside `next` or `prev`",
    "through": "'through' belongs inside `next` or `prev`, or beside `sequence`",
    "optional": "'optional' belongs inside `next`, `prev`, `below` or `above`",
    "where": "'where' is not for `not`: write it outside, with the opposite meaning",
    "as": "'as' names the layer of a relation: nothing is named inside `not`, `any` and `count`",
    "not": "'not' inside `not`: say it without",
}
_RELATION_WORDS = {
    "next": "some layer that reads its result fits",
    "prev": "some layer whose result it reads fits",
    "below": "some layer downstream fits, the nearest first",
    "above": "some layer upstream fits, the nearest first",
}
_AS = Key(
    Text(40, NAME, "a name in small letters"), "a name for the first layer that fits, for messages and conditions"
)
_WHERE = Key(Expr(), "a condition on the fields of this layer itself")
_OPTIONAL = Key(Flag(), "only names a layer for messages and edits: it need not be there")
OPS_SHAPE = Many(Choice(tuple(OPS.split())), 1, single=True)


TESTS_OF_FIELDS: Mapping[str, FieldShape] = {
    f"{table}.{name}": FieldShape(field)
    for table, fields in VOCABULARY.items()
    if fields is not CONTEXT
    for name, field in fields.items()
}
"""What may stand behind each field in a pattern, by its name in the schema."""


def _fields(table: str) -> dict[str, Key]:
    return {name: Key(_field(f"{table}.{name}")) for name in VOCABULARY[table]}


def _field(name: str) -> Shape:
    return Named(name, lambda: TESTS_OF_FIELDS[name])


def _pattern(table: str, more: Mapping[str, Key]) -> Record:
    return Record({**_fields(table), **more}, 1, _ELSEWHERE)


def _one_or_more(name: str) -> Shape:
    return Many(named(name), 1, 10, single=True)


def named(name: str) -> Named:
    """The pattern of that name, which may contain itself."""
    return Named(name, lambda: SHAPES[name])


_RELATIONS = {
    **{name: Key(_one_or_more("neighbour"), doc) for name, doc in list(_RELATION_WORDS.items())[:2]},
    **{name: Key(_one_or_more("reachable"), doc) for name, doc in list(_RELATION_WORDS.items())[2:]},
    "inside": Key(_one_or_more("enclosing"), "a block around it fits"),
}
_ANY = {"any": Key(Many(named("layer_any"), 1, 10), "at least one of these patterns holds")}
_NOT = {"not": Key(named("layer_not"), "none of these holds")}


def _simple(name: str, more: Mapping[str, Key]) -> dict[str, Record]:
    """The patterns of subjects that stand in no graph."""
    either = {"any": Key(Many(named(f"{name}_any"), 1, 10), "at least one of these patterns holds")}
    never = {"not": Key(named(f"{name}_not"), "none of these holds")}
    return {
        f"{name}_match": _pattern(name, {**more, **never, **either, "where": _WHERE}),
        f"{name}_any": _pattern(name, {**more, **never, "where": _WHERE}),
        f"{name}_not": _pattern(name, more),
    }


_INSIDE = {"inside": Key(_one_or_more("enclosing"), "a larger block around it fits")}
SHAPES: dict[str, Record] = {
    "layer_match": _pattern("layer", {**_RELATIONS, **_ANY, **_NOT, "as": _AS, "where": _WHERE}),
    "layer_any": _pattern("layer", {**_RELATIONS, **_ANY, **_NOT, "where": _WHERE}),
    "layer_not": _pattern("layer", {**_RELATIONS, **_ANY}),
    "counted": _pattern("layer", {**_RELATIONS, **_ANY, **_NOT, "where": _WHERE}),
    "neighbour": _pattern(
        "layer",
        {
            **_RELATIONS,
            **_ANY,
            **_NOT,
            "as": _AS,
            "where": _WHERE,
            "optional": _OPTIONAL,
            "only": Key(Flag(), "and there is no other one"),
            "through": Key(OPS_SHAPE, "operations that are looked through"),
        },
    ),
    "reachable": _pattern(
        "layer",
        {
            **_RELATIONS,
            **_ANY,
            **_NOT,
            "as": _AS,
            "where": _WHERE,
            "optional": _OPTIONAL,
            "until": Key(named("layer_any"), "the path may not pass through a layer that fits this"),
        },
    ),
    "enclosing": _pattern("block", {"as": _AS, "where": _WHERE, "not": Key(named("block_not"), "none of these holds")}),
    **_simple("block", _INSIDE),
    **_simple("module", {}),
    **_simple("model", {}),
    **_simple("probe", {}),
}
"""Every pattern, by its name in the schema."""

MATCHES = {scope: "layer_match" if scope in ("layer", "sequence") else f"{scope}_match" for scope in SUBJECTS}
