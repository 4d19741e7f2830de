"""Which comparisons make sense, and what to say about the others."""

from __future__ import annotations

from netadvise.check.logic import compare
from netadvise.check.problems import hint, short
from netadvise.check.types import WORDS, ExprError, Frame, Piece, Run
from netadvise.facts import Fact
from netadvise.quantity import Unknown

_ORDER = ("Lt", "LtE", "Gt", "GtE")
_EQUALITY = ("Eq", "NotEq")
_MEMBERSHIP = ("In", "NotIn")


def comparison(name: str, left: Piece, right: Piece) -> Run:
    """`left op right`, by the name of the operator's `ast` class; raises `ExprError`."""
    if name in _ORDER:
        _check_order(left, right)
    elif name in _EQUALITY:
        _check_equality(left, right)
    elif name in _MEMBERSHIP:
        _check_membership(left, right)
    else:
        raise ExprError("`is` is not allowed: write `==`")
    _check_values(left, right)
    _check_values(right, left)
    if right.type == "lists":
        return _among(left, right, wanted=name == "In")
    one, other = left.run, right.run
    return lambda frame: compare(name, one(frame), other(frame))


def _check_order(left: Piece, right: Piece) -> None:
    for piece in (left, right):
        if piece.type == "numbers":
            said = short(piece.said)
            raise ExprError(f"{said} has one number per axis: use max({said}) or min({said})")
    if left.type != right.type:
        raise _unlike(left, right)
    if left.type != "number":
        raise ExprError(f"{short(left.said)} has no order: it is a {WORDS[left.type]}")


def _check_equality(left: Piece, right: Piece) -> None:
    if {left.type, right.type} == {"number", "numbers"}:
        return
    if "lists" in (left.type, right.type):
        raise ExprError("compare with one list, or write `in [[...], [...]]`")
    if left.type != right.type:
        raise _unlike(left, right)


def _check_membership(left: Piece, right: Piece) -> None:
    pairs = {("number", "numbers"), ("text", "texts"), ("numbers", "lists")}
    if (left.type, right.type) in pairs:
        return
    if (left.type, right.type) == ("text", "text"):
        raise ExprError(f"write contains({short(right.said)}, {short(left.said)})")
    if left.type == "numbers" and right.type == "numbers":
        said = short(left.said)
        raise ExprError(
            f"{said} has one number per axis: use max({said}) or min({said}), or lists: in [[3, 3], [5, 5]]"
        )
    raise ExprError(
        f"`in` looks for a number or a text in a list, not for a {WORDS[left.type]} in a {WORDS[right.type]}"
    )


def _unlike(left: Piece, right: Piece) -> ExprError:
    near = ""
    if "texts" in (left.type, right.type) and "text" in (left.type, right.type):
        near = ": use `in`"
    if "bool" in (left.type, right.type) and "text" in (left.type, right.type):
        near = ": write True or False without quotes"
    return ExprError(f"cannot compare {WORDS[left.type]} with {WORDS[right.type]}{near}")


def _check_values(known: Piece, given: Piece) -> None:
    """A constant that a field of closed values can never be is a slip of the pen."""
    if not known.values or not given.constant:
        return
    texts = given.value if isinstance(given.value, tuple) else (given.value,)
    for text in texts:
        if isinstance(text, str) and text not in known.values:
            near = hint(text, known.values) or f": one of {', '.join(known.values)}"
            raise ExprError(f"{short(known.said)} is never '{short(text)}'{near}")


def _among(left: Piece, right: Piece, wanted: bool) -> Run:
    lists, run = right.lists, left.run

    def among(frame: Frame) -> Fact:
        value = run(frame)
        if isinstance(value, Unknown):
            return value
        return value is not None and (value in lists) is wanted

    return among
