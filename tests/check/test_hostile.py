"""Every broken rule file is refused with one located message, quickly, within little memory, and never with a crash."""

from __future__ import annotations

import os
import time
import tracemalloc
from pathlib import Path

import pytest

from netadvise.check import load_rules
from netadvise.errors import RuleFileError
from tests.check.hostile import HOSTILE, USUAL, Hostile
from tests.check.hostile_edits import EDITS
from tests.check.hostile_positions import POSITIONS
from tests.check.hostile_probes import PROBES
from tests.check.hostile_probes import USUAL as USUAL_PROBE
from tests.check.rulesheet import write

SECONDS = 5.0
"""Generous: the machine may be busy. Nothing here needs more than a fraction of one."""
MEMORY = 150 * 2**20


@pytest.mark.parametrize("usual", [USUAL, USUAL_PROBE])
def test_the_file_all_are_made_from_is_right(usual: str, tmp_path: Path) -> None:
    assert [rule.id for rule in load_rules([write(tmp_path, usual)]).rules] == ["MY001"]


@pytest.mark.parametrize("case", [*HOSTILE, *EDITS, *POSITIONS, *PROBES], ids=lambda case: case.name)
def test_is_refused(case: Hostile, tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    path.write_bytes(case.content)
    start = time.process_time()
    with pytest.raises(RuleFileError) as raised:
        load_rules([path])
    assert time.process_time() - start < SECONDS
    lines = raised.value.message.splitlines()
    place = f":{case.place}: " if case.place else ": "
    assert any(f"pack.yaml{place}" in line and case.said in line for line in lines), raised.value.message
    assert all(line.isprintable() and len(line) < 600 for line in lines)


@pytest.mark.parametrize("name", ["10 MB scalar", "billion laughs", "deep flow lists"])
def test_takes_little_memory(name: str, tmp_path: Path) -> None:
    path = tmp_path / "pack.yaml"
    path.write_bytes(next(case.content for case in HOSTILE if case.name == name))
    tracemalloc.start()
    try:
        with pytest.raises(RuleFileError):
            load_rules([path])
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


def test_a_folder_is_no_rule_file(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match="is a directory, not a rule file"):
        load_rules([tmp_path])


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(RuleFileError, match="cannot be read: No such file"):
        load_rules([tmp_path / "none.yaml"])


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(RuleFileError, match="is not a regular file"):
        load_rules([tmp_path / "pipe.yaml"])


def test_all_files_are_reported_at_once(tmp_path: Path) -> None:
    first = write(tmp_path, USUAL.replace("set: pack", "set: a").replace("warning", "bad"), "a.yaml")
    second = write(tmp_path, "x: [", "b.yaml")
    with pytest.raises(RuleFileError) as raised:
        load_rules([second, first])
    assert [line.split(": ")[0].rsplit("/")[-1] for line in raised.value.message.splitlines()] == [
        "a.yaml:8:15",
        "b.yaml:2:1",
    ]


def test_an_id_or_a_name_is_used_once(tmp_path: Path) -> None:
    first = write(tmp_path, USUAL.replace("set: pack", "set: a"), "a.yaml")
    second = write(tmp_path, USUAL.replace("set: pack", "set: b"), "b.yaml")
    with pytest.raises(RuleFileError) as raised:
        load_rules([first, second])
    assert "b.yaml:5:9: MY001: 'MY001' is taken by MY001 at " in raised.value.message
    assert "b.yaml:6:11: MY001: 'the-rule' is taken by MY001 at " in raised.value.message


def test_the_list_is_cut(tmp_path: Path) -> None:
    names = ", ".join(f"x{number}: 1" for number in range(80))
    with pytest.raises(RuleFileError) as raised:
        load_rules([write(tmp_path, USUAL.replace("{op: conv}", f"{{{names}}}"))])
    lines = raised.value.message.splitlines()
    assert len(lines) == 51
    assert lines[-1] == "and 30 more"


def test_there_are_enough_cases_and_no_two_alike() -> None:
    assert len(HOSTILE) >= 100
    cases = [*HOSTILE, *EDITS, *POSITIONS, *PROBES]
    assert len({(case.name, case.content) for case in cases}) == len(cases)
