"""Reading one entry: its first data operand, and attributes as facts of the right type."""

from __future__ import annotations

from netadvise.graph import Attr, Value
from netadvise.measure.facts.survey import Entry, Survey

_SPECIAL = {"inf": float("inf"), "-inf": float("-inf"), "nan": float("nan")}


def first_data(survey: Survey, entry: Entry) -> Value | None:
    """The first operand that depends on an input of the model."""
    found = next((operand.value for operand in entry.op.inputs if operand.value in survey.data), None)
    return None if found is None else survey.graph.values[found]


def parameter(survey: Survey, entry: Entry, role: str) -> Value | None:
    """The operand of that role, a parameter or anything computed in its place."""
    return survey.graph.value_of(entry.op, role)


def module_attr(entry: Entry, name: str) -> Attr:
    """An attribute of the leaf module of torch.nn that ran it; None for a functional op."""
    module = None if entry.row is None else entry.row.module
    return None if module is None or not module.package.startswith("torch.nn.") else module.attrs.get(name)


def number(attr: Attr) -> int | float | None:
    """A number, also where the record spells it ("inf")."""
    if isinstance(attr, str):
        return _SPECIAL.get(attr)
    return attr if isinstance(attr, int | float) and not isinstance(attr, bool) else None


def whole(attr: Attr) -> int | None:
    """An int that is no bool."""
    return attr if isinstance(attr, int) and not isinstance(attr, bool) else None


def flag(attr: Attr) -> bool | None:
    """True or False; None where it was not recorded."""
    return attr if isinstance(attr, bool) else None


def text(attr: Attr) -> str | None:
    """Text; None where it is something else."""
    return attr if isinstance(attr, str) else None
