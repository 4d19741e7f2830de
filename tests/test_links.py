"""Links in the documents lead somewhere: files, and headings of pages. Addresses are only read, never opened."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.documents import FENCED, ROOT, pages

LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\((?P<target>[^)\s]+)(?: \"[^\"]*\")?\)")
HEADING = re.compile(r"^#{1,6} (?P<title>.+?)\s*$", re.MULTILINE)
CODE = re.compile(r"`[^`\n]+`")


def prose(document: Path) -> str:
    return FENCED.sub("", document.read_text(encoding="utf-8"))


def links(document: Path) -> list[str]:
    return [match["target"] for match in LINK.finditer(CODE.sub("`code`", prose(document)))]


def anchors(document: Path) -> set[str]:
    """The anchors that GitHub and the site give the headings: letters, digits, hyphens, a hyphen for each blank."""
    titles = (match["title"] for match in HEADING.finditer(prose(document)))
    found = [re.sub(r"[^\w\- ]", "", re.sub(r"\]\([^)]*\)", "", title).lower()).replace(" ", "-") for title in titles]
    return {f"{anchor}-{found[:place].count(anchor)}".removesuffix("-0") for place, anchor in enumerate(found)}


def wrong(document: Path, target: str) -> str:
    """What is wrong with a link; empty for a good one."""
    if re.match(r"[a-z]+:", target):
        parts = urlsplit(target)
        fine = parts.scheme in ("http", "https") and "." in parts.netloc and " " not in target
        return "" if fine else "is no address"
    path, _, anchor = target.partition("#")
    page = (document.parent / path).resolve() if path else document
    if not page.exists():
        return "is no file"
    if not page.is_relative_to(ROOT):
        return "is outside the repository"
    return "" if not anchor or anchor in anchors(page) else "is no heading of the page"


@pytest.mark.parametrize("document", pages(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    assert [f"{target} {fault}" for target in links(document) if (fault := wrong(document, target))] == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[a](b.md)", ""),
        ("[a](b.md#in-ci)", ""),
        ("[a](#two-words---and-code)", ""),
        ("[a](https://arxiv.org/abs/1801.05134)", ""),
        ("[a](c.md)", "is no file"),
        ("[a](b.md#in-c)", "is no heading of the page"),
        ("[a](#nowhere)", "is no heading of the page"),
        ("[a](https:/arxiv.org)", "is no address"),
        ("[a](ftp://arxiv.org/abs)", "is no address"),
        ("![a picture](images/no.png)", "is no file"),
    ],
)
def test_what_is_wrong_with_a_link(text: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.test_links.ROOT", tmp_path)
    (tmp_path / "b.md").write_text("# B\n\n## In CI\n")
    page = tmp_path / "a.md"
    page.write_text(f"# Two words - and `code`\n\n{text}, `[no](link.md)`\n\n```\n[no](link.md)\n```\n")
    (target,) = links(page)
    assert wrong(page, target) == fault


def test_every_heading_has_its_own_anchor(tmp_path: Path) -> None:
    page = tmp_path / "a.md"
    page.write_text("# A\n\n## B c\n\n## B c\n\n```sh\n# no heading\n```\n")
    assert anchors(page) == {"a", "b-c", "b-c-1"}
