"""The schema for editors and the loader say the same about the shape of rule files."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from netadvise.check import load_rules
from netadvise.check.book import rule_files
from netadvise.check.layout import RULE
from netadvise.check.problems import Problems
from netadvise.check.schema import DIALECT, rule_schema
from netadvise.check.yaml import read
from netadvise.errors import RuleFileError
from netadvise.rulepath import rules_directory
from tests.check.hostile import PATTERNS, USUAL, VALUES, Hostile
from tests.check.hostile_edits import SHAPES as EDITS
from tests.check.hostile_positions import SHAPES as POSITIONS
from tests.check.hostile_probes import SHAPES as PROBES
from tests.check.hostile_probes import USUAL as USUAL_PROBE
from tests.check.rulesheet import write
from tests.check.test_yaml import plain

jsonschema = pytest.importorskip("jsonschema")

ONLY_LOADER = (
    "huge", "leading zero", "infinite", "not a number", "a text", "long", "negative size", "undeclared", "file outside",
    "test without input", "bad effect", "effect of text", "weaker", "sequence for", "count for", "let ", "lets", "glob",
    "as twice", "as a reserved", "deep", "null title",
)  # fmt: skip
"""Cases that only the loader can refuse: they are about meaning, not shape."""


@cache
def validator():  # type: ignore[no-untyped-def]
    jsonschema.Draft202012Validator.check_schema(rule_schema())
    return jsonschema.Draft202012Validator(rule_schema())


def valid(path: Path) -> bool:
    document = read(path, Problems("x"))
    return document is not None and bool(validator().is_valid(plain(document.root)))


def test_it_is_json() -> None:
    schema = json.loads(json.dumps(rule_schema()))
    assert schema["$schema"] == DIALECT
    assert set(RULE.keys) == set(schema["$defs"]["rule"]["properties"])


def test_every_key_is_described() -> None:
    properties = rule_schema()["$defs"]["rule"]["properties"]  # type: ignore[index]
    bare = [name for name, entry in properties.items() if "description" not in entry]
    assert bare == ["severity"]


@pytest.mark.parametrize("path", rule_files(rules_directory()), ids=lambda path: path.stem)
def test_our_own_rules_are_right_by_both(path: Path) -> None:
    load_rules([path])
    assert valid(path)


@pytest.mark.parametrize("usual", [USUAL, USUAL_PROBE])
def test_the_usual_file_is_right_by_both(usual: str, tmp_path: Path) -> None:
    path = write(tmp_path, usual)
    load_rules([path])
    assert valid(path)


_ALL = (*VALUES, *PATTERNS, *EDITS, *POSITIONS, *PROBES)
_SHAPES = [case for case in _ALL if not case.name.startswith(ONLY_LOADER) and "lets" not in case.name]


@pytest.mark.parametrize("case", _SHAPES, ids=lambda case: case.name)
def test_both_refuse(case: Hostile, tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    path.write_bytes(case.content)
    with pytest.raises(RuleFileError):
        load_rules([path])
    assert not valid(path)
