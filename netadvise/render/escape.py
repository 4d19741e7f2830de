"""Text that Markdown shows as it is."""

from __future__ import annotations

import re

from netadvise.render.text import plain

_ACTIVE = re.compile(r"([\\`*_\[\]#|~<&@]|:(?=[A-Za-z+-][\w+-]*:))")
"""What Markdown, GitHub or HTML would act on."""


def escaped(text: str) -> str:
    """`text` with every sign that Markdown would act on behind a backslash."""
    return _ACTIVE.sub(r"\\\1", text)


def code(text: str, *, in_table: bool = False) -> str:
    """`text` in a code span; a backtick, which none can hold, becomes an apostrophe."""
    safe = plain(text).replace("`", "'")
    shown = safe.replace("|", "\\|") if in_table else safe
    return f"`{shown}`" if shown.strip() else ""


def cut(text: str, most: int) -> str:
    """`text`, or as much of it as `most` characters hold with an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
