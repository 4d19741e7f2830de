"""The formats of a lint report: each turns a LintReport and a LintView into text, and prints nothing."""

from __future__ import annotations

from collections.abc import Callable

from netadvise.finding import LintReport
from netadvise.render.findings.github import github
from netadvise.render.findings.gitlab import gitlab
from netadvise.render.findings.json import json
from netadvise.render.findings.junit import junit
from netadvise.render.findings.markdown import markdown
from netadvise.render.findings.sarif import sarif
from netadvise.render.findings.text import concise, text
from netadvise.render.findings.view import LintView, Replacement, needed_files
from netadvise.render.pages import lint_page
from netadvise.table import Table

LintRenderer = Callable[[LintReport, LintView], str]

LINT_FORMATS: Table[LintRenderer] = Table("lint format")

LINT_FORMATS("text")(text)
LINT_FORMATS("concise")(concise)
LINT_FORMATS("json")(json)
LINT_FORMATS("sarif")(sarif)
LINT_FORMATS("github")(github)
LINT_FORMATS("gitlab")(gitlab)
LINT_FORMATS("junit")(junit)
LINT_FORMATS("markdown")(markdown)
LINT_FORMATS("html")(lint_page)

__all__ = ["LINT_FORMATS", "LintRenderer", "LintView", "Replacement", "needed_files"]
