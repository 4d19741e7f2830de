"""Training in the tests: in one thread, as in a study's own processes, or tests that run beside each other wait."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from netadvise.probe.network import in_one_thread


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    with in_one_thread():
        yield
