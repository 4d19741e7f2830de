"""Files are exchanged all together, or are as they were: bytes, times, modes, links."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from netadvise.api.exchange import exchanged
from netadvise.api.fixing import Fixed, Restored, fix
from netadvise.errors import CaptureError, UsageError
from netadvise.rewrite import Change

OLD, NEW = b"x = 5\n", b"x = 3\n"


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Two files, written long ago."""
    found = [tmp_path / "a.py", tmp_path / "b.py"]
    for path in found:
        path.write_bytes(OLD)
        path.chmod(0o640)
        os.utime(path, ns=(1_000_000_000_000, 1_000_000_000_000))
    return found


def changes(files: list[Path]) -> list[Change]:
    return [Change(str(path), OLD, NEW) for path in files]


def state(folder: Path) -> dict[str, tuple[bytes, int, int, int]]:
    """Everything about every file."""
    return {
        path.name: (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime_ns, path.stat().st_ino)
        for path in folder.iterdir()
    }


def test_a_broken_promise_puts_everything_back(files: list[Path], tmp_path: Path) -> None:
    before = state(tmp_path)
    assert fix(changes(files), lambda: "MACs differ") == Restored("MACs differ")
    assert state(tmp_path) == before


def test_a_model_that_fails_puts_everything_back(files: list[Path], tmp_path: Path) -> None:
    before = state(tmp_path)

    def verify() -> str:
        assert [path.read_bytes() for path in files] == [NEW, NEW]
        raise CaptureError("shapes do not fit", where="a.py:3")

    assert fix(changes(files), verify) == Restored("a.py:3: shapes do not fit")
    assert state(tmp_path) == before


@pytest.mark.parametrize("ending", [KeyboardInterrupt, SystemExit, ZeroDivisionError])
def test_every_other_ending_puts_everything_back(
    files: list[Path], tmp_path: Path, ending: type[BaseException]
) -> None:
    before = state(tmp_path)

    def verify() -> str:
        raise ending

    with pytest.raises(ending):
        fix(changes(files), verify)
    assert state(tmp_path) == before


def test_a_full_disk_changes_nothing(files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(tmp_path)
    written = iter((None, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "b.py")))

    def fsync(_: int) -> None:
        trouble = next(written)
        if trouble is not None:
            raise trouble

    monkeypatch.setattr(os, "fsync", fsync)
    with pytest.raises(UsageError, match=r"cannot write b\.py: No space left"):
        fix(changes(files), lambda: "")
    assert state(tmp_path) == before


def test_an_interruption_between_two_files_puts_the_first_back(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, replace, count = state(tmp_path), os.replace, iter(range(10))

    def interrupted(source: Path, target: Path) -> None:
        if next(count) == 1:
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fix(changes(files), lambda: "")
    assert state(tmp_path) == before


def test_a_read_only_file_is_refused(files: list[Path], tmp_path: Path) -> None:
    files[1].chmod(0o440)
    before = state(tmp_path)
    with pytest.raises(UsageError, match=r"b\.py is read-only"):
        fix(changes(files), lambda: "")
    assert state(tmp_path) == before


def test_a_file_that_changed_since_is_refused(files: list[Path], tmp_path: Path) -> None:
    files[1].write_bytes(b"x = 6\n")
    before = state(tmp_path)
    with pytest.raises(UsageError, match="has changed since it was read"):
        fix(changes(files), lambda: "")
    assert state(tmp_path) == before


def test_what_a_killed_run_left_is_not_overwritten(files: list[Path], tmp_path: Path) -> None:
    (tmp_path / ".a.py.netadvise-old").write_bytes(b"precious\n")
    before = state(tmp_path)
    with pytest.raises(UsageError, match="left from a run that was killed"):
        fix(changes(files), lambda: "")
    assert state(tmp_path) == before


def test_a_kept_promise_writes_all_and_leaves_nothing_behind(files: list[Path], tmp_path: Path) -> None:
    assert fix(changes(files), lambda: "") == Fixed(tuple(map(str, files)))
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"a.py": NEW, "b.py": NEW}
    assert stat.S_IMODE(files[0].stat().st_mode) == 0o640


def test_a_link_stays_a_link(files: list[Path], tmp_path: Path) -> None:
    link = tmp_path / "link.py"
    link.symlink_to(files[0])
    assert isinstance(fix([Change(str(link), OLD, NEW)], lambda: ""), Fixed)
    assert link.is_symlink()
    assert files[0].read_bytes() == NEW


def test_where_files_have_one_name_only_a_copy_is_kept(
    files: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refused)
    assert fix(changes(files), lambda: "no") == Restored("no")
    assert [(path.read_bytes(), path.stat().st_mtime) for path in files] == [(OLD, 1000.0)] * 2


def test_python_sees_that_a_file_of_the_same_second_and_size_is_another(files: list[Path]) -> None:
    files[0].touch()
    second = int(files[0].stat().st_mtime)
    with exchanged(changes(files[:1])):
        assert int(files[0].stat().st_mtime) != second


def test_nothing_to_write_is_nothing_to_verify() -> None:
    assert fix([], lambda: "never asked") == Fixed(())
