"""What a study's folder holds after whatever may happen to a process that writes into it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from netadvise.edit import Insert, Part, Place, SetArgs
from netadvise.errors import UsageError
from netadvise.probe.ledger import Ledger, held, read_study, write_study
from netadvise.probe.spec import Checks, Failure, Numbers, Point, RunResult, RunSpec
from tests.cli.command import clean_environment
from tests.probe.made_runs import run

EDIT = Insert(Place("after", "net.1"), (Part("Dropout", {"p": 0.5}),))
SPEC = RunSpec((EDIT,), 3, 10, 20)
NAN = float("nan")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger(tmp_path / "study", "key")
    made.begin(SPEC)
    return made


def folder_of(ledger: Ledger) -> Path:
    return ledger.folder / "runs" / SPEC.id("key")


def names(ledger: Ledger) -> list[str]:
    return sorted(path.name for path in folder_of(ledger).iterdir())


def test_a_run_that_was_begun_has_no_result(ledger: Ledger) -> None:
    assert ledger.result(SPEC) is None
    assert ledger.failure(SPEC) is None
    assert names(ledger) == ["spec.json"]


def test_nothing_is_there_before_it_was_begun(tmp_path: Path) -> None:
    empty = Ledger(tmp_path / "nowhere", "key")
    assert empty.result(SPEC) is None and empty.checks(SPEC) is None and empty.failure(SPEC) is None
    empty.forgive_all()
    empty.discard(SPEC)


def test_a_result_comes_back_with_numbers_that_are_none(ledger: Ledger) -> None:
    numbers = Numbers(
        5, 9, "diverged", NAN, 1.5, 0.1, None, (Point(5, 1.0, 2.0, 0.5), Point(9, NAN, NAN, float("inf")))
    )
    losses = np.array([1.0, NAN])
    ledger.keep(SPEC, RunResult(numbers, losses, losses, losses, losses))
    found = ledger.result(SPEC)
    assert found is not None
    assert repr(found.numbers) == repr(numbers)
    assert np.array_equal(found.losses, losses, equal_nan=True)


def test_checks_come_back_when_one_batch_ended_in_infinity(ledger: Ledger) -> None:
    checks = Checks(float("inf"), False, 0.0, NAN, 0.1, 0.2)
    ledger.keep_checks(SPEC, checks)
    assert repr(ledger.checks(SPEC)) == repr(checks)


def test_a_result_ends_state_and_failure(ledger: Ledger) -> None:
    ledger.save_state(SPEC, b"state")
    ledger.fail(SPEC, Failure("no", "net.py:3", "crash", 2))
    assert ledger.failure(SPEC) == Failure("no", "net.py:3", "crash", 2)
    ledger.keep(SPEC, run(0))
    assert names(ledger) == ["arrays.npz", "result.json", "spec.json"]


def test_failures_are_forgiven_and_drafts_of_the_dead_are_swept_up(ledger: Ledger) -> None:
    ledger.fail(SPEC, Failure("no"))
    for name in (".draft.result.json.12345", ".draft.result.json.elsewhere.12345.0f0f0f0f"):
        (folder_of(ledger) / name).write_bytes(b'{"half')
    ledger.forgive_all()
    assert ledger.failure(SPEC) is None
    assert names(ledger) == ["spec.json"]


@pytest.mark.parametrize("file", ["result.json", "arrays.npz"])
@pytest.mark.parametrize("left", [0, 1, 40])
def test_a_file_that_was_cut_short_is_no_result(ledger: Ledger, file: str, left: int) -> None:
    ledger.keep(SPEC, run(0))
    path = folder_of(ledger) / file
    path.write_bytes(path.read_bytes()[:left])
    assert ledger.result(SPEC) is None


@pytest.mark.parametrize("file", ["result.json", "arrays.npz"])
def test_one_of_the_two_files_is_no_result(ledger: Ledger, file: str) -> None:
    ledger.keep(SPEC, run(0))
    (folder_of(ledger) / file).unlink()
    assert ledger.result(SPEC) is None


def test_arrays_with_a_damaged_byte_are_no_result(ledger: Ledger) -> None:
    ledger.keep(SPEC, run(0))
    path = folder_of(ledger) / "arrays.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 0xFF
    path.write_bytes(content)
    assert ledger.result(SPEC) is None


def test_a_draft_that_a_kill_left_is_no_result_and_in_nobodys_way(ledger: Ledger) -> None:
    for name in ("arrays.npz", "result.json", "state.pt"):
        (folder_of(ledger) / f".draft.{name}.{os.getpid()}").write_bytes(b"half")
    assert ledger.result(SPEC) is None
    ledger.keep(SPEC, run(0))
    assert ledger.result(SPEC) is not None


def test_a_line_of_looks_that_was_cut_short_does_not_spoil_the_next(ledger: Ledger) -> None:
    ledger.look(SPEC, Point(5, 1.0, 1.0, 0.5))
    path = folder_of(ledger) / "metrics.jsonl"
    path.write_bytes(path.read_bytes() + b'{"step":6,"tra')
    ledger.begin(SPEC)
    ledger.look(SPEC, Point(6, 1.0, 1.0, 0.5))
    lines = path.read_text().splitlines()
    assert len(lines) == 3 and lines[2].startswith('{"step":6,') and lines[2].endswith("}")


def test_a_run_goes_on_from_a_state_that_is_whole_and_from_no_other(ledger: Ledger) -> None:
    content = io.BytesIO()
    np.savez(content, weights=np.arange(4096.0))
    ledger.save_state(SPEC, content.getvalue())
    assert ledger.state(SPEC).read_bytes() == content.getvalue()
    # what a machine leaves that lost power: the length is right, some blocks are not
    damaged = bytearray(content.getvalue())
    damaged[8192:8704] = bytes(512)
    ledger.save_state(SPEC, bytes(damaged))
    assert not ledger.state(SPEC).exists()
    assert names(ledger) == ["spec.json"]


def test_the_first_result_stays_and_a_slower_copy_of_the_run_changes_nothing(ledger: Ledger) -> None:
    slower = Ledger(ledger.folder, "key")
    ledger.keep(SPEC, run(0))
    slower.look(SPEC, Point(5, 1.0, 1.0, 0.5))
    slower.save_state(SPEC, b"state")
    slower.keep(SPEC, run(1))
    slower.fail(SPEC, Failure("killed"))
    found = ledger.result(SPEC)
    assert found is not None and np.array_equal(found.losses, run(0).losses)
    assert ledger.failure(SPEC) is None
    assert names(ledger) == ["arrays.npz", "metrics.jsonl", "result.json", "spec.json"]


def test_checks_stay_as_they_were_found_first(ledger: Ledger) -> None:
    spec = replace(SPEC, checks=True)
    ledger.begin(spec)
    assert not ledger.finished(spec)
    first = Checks(0.5, True, 0.0, 0.0, 0.1, 0.2)
    ledger.keep_checks(spec, first)
    ledger.keep_checks(spec, replace(first, step_seconds=9.0))
    assert ledger.checks(spec) == first
    assert ledger.finished(spec)


def test_a_damaged_result_is_written_anew(ledger: Ledger) -> None:
    ledger.keep(SPEC, run(0))
    (folder_of(ledger) / "arrays.npz").write_bytes(b"")
    ledger.keep(SPEC, run(0))
    assert ledger.result(SPEC) is not None


def test_who_starts_a_run_over_leaves_the_result_that_another_has_written_meanwhile(ledger: Ledger) -> None:
    ledger.save_state(SPEC, b"state")
    ledger.look(SPEC, Point(5, 1.0, 1.0, 0.5))
    ledger.discard(SPEC)
    assert names(ledger) == ["spec.json"]
    ledger.keep(SPEC, run(0))
    ledger.discard(SPEC)
    assert ledger.result(SPEC) is not None


def test_a_run_is_called_the_same_in_another_process() -> None:
    code = (
        "from netadvise.edit import *; from netadvise.probe.spec import RunSpec;"
        "e = Insert(Place('after', 'net.1'), (Part('Dropout', {'p': 0.5}),)); print(RunSpec((e,), 3, 10, 20).id('key'))"
    )
    environment = {**clean_environment(), "PYTHONHASHSEED": "77"}
    told = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    assert told.stdout.decode().strip() == SPEC.id("key")


def test_every_field_makes_another_run() -> None:
    others = {
        "edits": (SetArgs("lstm", {"dropout": 0.5}),),
        "seed": 4,
        "least": 11,
        "most": 21,
        "checks": True,
        "replicate": 1,
    }
    assert others.keys() == {field.name for field in fields(RunSpec) if field.compare}
    ids = {
        SPEC.id("key"),
        SPEC.id("other"),
        *(replace(SPEC, **{name: value}).id("key") for name, value in others.items()),
    }  # type: ignore[arg-type]
    assert len(ids) == len(others) + 2


def test_a_folder_that_cannot_be_made_is_said_to_be_that(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = r"the study cannot be kept in .*file/study: Not a directory"
    with pytest.raises(UsageError, match=said), held(tmp_path / "file" / "study"):
        pass
    with pytest.raises(UsageError, match="the study cannot be kept"):
        write_study(tmp_path / "nowhere", b"{}")


def test_a_study_is_read_back(tmp_path: Path) -> None:
    write_study(tmp_path, b"{}")
    assert read_study(tmp_path) == b"{}"
    with pytest.raises(UsageError, match="there is no study in"):
        read_study(tmp_path / "other")


def test_a_disk_that_is_full_leaves_the_old_file_and_no_draft(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk: the write fails in the middle."""
    code = f"""
import resource, signal, sys
from pathlib import Path
from netadvise.probe.ledger import Ledger
from netadvise.probe.spec import RunSpec
ledger, spec = Ledger(Path({str(tmp_path)!r}), "key"), RunSpec((), 0, 1, 2)
ledger.begin(spec)
ledger.save_state(spec, b"old")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    ledger.save_state(spec, b"new" * 10_000)
except OSError as error:
    folder = ledger.begin(spec)
    print(error.strerror, (folder / "state.pt").read_bytes(), sorted(each.name for each in folder.iterdir()))
"""
    told = subprocess.run([sys.executable, "-c", code], env=clean_environment(), capture_output=True, check=True)
    assert told.stdout.decode().strip() == "File too large b'old' ['spec.json', 'state.pt']"
