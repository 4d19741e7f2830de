"""`suggest-dropout`: where dropout could stand, and, where there are data, what training with and without it shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from shlex import quote

from netadvise.api.answers import Answer, Runner
from netadvise.api.attempts import WorkerBench
from netadvise.api.dropout_fixes import dropout_fixes, written
from netadvise.api.fixing import Fixed, Restored
from netadvise.api.models import chosen_models
from netadvise.api.positions import Placing
from netadvise.api.rulebook import Rulings, rulings
from netadvise.api.running import Watch
from netadvise.api.studies import ProbeRequest, Subject, Told, cache_of, limited, studied
from netadvise.cache import Cache
from netadvise.config import Config, ModelConfig, configuration
from netadvise.document.study import study_from_file
from netadvise.dropout import DropoutReport
from netadvise.edit import Edit
from netadvise.errors import UsageError
from netadvise.position import Position, PositionReport
from netadvise.rewrite import Plan
from netadvise.study import StudyRequest
from netadvise.suggest.arms import arms
from netadvise.worker.protocol import Request

STUDY_FILE = "study.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class DropoutRequest:
    """What to look at, and with what data. What it leaves open, the project's pyproject.toml says."""

    target: str
    """A target, or the name of a configured model; empty with `resume`."""
    inputs: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    """Globs on layers and places."""
    command: Config = field(default_factory=Config)
    config_file: str | None = None
    isolated: bool = False
    cache: bool = True
    timeout: float | None = 300.0
    memory: int | None = None
    quiet: bool = False
    force: bool = False
    together: bool = False
    """Whether the places that `layers` name are one arm."""
    """Whether refused places are tried, too, and studied although the baseline shows nothing to regularise."""
    probe: ProbeRequest | None = None
    rates: tuple[float, ...] = ()
    """To be tried in place of the usual ones."""
    resume: str | None = None
    """The folder of a study to go on with."""


def dropout_report(request: DropoutRequest, *, watch: Watch | None = None, told: Told | None = None) -> DropoutReport:
    """Where dropout could stand in what `request` names and, with data, what a study of it found.

    Ctrl-C tells how to go on, and is raised again; what was trained is kept. Raises the worker's error when the model
    cannot be loaded or recorded, and `UsageError` for what is wrong with the request, the data or the configuration.
    """
    tell = told or _silent
    if request.resume is not None:
        return _resumed(request, watch, tell)
    job = _Job.of(request, watch)
    answer = job.bench.answer()
    report = job.placing.report_on(answer)
    if request.probe is None:
        return DropoutReport(report)
    study = _study_request(job, request.probe, report, answer)
    return DropoutReport(report, studied(study, job.bench, tell, _resume))


def _resumed(request: DropoutRequest, watch: Watch | None, told: Told) -> DropoutReport:
    """A study goes on as it was asked for; limits are those of now."""
    folder = Path(request.resume or "")
    kept = _kept(folder)
    asked = replace(request, target=kept.target, inputs=kept.inputs, arguments=kept.arguments)
    job = _Job.of(asked, watch)
    again = limited(replace(kept, folder=str(folder), exact_folder=True), request.probe)
    report = job.placing.report_on(job.bench.answer())
    return DropoutReport(report, studied(again, job.bench, told, _resume))


def _resume(ledger: str) -> str:
    return f"netadvise suggest-dropout --resume {quote(ledger)}"


def _kept(folder: Path) -> StudyRequest:
    try:
        kept = study_from_file((folder / STUDY_FILE).read_bytes())[1]
    except OSError as error:
        hint = "Give the folder that the interrupted run named."
        raise UsageError(f"there is no study in {folder}: {error.strerror or error}", hint=hint) from None
    except ValueError as error:
        raise UsageError(f"{folder / STUDY_FILE} is no study of this version of netadvise: {error}") from None
    if not kept.regularise:
        hint = "Give that command again: it goes on with the runs that are there."
        raise UsageError(f"the study in {folder} is one of suggest-kernels", hint=hint)
    return kept


@dataclass(frozen=True, slots=True)
class _Job:
    """One request with the settings of its project."""

    request: DropoutRequest
    model: ModelConfig
    rulings: Rulings
    bench: WorkerBench

    @staticmethod
    def of(request: DropoutRequest, watch: Watch | None) -> _Job:
        """The job of a request; raises `UsageError` for what is wrong with it or with the project's settings."""
        project = configuration((request.target,), request.config_file, isolated=request.isolated)
        (model,) = chosen_models(project, (request.target,), request.inputs, request.arguments)
        cache = Cache(cache_of(project)) if request.cache else None
        asked = Request(
            target=model.target,
            arguments=model.arguments,
            inputs=model.inputs,
            facts=True,
            timeout=request.timeout,
            memory=request.memory,
        )
        bench = WorkerBench(asked, Runner(watch or _silent, cache, quiet=request.quiet))
        return _Job(request, model, rulings(project, request.command, cache), bench)

    @property
    def placing(self) -> Placing:
        return Placing(self.rulings, self.model, self.bench, self.request.layers)


def _study_request(job: _Job, probe: ProbeRequest, report: PositionReport, answer: Answer) -> StudyRequest:
    """The study of the places of a report; raises `UsageError` where there is none that can be tried."""
    request = job.request
    chosen = _to_try(request, report)
    found = arms(
        chosen,
        answer.facts,
        named=bool(request.layers),
        effort=probe.effort,
        rates=request.rates,
        together=request.together,
    )
    if not found:
        raise _nothing_to_try(request, report)
    subject = Subject(job.model, answer, job.rulings, silence=request.timeout)
    return replace(subject.request(probe, found, named=bool(request.layers)), insist=request.force)


def _to_try(request: DropoutRequest, report: PositionReport) -> Sequence[Position]:
    """Accepted places; with `--force` and `--layer` the refused ones that it names, too."""
    return report.positions if request.force and request.layers else report.accepted


def _nothing_to_try(request: DropoutRequest, report: PositionReport) -> UsageError:
    where = " of those that --layer names" if request.layers else ""
    refused = [position for position in report.positions if not position.accepted]
    told = tuple(f"{each.place}: {each.reason}" for each in refused[:5])
    unmade = tuple(f"{each.place}: {each.unmade}" for each in report.accepted if each.unmade)
    hint = "Without --data the command lists every place, and why. --layer GLOB with --force tries refused ones."
    return UsageError(f"no place{where} can be tried", notes=(*told, *unmade[:5]), hint=hint)


def plan_dropouts(request: DropoutRequest, groups: Sequence[Sequence[Edit]], *, since_ns: int | None) -> Plan:
    """What writing these edits into the source comes to; nothing is written yet."""
    return dropout_fixes(groups, _job_for_fixes(request).bench.answer(), since_ns=since_ns)


def write_dropouts(request: DropoutRequest, groups: Sequence[Sequence[Edit]], plan: Plan) -> Fixed | Restored | None:
    """Write them; the files go back unless the written model is recorded as promised."""
    job = _job_for_fixes(request)
    return written(groups, plan, job.bench.answer(), job.bench)


def _job_for_fixes(request: DropoutRequest) -> _Job:
    if request.resume is not None:
        kept = _kept(Path(request.resume))
        request = replace(request, target=kept.target, inputs=kept.inputs, arguments=kept.arguments)
    return _Job.of(request, None)


def _silent(*_: object) -> None:
    pass
