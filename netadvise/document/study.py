"""Studies as plain values: what is to be studied, `netadvise.study/1`, and what was found, and back.

    file    ::= {"schema": "netadvise.study/1", "key": ..., "request": request}       study.json in a study's folder
    request ::= the fields of `netadvise.study.StudyRequest`
    study   ::= the fields of `netadvise.evidence.Study`

An edit is written under the name of its kind, as in `document.edits`. A number that is none (the loss of a run that
diverged) is written as Python's own json does. Readers raise `ValueError` for anything else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeVar, get_type_hints

import msgspec

from netadvise.document.edits import edit_document, edit_from_document
from netadvise.edit import Edit
from netadvise.evidence import Evidence, Study
from netadvise.study import Arm, Dose, StudyRequest

SCHEMA = "netadvise.study/1"
T = TypeVar("T")
Plain = Mapping[str, object]


def study_file(key: str, request: StudyRequest) -> bytes:
    """The file of a study that is known by `key`."""
    document = {"schema": SCHEMA, "key": key, "request": _request(request)}
    return json.dumps(document, indent=1).encode()


def study_from_file(content: bytes) -> tuple[str, StudyRequest]:
    """The key and the request that `study_file` wrote."""
    plain = _decoded(content)
    if plain.get("schema") != SCHEMA:
        raise ValueError(f"a study of the format {plain.get('schema')!r}, not {SCHEMA!r}")
    return msgspec.convert(plain.get("key"), str), _request_from(plain.get("request"))


def request_json(request: StudyRequest) -> str:
    """A request alone."""
    return json.dumps(_request(request))


def request_from_json(text: str) -> StudyRequest:
    """What `request_json` wrote."""
    return _request_from(_decoded(text.encode()))


def study_json(study: Study) -> str:
    """What was found."""
    plain = _fields(study)
    plain["evidence"] = [_with_edits(_fields(each), each.edits) for each in study.evidence]
    return json.dumps(plain)


def study_from_json(text: str) -> Study:
    """What `study_json` wrote."""
    plain = _decoded(text.encode())
    evidence = tuple(_built(Evidence, each, edits=_edits(each)) for each in _listed(plain, "evidence"))
    return _built(Study, plain, evidence=evidence)


def _request(request: StudyRequest) -> dict[str, object]:
    return {**_fields(request), "arms": [_arm(arm) for arm in request.arms]}


def _arm(arm: Arm) -> dict[str, object]:
    return {**_fields(arm), "doses": [_with_edits(_fields(dose), dose.edits) for dose in arm.doses]}


def _request_from(plain: object) -> StudyRequest:
    request = msgspec.convert(plain, dict[str, object])
    return _built(StudyRequest, request, arms=tuple(map(_arm_from, _listed(request, "arms"))))


def _arm_from(plain: Plain) -> Arm:
    return _built(Arm, plain, doses=tuple(_built(Dose, dose, edits=_edits(dose)) for dose in _listed(plain, "doses")))


def _fields(value: object) -> dict[str, object]:
    plain: dict[str, object] = msgspec.to_builtins(value)
    return plain


def _with_edits(plain: dict[str, object], edits: Sequence[Edit]) -> dict[str, object]:
    return {**plain, "edits": [edit_document(edit) for edit in edits]}


def _edits(plain: Plain) -> tuple[Edit, ...]:
    return tuple(map(edit_from_document, msgspec.convert(plain.get("edits"), list[object])))


def _listed(plain: Plain, name: str) -> list[dict[str, object]]:
    return msgspec.convert(plain.get(name), list[dict[str, object]])


def _built(kind: type[T], plain: Plain, **own: object) -> T:
    """A noun from its fields, each checked against its annotation but those that are given."""
    hints = get_type_hints(kind)
    try:
        return kind(
            **{name: own[name] if name in own else msgspec.convert(value, hints[name]) for name, value in plain.items()}
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"no {kind.__name__}: {error}") from None


def _decoded(content: bytes) -> Plain:
    plain = json.loads(content)
    if not isinstance(plain, dict):
        raise ValueError("a study is an object")
    return plain
