"""`suggest-dropout`: where dropout could stand, and, where there are data, what training with and without it shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from netadvise.api.running import Watch, respond
from netadvise.cache import Cache, cache_folder
from netadvise.config import Config, ModelConfig, configuration
from netadvise.document.study import request_json, study_from_file, study_from_json
from netadvise.dropout import DropoutReport
from netadvise.edit import Edit
from netadvise.errors import InternalError, UsageError
from netadvise.evidence import Effort, ProbeProgress, Study
from netadvise.facts import NetworkFacts
from netadvise.position import Position, PositionReport
from netadvise.profiles import Profile
from netadvise.rewrite import Plan
from netadvise.rule import Option
from netadvise.study import LOOKS, RecipeRequest, StudyRequest
from netadvise.suggest.arms import arms
from netadvise.worker.protocol import Request

Told = Callable[[ProbeProgress], None]
STUDIES = "studies"
STUDY_FILE = "study.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeRequest:
    """What to train on, and how; what is None is inferred, or left at its default."""

    data: str
    effort: Effort = "confirm"
    loss: str | None = None
    metric: str | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    weight_decay: float | None = None
    batch_size: int | None = None
    max_steps: int | None = None
    train_step: str | None = None
    seeds: int | None = None
    """Further seeds at each look of a confirmation."""
    delta: float | None = None
    rates: tuple[float, ...] = ()
    time_limit: float | None = None
    study_dir: str | None = None
    workers: int | None = None
    engine: str = "local"
    device: str = "cpu"


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
    """Whether refused places are tried, too, and studied although the baseline shows nothing to regularise."""
    probe: ProbeRequest | None = None
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
    return DropoutReport(report, job.studied(_study_request(job, request.probe, report, answer), tell))


def _resumed(request: DropoutRequest, watch: Watch | None, told: Told) -> DropoutReport:
    """A study goes on as it was asked for; limits are those of now."""
    folder = Path(request.resume or "")
    kept = _kept(folder)
    asked = replace(request, target=kept.target, inputs=kept.inputs, arguments=kept.arguments)
    job = _Job.of(asked, watch)
    limits = request.probe
    again = replace(
        kept,
        folder=str(folder),
        exact_folder=True,
        time_limit=limits.time_limit if limits else None,
        workers=limits.workers if limits else None,
    )
    report = job.placing.report_on(job.bench.answer())
    return DropoutReport(report, job.studied(again, told))


def _kept(folder: Path) -> StudyRequest:
    try:
        return study_from_file((folder / STUDY_FILE).read_bytes())[1]
    except OSError as error:
        hint = "Give the folder that the interrupted run named."
        raise UsageError(f"there is no study in {folder}: {error.strerror or error}", hint=hint) from None
    except ValueError as error:
        raise UsageError(f"{folder / STUDY_FILE} is no study of this version of netadvise: {error}") from None


@dataclass(frozen=True, slots=True)
class _Job:
    """One request with the settings of its project."""

    request: DropoutRequest
    project: Config
    model: ModelConfig
    rulings: Rulings
    bench: WorkerBench

    @staticmethod
    def of(request: DropoutRequest, watch: Watch | None) -> _Job:
        """The job of a request; raises `UsageError` for what is wrong with it or with the project's settings."""
        project = configuration((request.target,), request.config_file, isolated=request.isolated)
        (model,) = chosen_models(project, (request.target,), request.inputs, request.arguments)
        cache = Cache(_cache(project)) if request.cache else None
        asked = Request(
            target=model.target,
            arguments=model.arguments,
            inputs=model.inputs,
            facts=True,
            timeout=request.timeout,
            memory=request.memory,
        )
        bench = WorkerBench(asked, Runner(watch or _silent, cache, quiet=request.quiet))
        return _Job(request, project, model, rulings(project, request.command, cache), bench)

    @property
    def placing(self) -> Placing:
        return Placing(self.rulings, self.model, self.bench, self.request.layers)

    @property
    def folder(self) -> Path:
        """Where studies are kept."""
        return _cache(self.project) / STUDIES

    def options(self) -> dict[str, dict[str, Option]]:
        """Changes to the options of rules, by id."""
        applied = self.rulings.applied(self.model)
        return {rule: dict(options) for rule, options in applied.options.items()}

    def studied(self, study: StudyRequest, told: Told) -> Study:
        """The study, done; Ctrl-C tells where it is kept."""
        ledger = ""

        def hear(progress: ProbeProgress) -> None:
            nonlocal ledger
            ledger = progress.ledger or ledger
            told(progress)

        asked = replace(self.bench.request, facts=False, study=request_json(study))
        runner = self.bench.runner
        try:
            response = respond(asked, in_process=False, watch=runner.watch, quiet=runner.quiet, told=hear)
        except KeyboardInterrupt:
            if ledger:
                note = f"what was trained is kept; to go on: netadvise suggest-dropout --resume {quote(ledger)}"
                told(ProbeProgress("interrupted", 0, 0, note=note, ledger=ledger))
            raise
        if response.study is None:
            raise InternalError("the worker answered with neither a study nor an error")
        return study_from_json(response.study)


def _study_request(job: _Job, probe: ProbeRequest, report: PositionReport, answer: Answer) -> StudyRequest:
    """The study of the places of a report; raises `UsageError` where there is none that can be tried."""
    request = job.request
    chosen = _to_try(request, report)
    found = arms(chosen, answer.facts, named=bool(request.layers), effort=probe.effort, rates=probe.rates)
    if not found:
        raise _nothing_to_try(request, report)
    model = job.model
    recipe = RecipeRequest(
        data=probe.data,
        loss=probe.loss,
        metric=probe.metric,
        optimizer=probe.optimizer,
        learning_rate=probe.learning_rate,
        weight_decay=probe.weight_decay,
        batch_size=probe.batch_size,
        max_steps=probe.max_steps,
        train_step=probe.train_step,
        device=probe.device,
    )
    return StudyRequest(
        target=model.target,
        arguments=model.arguments,
        inputs=model.inputs,
        recipe=recipe,
        arms=found,
        named=bool(request.layers),
        insist=request.force,
        effort=probe.effort,
        delta=probe.delta,
        looks=LOOKS if probe.seeds is None else tuple(probe.seeds * number for number in (1, 2, 3)),
        output_activation=_output_activation(answer.facts),
        input_shape=_input_shape(answer.profile),
        input_dtype=answer.profile.inputs[0].dtype if answer.profile.inputs else "",
        options=job.options(),
        time_limit=probe.time_limit,
        workers=probe.workers,
        engine=probe.engine,
        folder=str(job.folder) if probe.study_dir is None else probe.study_dir,
        exact_folder=probe.study_dir is not None,
        silence=request.timeout,
    )


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


def _output_activation(facts: NetworkFacts) -> str | None:
    found = facts.model.get("output_activation")
    return found if isinstance(found, str) else None


def _input_shape(profile: Profile) -> tuple[int, ...]:
    return tuple(profile.inputs[0].shape[1:]) if profile.inputs else ()


def _cache(project: Config) -> Path:
    return cache_folder(project.path and project.folder)


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
