"""Masks of a stack are those of each network, at the rate of each."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.func import vmap

from netadvise.probe.batched_masks import StackMasks, key_stack, rates_of
from netadvise.probe.masks import Masks
from netadvise.probe.variants import DropBlock2d, StochasticDepth, key_masks

LAYERS = (
    nn.Dropout,
    nn.Dropout1d,
    nn.Dropout2d,
    nn.AlphaDropout,
    nn.FeatureAlphaDropout,
    StochasticDepth,
    lambda p: DropBlock2d(p, 2),
)
RATES = [0.0, 0.1, 0.5, 0.5, 0.9]
SEEDS = [0, 0, 0, 1, 2]


def x(*shape: int) -> Tensor:
    return torch.randn(len(SEEDS), *shape, generator=torch.Generator().manual_seed(0))


def stacked(template: nn.Module, rates: list[float], step: int, inputs: Tensor) -> Tensor:
    masks = StackMasks(SEEDS, {"0": rates})
    key_stack(template, masks)
    masks.begin(step)
    return vmap(lambda own: template(template(own)))(inputs)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64], ids=str)
@pytest.mark.parametrize("layer", LAYERS)
def test_each_network_has_its_own_masks_at_its_own_rate(layer: type[nn.Module], dtype: torch.dtype) -> None:
    """Twice in a row, because a layer that is called again draws again."""
    inputs = x(4, 3, 5, 5).to(dtype) if layer is not nn.Dropout1d else x(4, 3, 5).to(dtype)
    found = stacked(nn.Sequential(layer(0.3)), RATES, 4, inputs)  # type: ignore[arg-type]
    assert not torch.equal(found[1], found[2])
    for row, (seed, rate) in enumerate(zip(SEEDS, RATES, strict=True)):
        alone, masks = nn.Sequential(layer(rate)), Masks(seed)  # type: ignore[arg-type]
        key_masks(alone, masks)
        masks.begin(4)
        torch.testing.assert_close(found[row], alone(alone(inputs[row])), rtol=1e-6, atol=1e-6)
        assert torch.equal(found[row] == 0, alone(alone(inputs[row])) == 0) or rate


@pytest.mark.parametrize("layer", LAYERS)
def test_a_rate_of_0_is_bit_by_bit_no_dropout(layer: type[nn.Module]) -> None:
    inputs = x(4, 3, 5, 5) if layer is not nn.Dropout1d else x(4, 3, 5)
    found = stacked(nn.Sequential(layer(0.3)), [0.0, 0.4, 0.0, 0.0, 0.2], 1, inputs)  # type: ignore[arg-type]
    assert torch.equal(found[[0, 2, 3]], inputs[[0, 2, 3]])
    assert not torch.equal(found[1], inputs[1])


def test_evaluation_and_a_stack_without_rates_draw_nothing() -> None:
    inputs = x(4, 3)
    assert torch.equal(stacked(nn.Sequential(nn.Dropout(0.3)), [0.0] * 5, 1, inputs), inputs)
    assert torch.equal(stacked(nn.Sequential(nn.Dropout(0.3)).eval(), RATES, 1, inputs), inputs)


def test_gradients_go_through_what_is_kept() -> None:
    inputs = x(4, 3).requires_grad_()
    template = nn.Sequential(nn.Dropout(0.3))
    masks = StackMasks(SEEDS, {"0": RATES})
    key_stack(template, masks)
    found = vmap(template)(inputs)
    found.sum().backward()
    assert inputs.grad is not None
    assert torch.equal(inputs.grad == 0, found == 0)


def test_rates_are_those_of_the_places_that_a_network_has() -> None:
    template = nn.Sequential(nn.Dropout(0.9), nn.Linear(2, 2), nn.AlphaDropout(0.9))
    models = [nn.Sequential(nn.Identity(), nn.Linear(2, 2), nn.AlphaDropout(0.2)), nn.Sequential(nn.Dropout(0.1))]
    assert rates_of(template, models) == {"0": [0.0, 0.1], "2": [0.2, 0.0]}
    with pytest.raises(ValueError, match="drops everything"):
        rates_of(template, [nn.Sequential(nn.Dropout(1.0))])


def test_a_dropout_of_what_is_no_network_s_own_is_refused() -> None:
    template = nn.Sequential(nn.Dropout(0.3))
    key_stack(template, StackMasks(SEEDS, {"0": RATES}))
    with pytest.raises(ValueError, match="the same for all"):
        vmap(lambda own: own + template(torch.ones(3)))(x(3))
