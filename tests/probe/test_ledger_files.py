"""Files that are whole or not there, and lines that are appended, whoever else writes or sweeps."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from netadvise.probe.ledger_files import DRAFT, Lines, append, end_line, is_whole, replace, sweep
from tests.cli.command import clean_environment


def test_nothing_is_swept_or_ended_where_nothing_is(tmp_path: Path) -> None:
    sweep(tmp_path / "nowhere", frozenset({"a"}))
    end_line(tmp_path / "nowhere")
    (tmp_path / "empty").touch()
    end_line(tmp_path / "empty")
    assert (tmp_path / "empty").read_bytes() == b""
    Lines().end_all()
    assert [each.name for each in tmp_path.iterdir()] == ["empty"]


@pytest.mark.parametrize("lasting", [False, True])
def test_a_file_is_replaced_and_leaves_no_draft(tmp_path: Path, lasting: bool) -> None:
    for content in (b"old", b"new"):
        replace(tmp_path / "file", content, lasting=lasting)
    assert (tmp_path / "file").read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        replace(tmp_path / "nowhere" / "file", b"new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_draft_that_is_swept_away_under_its_writer_is_written_again(tmp_path: Path) -> None:
    """One process writes a file again and again, and this one sweeps up drafts meanwhile."""
    code = f"""
from pathlib import Path
from netadvise.probe.ledger_files import replace
for number in range(400):
    replace(Path({str(tmp_path)!r}) / "folder" / "file", b"x" * 200_000)
"""
    (tmp_path / "folder").mkdir()
    writer = subprocess.Popen([sys.executable, "-c", code], env=clean_environment(), stderr=subprocess.PIPE)
    swept, last = 0, 0.0
    while writer.poll() is None:
        for draft in (tmp_path / "folder").glob(f"{DRAFT}*"):
            # not ten times in a row: then the writer gives up, as it should
            if time.monotonic() - last > 0.1:
                draft.unlink(missing_ok=True)
                swept, last = swept + 1, time.monotonic()
    assert writer.returncode == 0, writer.communicate()[1].decode()
    assert swept
    assert (tmp_path / "folder" / "file").stat().st_size == 200_000


def test_drafts_and_files_of_a_name_are_swept_out_of_every_folder_and_nothing_else(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for name in ("kept", "failure.json", f"{DRAFT}kept.host.1.0f"):
            (tmp_path / folder / name).touch()
    (tmp_path / "file").touch()
    sweep(tmp_path, frozenset({"failure.json"}))
    assert sorted(str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*")) == [
        "a",
        "a/kept",
        "b",
        "b/kept",
        "file",
    ]


def test_a_line_that_was_cut_short_is_ended_once(tmp_path: Path) -> None:
    append(tmp_path / "lines", b"one\ntw")
    end_line(tmp_path / "lines")
    end_line(tmp_path / "lines")
    append(tmp_path / "lines", b"three\n")
    assert (tmp_path / "lines").read_text() == "one\ntw\nthree\n"


def test_lines_come_in_one_write_a_second_and_in_their_order(tmp_path: Path) -> None:
    lines, path = Lines(), tmp_path / "lines"
    lines.add(path, b"0")
    assert path.read_text() == "0\n"
    for number in range(1, 5):
        lines.add(path, b"%d" % number)
    assert path.read_text() == "0\n"
    lines.written[path] -= 1.0
    lines.add(path, b"5")
    assert path.read_text() == "0\n1\n2\n3\n4\n5\n"
    lines.add(path, b"6")
    lines.end_all()
    assert path.read_text().endswith("5\n6\n")
    assert lines == Lines()


def test_lines_of_several_processes_stay_whole(tmp_path: Path) -> None:
    code = f"""
import sys
import time
from pathlib import Path
from netadvise.probe.ledger_files import append
for number in range(2000):
    append(Path({str(tmp_path)!r}) / "lines", sys.argv[1].encode() * 70 + b"\\n")
"""
    made = [subprocess.Popen([sys.executable, "-c", code, letter], env=clean_environment()) for letter in "abc"]
    assert [process.wait() for process in made] == [0, 0, 0]
    lines = (tmp_path / "lines").read_text().splitlines()
    assert sorted(lines) == sorted(letter * 70 for letter in "abc" for _ in range(2000))


def test_a_zip_file_is_whole_as_it_was_made_and_not_with_another_byte(tmp_path: Path) -> None:
    path = tmp_path / "state"
    assert not is_whole(path)
    np.savez(path.open("wb"), weights=np.arange(1000.0))
    assert is_whole(path)
    content = path.read_bytes()
    path.write_bytes(content[:4000] + bytes([content[4000] ^ 1]) + content[4001:])
    assert not is_whole(path)
    for length in (0, 10, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        assert not is_whole(path)


def test_what_torch_saves_is_whole(tmp_path: Path) -> None:
    """If torch wrote another kind of file, every state would count as damaged, and nothing would go on from it."""
    import torch

    torch.save({"weights": torch.zeros(100)}, tmp_path / "state")
    assert is_whole(tmp_path / "state")
    assert os.path.getsize(tmp_path / "state") > 400
