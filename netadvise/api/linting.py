"""`lint`: models against rules, from targets, from a saved profile, or from a live module."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from netadvise.api.answers import Answer, Runner
from netadvise.api.checking import Accepted, Checking, Verdict
from netadvise.api.models import chosen_models
from netadvise.api.rulebook import Rulings, rulings
from netadvise.api.running import Watch
from netadvise.api.saved import open_outcome
from netadvise.cache import Cache, cache_folder
from netadvise.check.baseline import Baseline, read_baseline
from netadvise.config import (
    Config,
    Declared,
    ModelConfig,
    RuleSource,
    Selection,
    configuration,
    declared,
    from_environment,
)
from netadvise.config.settings import DEFAULT_FAIL_ON
from netadvise.errors import ExitCode, NetadviseError, UsageError
from netadvise.finding import LintReport
from netadvise.target import make_target
from netadvise.worker.protocol import Request

if TYPE_CHECKING:
    from torch import nn

Told = Callable[[str, NetadviseError], None]
"""Told the name of a model that could not be run, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LintRequest:
    """What to lint and how. What it leaves open, the environment and the project's pyproject.toml say."""

    targets: tuple[str, ...] = ()
    """Targets, or names of configured models; empty: every configured model."""
    inputs: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    saved: Path | None = None
    """A saved profile, in place of targets: nothing is run."""
    context: Mapping[str, object] = field(default_factory=dict)
    """`task.loss` and the like."""
    command: Config = field(default_factory=Config)
    """Settings that go before those of the project."""
    config_file: str | None = None
    isolated: bool = False
    """Whether to leave every pyproject.toml alone."""
    suppressing: bool = True
    """Whether comments, `layer-ignores` and the baseline count."""
    cache: bool = True
    timed: bool = False
    timeout: float | None = 300.0
    memory: int | None = None
    in_process: bool = False
    quiet: bool = False


def lint_targets(request: LintRequest, *, watch: Watch | None = None, tell: Told | None = None) -> LintReport:
    """The report on the models that `request` names.

    A model that cannot be loaded or run stands under `failed`, after `tell` was called; the others go on. Raises
    `UsageError` for what is wrong with the request, the configuration or a rule file.
    """
    project = project_of(request)
    return judged(request, project, accepted_findings(request, project), watch, tell).report


def lint(
    model: str | nn.Module,
    inputs: str | Sequence[str] | None = None,
    *,
    rules: Sequence[str] = (),
    select: Sequence[str] = (),
    extend_select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    options: Mapping[str, Mapping[str, bool | int | float | str]] | None = None,
    context: Mapping[str, object] | None = None,
) -> LintReport:
    """The findings of a module, or of what a target text names, in this process.

    `inputs` are shapes as text, as `record` takes them. The project's pyproject.toml is left alone: what counts is
    what the arguments say. Raises what `record` raises, and `UsageError` for a rule or an option that there is none of.
    """
    from netadvise.worker.facts import facts_of_module, facts_of_target

    texts = (inputs,) if isinstance(inputs, str) else tuple(inputs or ())
    own = Selection(tuple(select), tuple(extend_select), tuple(ignore), "lint()")
    command = Config(
        rules=rule_sources(rules, "rules"), selections=(own,), options=options or {}, context=_declared(context or {})
    )
    checking = Checking(rulings(Config(), command), DEFAULT_FAIL_ON)
    if isinstance(model, str):
        target, (profile, facts) = model, facts_of_target(make_target(model, texts))
    else:
        target, (profile, facts) = type(model).__name__, facts_of_module(model, texts)
    checking.check(ModelConfig(name=target, target=target), Answer(profile, facts))
    return checking.verdict(None, whole=True).report


def project_of(request: LintRequest) -> Config:
    """The configuration of the project that the request is about."""
    targets = request.targets if request.saved is None else (str(request.saved),)
    return configuration(targets, request.config_file, isolated=request.isolated)


def judged(
    request: LintRequest, project: Config, baseline: Accepted | None, watch: Watch | None, tell: Told | None
) -> Verdict:
    """The verdict on the models of a request."""
    command = replace(request.command, context={**request.command.context, **_declared(request.context)})
    cache = Cache(cache_folder(project.path and project.folder)) if request.cache else None
    book = rulings(project, command, cache)
    layered = command.over(from_environment(os.environ)).over(project)
    checking = Checking(
        book, layered.fail_on or DEFAULT_FAIL_ON, request.suppressing, timings={} if request.timed else None
    )
    models = _models(request, project, book)
    for model in models:
        try:
            checking.check(model, _answer(request, model, cache, watch or _silent))
        except NetadviseError as error:
            if error.exit_code != ExitCode.MODEL:
                raise
            checking.failed[model.name] = error.message
            (tell or _silent)(model.name, error)
    every = {model.name for model in project.models} <= {model.name for model in models}
    return checking.verdict(baseline, whole=every and request.saved is None)


def accepted_findings(request: LintRequest, project: Config) -> Accepted | None:
    """The baseline that counts; raises `UsageError` when it cannot be read."""
    path = request.command.baseline or project.baseline
    if path is None:
        return None
    return Accepted(open_baseline(path), str(path))


def open_baseline(path: Path) -> Baseline:
    """The baseline of a file; raises `UsageError` when there is none."""
    try:
        return read_baseline(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        raise UsageError(f"there is no baseline {path}", hint="netadvise baseline create writes one.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error


def _models(request: LintRequest, project: Config, book: Rulings) -> tuple[ModelConfig, ...]:
    """The models of a request, after a look at what is said of the rules of each, before the first of them runs."""
    if request.saved is not None:
        models: tuple[ModelConfig, ...] = (ModelConfig(name=str(request.saved), target=str(request.saved)),)
    else:
        models = chosen_models(project, request.targets, request.inputs, request.arguments)
    for model in models:
        book.for_lint(model)
    return models


def _answer(request: LintRequest, model: ModelConfig, cache: Cache | None, watch: Watch) -> Answer:
    if request.saved is not None:
        return _saved(request.saved)
    kept = None if request.in_process else cache
    runner = Runner(watch, kept, in_process=request.in_process, quiet=request.quiet)
    return runner.answer(
        Request(
            target=model.target,
            arguments=model.arguments,
            inputs=model.inputs,
            facts=True,
            timeout=request.timeout,
            memory=request.memory,
        )
    )


def _saved(path: Path) -> Answer:
    outcome = open_outcome(path)
    if outcome.facts is None:
        raise UsageError(f"{path} holds no facts to check", hint="netadvise profile TARGET -f json:FILE writes them.")
    return Answer(outcome.profile, outcome.facts)


def rule_sources(texts: Sequence[str], where: str) -> tuple[RuleSource, ...]:
    """Sources whose paths start in the working folder."""
    return tuple(RuleSource(text, Path(), where) for text in texts)


def _declared(context: Mapping[str, object]) -> dict[str, Declared]:
    try:
        return {name: declared(name, value) for name, value in context.items()}
    except ValueError as error:
        raise UsageError(str(error)) from None


def _silent(*_: object) -> None:
    pass
