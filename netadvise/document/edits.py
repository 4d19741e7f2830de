"""Edits, and what became of them when they were tried, as plain values and back.

    edit         ::= {"set_args": {...}} | {"replace": {...}} | {"insert": {...}}       the fields of `netadvise.edit`
    alternatives ::= [[edit, ...], ...]
    tries        ::= [{"edits": [edit, ...], "effect": {...}, "safety": ..., "affected": [...]}
                      | {"edits": [edit, ...], "reason": ...}, ...]

A quantity that cannot be told is {"reason": ...}. Every reader raises `ValueError` for anything else.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from netadvise.edit import Affected, Dropped, Edit, Effect, Insert, Replace, SetArgs, Tried
from netadvise.rule import Safety


class EditDocument(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One edit under the name of its kind."""

    set_args: SetArgs | None = None
    replace: Replace | None = None
    insert: Insert | None = None


class TryDocument(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Edits that were tried, or the reason why they were dropped."""

    edits: tuple[EditDocument, ...]
    effect: Effect | None = None
    safety: Safety = "changes-function"
    affected: tuple[Affected, ...] = ()
    reason: str = ""


def edit_document(edit: Edit) -> Mapping[str, object]:
    """The edit as plain values."""
    plain: Mapping[str, object] = msgspec.to_builtins(_written(edit))
    return plain


def edit_from_document(document: object) -> Edit:
    """The edit that `edit_document` wrote."""
    return _read(msgspec.convert(document, EditDocument))


def alternatives_json(alternatives: Sequence[Sequence[Edit]]) -> str:
    """Tuples of edits as text."""
    return msgspec.json.encode([[_written(edit) for edit in edits] for edits in alternatives]).decode()


def alternatives_from_json(text: str) -> tuple[tuple[Edit, ...], ...]:
    """The tuples of edits that `alternatives_json` wrote."""
    found = msgspec.json.decode(text, type=tuple[tuple[EditDocument, ...], ...])
    return tuple(tuple(map(_read, edits)) for edits in found)


def tries_json(tries: Sequence[Tried | Dropped]) -> str:
    """What became of the alternatives, as text."""
    return msgspec.json.encode([_try_document(each) for each in tries]).decode()


def tries_from_json(text: str) -> tuple[Tried | Dropped, ...]:
    """What `tries_json` wrote."""
    return tuple(map(_try, msgspec.json.decode(text, type=tuple[TryDocument, ...])))


def _written(edit: Edit) -> EditDocument:
    match edit:
        case SetArgs():
            return EditDocument(set_args=edit)
        case Replace():
            return EditDocument(replace=edit)
        case Insert():
            return EditDocument(insert=edit)


def _read(document: EditDocument) -> Edit:
    found = [edit for edit in (document.set_args, document.replace, document.insert) if edit is not None]
    if len(found) != 1:
        raise ValueError("an edit has one of set_args, replace and insert")
    return found[0]


def _try_document(each: Tried | Dropped) -> TryDocument:
    edits = tuple(map(_written, each.edits))
    if isinstance(each, Dropped):
        return TryDocument(edits, reason=each.reason)
    return TryDocument(edits, each.effect, each.safety, each.affected)


def _try(document: TryDocument) -> Tried | Dropped:
    edits = tuple(map(_read, document.edits))
    if document.effect is None:
        return Dropped(edits, document.reason)
    return Tried(edits, document.effect, document.safety, document.affected)
