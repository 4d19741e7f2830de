"""A process that trains, one group at a time.

front -- driver (`studying`) -- nursery, where there is one -- processes that run `serve`
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

from netadvise.capture.failures import described, place_of
from netadvise.document.study import study_from_file
from netadvise.errors import InternalError, NetadviseError, UsageError
from netadvise.probe.execute import Group
from netadvise.probe.ledger import Ledger, read_study
from netadvise.probe.network import in_one_thread
from netadvise.study import StudyRequest
from netadvise.worker.identity import study_key
from netadvise.worker.training import Session


def serve(channel: Connection, folder: str, device: str | None = None) -> None:
    """Train the groups that arrive on `channel`, for the study of a folder, until it is closed.

    `device`: the one of several that this process trains on; None: the one that the study names.
    """
    # what the user's code prints, the driver's own loading has shown already: once, not once for each run
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    threading.Thread(target=_end_with_the_driver, args=(os.getppid(),), daemon=True).start()

    def say(word: str, content: object = None) -> None:
        try:
            channel.send((word, content))
        except OSError:
            # nobody is there to hear it, and a failure of this run it is not
            os._exit(1)

    with in_one_thread():
        try:
            session = opened(Path(folder), device)
            _ = session.material
            check_same(session)
        except NetadviseError as error:
            say("broken", error.to_json())
            return
        except Exception as error:
            told = InternalError(f"netadvise itself failed: {described(error)}", where=place_of(error)[0])
            say("broken", told.to_json())
            return
        say("ready")
        while (group := _next(channel)) is not None:
            say("done", session.train_group(group, lambda step: say("look", step)))


def _next(channel: Connection) -> Group | None:
    try:
        group: Group = channel.recv()
    except (EOFError, OSError):
        return None
    return group


def _end_with_the_driver(parent: int) -> None:
    """End this process when the one that started it is gone, in the middle of a run: another may take the run up."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


def check_same(session: Session, asked: StudyRequest | None = None) -> None:
    """Raises `UsageError` where this process has loaded another network or other data than the study began with.

    `asked`: what the study was begun by, where paths are others here.
    """
    if study_key(asked or session.request, session.data.fingerprint) == session.ledger.key:
        return
    raise UsageError(
        "a training process loaded another network or other data than the study began with",
        notes=("either a file was edited meanwhile, or the data come out differently each time they are loaded",),
        hint="Take the edit back and --resume, or sort and seed what the data target draws: sets have no fixed order.",
    )


def opened(folder: Path, device: str | None = None) -> Session:
    """The session of a study's folder, on a device of its own if one is given.

    Raises `UsageError` where there is no study.
    """
    key_of, request = study_from_file(read_study(folder))
    if device is not None:
        request = replace(request, recipe=replace(request.recipe, device=device))
    return Session(request, Ledger(folder, key_of))
