"""The cache: everything that must make an entry worthless first, then what must not."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from netadvise.cache import Cache, Read, cache_folder, cache_key, witness
from netadvise.cache import key as keys
from netadvise.cache.store import NAME

CONTENT = (b'{"profile": 1}', b'{"facts": 2}')


def read(path: Path) -> Read:
    if not path.exists():
        return str(path), -1, 0
    return str(path), path.stat().st_size, path.stat().st_mtime_ns


class Project:
    """A folder with a model, a helper, a data file, a package of another project, and one entry in the cache."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = self.written("model.py", "import helper\n")
        self.helper = self.written("helper.py", "WIDTH = 8\n")
        self.data = self.written("data/sizes.txt", "1 2 3")
        self.missing = folder / "override.txt"
        self.installed = self.written("site-packages/timm/layers.py", "x = 1\n")
        self.listed = folder / "configs"
        self.listed.mkdir()
        self.cache = Cache(folder / NAME)

    def written(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        os.utime(path, ns=(1_700_000_000_000_000_000,) * 2)
        return path

    def reads(self) -> list[Read]:
        paths = [self.model, self.helper, self.data, self.missing, self.installed]
        return [read(path) for path in paths]

    def store(self, started_ns: int | None = None) -> bool:
        started = time.time_ns() if started_ns is None else started_ns
        path = [str(self.folder), str(self.folder / "site-packages"), str(self.folder / "nowhere")]
        seen = witness(self.reads(), path, [str(self.listed)], started_ns=started)
        return seen is not None and self.cache.store("key", seen, CONTENT)

    def load(self) -> tuple[bytes, ...] | None:
        return Cache(self.folder / NAME).load("key")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def same_size(path: Path) -> None:
    """Other content of the same length and time."""
    found = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


CHANGES: dict[str, Callable[[Project], object]] = {
    "the model is edited": lambda project: project.model.write_text("import helper  # changed\n"),
    "an imported helper is edited": lambda project: project.helper.write_text("WIDTH = 16\n"),
    "same size and time": lambda project: same_size(project.helper),
    "a data file is edited": lambda project: project.data.write_text("1 2 4"),
    "a data file is gone": lambda project: project.data.unlink(),
    "a file that was looked for is there": lambda project: project.missing.write_text("x"),
    "an installed file is new": lambda project: project.installed.write_text("x = 2\n"),
    "an installed file has another time": lambda project: os.utime(project.installed),
    "a module shadows an import": lambda project: (project.folder / "torch.py").write_text(""),
    "a package shadows an import": lambda project: (project.folder / "timm").mkdir(),
    "an extension shadows an import": lambda project: (project.folder / "math.so").write_text(""),
    "a folder of the path appears": lambda project: (project.folder / "nowhere").mkdir(),
    "a package is installed": lambda project: (project.folder / "site-packages" / "new").mkdir(),
    "a listed folder has a new file": lambda project: (project.listed / "b.json").write_text("{}"),
    "a variable of the interpreter": lambda project: os.environ.__setitem__("PYTHONPATH", "elsewhere"),
    "the entry is cut short": lambda project: truncate(project, 10),
    "the content is cut short": lambda project: truncate(project, -3),
    "the entry is nonsense": lambda project: entry(project).write_bytes(b"\xff\xfe\n\n"),
    "the content is changed": lambda project: entry(project).write_bytes(entry(project).read_bytes() + b" "),
    "the entry is of another version": lambda project: entry(project).write_bytes(
        entry(project).read_bytes().replace(b"netadvise.cache/1", b"netadvise.cache/0")
    ),
    "the entry is gone": lambda project: entry(project).unlink(),
}


def entry(project: Project) -> Path:
    (path,) = (project.folder / NAME).glob("*.entry")
    return path


def truncate(project: Project, length: int) -> None:
    path = entry(project)
    path.write_bytes(path.read_bytes()[:length])


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_makes_the_entry_worthless(
    project: Project, change: Callable[[Project], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "here")
    assert project.store()
    assert project.load() == CONTENT
    change(project)
    assert project.load() is None
    assert project.store(started_ns=time.time_ns() + 10**9), "a worthless entry is written anew"
    assert project.load() == CONTENT


HARMLESS: dict[str, Callable[[Project], object]] = {
    "nothing": lambda project: None,
    "a file is touched": lambda project: os.utime(project.model),
    "a file is written again": lambda project: project.helper.write_text("WIDTH = 8\n"),
    "a report is written": lambda project: (project.folder / "out.sarif").write_text("{}"),
    "byte code": lambda project: (project.folder / "__pycache__").mkdir(),
    "a hidden folder": lambda project: (project.folder / ".git").mkdir(),
    "another terminal": lambda project: os.environ.__setitem__("COLUMNS", "17"),
    "a variable that nobody reads": lambda project: os.environ.__setitem__("WIDTH", "17"),
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_what_changes_nothing(
    project: Project, change: Callable[[Project], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIDTH", "16")
    monkeypatch.setenv("COLUMNS", "16")
    assert project.store()
    change(project)
    assert project.load() == CONTENT


def test_every_variable_counts_for_a_project_that_reads_them(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.written("helper.py", "import os\nWIDTH = os.environ.get('WIDTH', 8)\n")
    assert project.store()
    monkeypatch.setenv("COLUMNS", "17")
    assert project.load() == CONTENT
    monkeypatch.setenv("WIDTH", "17")
    assert project.load() is None


def test_a_file_that_changed_during_the_run_is_not_kept(project: Project) -> None:
    assert not project.store(started_ns=project.model.stat().st_mtime_ns - 1)
    seen = project.reads()
    project.helper.write_text("WIDTH = 16\n")
    assert witness(seen, (), (), started_ns=time.time_ns() + 10**9) is None


def test_a_folder_that_cannot_be_written_is_no_cache(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("a file where the folder should be")
    project = Project(tmp_path)
    assert not project.store()
    assert project.load() is None


def test_the_folder_says_what_it_is(project: Project) -> None:
    project.store()
    assert (project.folder / NAME / ".gitignore").read_text() == "*\n"
    assert (
        (project.folder / NAME / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")
    )
    assert not list((project.folder / NAME).glob(".*.entry.*"))


def test_old_entries_are_removed(project: Project) -> None:
    project.store()
    folder = project.folder / NAME
    for number in range(40):
        (folder / f"{number}.entry").write_bytes(b"")
        os.utime(folder / f"{number}.entry", (time.time() - number * 86400,) * 2)
    project.store()
    left = {path.name for path in folder.glob("*.entry")}
    assert entry_name(folder) in left
    assert {"0.entry", "29.entry"} <= left
    assert "31.entry" not in left


def entry_name(folder: Path) -> str:
    return next(path.name for path in folder.glob("key.entry"))


def test_the_folder_is_beside_the_project_or_in_the_cache_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_folder(Path("project")) == Path("project") / NAME
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_folder(None) == Path("/caches/netadvise")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert cache_folder(None) == Path("/home/me/.cache/netadvise")


def test_the_key_knows_request_folder_and_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {cache_key(request) for request in (("a",), ("a", "b"), ("b", "a"), ("ab",))}
    monkeypatch.setattr(keys, "__version__", "99")
    found.add(cache_key(("a",)))
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    found.add(cache_key(("a",)))
    (tmp_path / "torch-99.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    found.add(cache_key(("a",)))
    assert len(found) == 7
