"""Alternatives in a worker process: one of them kills it, and the others are tried all the same."""

from __future__ import annotations

from pathlib import Path

from netadvise.api.answers import Runner
from netadvise.api.attempts import WorkerBench
from netadvise.edit import Dropped, Part, Replace, SetArgs, Tried
from netadvise.worker.protocol import Request

MODEL = """\
import os

import torch
from torch import nn


class Net(nn.Module):
    example_inputs = torch.zeros(1, 3, 16, 16)

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 8, 5, padding=2)
        self.last = nn.Conv2d(8, 8, 3, padding=1)

    def forward(self, x):
        if self.conv.kernel_size == (1, 1):
            os._exit(3)
        return self.last(self.conv(x))
"""


def bench(tmp_path: Path) -> WorkerBench:
    file = tmp_path / "net.py"
    file.write_text(MODEL)
    return WorkerBench(Request(target=f"{file}:Net", facts=True, timeout=60.0), Runner(lambda *_: None, quiet=True))


def test_no_alternatives_need_no_worker(tmp_path: Path) -> None:
    attempts = bench(tmp_path).attempt([], lambda *_: None)
    assert (attempts.results, attempts.stopped) == ([], "")


def test_an_alternative_that_kills_the_worker_is_dropped_and_the_rest_goes_on(tmp_path: Path) -> None:
    alternatives = (
        (SetArgs("conv", {"kernel_size": 3, "padding": 1}),),
        (SetArgs("conv", {"kernel_size": 1, "padding": 0}),),
        (Replace("last", (Part("Identity"),)),),
    )
    told: list[tuple[int, int]] = []
    attempts = bench(tmp_path).attempt(alternatives, lambda done, total, left: told.append((done, total)))
    first, killed, last = attempts.results
    assert isinstance(first, Tried)
    assert isinstance(killed, Dropped)
    assert isinstance(last, Tried)
    assert killed.edits == alternatives[1]
    assert attempts.stopped == ""
    assert told == [(1, 3), (2, 3), (3, 3)]
