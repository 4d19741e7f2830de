"""The formats of a dropout report: each turns a DropoutReport and a DropoutView into text, and prints nothing."""

from __future__ import annotations

from collections.abc import Callable

from netadvise.dropout import DropoutReport
from netadvise.render.pages import dropout_page
from netadvise.render.positions.json import json
from netadvise.render.positions.markdown import markdown
from netadvise.render.positions.table import table
from netadvise.render.positions.view import DropoutView
from netadvise.table import Table

DropoutRenderer = Callable[[DropoutReport, DropoutView], str]

DROPOUT_FORMATS: Table[DropoutRenderer] = Table("dropout format")

DROPOUT_FORMATS("table")(table)
DROPOUT_FORMATS("json")(json)
DROPOUT_FORMATS("markdown")(markdown)
DROPOUT_FORMATS("html")(dropout_page)

__all__ = ["DROPOUT_FORMATS", "DropoutRenderer", "DropoutView"]
