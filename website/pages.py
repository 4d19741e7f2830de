"""Where each page of the site comes from, and its links, which are those of the repository until they are moved."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from netadvise.cli.rules import Known
from netadvise.render.rule_pages import FACTS, INDEX, rule_pages
from website.python_api import api_page

ROOT = Path(__file__).resolve().parent.parent
DOCS = "docs"
TOPS: Mapping[str, str] = {"README.md": "index.md", "README.zh-CN.md": "index.zh-CN.md", "CHANGELOG.md": "changelog.md"}
"""Pages at the top of the repository, and what they are called on the site."""

LINK = re.compile(r"(?<=\]\()(?!https?:|mailto:|#)(?P<path>[^)\s#]+)(?P<anchor>#[^)\s]*)?(?=\))")


def written() -> dict[str, str]:
    """Path on the site -> path in the repository, of every page and picture that somebody wrote or took."""
    found = (path.relative_to(ROOT).as_posix() for path in sorted((ROOT / DOCS).rglob("*")) if path.is_file())
    return {place: source for source, place in TOPS.items()} | {path.removeprefix(f"{DOCS}/"): path for path in found}


def contents() -> Iterator[tuple[str, bytes]]:
    """Every file of the site's source, with its path; raises `ValueError` for a link that would lead nowhere."""
    places = {source: place for place, source in written().items()}
    for source, place in places.items():
        data = (ROOT / source).read_bytes()
        yield place, moved(data.decode(), source, places).encode() if source.endswith(".md") else data
    for name, text in made().items():
        yield name, text.encode()


def made() -> dict[str, str]:
    """The pages that nobody writes."""
    known = Known()
    pages = rule_pages(known.rules, known.default)
    index = pages.pop(INDEX).replace(f"({FACTS})", f"(../{FACTS})")
    del pages[FACTS]
    back = "\n[All rules](index.md)\n"
    return {
        "rules/index.md": index,
        **{f"rules/{name}": text + back for name, text in pages.items()},
        "python.md": api_page(),
    }


def moved(text: str, source: str, places: Mapping[str, str]) -> str:
    """The text of a page with its links as they are on the site."""

    def link(match: re.Match[str]) -> str:
        target = os.path.normpath(PurePosixPath(source).parent / match["path"])
        if target not in places:
            raise ValueError(f"{source} links to {match['path']}, which is no page of the site")
        start = PurePosixPath(places[source]).parent
        return f"{os.path.relpath(places[target], start)}{match['anchor'] or ''}"

    return LINK.sub(link, text)
