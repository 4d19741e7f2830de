"""The variance that a batch norm stores, beside the one that it meets."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from netadvise.probe.shift import variance_shift


def shifted(model: nn.Module, x: Tensor, passes: int = 150) -> float | None:
    """The ratio after so many passes in training mode."""
    torch.manual_seed(0)
    model.train()
    for _ in range(passes):
        model(x)

    def evaluate() -> None:
        model.eval()(x)

    return variance_shift(model, evaluate)


def activations(shape: tuple[int, ...]) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def test_a_model_without_batch_norms_has_none() -> None:
    assert variance_shift(nn.Sequential(nn.Linear(2, 2), nn.LayerNorm(2)), lambda: None) is None


def test_a_batch_norm_without_running_statistics_meets_what_it_uses() -> None:
    assert variance_shift(nn.BatchNorm1d(2, track_running_stats=False), lambda: None) is None


def test_one_that_nothing_runs_through_says_nothing() -> None:
    assert variance_shift(nn.BatchNorm1d(2), lambda: None) is None


@pytest.mark.parametrize(
    ("norm", "shape"),
    [(nn.BatchNorm1d(4), (4096, 4)), (nn.BatchNorm1d(4), (256, 4, 16)), (nn.BatchNorm2d(4), (256, 4, 4, 4))],
)
def test_without_dropout_the_ratio_is_1(norm: nn.Module, shape: tuple[int, ...]) -> None:
    assert shifted(norm, activations(shape)) == pytest.approx(1.0, abs=0.02)


def test_dropout_before_it_shifts_the_variance_as_the_formula_says() -> None:
    """Li 2019, equation 8; of a rectified normal: mean 1/sqrt(2 pi), variance (1 - 1/pi) / 2; keep rate 0.5."""
    model = nn.Sequential(nn.ReLU(), nn.Dropout(0.5), nn.BatchNorm1d(8))
    mean_squared, variance = 1 / (2 * torch.pi), (1 - 1 / torch.pi) / 2
    stored = (variance + mean_squared) / 0.5 - mean_squared
    assert stored / variance == pytest.approx(2.467, abs=0.001)
    assert shifted(model, activations((4096, 8))) == pytest.approx(stored / variance, rel=0.03)


def test_the_largest_of_several_counts_and_no_hook_is_left() -> None:
    model = nn.Sequential(nn.BatchNorm1d(4), nn.ReLU(), nn.Dropout(0.5), nn.BatchNorm1d(4))
    found = shifted(model, activations((2048, 4)))
    assert found is not None and found > 2
    assert not model[0]._forward_pre_hooks and not model[3]._forward_pre_hooks


def test_a_channel_that_never_varies_makes_no_ratio_of_its_own() -> None:
    x = activations((1024, 3))
    x[:, 1] = 0.0
    assert shifted(nn.BatchNorm1d(3), x) == pytest.approx(1.0, abs=0.02)


def test_a_shift_in_spite_of_an_error_leaves_no_hook() -> None:
    norm = nn.BatchNorm1d(2)

    def evaluate() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        variance_shift(norm, evaluate)
    assert not norm._forward_pre_hooks
