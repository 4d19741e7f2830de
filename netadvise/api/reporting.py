"""`report`: everything that can be said of one network without training it, for one page."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from netadvise.api.advising import Advising, Asked
from netadvise.api.answers import Answer, Runner
from netadvise.api.attempts import Attempts, Edits, Told, WorkerBench
from netadvise.api.checking import Checking
from netadvise.api.linting import LintRequest, accepted_findings
from netadvise.api.models import chosen_models
from netadvise.api.positions import Placing
from netadvise.api.rulebook import Rulings, rulings
from netadvise.api.running import Watch
from netadvise.api.saved import open_outcome
from netadvise.api.studies import cache_of
from netadvise.cache import Cache
from netadvise.config import Config, ModelConfig, configuration, from_environment
from netadvise.config.settings import DEFAULT_FAIL_ON
from netadvise.dossier import Dossier
from netadvise.dropout import DropoutReport
from netadvise.errors import UsageError
from netadvise.finding import LintReport
from netadvise.suggestion import SuggestionReport
from netadvise.version import __version__
from netadvise.worker.protocol import Request

_NO_FACTS = "the saved profile holds no facts: no findings, no data flow, no places for dropout"
_NO_MODEL = "kernel suggestions are tried on the model, which a saved profile does not hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRequest:
    """What to report on. What it leaves open, the environment and the project's pyproject.toml say."""

    target: str
    """A target, the name of a configured model, or a saved profile."""
    inputs: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    kernels: bool = True
    """Whether other kernels are tried: that takes longer than all the rest."""
    command: Config = field(default_factory=Config)
    """Settings that go before those of the project."""
    config_file: str | None = None
    isolated: bool = False
    cache: bool = True
    timeout: float | None = 300.0
    memory: int | None = None
    in_process: bool = False
    quiet: bool = False


def reported(request: ReportRequest, *, watch: Watch | None = None, told: Told | None = None) -> Dossier:
    """What there is to say of the network that `request` names.

    A saved profile needs neither torch nor the model. Ctrl-C ends the trying of kernels; the dossier says so. Raises
    the worker's error when the model cannot be loaded or recorded, and `UsageError` for what is wrong with the request,
    the configuration or a rule file.
    """
    job = _saved(request) if request.target.endswith(".json") else _fresh(request, watch or _silent)
    if isinstance(job, Dossier):
        return job
    kernels, notes = job.kernels(told or _silent) if request.kernels else (None, ())
    answer = job.bench.answer()
    places = Placing(job.rulings, job.model, job.bench).report_on(answer)
    return Dossier(
        version=__version__,
        title=answer.profile.target,
        profile=answer.profile,
        facts=answer.facts,
        lint=job.lint(),
        kernels=kernels,
        dropout=DropoutReport(places),
        notes=notes,
    )


@dataclass(frozen=True, slots=True)
class _Known:
    """A network that was recorded once, for every question about it; without a model nothing can be tried on it."""

    known: Answer
    model: WorkerBench | None = None

    def answer(self) -> Answer:
        return self.known

    def attempt(self, alternatives: Sequence[Edits], told: Told) -> Attempts:
        if self.model is None:
            raise UsageError(_NO_MODEL)
        return self.model.attempt(alternatives, told)


@dataclass(frozen=True, slots=True)
class _Job:
    """One network with the settings of its project."""

    request: ReportRequest
    project: Config
    model: ModelConfig
    rulings: Rulings
    bench: _Known

    def lint(self) -> LintReport:
        """The findings, judged as `netadvise lint` judges them."""
        settings = self.request.command.over(from_environment(os.environ)).over(self.project)
        checking = Checking(self.rulings, settings.fail_on or DEFAULT_FAIL_ON)
        checking.check(self.model, self.bench.known)
        baseline = accepted_findings(LintRequest(command=self.request.command), self.project)
        return checking.verdict(baseline, whole=False).report

    def kernels(self, told: Told) -> tuple[SuggestionReport | None, tuple[str, ...]]:
        """The suggestions, or why there are none."""
        if self.bench.model is None:
            return None, (_NO_MODEL,)
        try:
            return Advising(Asked(), self.rulings, self.model, self.bench, told).suggested().report, ()
        except UsageError as error:
            return None, (f"no kernel suggestions: {error.message}",)


def _fresh(request: ReportRequest, watch: Watch) -> _Job:
    project = configuration((request.target,), request.config_file, isolated=request.isolated)
    (model,) = chosen_models(project, (request.target,), request.inputs, request.arguments)
    cache = Cache(cache_of(project)) if request.cache and not request.in_process else None
    book = rulings(project, request.command, cache)
    book.for_lint(model)
    asked = Request(
        target=model.target,
        arguments=model.arguments,
        inputs=model.inputs,
        facts=True,
        timeout=request.timeout,
        memory=request.memory,
    )
    bench = WorkerBench(asked, Runner(watch, cache, in_process=request.in_process, quiet=request.quiet))
    return _Job(request, project, model, book, _Known(bench.answer(), bench))


def _saved(request: ReportRequest) -> _Job | Dossier:
    if request.inputs or request.arguments:
        raise UsageError(f"{request.target} is a saved profile: -i and --arg need the model", hint="Give the .py file.")
    outcome = open_outcome(Path(request.target))
    profile, facts = outcome.profile, outcome.facts
    if facts is None:
        return Dossier(__version__, profile.target, profile, notes=(_NO_FACTS,))
    project = configuration((request.target,), request.config_file, isolated=request.isolated)
    model = ModelConfig(name=request.target, target=request.target)
    book = rulings(project, request.command)
    book.for_lint(model)
    return _Job(request, project, model, book, _Known(Answer(profile, facts)))


def _silent(*_: object) -> None:
    pass
