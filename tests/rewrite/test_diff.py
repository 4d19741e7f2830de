"""The diff applies, byte for byte, with every tool that people apply diffs with."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from netadvise.rewrite import Change, common_base, unified_diff

LONG = "".join(f"line {number}\n" for number in range(40))
FILES: dict[str, tuple[bytes, bytes]] = {
    "plain": (b"a\nb\nc\n", b"a\nB\nc\n"),
    "several hunks": (LONG.encode(), LONG.replace("line 3\n", "x\ny\n").replace("line 30\n", "").encode()),
    "no newline at the end": (b"a\nb", b"a\nB"),
    "a newline comes to the end": (b"a\nb", b"a\nb\n"),
    "crlf": (b"a\r\nb\r\nc\r\n", b"a\r\nB\r\nc\r\n"),
    "mixed": (b"a\r\nb\nc\rd\n", b"a\r\nB\nc\rd\n"),
    "bom": (b"\xef\xbb\xbfa\nb\n", b"\xef\xbb\xbfA\nb\n"),
    "latin-1": (b"\xe9\nb\n", b"\xe9\nB \xfc\n"),
    "form feed and line separator": ("a\x0c\nb\u2028c\n".encode(), "a\x0c\nB\u2028c\n".encode()),
    "looks like a diff": (b"--- a\n+++ b\n@@ -1 +1 @@\n", b"--- a\n+++ b\n@@ -1 +2 @@\n"),
}
PATHS = ("net.py", "src/nets/net.py", "with blank/my net.py", "größe.py", 'quo"te\\d.py')
TOOLS: dict[str, list[str]] = {
    "patch -p0": ["patch", "-p0"],
    "patch -p1": ["patch", "-p1"],
    "git apply": ["git", "apply"],
}


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("file", FILES)
def test_the_diff_applies(file: str, path: str, tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which(TOOLS[tool][0]) is None:
        pytest.skip(f"{tool} is not installed")
    monkeypatch.chdir(tmp_path)
    before, after = FILES[file]
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(before)
    diff = unified_diff([Change(path, before, after)], tmp_path)
    subprocess.run(TOOLS[tool], input=diff, check=True, capture_output=True)
    assert target.read_bytes() == after


def test_inside_a_repository_it_applies_in_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    folder = tmp_path / "services" / "vision"
    (folder / "src").mkdir(parents=True)
    monkeypatch.chdir(folder)
    Path("src/net.py").write_bytes(b"a\n")
    diff = unified_diff([Change("src/net.py", b"a\n", b"b\n")], common_base([Change("src/net.py", b"", b"")]))
    subprocess.run(["git", "apply"], input=diff, check=True, capture_output=True)
    assert Path("src/net.py").read_bytes() == b"b\n"


def test_no_change_is_no_diff(tmp_path: Path) -> None:
    assert unified_diff([], tmp_path) == b""


def test_files_outside_the_working_folder_get_a_common_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside, outside = tmp_path / "work" / "a.py", tmp_path / "lib" / "b.py"
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    assert common_base([Change("a.py", b"", b"")]) == tmp_path / "work"
    assert common_base([Change(str(inside), b"", b""), Change(str(outside), b"", b"")]) == tmp_path


def test_the_headers_name_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    diff = unified_diff([Change("net.py", b"a\n", b"b\n")], tmp_path)
    assert diff == b"--- ./net.py\n+++ ./net.py\n@@ -1 +1 @@\n-a\n+b\n"
