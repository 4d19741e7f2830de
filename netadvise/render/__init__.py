"""The formats of a profile: each turns a Profile and a View into text, and prints nothing."""

from __future__ import annotations

from collections.abc import Callable

from netadvise.profiles import Profile
from netadvise.render.csv import csv
from netadvise.render.json import json
from netadvise.render.markdown import markdown
from netadvise.render.pages import profile_page
from netadvise.render.table import table
from netadvise.render.view import View
from netadvise.table import Table

Renderer = Callable[[Profile, View], str]

FORMATS: Table[Renderer] = Table("format")

FORMATS("table")(table)
FORMATS("json")(json)
FORMATS("csv")(csv)
FORMATS("markdown")(markdown)
FORMATS("html")(profile_page)

__all__ = ["FORMATS", "Renderer", "View"]
