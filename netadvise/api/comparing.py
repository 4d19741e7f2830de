"""`diff`: two targets, two saved profiles, or one target at two revisions, matched layer by layer and judged alike."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from netadvise.api.answers import Answer, Runner
from netadvise.api.base_run import answer_at, rooted
from netadvise.api.checking import Checking
from netadvise.api.models import chosen_models
from netadvise.api.places import moved_profile, moved_report
from netadvise.api.revision import checked_out, resolved
from netadvise.api.rulebook import Rulings, rulings
from netadvise.api.running import Watch
from netadvise.api.saved import open_outcome
from netadvise.cache import Cache, cache_folder
from netadvise.compare import compared, condition, judged
from netadvise.compare.findings import findings_diff
from netadvise.comparison import Comparison, Condition, FindingsDiff, LayerChange, Side
from netadvise.config import Config, ModelConfig, configuration
from netadvise.config.settings import DEFAULT_FAIL_ON
from netadvise.errors import UsageError
from netadvise.facts import NetworkFacts
from netadvise.finding import ModelReport
from netadvise.quantity import Unknown
from netadvise.target import make_target
from netadvise.worker.protocol import Request

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffRequest:
    """What to compare with what. What it leaves open, the pyproject.toml of NEW says."""

    new: str
    """A target, the name of a configured model, or a saved profile (.json)."""
    old: str | None = None
    """The same; None with `base`."""
    base: str | None = None
    """A git revision: OLD is NEW as it was there."""
    inputs: tuple[str, ...] = ()
    """As `-i` takes them; they apply to both sides, as do arguments."""
    arguments: tuple[str, ...] = ()
    fail_if: tuple[str, ...] = ()
    """ "params > +5%"."""
    command: Config = field(default_factory=Config)
    """Settings that go before those of the project."""
    config_file: str | None = None
    isolated: bool = False
    cache: bool = True
    timeout: float | None = 300.0
    memory: int | None = None
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class _Told:
    """One side: what was found out about it, and what a rule may ask, where that is known."""

    side: Side
    facts: NetworkFacts | None
    judge: Callable[[], ModelReport] | None = None
    rules: int = 0
    """How many rules it is judged by."""


def diff_targets(request: DiffRequest, *, watch: Watch | None = None) -> Comparison:
    """The comparison that a request asks for, with its conditions judged.

    Raises `UsageError` for what is wrong with the request, the configuration, a rule file or a revision, and the
    worker's error when a model cannot be loaded or recorded.
    """
    conditions = tuple(map(condition, request.fail_if))
    _check(request)
    return _Diffing(request, watch or _silent).comparison(conditions)


def diff(old: str | nn.Module, new: str | nn.Module, inputs: str | Sequence[str] | None = None) -> Comparison:
    """The comparison of two modules, or of what two target texts name, in this process, under the default rules.

    `inputs` are shapes as text, as `record` takes them. Modules are left as they were, and so is pyproject.toml.
    """
    texts = (inputs,) if isinstance(inputs, str) else tuple(inputs or ())
    book = rulings(Config(), Config())
    sides = [_live(model, texts, book) for model in (old, new)]
    return _with_findings(sides[0], sides[1], book)


def _live(model: str | nn.Module, texts: tuple[str, ...], book: Rulings) -> _Told:
    from netadvise.worker.facts import facts_of_module, facts_of_target

    if isinstance(model, str):
        label, (profile, facts) = model, facts_of_target(make_target(model, texts))
    else:
        label, (profile, facts) = type(model).__name__, facts_of_module(model, texts)
    return _told(label, Answer(profile, facts), book, ModelConfig(name=label, target=label))


class _Diffing:
    """One comparison under way."""

    def __init__(self, request: DiffRequest, watch: Watch) -> None:
        self.request, self.watch = request, watch
        self.project = configuration((request.new,), request.config_file, isolated=request.isolated)
        folder = self.project.path and self.project.folder
        self.cache = Cache(cache_folder(folder)) if request.cache else None
        self.book = rulings(self.project, request.command, self.cache)
        self.models = [self._model(text) for text in (request.old, request.new) if text is not None]
        # both sides are judged as NEW is, where NEW is a model of the configuration
        self.ruled = self.models[-1]
        self.book.for_lint(self.ruled)

    def comparison(self, conditions: Sequence[Condition]) -> Comparison:
        """The comparison, judged."""
        with self._sides() as (old, new):
            found = _with_findings(old, new, self.book)
        return replace(found, conditions=judged(conditions, found))

    @contextmanager
    def _sides(self) -> Iterator[tuple[_Told, _Told]]:
        """OLD and NEW; a worktree that OLD stands in is there as long as the block lasts."""
        if self.request.base is None:
            old, new = (self._side(model) for model in self.models)
            yield old, new
            return
        model = self.models[-1]
        target = rooted(model.target)
        revision = resolved(target.repository, self.request.base)
        asked = self._asked(model)
        answer = self._runner().answer(asked)
        now = _told(str(target), _named(answer, str(target)), self.book, self.ruled, target.repository.relative)
        with checked_out(target.repository, revision) as place:
            was, short = answer_at(asked, target, revision, place, self.watch, quiet=self.request.quiet)
            label = f"{target} at {revision}"
            yield _told(label, _named(was, str(target)), self.book, self.ruled, short), now

    def _side(self, model: ModelConfig) -> _Told:
        if model.target.endswith(".json"):
            outcome = open_outcome(Path(model.target))
            if outcome.facts is None:
                return _Told(Side(model.target, outcome.profile), None)
            return _told(model.target, Answer(outcome.profile, outcome.facts), self.book, self.ruled)
        return _told(model.target, self._runner().answer(self._asked(model)), self.book, self.ruled)

    def _model(self, text: str) -> ModelConfig:
        if text.endswith(".json"):
            return ModelConfig(name=text, target=text)
        (model,) = chosen_models(self.project, (text,), self.request.inputs, self.request.arguments)
        return model

    def _runner(self) -> Runner:
        return Runner(self.watch, self.cache, quiet=self.request.quiet)

    def _asked(self, model: ModelConfig) -> Request:
        return Request(
            target=model.target,
            arguments=model.arguments,
            inputs=model.inputs,
            facts=True,
            timeout=self.request.timeout,
            memory=self.request.memory,
        )


def _told(
    label: str, answer: Answer, book: Rulings, ruled: ModelConfig, move: Callable[[str], str] | None = None
) -> _Told:
    """A side whose facts can be judged; `move` says what the report calls its files."""

    def judge() -> ModelReport:
        checking = Checking(book, DEFAULT_FAIL_ON)
        checking.check(ruled, answer)
        (report,) = checking.verdict(None, whole=False).report.models
        return report if move is None else moved_report(report, _from_here(move))

    profile = answer.profile if move is None else moved_profile(answer.profile, _from_here(move))
    return _Told(Side(label, profile), answer.facts, judge, len(book.for_lint(ruled).rules))


def _from_here(move: Callable[[str], str]) -> Callable[[str], str]:
    return lambda file: move(os.path.abspath(file))


def _named(answer: Answer, target: str) -> Answer:
    return replace(answer, profile=replace(answer.profile, target=target))


def _with_findings(old: _Told, new: _Told, book: Rulings) -> Comparison:
    found = compared(old.side, new.side, (old.facts, new.facts))
    return replace(found, findings=_findings(old, new, found.layers, book))


def _findings(old: _Told, new: _Told, layers: Sequence[LayerChange], book: Rulings) -> FindingsDiff | Unknown:
    for side in (old, new):
        if side.judge is None:
            return Unknown(
                f"{side.side.label} holds no facts to judge; netadvise profile TARGET -f json:FILE writes them"
            )
    assert old.judge is not None and new.judge is not None
    return findings_diff(old.judge(), new.judge(), layers, book.known, new.rules)


def _check(request: DiffRequest) -> None:
    """Raises `UsageError` for options that do not go together."""
    saved = [text for text in (request.old, request.new) if text is not None and text.endswith(".json")]
    if request.base is not None and (request.old is not None or saved):
        raise UsageError(
            "--base compares one target with itself at a revision",
            hint="netadvise diff model.py:Net --base origin/main",
        )
    if request.base is None and request.old is None:
        raise UsageError(
            f"there is nothing to compare {request.new} with",
            hint="netadvise diff OLD NEW, or netadvise diff model.py --base origin/main",
        )
    if (request.inputs or request.arguments) and len(saved) == 2:
        raise UsageError("-i and --arg need a model to run, and both sides are saved profiles")


def _silent(*_: object) -> None:
    pass
