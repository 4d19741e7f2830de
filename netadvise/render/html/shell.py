"""The page around sections: one self-contained file, and what it may do."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from netadvise.render.html.parts import Section
from netadvise.render.text import plain

_HERE = Path(__file__).parent


def written(title: str, version: str, sections: Sequence[Section], *, undrawn: bool = False) -> str:
    """Sections as a page: self-contained, and forbidden to fetch anything. `undrawn`: its plots could not be drawn."""
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}; "
        "base-uri 'none'; form-action 'none'"
    )
    return (
        _environment()
        .get_template("page.html")
        .render(
            title=title,
            version=version,
            sections=sections,
            undrawn=undrawn,
            policy=policy,
            style=Markup(style),
            script=Markup(script),
        )
    )


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_visible,
    )


def _visible(value: object) -> object:
    """Names are the user's data: what cannot be seen in them is written out."""
    return plain(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _asset(name: str) -> str:
    return (_HERE / "assets" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
