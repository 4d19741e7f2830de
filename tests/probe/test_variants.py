"""Dropouts with keyed masks, beside what torch says they should be."""

from __future__ import annotations

from math import sqrt

import pytest
import torch
from torch import Tensor, nn

from netadvise.probe.masks import Masks
from netadvise.probe.variants import CLASSES, DropBlock2d, StochasticDepth, key_masks

IMAGE = torch.rand(8, 6, 9, 7) + 0.5
VARIANTS: dict[type[nn.Module], Tensor] = {
    nn.Dropout: torch.rand(16, 50) + 0.5,
    nn.Dropout1d: torch.rand(16, 50, 5) + 0.5,
    nn.Dropout2d: IMAGE,
    nn.Dropout3d: torch.rand(4, 6, 3, 4, 5) + 0.5,
    nn.AlphaDropout: torch.randn(16, 50),
    nn.FeatureAlphaDropout: torch.randn(16, 50, 5),
    StochasticDepth: IMAGE,
    DropBlock2d: IMAGE,
}


def keyed(kind: type[nn.Module], p: float, *, seed: int = 0, **arguments: int) -> tuple[nn.Module, Masks]:
    layer, masks = kind(p=p, **arguments), Masks(seed)
    key_masks(layer, masks)
    return layer, masks


def average(kind: type[nn.Module], p: float, x: Tensor, steps: int = 200) -> Tensor:
    layer, masks = keyed(kind, p)
    total = torch.zeros_like(x)
    for step in range(steps):
        masks.begin(step)
        total += layer(x)
    return total / steps


@pytest.mark.parametrize("kind", VARIANTS)
def test_rate_0_and_evaluation_give_the_input_itself(kind: type[nn.Module]) -> None:
    x = VARIANTS[kind]
    assert keyed(kind, 0.0)[0](x) is x
    assert keyed(kind, 0.5)[0].eval()(x) is x


@pytest.mark.parametrize("kind", VARIANTS)
def test_it_drops_the_same_in_the_same_step_and_something_else_in_another(kind: type[nn.Module]) -> None:
    layer, masks = keyed(kind, 0.5)
    x = VARIANTS[kind]
    masks.begin(3)
    first = layer(x)
    masks.begin(3)
    assert torch.equal(layer(x), first)
    masks.begin(4)
    assert not torch.equal(layer(x), first)


@pytest.mark.parametrize("kind", VARIANTS)
def test_at_rate_1_nothing_is_left_and_gradients_are_0(kind: type[nn.Module]) -> None:
    x = VARIANTS[kind].clone().requires_grad_()
    y = keyed(kind, 1.0)[0](x)
    y.sum().backward()
    assert y.count_nonzero() == 0
    assert x.grad is not None and x.grad.count_nonzero() == 0


@pytest.mark.parametrize("kind", [kind for kind in VARIANTS if "Alpha" not in kind.__name__])
@pytest.mark.parametrize("p", [0.1, 0.5])
def test_the_expectation_is_kept(kind: type[nn.Module], p: float) -> None:
    x = VARIANTS[kind]
    found = average(kind, p, x)
    # a block's scale is that of its own mask, which leaves a little of a bias
    assert float((found / x).mean()) == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize("kind", [nn.AlphaDropout, nn.FeatureAlphaDropout])
@pytest.mark.parametrize("p", [0.05, 0.2, 0.5])
def test_alpha_dropout_keeps_mean_0_and_variance_1(kind: type[nn.Module], p: float) -> None:
    x = torch.randn(400, 500, generator=torch.Generator().manual_seed(0))
    y = keyed(kind, p)[0](x)
    assert float(y.mean()) == pytest.approx(0.0, abs=0.01)
    assert float(y.var()) == pytest.approx(1.0, abs=0.02)


@pytest.mark.parametrize("p", [0.1, 0.5])
def test_alpha_dropout_agrees_with_torch_where_it_keeps_and_where_it_drops(p: float) -> None:
    x = torch.full((2000,), 2.0)
    ours, theirs = keyed(nn.AlphaDropout, p)[0](x), nn.functional.alpha_dropout(x, p, training=True)
    assert ours.unique().tolist() == pytest.approx(theirs.unique().tolist(), rel=1e-5)


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (nn.Dropout1d, (40, 30)),
        (nn.Dropout1d, (40, 30, 5)),
        (nn.Dropout2d, (40, 30, 4, 5)),
        (nn.Dropout3d, (40, 30, 2, 3, 4)),
        (nn.FeatureAlphaDropout, (40, 30, 4, 5)),
    ],
)
def test_channels_are_dropped_whole(kind: type[nn.Module], shape: tuple[int, ...]) -> None:
    y = keyed(kind, 0.3)[0](torch.ones(shape)).reshape(40, 30, -1)
    assert torch.equal(y.amin(2), y.amax(2))
    dropped = y[..., 0] == y.min()
    assert float(dropped.float().mean()) == pytest.approx(0.3, abs=4 * sqrt(0.3 * 0.7 / 1200))


def test_stochastic_depth_drops_whole_samples() -> None:
    y = keyed(StochasticDepth, 0.25)[0](torch.ones(2000, 2, 3)).reshape(2000, -1)
    assert torch.equal(y.amin(1), y.amax(1))
    assert y.unique().tolist() == pytest.approx([0.0, 1 / 0.75])
    assert float((y[:, 0] == 0).float().mean()) == pytest.approx(0.25, abs=0.04)


@pytest.mark.parametrize(("size", "side"), [(1, 5), (2, 5), (3, 8), (4, 4), (7, 4), (7, 14)])
def test_drop_block_drops_blocks_everywhere_on_the_map(size: int, side: int) -> None:
    layer, masks = keyed(DropBlock2d, 0.1, block_size=size)
    size = min(size, side)
    dropped = torch.zeros(side, side, dtype=torch.bool)
    for step in range(30):
        masks.begin(step)
        holes = layer(torch.ones(16, 4, side, side)).reshape(-1, side, side) == 0
        dropped |= holes.any(0)
        for hole in holes[holes.flatten(1).any(1)][:5]:
            assert torch.equal(hole, _union_of_blocks(hole, size))
    assert dropped.all()


def _union_of_blocks(hole: Tensor, size: int) -> Tensor:
    """What is covered by the blocks that lie in a hole altogether."""
    found = torch.zeros_like(hole)
    for top in range(hole.shape[0] - size + 1):
        for left in range(hole.shape[1] - size + 1):
            if hole[top : top + size, left : left + size].all():
                found[top : top + size, left : left + size] = True
    return found


@pytest.mark.parametrize(("p", "size"), [(0.1, 3), (0.2, 5), (0.1, 7)])
def test_drop_block_drops_about_its_rate(p: float, size: int) -> None:
    y = keyed(DropBlock2d, p, block_size=size)[0](torch.ones(64, 16, 14, 14))
    # blocks that overlap drop less than the sum of their areas
    assert 0.8 * p < float((y == 0).float().mean()) < 1.05 * p
    assert float(y.mean()) == pytest.approx(1.0, abs=1e-4)


def test_a_block_is_no_larger_than_the_map() -> None:
    y = keyed(DropBlock2d, 0.5, block_size=7)[0](torch.ones(200, 1, 3, 2))
    assert set((y == 0).flatten(1).sum(1).tolist()) == {0, 4, 6}


class OwnDropout(nn.Dropout):
    """A class of the user's, which may do whatever it likes."""


def test_only_the_classes_that_are_known_draw_from_the_masks() -> None:
    model = nn.Sequential(nn.Dropout(0.5), OwnDropout(0.5), nn.Linear(2, 2), StochasticDepth(0.5))
    key_masks(model, Masks(0))
    assert ["forward" in vars(module) for module in model] == [True, False, False, True]


def test_layers_that_torch_does_not_have_pass_their_input_on_until_they_are_keyed() -> None:
    for kind in CLASSES.values():
        assert kind(p=0.5)(IMAGE) is IMAGE


def test_two_layers_of_one_model_draw_different_masks() -> None:
    model = nn.ModuleList([nn.Dropout(0.5), nn.Dropout(0.5)])
    key_masks(model, Masks(0))
    x = torch.ones(100)
    assert not torch.equal(model[0](x), model[1](x))
