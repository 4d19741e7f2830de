"""`suggest-kernels`: the alternatives that rules know for a network's layers, each one tried before it is advised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from netadvise.api.advising import Advising, Asked, Suggested
from netadvise.api.answers import Runner
from netadvise.api.attempts import LiveBench, Told, WorkerBench
from netadvise.api.linting import rule_sources
from netadvise.api.models import chosen_models
from netadvise.api.rulebook import rulings
from netadvise.api.running import Watch
from netadvise.api.studies import ProbeRequest, Subject, cache_of, studied
from netadvise.api.studies import Told as Trained
from netadvise.cache import Cache
from netadvise.config import Config, ModelConfig, Selection, configuration
from netadvise.suggest.budget import check_budgets
from netadvise.suggest.kernel_arms import MOST, first_choices, kernel_arms
from netadvise.suggestion import SuggestionReport
from netadvise.worker.protocol import Request

if TYPE_CHECKING:
    from torch import nn

GO_ON = "give the same command again"
"""How a study goes on: its folder is found by what is trained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestRequest:
    """What to look at, and for what. What it leaves open, the project's pyproject.toml says."""

    target: str
    """A target, or the name of a configured model."""
    inputs: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    layers: tuple[str, ...] = ()
    """Globs: layers to suggest something for; empty: all."""
    budget: tuple[str, ...] = ()
    """ "macs=-30%", "params=5M"."""
    everything: bool = False
    """Whether grade C and alternatives without a gain are shown, too."""
    command: Config = field(default_factory=Config)
    """Settings that go before those of the project."""
    config_file: str | None = None
    isolated: bool = False
    cache: bool = True
    timeout: float | None = 300.0
    memory: int | None = None
    in_process: bool = False
    """Whether alternatives are tried in this process; what trains is always in processes of its own."""
    quiet: bool = False
    probe: ProbeRequest | None = None
    """What to train the first choices on."""


def suggest_target(
    request: SuggestRequest, *, watch: Watch | None = None, told: Told | None = None, trained: Trained | None = None
) -> SuggestionReport:
    """The suggestions for what `request` names.

    Ctrl-C ends the trying, or the training: the report holds what was found and says that it is incomplete. Raises
    the worker's error when the model cannot be loaded or recorded, and `UsageError` for what is wrong with the
    request, the data, the configuration or a rule file.
    """
    return suggested(request, bench_of(request, watch), told, trained).report


def suggested(
    request: SuggestRequest, bench: WorkerBench, told: Told | None = None, trained: Trained | None = None
) -> Suggested:
    """As `suggest_target`, with the network as it is; `bench` is that of the request."""
    check_budgets(request.budget)
    project, model = _project(request)
    book = rulings(project, request.command, bench.runner.cache)
    found = Advising(_asked(request), book, model, bench, told or _silent).suggested()
    if request.probe is None:
        return found
    about = Subject(model, found.answer, book, silence=request.timeout)
    return replace(found, report=_with_study(found.report, request, about, bench, trained or _silent))


def _with_study(
    report: SuggestionReport, request: SuggestRequest, about: Subject, bench: WorkerBench, trained: Trained
) -> SuggestionReport:
    """What training the first choices finds, or why none was trained."""
    choices = first_choices(report.suggestions, thumbs=_names_rules(request))
    arms = kernel_arms(choices)
    if report.incomplete or not arms or request.probe is None:
        why = report.incomplete or "there is no suggestion to train against the network as it is"
        return replace(report, untrained=why)
    # whoever has one or two suggestions to choose from has chosen
    asked = replace(about.request(request.probe, arms, named=True), regularise=False)
    try:
        study = studied(asked, bench, trained, lambda _: GO_ON)
    except KeyboardInterrupt:
        return replace(report, incomplete=f"the training was interrupted; to go on: {GO_ON}", interrupted=True)
    if len(choices) > len(arms):
        note = f"{MOST} of {len(choices)} first choices were trained, the first ones of the list; --layer chooses"
        study = replace(study, notes=(*study.notes, note))
    return replace(report, study=study)


def bench_of(request: SuggestRequest, watch: Watch | None = None) -> WorkerBench:
    """Where the alternatives of a request are tried."""
    project, model = _project(request)
    cache = Cache(cache_of(project)) if request.cache and not request.in_process else None
    asked = Request(
        target=model.target,
        arguments=model.arguments,
        inputs=model.inputs,
        facts=True,
        timeout=request.timeout,
        memory=request.memory,
    )
    return WorkerBench(asked, Runner(watch or _silent, cache, in_process=request.in_process, quiet=request.quiet))


def suggest_kernels(
    model: nn.Module,
    inputs: str | Sequence[str] | None = None,
    *,
    layers: Sequence[str] = (),
    budget: Sequence[str] = (),
    everything: bool = False,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    rules: Sequence[str] = (),
) -> SuggestionReport:
    """The suggestions for a module, in this process; it is left as it was.

    `inputs` are shapes as text, as `record` takes them. The project's pyproject.toml is left alone.
    """
    texts = (inputs,) if isinstance(inputs, str) else tuple(inputs or ())
    own = Selection(tuple(select), (), tuple(ignore), "suggest_kernels()")
    command = Config(rules=rule_sources(rules, "rules"), selections=(own,))
    name = type(model).__name__
    request = SuggestRequest(
        target=name, layers=tuple(layers), budget=tuple(budget), everything=everything, command=command
    )
    check_budgets(request.budget)
    book, bench = rulings(Config(), command), LiveBench(model, texts)
    return Advising(_asked(request), book, ModelConfig(name=name, target=name), bench, _silent).suggested().report


def _project(request: SuggestRequest) -> tuple[Config, ModelConfig]:
    project = configuration((request.target,), request.config_file, isolated=request.isolated)
    (model,) = chosen_models(project, (request.target,), request.inputs, request.arguments)
    return project, model


def _asked(request: SuggestRequest) -> Asked:
    """Whoever names rules wants to see what they say, whatever their grade."""
    return Asked(request.layers, request.budget, request.everything or _names_rules(request))


def _names_rules(request: SuggestRequest) -> bool:
    return any(step.select or step.extend for step in request.command.selections)


def _silent(*_: object) -> None:
    pass
