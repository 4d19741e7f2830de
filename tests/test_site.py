"""The documentation site: every page is in it, no rule is forgotten, and it builds without a warning."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import netadvise
from tests.documents import ROOT, needs
from website.pages import contents, made, moved, written

CONFIG = (ROOT / "mkdocs.yml").read_text()
ELSEWHERE = re.compile(r"<(?:script|img|link|iframe)\b[^>]*\b(?:src|href)=\"(?:https?:)?//[^\"]*\"")


def in_navigation() -> list[str]:
    return re.findall(r"([\w./-]+\.md)$", CONFIG.partition("\nnav:\n")[2], re.MULTILINE)


def test_every_page_but_those_of_single_rules_is_in_the_navigation() -> None:
    every = [place for place in (*written(), *made()) if place.endswith(".md")]
    assert sorted(in_navigation()) == sorted(page for page in every if not re.match(r"rules/[A-Z]", page))


def test_every_rule_has_a_page_and_every_public_name_a_heading() -> None:
    pages = made()
    for rule in ("DRP007", "KER102", "DRP117", "PRB021"):
        assert "## Sources" in pages[f"rules/{rule}.md"]
        assert f"({rule}.md)" in pages["rules/index.md"]
    for name in netadvise.__all__:
        assert name.startswith("__") or f"\n### {name}\n" in pages["python.md"]


def test_links_of_the_repository_become_links_of_the_site() -> None:
    places = {"README.md": "index.md", "docs/lint.md": "lint.md", "docs/images/a.png": "images/a.png"}
    assert moved("[a](docs/lint.md#in-ci) ![b](docs/images/a.png)", "README.md", places) == (
        "[a](lint.md#in-ci) ![b](images/a.png)"
    )
    assert moved("[a](../README.md) [b](https://x.org/a) [c](#d)", "docs/lint.md", places) == (
        "[a](index.md) [b](https://x.org/a) [c](#d)"
    )
    with pytest.raises(ValueError, match=r"docs/lint.md links to ../action.yml"):
        moved("[a](../action.yml)", "docs/lint.md", places)


@needs("zensical")
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_site_builds_without_a_warning_and_fetches_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "website", tmp_path], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "No issues found" in done.stdout + done.stderr) == (0, True), done.stdout + done.stderr
    built = {page.parent.relative_to(tmp_path / "build" / "site") for page in tmp_path.rglob("site/**/index.html")}
    for name, _ in contents():
        if name.endswith(".md"):
            place = name.removesuffix(".md").removesuffix("index")
            assert Path(place) in built, f"{name} is no page of the site"
    for page in (tmp_path / "build" / "site").rglob("*.html"):
        assert ELSEWHERE.findall(page.read_text()) == [], page
