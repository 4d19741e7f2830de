"""The HTML format of every command. What writes it is imported when a page is asked for: no other format waits."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from netadvise.comparison import Comparison
    from netadvise.dropout import DropoutReport
    from netadvise.finding import LintReport
    from netadvise.profiles import Profile
    from netadvise.render.diffs.view import DiffView
    from netadvise.render.findings.view import LintView
    from netadvise.render.positions.view import DropoutView
    from netadvise.render.suggestions.view import SuggestView
    from netadvise.render.view import View
    from netadvise.suggestion import SuggestionReport


def profile_page(profile: Profile, view: View) -> str:
    """A profile as a page."""
    from netadvise.dossier import Dossier
    from netadvise.render.html.page import Views, page

    dossier = Dossier(profile.version, profile.target, profile, view.facts, view.opinion)
    return page(dossier, Views(profile=view))


def lint_page(report: LintReport, view: LintView) -> str:
    """A lint run as a page: with its network where it is about one model."""
    from netadvise.dossier import of_lint
    from netadvise.render.html.page import page

    models = tuple(
        replace(model, findings=tuple(finding for finding in model.findings if finding.severity in view.show))
        for model in report.models
    )
    return page(of_lint(replace(report, models=models)))


def kernels_page(report: SuggestionReport, view: SuggestView) -> str:
    """The suggestions for kernels as a page."""
    from netadvise.dossier import of_kernels
    from netadvise.render.html.page import Views, page

    return page(of_kernels(report), Views(kernels=view))


def dropout_page(report: DropoutReport, view: DropoutView) -> str:
    """Places for dropout, and a study of them, as a page."""
    from netadvise.dossier import of_dropout
    from netadvise.render.html.page import Views, page

    return page(of_dropout(report), Views(dropout=view))


def diff_page(comparison: Comparison, view: DiffView) -> str:
    """A comparison as a page."""
    from netadvise.render.html.diffs.page import diff_page as page

    return page(comparison, view)
