"""Links: inside the page to a layer, and out of it to a source. Nothing else becomes one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_URL = re.compile(r"https://[\w./:?&=#%+~,;@!$'()*-]{1,300}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Link:
    """A text, and where it leads; nowhere, where `url` is empty."""

    text: str
    url: str = ""

    @property
    def outside(self) -> bool:
        return not self.url.startswith("#")


def linked(text: str, row: int | None) -> Link:
    """A layer's name, linked to its row of the table."""
    return Link(text, "" if row is None else f"#l{row}")


def sources(refs: Iterable[str]) -> tuple[Link, ...]:
    """Sources; those that are plain https addresses can be followed."""
    return tuple(Link(ref, ref if _URL.fullmatch(ref) else "") for ref in refs)
