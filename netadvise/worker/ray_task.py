"""What a Ray task does: a group is trained by a session, which is made once in each process.

On the node, the project is a copy that Ray has unpacked, and the working directory; or the same folder, where there is
no copy. The key of the study is that of the request as it was written on the driver's side.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from netadvise.capture.failures import described, place_of
from netadvise.document.study import request_from_json
from netadvise.errors import InternalError, NetadviseError, TargetError
from netadvise.probe.execute import Trained
from netadvise.probe.ledger import Ledger
from netadvise.probe.network import check_device
from netadvise.probe.ray_project import outside, translated
from netadvise.probe.ray_work import Assignment, Order, Report, performed
from netadvise.study import StudyRequest
from netadvise.worker.serving import check_same
from netadvise.worker.training import Session


@dataclass(frozen=True, slots=True)
class Brief:
    """What a session is made of on a node."""

    request: str
    """As on the driver's side."""
    root: str
    """The project's folder there."""
    copied: bool
    """Whether the working directory of a task is a copy of it."""


def perform(order: Order, assignment: Assignment, keeper: object) -> Report:
    """Train a group for a study."""
    return performed(order, assignment, keeper, lambda: _trains(_opened(order.content, order.key, order.folder)))


def _trains(session: Session) -> Callable[[Ledger], Trained]:
    def into(ledger: Ledger) -> Trained:
        session.ledger = ledger
        return session.train_group

    return into


@lru_cache(maxsize=1)
def _opened(content: bytes, key: str, folder: str) -> Session:
    """The session of a study, with what runs share; raises `NetadviseError` where it is not the driver's."""
    brief: Brief = pickle.loads(content)
    request = request_from_json(brief.request)
    try:
        session = _session(request, brief, Ledger(Path(folder), key))
        _ = session.material
        check_same(session, request)
    except NetadviseError as error:
        raise _explained(error, request, brief) from None
    except Exception as error:
        raise InternalError(f"netadvise itself failed: {described(error)}", where=place_of(error)[0]) from None
    return session


def _session(request: StudyRequest, brief: Brief, ledger: Ledger) -> Session:
    if not brief.copied:
        if not os.path.isdir(brief.root):
            hint = "Put the project on storage that all nodes share."
            raise TargetError(f"there is no folder {brief.root}", hint=hint)
        os.chdir(brief.root)
    check_device(request.recipe.device)
    own = translated(request, brief.root) if brief.copied else request
    return Session(own, ledger)


def _explained(error: NetadviseError, request: StudyRequest, brief: Brief) -> NetadviseError:
    """Says where paths are looked for, if some of them are not sent along."""
    paths = outside(request, brief.root)
    if not paths:
        return error
    note = f"not sent along, because outside of {brief.root}: {', '.join(paths)}"
    hint = f"{error.hint} Such paths must be the same on every node: put them on shared storage, or into the project."
    return type(error)(error.message, where=error.where, notes=(*error.notes, note), hint=hint.strip())
