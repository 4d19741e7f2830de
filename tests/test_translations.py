"""A translation has the blocks, headings, tables and links of its original; only the prose is another.

`pytest --regild tests/test_translations.py` copies the blocks of the originals over those of the translations, one by
one, where their number is the same. Prose that changed in the original has to be translated by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.documents import DOCS, FENCED, README, ROOT, blocks
from tests.test_links import LINK, prose

LANGUAGE = ".zh-CN"
ORIGINALS = [README, DOCS / "tutorial.md"]


def translated(original: Path) -> Path:
    return original.with_suffix(f"{LANGUAGE}.md")


def different(original: Path, translation: Path) -> Iterator[str]:
    """Which blocks are not the same, by number and first line."""
    theirs, ours = blocks(original), blocks(translation)
    for number, (one, other) in enumerate(zip(theirs, ours, strict=False), 1):
        if one != other:
            yield f"block {number} of {original.name}: {one.text.partition(chr(10))[0]}"
    if len(theirs) != len(ours):
        yield f"{original.name} has {len(theirs)} blocks, {translation.name} {len(ours)}"


def copied(original: Path, translation: Path) -> str:
    """The translation with the blocks of the original."""
    found = iter([match[0] for match in FENCED.finditer(original.read_text(encoding="utf-8"))])
    return FENCED.sub(lambda match: next(found), translation.read_text(encoding="utf-8"))


def shape(document: Path) -> list[str]:
    """Headings and table rows in order: `##`, `|||`."""
    lines = prose(document).splitlines()
    return [re.sub(r"[^#|]", "", line)[:4] for line in lines if re.match(r"#{1,6} |\|", line)]


def targets(document: Path) -> list[str]:
    """The pages and addresses that it links to, in any order and whatever their language."""
    found = {match["target"].partition("#")[0].replace(LANGUAGE, "") for match in LINK.finditer(prose(document))}
    return sorted(found)


@pytest.mark.parametrize("original", ORIGINALS, ids=lambda path: path.name)
def test_the_blocks_are_those_of_the_original(original: Path, regild: bool) -> None:
    translation = translated(original)
    if regild and len(blocks(original)) == len(blocks(translation)):
        translation.write_text(copied(original, translation), encoding="utf-8")
    assert list(different(original, translation)) == [], "make regild copies the blocks"


@pytest.mark.parametrize("original", ORIGINALS, ids=lambda path: path.name)
def test_headings_tables_and_links_are_those_of_the_original(original: Path) -> None:
    assert shape(translated(original)) == shape(original)
    assert targets(translated(original)) == targets(original)


def test_which_block_differs_is_said(tmp_path: Path) -> None:
    original, translation = tmp_path / "a.md", tmp_path / "a.zh-CN.md"
    original.write_text("# A\n\n```sh\none\n```\n\nand\n\n```console\n$ two\n2\n```\n")
    translation.write_text("# 甲\n\n```sh\none\n```\n\n和\n\n```console\n$ two\n3\n```\n", encoding="utf-8")
    assert list(different(original, translation)) == ["block 2 of a.md: $ two"]
    assert copied(original, translation) == "# 甲\n\n```sh\none\n```\n\n和\n\n```console\n$ two\n2\n```\n"


def test_every_translation_has_an_original() -> None:
    found = [*ROOT.glob(f"*{LANGUAGE}.md"), *DOCS.glob(f"*{LANGUAGE}.md")]
    assert sorted(found) == sorted(translated(original) for original in ORIGINALS)
