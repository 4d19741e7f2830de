"""Several processes that write into the folder of one study at the same time."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from netadvise.errors import UsageError
from netadvise.probe.ledger import Ledger, held
from netadvise.probe.spec import RunSpec
from tests.cli.command import clean_environment
from tests.probe.made_runs import run


def test_two_processes_do_not_study_into_one_folder(tmp_path: Path) -> None:
    code = f"""
import sys; from pathlib import Path; from netadvise.probe.ledger import held
with held(Path({str(tmp_path)!r})):
    print("held", flush=True)
    sys.stdin.read()
"""
    other = subprocess.Popen(
        [sys.executable, "-c", code], env=clean_environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None and other.stdout.readline() == b"held\n"
    with pytest.raises(UsageError, match="another netadvise is at work") as caught, held(tmp_path):
        pass
    assert "--study-dir" in caught.value.hint
    other.kill()
    other.wait()
    with held(tmp_path), pytest.raises(UsageError), held(tmp_path):
        pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def test_a_file_system_without_locks_is_told_with_what_to_do(
    tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lustre and NFS without locks refuse the call with these numbers; it is the system's call that is replaced."""

    def refuse(stream: object, how: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(UsageError, match=f"cannot be locked: .*: {os.strerror(number)}") as caught, held(tmp_path):
        pass
    assert "--study-dir" in caught.value.hint and "flock" in caught.value.hint


HAMMER = """
import io, random, sys
from pathlib import Path
import numpy as np
from netadvise.probe.ledger import Ledger
from netadvise.probe.spec import Point, RunSpec
from tests.probe.made_runs import run
draw, ledger = random.Random(int(sys.argv[2])), Ledger(Path(sys.argv[1]), "key")
content = io.BytesIO()
np.savez(content, weights=np.zeros(2000))
for seed in range(40):
    spec = RunSpec((), seed, 1, 2)
    if ledger.result(spec) is not None:
        continue
    ledger.begin(spec)
    for step in range(draw.randrange(1, 20)):
        Ledger(ledger.folder, "key").look(spec, Point(step, 1.0 / 3, float("nan"), 0.5))
    ledger.save_state(spec, content.getvalue())
    if draw.random() < 0.3:
        ledger.discard(spec)
        ledger.begin(spec)
    ledger.keep(spec, run(seed))
"""


def hammering(folder: Path, number: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", HAMMER, str(folder), str(number)]
    return subprocess.Popen(command, env=clean_environment(), stderr=subprocess.PIPE)


def check_whole(folder: Path, seeds: range, *, all_there: bool) -> None:
    """What is there is as it was written; a reader in the middle of it sees that, too."""
    ledger = Ledger(folder, "key")
    for seed in seeds:
        found, wanted = ledger.result(RunSpec((), seed, 1, 2)), run(seed)
        if found is None:
            # result.json comes last, so where it is the arrays are
            assert not all_there, seed
            continue
        for name in ("losses", "metrics", "losses_end", "metrics_end"):
            assert np.array_equal(getattr(found, name), getattr(wanted, name))
        assert found.numbers == wanted.numbers


@pytest.mark.slow
@pytest.mark.parametrize("kills", [0, 12])
def test_two_processes_that_train_the_same_runs_at_once_lose_nothing_and_write_no_half(
    tmp_path: Path, kills: int
) -> None:
    draw, seeds = random.Random(kills), range(40)
    at_work = [hammering(tmp_path, number) for number in (0, 1)]
    number, until = 2, time.monotonic() + 100.0
    while any(process.poll() is None for process in at_work):
        assert time.monotonic() < until
        check_whole(tmp_path, seeds, all_there=False)
        Ledger(tmp_path, "key").forgive_all()
        if kills:
            time.sleep(draw.uniform(0.1, 0.5))
            victim = draw.randrange(2)
            at_work[victim].send_signal(signal.SIGKILL)
            at_work[victim].communicate()
            at_work[victim], kills, number = hammering(tmp_path, number), kills - 1, number + 1
    told = [process.communicate()[1].decode() for process in at_work]
    assert [process.returncode for process in at_work] == [0, 0], told
    check_whole(tmp_path, seeds, all_there=True)
    Ledger(tmp_path, "key").forgive_all()
    files = {file.name for file in tmp_path.glob("runs/*/*")}
    assert files <= {"spec.json", "metrics.jsonl", "arrays.npz", "result.json", "state.pt"}
    for file in tmp_path.glob("runs/*/metrics.jsonl"):
        for line in file.read_text().splitlines():
            assert not line or json.loads(line)["validation_loss"] != 0.0
