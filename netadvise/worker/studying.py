"""The driver of a study: prepares it, keeps its ledger, hands runs to training processes, and judges what they find."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

from netadvise.check.book import load_rules, rule_files
from netadvise.check.verdict import Judgement, judged
from netadvise.document.study import request_from_json, study_file, study_from_file, study_json
from netadvise.errors import InternalError, UsageError
from netadvise.evidence import ProbeProgress, Recipe, Study
from netadvise.facts import Fact
from netadvise.probe.data import duplicates
from netadvise.probe.director import Director, Setting
from netadvise.probe.estimates import Question
from netadvise.probe.execute import Executor, Inline, LocalPool
from netadvise.probe.facts import DataNumbers
from netadvise.probe.fleet import Fleet
from netadvise.probe.ledger import Ledger, held, read_study, write_study
from netadvise.probe.network import torch_version
from netadvise.probe.price import Prices
from netadvise.probe.report import study_of
from netadvise.rulepath import rules_directory
from netadvise.study import StudyRequest
from netadvise.version import __version__
from netadvise.worker.answer import guarded
from netadvise.worker.protocol import Request, Response
from netadvise.worker.training import Session, serve

Told = Callable[[ProbeProgress], None]
RULES = "dropout.yaml"
_BESIDE = ("target", "arguments", "inputs", "recipe")
"""What of a request every run depends on; the arms are in the runs' own ids."""


def answer_study(request: Request, told: Told, *, confined: bool) -> Response:
    """The response to a request for a study; an error of whatever kind is part of it."""
    return guarded(lambda: Response(study=study_json(studied(request.study, told))), request, confined=confined)


def studied(text: str, told: Told) -> Study:
    """The study that a request asks for, begun or gone on with.

    Raises `UsageError` for data or options that cannot be, and for a folder that another process works in;
    `TargetError` for a model that cannot be built.
    """
    request = request_from_json(text)
    told(ProbeProgress("preparing", 0, 0, arm="data and network"))
    session = Session(request, Ledger(Path(request.folder), ""))
    recipe = session.recipe
    key = _key(session)
    folder = Path(request.folder) if request.exact_folder else Path(request.folder) / key[:16]
    _check_same(folder, key, request)
    write_study(folder, study_file(key, request))
    told(ProbeProgress("preparing", 0, 0, ledger=str(folder)))
    with held(folder):
        session.ledger = Ledger(folder, key)
        return _directed(session, recipe, told)


def _directed(session: Session, recipe: Recipe, told: Told) -> Study:
    request = session.request
    workers = request.workers or len(os.sched_getaffinity(0))
    executor: Executor
    if request.engine == "inline":
        executor, workers = Inline(session.train), 1
    else:
        executor = LocalPool(serve, str(session.ledger.folder), workers, request.silence)
    setting = Setting(request, recipe, _question(session), _data_numbers(session), workers)
    prices = Prices(request, recipe.max_steps, workers)
    fleet = Fleet(session.ledger, executor, prices, told, request.time_limit)
    director = Director(setting, fleet, _judge(request))
    session.ledger.forgive_all()
    try:
        director.run()
    finally:
        executor.close()
    return study_of(director)


def _judge(request: StudyRequest) -> Callable[[Mapping[str, Fact]], Judgement]:
    book = load_rules([file for file in rule_files(rules_directory()) if file.name == RULES])
    options = {rule: changes for rule, changes in request.options.items() if rule in book.compiled}
    return lambda facts: judged(book, facts, options)


def _question(session: Session) -> Question:
    step, wanted = session.lesson.step, session.request.recipe.metric
    return Question(
        metric=step.metric_name,
        primary="loss" if wanted is None else step.metric_name,
        metric_higher_is_better=step.metric_higher_is_better,
        interest=session.request.delta or 0.0,
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


def _key(session: Session) -> str:
    """What all runs have in common: code, data and recipe; another of any of them makes another study."""
    request = session.request
    parts = [__version__, torch_version(), session.data.fingerprint, _code()]
    parts += [repr(getattr(request, name)) for name in _BESIDE]
    return sha256("\x1f".join(parts).encode()).hexdigest()


def _code() -> str:
    """The content of every imported file that is neither Python's, nor installed, nor netadvise's."""
    installed = tuple({sysconfig.get_path(name) + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")})
    own = str(Path(__file__).parents[1]) + os.sep
    digest = sha256()
    for file in sorted({str(getattr(module, "__file__", None) or "") for module in list(sys.modules.values())}):
        if not file or not os.path.isabs(file) or file.startswith((*installed, own)):
            continue
        try:
            digest.update(Path(file).read_bytes())
        except OSError as error:
            raise InternalError(f"{file} was imported and cannot be read: {error.strerror}") from None
    return digest.hexdigest()
