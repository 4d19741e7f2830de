"""The formats of a suggestion report: each turns a SuggestionReport and a SuggestView into text, and prints nothing."""

from __future__ import annotations

from collections.abc import Callable

from netadvise.render.pages import kernels_page
from netadvise.render.suggestions.json import json
from netadvise.render.suggestions.markdown import markdown
from netadvise.render.suggestions.table import table
from netadvise.render.suggestions.view import SuggestView
from netadvise.suggestion import SuggestionReport
from netadvise.table import Table

SuggestRenderer = Callable[[SuggestionReport, SuggestView], str]

SUGGEST_FORMATS: Table[SuggestRenderer] = Table("suggestion format")

SUGGEST_FORMATS("table")(table)
SUGGEST_FORMATS("json")(json)
SUGGEST_FORMATS("markdown")(markdown)
SUGGEST_FORMATS("html")(kernels_page)

__all__ = ["SUGGEST_FORMATS", "SuggestRenderer", "SuggestView"]
