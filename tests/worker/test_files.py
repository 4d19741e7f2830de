"""Which files a model reads, as a worker tells it."""

from __future__ import annotations

from pathlib import Path

import pytest

from netadvise.document.facts import facts_from_json
from netadvise.quantity import Unknown
from netadvise.worker.process import run
from netadvise.worker.protocol import FileRead, Request, Response, decode_answer, encode

SOURCE = """
import os, sys
from pathlib import Path
from torch import nn
import helper_of_files

here = Path(__file__).parent
width = int((here / "width.txt").read_text())
(here / "out.txt").write_text("written")
try:
    open(here / "absent.txt")
except OSError:
    pass
names = os.listdir(here / "folder")

class Net(nn.Linear):
    def __init__(self):
        super().__init__(width, 2)
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Response]:
    """A model that reads files, and what the worker said of it."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "net.py").write_text(SOURCE)
    (folder / "helper_of_files.py").write_text("")
    (folder / "width.txt").write_text("4")
    (folder / "folder").mkdir()
    request = Request(target=f"{folder / 'net.py'}:Net", inputs=("2,4",), facts=True)
    return folder, run(request, watch=lambda *_: None, quiet=True)


def test_what_was_read_and_what_was_looked_for_is_told(told: tuple[Path, Response]) -> None:
    folder, response = told
    assert response.files is not None
    own = {Path(each.path).name: each for each in response.files if Path(each.path).parent == folder}
    assert set(own) == {"net.py", "helper_of_files.py", "width.txt", "absent.txt"}
    assert own["width.txt"].size == 1
    assert (own["absent.txt"].size, own["absent.txt"].mtime_ns) == (-1, 0)


def test_libraries_are_told_and_pythons_own_is_not(told: tuple[Path, Response]) -> None:
    names = {Path(each.path).parts[-2:] for each in told[1].files or ()}
    assert ("torch", "__init__.py") in names
    assert ("json", "__init__.py") not in names
    assert not any(each.path.endswith(".pyc") for each in told[1].files or ())


def test_nothing_has_changed_at_once(told: tuple[Path, Response]) -> None:
    assert all(FileRead.now(each.path) == each for each in told[1].files or ())


def test_a_changed_file_is_noticed(told: tuple[Path, Response]) -> None:
    read = next(each for each in told[1].files or () if each.path.endswith("width.txt"))
    before = Path(read.path).read_text()
    Path(read.path).write_text("16")
    assert FileRead.now(read.path) != read
    Path(read.path).write_text(before)


def test_folders_and_the_import_path_are_told(told: tuple[Path, Response]) -> None:
    folder, response = told
    assert str(folder / "folder") in response.folders
    assert str(folder) not in response.folders
    assert str(folder) in response.path


def test_the_facts_are_those_of_the_model(told: tuple[Path, Response]) -> None:
    assert told[1].facts is not None
    found = facts_from_json(told[1].facts)
    assert found.model.get("params") == 10
    assert not isinstance(found.training, Unknown)


def test_a_response_with_files_comes_through_the_wire() -> None:
    response = Response(files=(FileRead("a", 1, 2),), path=("/p",), folders=("/f",), facts="{}")
    assert decode_answer(encode(response).strip()) == response
