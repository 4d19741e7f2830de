"""The formats of a comparison: each turns a Comparison and a DiffView into text, and prints nothing."""

from __future__ import annotations

from collections.abc import Callable

from netadvise.comparison import Comparison
from netadvise.render.diffs.json import json
from netadvise.render.diffs.markdown import markdown
from netadvise.render.diffs.table import table
from netadvise.render.diffs.view import DiffView
from netadvise.render.pages import diff_page
from netadvise.table import Table

DiffRenderer = Callable[[Comparison, DiffView], str]

DIFF_FORMATS: Table[DiffRenderer] = Table("diff format")

DIFF_FORMATS("table")(table)
DIFF_FORMATS("json")(json)
DIFF_FORMATS("markdown")(markdown)
DIFF_FORMATS("html")(diff_page)

__all__ = ["DIFF_FORMATS", "DiffRenderer", "DiffView"]
