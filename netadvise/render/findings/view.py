"""How a lint report is to be shown, and which findings a reader then sees."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import PurePath

from netadvise.finding import Finding, LintReport, ModelReport
from netadvise.rule import SEVERITIES, Severity


@dataclass(frozen=True, slots=True)
class Replacement:
    """A stretch of a file, from a line and column to just behind another, both from 1, and what is to stand there."""

    file: str
    start: tuple[int, int]
    end: tuple[int, int]
    text: str


@dataclass(frozen=True, slots=True)
class LintView:
    """How to show a lint report. The machine formats (json, sarif, gitlab, junit) hold all of it, whatever the view."""

    width: int | None = None
    """Columns of the terminal, to which a long source line is cut; None: no terminal."""
    color: bool = False
    """Mark severities and carets with the terminal's colours."""
    verbose: bool = False
    """Also say why rules were not evaluated, why each finding is one, and every layer of it."""
    show: frozenset[Severity] = frozenset(SEVERITIES)
    """The severities that a person or an annotation shows; what fails is another question."""
    statistics: bool = False
    """Counts per rule in place of the findings."""
    timings: bool = False
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The lines, without their ends, of each file that `needed_files` names: for carets and end columns."""
    fixes: Mapping[tuple[str, str], tuple[Replacement, ...]] = field(default_factory=dict)
    """Model and rule -> the fix of that finding as a change of the source, where it can be written."""
    base: str = ""
    """The folder in which relative paths start, seen from the top of the repository: "services/vision"."""

    def path(self, file: str) -> str:
        """`file` as a service that knows the repository's top needs it, with forward slashes."""
        return _path(self.base, file)


@lru_cache(maxsize=4096)
def _path(base: str, file: str) -> str:
    path = PurePath(file)
    return path.as_posix() if path.is_absolute() else posixpath.normpath(posixpath.join(base, path.as_posix()))


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding and the model it is about; None for one about the tool's own work, such as an unused suppression."""

    finding: Finding
    model: ModelReport | None


def placed(report: LintReport) -> tuple[Placed, ...]:
    """Every finding of the report that counts, model by model, the tool's own last."""
    of_models = [Placed(finding, model) for model in report.models for finding in model.findings]
    return (*of_models, *(Placed(problem, None) for problem in report.problems))


def worst_first(report: LintReport, view: LintView) -> tuple[Placed, ...]:
    """Every finding that the view shows, errors of all models before warnings of any."""
    found = [item for item in placed(report) if visible(item.finding, view)]
    return tuple(sorted(found, key=lambda item: SEVERITIES.index(item.finding.severity)))


def visible(finding: Finding, view: LintView) -> bool:
    """Whether the view shows findings of this severity."""
    return finding.severity in view.show


def needed_files(report: LintReport) -> tuple[str, ...]:
    """The source files that findings point into, each once: what `LintView.sources` should hold."""
    return tuple(dict.fromkeys(_files(report)))


def _files(report: LintReport) -> Iterator[str]:
    suppressed = [Placed(finding, model) for model in report.models for finding in model.suppressed]
    for item in (*placed(report), *suppressed):
        for hit in item.finding.hits:
            if hit.location is not None:
                yield hit.location.file


def source_file(target: str) -> str | None:
    """The Python file that a target text names, for findings about a whole model; None for a package."""
    source = target[: target.find(".py") + 3] if ".py" in target else ""
    rest = target[len(source) :]
    return source if source and (not rest or rest.startswith(":")) else None
