"""Whether a loss on one batch alone is still falling: slow learning is not broken learning."""

from __future__ import annotations

import numpy as np
import pytest

from netadvise.probe.checks import still_falls

STEPS = np.arange(200.0)
NOISE = np.random.default_rng(0).standard_normal(200)


@pytest.mark.parametrize(
    "losses",
    [[], [2.3] * 3, [2.3] * 200, 2.3 + 0.1 * NOISE, 1.6 + 0.7 * np.exp(-STEPS / 40), 2.3 + STEPS / 1000],
    ids=["none", "too few", "flat", "noisy", "settled", "rising"],
)
def test_no_longer_falls(losses: list[float]) -> None:
    assert not still_falls(list(losses))


@pytest.mark.parametrize(
    "losses",
    [2.3 - STEPS / 100_000, 2.3 - STEPS / 1000 + 0.02 * NOISE, 2.3 * np.exp(-STEPS / 300)],
    ids=["slowly", "slowly and noisily", "fast"],
)
def test_still_falls(losses: list[float]) -> None:
    assert still_falls(list(losses))


def test_a_fall_less_than_its_noise_is_none() -> None:
    assert not still_falls(list(2.3 - STEPS / 100_000 + 0.1 * NOISE))
