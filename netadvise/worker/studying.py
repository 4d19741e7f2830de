"""The driver of a study: prepares it, keeps its ledger, hands runs to training processes, and judges what they find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from netadvise.capture.snapshot import random_state
from netadvise.check.book import RuleBook, load_rules, rule_files
from netadvise.check.verdict import SHARE, Judgement, Options, judged, setting
from netadvise.document.study import request_from_json, study_file, study_from_file, study_json
from netadvise.errors import NetadviseError, TargetError, UsageError, WorkerError
from netadvise.evidence import ProbeProgress, Recipe, Study
from netadvise.facts import Fact
from netadvise.probe.data import duplicates
from netadvise.probe.director import Director, Setting
from netadvise.probe.estimates import Question
from netadvise.probe.facts import DataNumbers
from netadvise.probe.fleet import FIRST_SEEDS, Fleet
from netadvise.probe.ledger import Ledger, held, read_study, write_study
from netadvise.probe.network import in_one_thread
from netadvise.probe.price import Prices
from netadvise.probe.report import study_of
from netadvise.rulepath import rules_directory
from netadvise.study import StudyRequest
from netadvise.worker.answer import guarded
from netadvise.worker.engines import Means, engine_of, nursery_of
from netadvise.worker.identity import study_key
from netadvise.worker.protocol import Request, Response
from netadvise.worker.training import Session

Told = Callable[[ProbeProgress], None]
RULES = "dropout.yaml"


def answer_study(request: Request, told: Told, *, confined: bool) -> Response:
    """The response to a request for a study; an error of whatever kind is part of it."""

    def act() -> Response:
        with random_state():
            return Response(study=study_json(studied(request.study, told, fresh=confined)))

    return guarded(act, request, confined=confined)


def studied(text: str, told: Told, *, fresh: bool = False) -> Study:
    """The study that a request asks for, begun or gone on with.

    `fresh`: whether this process is the study's own and has computed nothing yet, so that others can be forked from it.
    Raises `UsageError` for data or options that cannot be, and for a folder that another process works in;
    `TargetError` for a model that cannot be built.
    """
    request = request_from_json(text)
    told(ProbeProgress("preparing", 0, 0, arm="data and network"))
    nursery = nursery_of(request) if fresh else None
    # one thread, as in the processes that train: the order of a sum decides its last bit, and the data are told by them
    with in_one_thread():
        return _prepared(request, Means(nursery, lambda note: told(ProbeProgress("training", 0, 0, note=note))), told)


def _prepared(request: StudyRequest, means: Means, told: Told) -> Study:
    session = Session(request, Ledger(Path(request.folder), ""))
    recipe = session.recipe
    key = study_key(request, session.data.fingerprint)
    folder = Path(request.folder) if request.exact_folder else Path(request.folder) / key[:16]
    with held(folder):
        _check_same(folder, key, request)
        write_study(folder, study_file(key, request))
        told(ProbeProgress("preparing", 0, 0, ledger=str(folder)))
        session.ledger = Ledger(folder, key)
        return _directed(session, recipe, means, told)


def _directed(session: Session, recipe: Recipe, means: Means, told: Told) -> Study:
    request = session.request
    executor, workers, lanes, notes = engine_of(session, means)
    recipe = replace(recipe, notes=(*recipe.notes, *notes))
    bench = _Bench.of(request)
    study = Setting(request, recipe, _question(session, bench.share), _data_numbers(session), workers, lanes)
    prices = Prices(request, recipe.max_steps, workers)
    fleet = Fleet(session.ledger, executor, prices, told, request.time_limit)
    director = Director(study, fleet, bench.judge)
    session.ledger.forgive_all()
    try:
        director.run()
    finally:
        executor.close()
    _check_trained(fleet)
    return study_of(director)


def _check_trained(fleet: Fleet) -> None:
    """Raises the failure of the network as it is, where it could not be trained at all: nothing else is known then."""
    specs = [fleet.baseline_spec(seed) for seed in FIRST_SEEDS]
    failures = fleet.failures(specs)
    if not failures or fleet.baseline_runs(FIRST_SEEDS):
        return
    first = failures[0]
    error: type[NetadviseError] = TargetError if first.where else WorkerError
    hint = "Nothing was trained to its end. Put it right, and run the command again."
    raise error(f"the network as it is cannot be trained: {first.message}", where=first.where, hint=hint)


@dataclass(frozen=True, slots=True)
class _Bench:
    """The rules about probes, as a request changes them."""

    book: RuleBook
    options: Options

    @staticmethod
    def of(request: StudyRequest) -> _Bench:
        book = load_rules([file for file in rule_files(rules_directory()) if file.name == RULES])
        return _Bench(book, {rule: changes for rule, changes in request.options.items() if rule in book.compiled})

    def judge(self, facts: Mapping[str, Fact]) -> Judgement:
        """What they say of some facts."""
        return judged(self.book, facts, self.options)

    @property
    def share(self) -> float:
        """The share of the baseline's spread over seeds that delta is not less than."""
        return setting(self.book, self.options, *SHARE)


def _question(session: Session, share: float) -> Question:
    step, wanted = session.lesson.step, session.request.recipe.metric
    return Question(
        metric=step.metric_name,
        primary="loss" if wanted is None else step.metric_name,
        metric_higher_is_better=step.metric_higher_is_better,
        interest=session.request.delta or 0.0,
        share=share,
    )


def _data_numbers(session: Session) -> DataNumbers:
    data = session.data
    return DataNumbers(
        train_examples=len(data.train),
        validation_examples=len(data.validation),
        trivial_loss=session.trivial_loss,
        duplicate_share=duplicates(data.train, data.validation),
    )


def _check_same(folder: Path, key: str, request: StudyRequest) -> None:
    """Raises `UsageError` where a study of a folder is to go on, but with another network, data or recipe."""
    if not request.exact_folder:
        return
    try:
        known, _ = study_from_file(read_study(folder))
    except UsageError:
        return
    except ValueError as error:
        raise UsageError(f"{folder} holds no study of this version of netadvise: {error}") from None
    if known != key:
        raise UsageError(
            f"the study in {folder} was begun with another model, other data or another recipe",
            hint="Its runs do not compare with new ones. Take the change back, or begin a new study.",
        )
