"""The workers that the tests of the API start need not import torch again."""

from __future__ import annotations

import sys

import pytest

from tests import warm


@pytest.fixture(autouse=True)
def warm_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """`sys.executable` is what forks workers from a process that has imported torch."""
    monkeypatch.setattr(sys, "executable", warm.python())
