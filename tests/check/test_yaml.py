"""The YAML of rule files: trees with places. What is refused is in hostile.py."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import yaml as pyyaml

from netadvise.check import yaml as loader
from netadvise.check.problems import Problems
from netadvise.check.yaml import Document, Entries, Items, Node, Scalar, read
from tests.check.hostile import FILES, USUAL, Hostile


def tree(tmp_path: Path, content: str | bytes) -> Document:
    path = tmp_path / "x.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    problems = Problems("x.yaml")
    found = read(path, problems)
    assert problems.found == []
    assert found is not None
    return found


def plain(node: Node) -> object:
    if isinstance(node, Scalar):
        return node.value()
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.entries}


def test_values(tmp_path: Path) -> None:
    text = "a: 1\nb: [x, '2', \"3\", no]\nc: {d: 1e6, e: true, f: }\ng: |\n  two\n  lines\nh: >\n  one\n  line\n"
    assert plain(tree(tmp_path, text).root) == {
        "a": 1,
        "b": ["x", "2", "3", "no"],
        "c": {"d": 1_000_000, "e": True, "f": None},
        "g": "two\nlines\n",
        "h": "one line\n",
    }


def test_every_key_and_value_has_its_place(tmp_path: Path) -> None:
    root = tree(tmp_path, "a: 1\nb:\n  - {c: 'é', d: [2]}\n").root
    assert isinstance(root, Entries)
    items = root.get("b")
    assert isinstance(items, Items)
    (inner,) = items.items
    assert isinstance(inner, Entries)
    assert [(key.line, key.column) for key, _ in root.entries] == [(1, 1), (2, 1)]
    assert (items.line, items.column) == (3, 3)
    assert (inner.line, inner.column) == (3, 5)
    assert [(key.column, value.column) for key, value in inner.entries] == [(6, 9), (14, 17)]


def test_a_mark_at_the_beginning_and_windows_lines(tmp_path: Path) -> None:
    found = tree(tmp_path, b"\xef\xbb\xbfa: 1\r\nb: |\r\n  x\r\n")
    assert plain(found.root) == {"a": 1, "b": "x\n"}
    assert found.lines == ("a: 1", "b: |", "  x", "")


def test_depth_up_to_the_limit(tmp_path: Path) -> None:
    assert plain(tree(tmp_path, "[" * 32 + "]" * 32).root) is not None


@pytest.mark.parametrize("case", [case for case in FILES if len(case.content) < 200_000], ids=lambda case: case.name)
def test_the_pure_parser_refuses_the_same(case: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "pack.yaml"
    path.write_bytes(case.content)
    fast, slow = Problems("x"), Problems("x")
    found = read(path, fast)
    monkeypatch.setattr(loader, "_LOADER", pyyaml.SafeLoader)
    again = read(path, slow)
    assert (found is None) is (again is None)
    if found is None and "not YAML" not in fast.found[0].text:
        assert slow.found == fast.found
    if found is not None and again is not None:
        assert plain(found.root) == plain(again.root)


def test_no_damage_makes_it_crash(tmp_path: Path) -> None:
    """Random bytes changed, cut out or doubled: read or refused, nothing else."""
    chance = random.Random(0)
    path = tmp_path / "pack.yaml"
    for _ in range(150):
        data = bytearray(USUAL.encode())
        for _ in range(chance.randrange(1, 6)):
            start = chance.randrange(len(data))
            piece = data[start : start + chance.randrange(1, 30)]
            data[start : start + chance.randrange(3)] = chance.choice(
                [b"", bytes(piece * 2), bytes([chance.randrange(256)])]
            )
        path.write_bytes(data)
        problems = Problems("x")
        assert (read(path, problems) is None) is bool(problems.found)
