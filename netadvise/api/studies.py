"""Studies: what suggestions come to when the network is trained with and without them, on the user's data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from netadvise.api.answers import Answer
from netadvise.api.attempts import WorkerBench
from netadvise.api.rulebook import Rulings
from netadvise.api.running import respond
from netadvise.cache import cache_folder
from netadvise.config import Config, ModelConfig
from netadvise.document.study import request_json, study_from_json
from netadvise.errors import InternalError
from netadvise.evidence import Effort, ProbeProgress, Study
from netadvise.rule import Option
from netadvise.study import LOOKS, Arm, RecipeRequest, Stacking, StudyRequest

Told = Callable[[ProbeProgress], None]
STUDIES = "studies"


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
    time_limit: float | None = None
    study_dir: str | None = None
    workers: int | None = None
    engine: str | None = None
    """local, inline or ray; local where nothing else is said, or ray where `address` is."""
    address: str | None = None
    """Of a Ray cluster; empty: a Ray of its own."""
    gpu_fraction: float | None = None
    stack: Stacking | None = None
    """auto, always or never; auto where nothing is said."""
    device: str = "cpu"

    @property
    def engine_or_default(self) -> str:
        """The engine, or what follows from the rest."""
        return self.engine or ("local" if self.address is None else "ray")


@dataclass(frozen=True, slots=True)
class Subject:
    """The network that a study is about, and the settings of its project."""

    model: ModelConfig
    answer: Answer
    rulings: Rulings
    silence: float | None = None
    """Seconds without a sign of life after which a training process is stopped."""

    def request(self, probe: ProbeRequest, arms: Sequence[Arm], *, named: bool) -> StudyRequest:
        """A study of `arms`, as regularisers that a baseline without overfitting makes pointless.

        `named`: whether the user chose them, so that one or two are confirmed without screening.
        """
        model, profile = self.model, self.answer.profile
        return StudyRequest(
            target=model.target,
            arguments=model.arguments,
            inputs=model.inputs,
            recipe=_recipe(probe),
            arms=tuple(arms),
            named=named,
            effort=probe.effort,
            delta=probe.delta,
            looks=LOOKS if probe.seeds is None else tuple(probe.seeds * number for number in (1, 2, 3)),
            output_activation=self._output_activation(),
            input_shape=tuple(profile.inputs[0].shape[1:]) if profile.inputs else (),
            input_dtype=profile.inputs[0].dtype if profile.inputs else "",
            options=self._options(),
            time_limit=probe.time_limit,
            workers=probe.workers,
            engine=probe.engine_or_default,
            address=probe.address or "",
            gpu_fraction=probe.gpu_fraction,
            stack=probe.stack or "auto",
            folder=str(cache_of(self.rulings.project) / STUDIES) if probe.study_dir is None else probe.study_dir,
            exact_folder=probe.study_dir is not None,
            silence=self.silence,
        )

    def _options(self) -> dict[str, dict[str, Option]]:
        """Changes to the options of rules, by id."""
        applied = self.rulings.applied(self.model)
        return {rule: dict(options) for rule, options in applied.options.items()}

    def _output_activation(self) -> str | None:
        found = self.answer.facts.model.get("output_activation")
        return found if isinstance(found, str) else None


def _recipe(probe: ProbeRequest) -> RecipeRequest:
    return RecipeRequest(
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


def limited(kept: StudyRequest, limits: ProbeRequest | None) -> StudyRequest:
    """A study that goes on within the limits of now; where it is done stays as it was, unless they say so."""
    if limits is None:
        return replace(kept, time_limit=None, workers=None)
    elsewhere = limits.engine is not None or limits.address is not None
    return replace(
        kept,
        time_limit=limits.time_limit,
        workers=limits.workers,
        engine=limits.engine_or_default if elsewhere else kept.engine,
        address=(limits.address or "") if elsewhere else kept.address,
        gpu_fraction=limits.gpu_fraction or kept.gpu_fraction,
        stack=limits.stack or kept.stack,
    )


def studied(study: StudyRequest, bench: WorkerBench, told: Told, go_on: Callable[[str], str]) -> Study:
    """The study, done in a worker.

    Ctrl-C tells how to go on with what is in its folder, in the words of `go_on`, and is raised again. Raises the
    worker's error.
    """
    ledger = ""

    def hear(progress: ProbeProgress) -> None:
        nonlocal ledger
        ledger = progress.ledger or ledger
        told(progress)

    asked = replace(bench.request, facts=False, study=request_json(study))
    runner = bench.runner
    try:
        response = respond(asked, in_process=False, watch=runner.watch, quiet=runner.quiet, told=hear)
    except KeyboardInterrupt:
        if ledger:
            note = f"what was trained is kept; to go on: {go_on(ledger)}"
            told(ProbeProgress("interrupted", 0, 0, note=note, ledger=ledger))
        raise
    if response.study is None:
        raise InternalError("the worker answered with neither a study nor an error")
    return study_from_json(response.study)


def cache_of(project: Config) -> Path:
    """Where a project keeps what was found out about it."""
    return cache_folder(project.path and project.folder)
