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

from tests.bad_targets import CASES, Case, write_files
from tests.cli.command import netadvise

pytestmark = pytest.mark.slow

LONGEST_S = 90


@dataclass(frozen=True)
class Answer:
    """What the command did, and how long it took."""

    done: subprocess.CompletedProcess[str]
    seconds: float


@pytest.fixture(scope="module")
def answers(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[dict[str, Future[Answer]]]:
    """The selected cases, under way a few at a time."""
    ours = [item for item in request.session.items if isinstance(item, pytest.Function) and item.path == request.path]
    wanted = {item.callspec.params["case"].id for item in ours if "answers" in item.fixturenames}
    folder = tmp_path_factory.mktemp("bad_targets")
    write_files(folder)
    pool = ThreadPoolExecutor(max(2, os.cpu_count() or 2))
    yield {case.id: pool.submit(_run, case, folder) for case in CASES if case.id in wanted}
    pool.shutdown(cancel_futures=True)


def _run(case: Case, folder: Path) -> Answer:
    begin = time.monotonic()
    done = netadvise("profile", *case.argv, cwd=folder)
    return Answer(done, time.monotonic() - begin)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_bad_target_gets_its_answer(case: Case, answers: dict[str, Future[Answer]]) -> None:
    answer = answers[case.id].result()
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
