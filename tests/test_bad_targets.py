"""Every wrong target, input and model file gets the right exit code and one clear message, soon."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import warm
from tests.bad_targets import CASES, Case, write_files
from tests.cli.command import netadvise

pytestmark = pytest.mark.slow

LONGEST_S = 90
AHEAD = 2


@dataclass(frozen=True)
class Answer:
    """What the command did, and how long it took."""

    done: subprocess.CompletedProcess[str]
    seconds: float


class Answers:
    """The answers to the selected cases: with the one that is asked for, the next few get under way."""

    def __init__(self, cases: list[Case], folder: Path, pool: ThreadPoolExecutor) -> None:
        self._cases, self._folder, self._pool = cases, folder, pool
        self._under_way: dict[str, Future[Answer]] = {}

    def to(self, case: Case) -> Answer:
        """Of all of them at once, each process of pytest-xdist would run all, and use its part."""
        place = self._cases.index(case)
        for near in self._cases[place : place + 1 + AHEAD]:
            if near.id not in self._under_way:
                self._under_way[near.id] = self._pool.submit(_run, near, self._folder)
        return self._under_way[case.id].result()


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Answers]:
    """The selected cases, in a folder with the wrong files."""
    ours = [item for item in request.session.items if isinstance(item, pytest.Function) and item.path == request.path]
    wanted = {item.callspec.params["case"].id for item in ours if "answers" in item.fixturenames}
    folder = tmp_path_factory.mktemp("bad_targets")
    write_files(folder)
    warm.python()
    pool = ThreadPoolExecutor(max(2, os.cpu_count() or 2))
    yield Answers([case for case in CASES if case.id in wanted], folder, pool)
    pool.shutdown(cancel_futures=True)


def _run(case: Case, folder: Path) -> Answer:
    begin = time.monotonic()
    done = netadvise("profile", *case.argv, cwd=folder)
    return Answer(done, time.monotonic() - begin)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_bad_target_gets_its_answer(case: Case, answers: Answers) -> None:
    answer = answers.to(case)
    done = answer.done
    assert done.returncode == case.exit_code, done.stderr
    said = done.stderr if case.exit_code else done.stdout + done.stderr
    for fragment in case.fragments:
        assert fragment in said
    assert "Traceback" not in done.stdout + done.stderr
    assert answer.seconds < LONGEST_S
    if case.exit_code:
        assert done.stdout == ""
        assert sum(line.startswith("error: ") for line in done.stderr.splitlines()) == 1
