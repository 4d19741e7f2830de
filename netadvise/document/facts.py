"""The facts of a network as plain values, `netadvise.facts/1`, and back.

    document ::= schema model evaluation training modules notes files reasons
    training ::= sheet | the reason why there is none
    sheet    ::= layers blocks
    table    ::= name location called_at producers block members facts       one list each, one item per subject
    facts    ::= {name of a fact: [value of each subject]}

A thousand layers share some eighty names, so a fact is a column, and null where it does not apply. A fact that cannot
be told is {"unknown": index in `reasons`}; a place is [index in `files`, line, column]. Who reads a layer follows from
what the layers read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import Literal, TypedDict

import msgspec

from netadvise.facts import Fact, NetworkFacts, Sheet, Subject, SubjectKind
from netadvise.graph import Location, Mode
from netadvise.quantity import Unknown

SCHEMA = "netadvise.facts/1"

Plain = None | bool | int | float | str | list[int | float | str] | dict[Literal["unknown"], int]
Place = tuple[int, int, int | None]


class TableDocument(TypedDict):
    """The subjects of one kind, a list for each of their properties."""

    name: list[str]
    location: list[Place | None]
    called_at: list[Place | None]
    producers: list[list[int]]
    block: list[int | None]
    members: list[list[int]]
    facts: dict[str, list[Plain]]


class SheetDocument(TypedDict):
    """One pass."""

    layers: TableDocument
    blocks: TableDocument


class FactsDocument(TypedDict):
    """A whole network."""

    schema: str
    model: TableDocument
    evaluation: SheetDocument
    training: SheetDocument | str
    """The reason, where there was no such pass."""
    modules: TableDocument
    notes: list[str]
    files: list[str]
    reasons: list[str]


def facts_document(facts: NetworkFacts) -> FactsDocument:
    """The facts as plain values; a fact that is None is left out."""
    writer, training = _Writer(), facts.training
    return {
        "schema": SCHEMA,
        "model": writer.table([facts.model]),
        "evaluation": writer.sheet(facts.evaluation),
        "training": training.reason if isinstance(training, Unknown) else writer.sheet(training),
        "modules": writer.table(facts.modules),
        "notes": list(facts.notes),
        "files": list(writer.files),
        "reasons": list(writer.reasons),
    }


def facts_json(facts: NetworkFacts) -> str:
    """The document as text, in ASCII."""
    return json.dumps(facts_document(facts), separators=(",", ":"), allow_nan=False)


class _Writer:
    """Writes tables; texts that occur often are collected and stand there by number."""

    def __init__(self) -> None:
        self.files: dict[str, int] = {}
        self.reasons: dict[str, int] = {}

    def sheet(self, sheet: Sheet) -> SheetDocument:
        return {"layers": self.table(sheet.layers), "blocks": self.table(sheet.blocks)}

    def table(self, subjects: Sequence[Subject]) -> TableDocument:
        names = dict.fromkeys(name for subject in subjects for name, fact in subject.facts.items() if fact is not None)
        return {
            "name": [subject.name for subject in subjects],
            "location": [self._place(subject.location) for subject in subjects],
            "called_at": [self._place(subject.called_at) for subject in subjects],
            "producers": [list(subject.producers) for subject in subjects],
            "block": [subject.block for subject in subjects],
            "members": [list(subject.members) for subject in subjects],
            "facts": {name: [self._fact(subject.get(name)) for subject in subjects] for name in names},
        }

    def _place(self, location: Location | None) -> Place | None:
        if location is None:
            return None
        return (self.files.setdefault(location.file, len(self.files)), location.line, location.column)

    def _fact(self, fact: Fact) -> Plain:
        if isinstance(fact, Unknown):
            return {"unknown": self.reasons.setdefault(fact.reason, len(self.reasons))}
        if isinstance(fact, float) and not isfinite(fact):
            return self._fact(Unknown(f"it is {fact}"))
        return list(fact) if isinstance(fact, tuple) else fact


def facts_from_document(document: object) -> NetworkFacts:
    """The facts that `facts_document` wrote; raises `ValueError`, naming the place, for anything else."""
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise ValueError(f"the schema of its facts is {schema!r}, not {SCHEMA!r}")
    checked = msgspec.convert(document, FactsDocument)
    try:
        return _network(checked)
    except IndexError as error:
        raise ValueError("its facts are damaged: a number in them points outside their tables") from error


def facts_from_json(text: str | bytes) -> NetworkFacts:
    """The facts of a JSON text; raises `ValueError` for anything else."""
    return facts_from_document(json.loads(text))


def _network(document: FactsDocument) -> NetworkFacts:
    reader = _Reader(document["files"], [Unknown(reason) for reason in document["reasons"]])
    training = document["training"]
    return NetworkFacts(
        model=reader.table(document["model"], "model")[0],
        evaluation=reader.sheet(document["evaluation"], "eval"),
        training=Unknown(training) if isinstance(training, str) else reader.sheet(training, "train"),
        modules=reader.table(document["modules"], "module"),
        notes=tuple(document["notes"]),
    )


class _Reader:
    """Reads tables."""

    def __init__(self, files: Sequence[str], reasons: Sequence[Unknown]) -> None:
        self.files, self.reasons = files, reasons

    def sheet(self, document: SheetDocument, mode: Mode) -> Sheet:
        layers = self.table(document["layers"], "layer")
        return Sheet(mode, layers, self.table(document["blocks"], "block"))

    def table(self, document: TableDocument, kind: SubjectKind) -> tuple[Subject, ...]:
        count = len(document["name"])
        facts: list[dict[str, Fact]] = [{} for _ in range(count)]
        for name, column in document["facts"].items():
            for place, plain in enumerate(column):
                if plain is not None:
                    facts[place][name] = self._fact(plain)
        readers = _inverse(document["producers"], count)
        return tuple(
            Subject(
                kind=kind,
                id=place,
                name=document["name"][place],
                location=self._location(document["location"][place]),
                called_at=self._location(document["called_at"][place]),
                facts=facts[place],
                producers=tuple(document["producers"][place]),
                consumers=tuple(readers[place]),
                block=document["block"][place],
                members=tuple(document["members"][place]),
            )
            for place in range(count)
        )

    def _location(self, place: Place | None) -> Location | None:
        return None if place is None else Location(self.files[place[0]], place[1], place[2])

    def _fact(self, plain: Plain) -> Fact:
        if isinstance(plain, dict):
            return self.reasons[plain["unknown"]]
        return tuple(plain) if isinstance(plain, list) else plain


def _inverse(producers: Iterable[Iterable[int]], count: int) -> list[list[int]]:
    """Who reads each subject, in order."""
    found: list[list[int]] = [[] for _ in range(count)]
    for reader, read in enumerate(producers):
        for producer in dict.fromkeys(read):
            found[producer].append(reader)
    return found
