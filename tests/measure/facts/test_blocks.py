"""Which blocks small networks have, and what they say of themselves."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from torch import Tensor, nn

from netadvise.facts import Subject
from netadvise.measure.facts.positions import blocks
from netadvise.vocabulary import BLOCK
from tests.measure.facts import networks as nets

IMAGE = (2, 8, 16, 16)
TOKENS = (2, 5, 8)


def found_in(module: nn.Module, *shapes: tuple[int, ...]) -> tuple[Subject, ...]:
    return blocks(nets.placed(module, *shapes))


def only(module: nn.Module, *shapes: tuple[int, ...]) -> Subject:
    (block,) = found_in(module, *shapes)
    return block


def _gathered(self: nets.Through, x: Tensor) -> Tensor:
    """The sum over the steps of a sequence, one by one."""
    return sum(step for step in self.layer(x).unbind(1))  # type: ignore[return-value]


PLAIN: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "a chain": (nn.Sequential(nets.conv(8, 8), nn.ReLU(), nets.conv(8, 8)), IMAGE),
    "a linear chain": (nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8)), TOKENS),
    "a depthwise separable chain": (
        nn.Sequential(*nets.normed(8, 8, 3, 1, 8), nn.ReLU(), *nets.normed(8, 8, 1), nn.ReLU()),
        IMAGE,
    ),
    "a U-Net": (nets.UNet(), (1, 3, 16, 16)),
    "Swish by hand": (nets.Through(lambda self, x: x * torch.sigmoid(x)), IMAGE),
    "a norm by hand": (nets.Through(lambda self, x: (x - x.mean(1, True)) * x.var(1, keepdim=True).rsqrt()), IMAGE),
    "a leaky slope by hand": (nets.Through(lambda self, x: x.relu() - 0.1 * (-x).relu()), IMAGE),
    "two inputs added": (nets.Through(lambda self, x, y: self.a(x) + y, a=nn.Linear(8, 8)), TOKENS),
    "a long chain of additions": (nets.Through(_gathered, layer=nn.Linear(8, 8)), (2, 1200, 8)),
    "a recurrent loop": (nets.Loop(nn.GRUCell(8, 8)), TOKENS),
    "a loop by hand": (nets.Loop(nets.Elman()), TOKENS),
}


@pytest.mark.parametrize("name", PLAIN)
def test_no_block(name: str) -> None:
    module, shape = PLAIN[name]
    shapes = (shape, shape) if name == "two inputs added" else (shape,)
    assert found_in(module, *shapes) == ()


TYPES: dict[str, tuple[nn.Module, tuple[int, ...], str, str, int]] = {
    "basic": (nets.basic(), IMAGE, "residual", "identity", 1),
    "basic, strided": (nets.basic(8, 16, 2), IMAGE, "residual", "projection", 1),
    "bottleneck": (nets.bottleneck(), (2, 16, 8, 8), "bottleneck", "identity", 1),
    "bottleneck of groups": (nets.bottleneck(16, 16, 4), (2, 16, 8, 8), "bottleneck", "identity", 1),
    "pre-activated": (nets.preactivated(), IMAGE, "residual", "identity", 1),
    "inverted": (nets.Around(nets.inverted(8, 8)), IMAGE, "inverted_bottleneck", "identity", 1),
    "inverted, strided": (nets.inverted(8, 16, 2), IMAGE, "inverted_bottleneck", "none", 1),
    "inverted without a widening": (
        nn.Sequential(*nets.normed(8, 8, 3, 1, 8), nn.ReLU6(), *nets.normed(8, 4, 1)),
        IMAGE,
        "inverted_bottleneck",
        "none",
        1,
    ),
    "gate": (nets.Squeeze(8), IMAGE, "gate", "none", 1),
    "inception": (nets.inception(), IMAGE, "inception", "none", 3),
    "atrous pyramid": (nets.aspp(), IMAGE, "inception", "none", 3),
    "dense": (nets.Growing(8, 4), IMAGE, "dense", "none", 1),
    "lone attention": (nets.Attention(8, by_hand=False), TOKENS, "attention", "none", 1),
    "residual mlp": (nets.Around(nets.feed_forward(8)), TOKENS, "mlp", "identity", 1),
    "global skip": (
        nets.Around(nn.Sequential(nets.conv(8, 8), nn.ReLU(), nets.conv(8, 8))),
        IMAGE,
        "residual",
        "identity",
        1,
    ),
}


@pytest.mark.parametrize("name", TYPES)
def test_type_shortcut_and_branches(name: str) -> None:
    module, shape, kind, shortcut, branches = TYPES[name]
    block = only(module, shape)
    assert (block.get("type"), block.get("shortcut"), block.get("num_branches")) == (kind, shortcut, branches)
    assert (block.kind, block.id) == ("block", 0)


def test_every_fact_is_in_the_vocabulary() -> None:
    for module, shape, *_ in TYPES.values():
        for block in found_in(module, shape):
            assert set(block.facts) <= set(BLOCK)


def test_channels_of_a_bottleneck() -> None:
    block = only(nets.bottleneck(16, 4), (2, 16, 8, 8))
    widths = [block.get(name) for name in ("in_channels", "mid_channels", "out_channels")]
    assert widths == [16, 4, 16]
    assert (block.get("bottleneck_ratio"), block.get("kernel_sizes")) == (0.25, (1, 3, 1))
    assert (block.get("norm_type"), block.get("num_convs"), block.get("in_spatial")) == ("batch", 3, (8, 8))


def test_channels_of_an_inverted_bottleneck_are_the_widest() -> None:
    block = only(nets.inverted(8, 16, 2), IMAGE)
    assert (block.get("mid_channels"), block.get("expansion_ratio"), block.get("out_channels")) == (32, 4, 16)


def test_cost_of_a_block_is_the_sum_of_its_layers() -> None:
    block = only(nets.basic(), IMAGE)
    assert block.get("params") == 2 * (8 * 8 * 9 + 2 * 8)
    assert block.get("macs") == 2 * (2 * 16 * 16) * 8 * 8 * 9
    assert block.get("branch_macs_min") == block.get("macs")


def test_cheapest_branch() -> None:
    block = only(nets.inception(), IMAGE)
    positions = 2 * 16 * 16
    assert block.get("branch_macs_min") == positions * 8 * 4
    assert block.get("branch_macs_median") == positions * 8 * 4


def test_a_gate_is_a_block_inside_its_block() -> None:
    survey = nets.placed(nets.Around(nets.inverted(8, 8, gate=nets.Squeeze(32))), IMAGE)
    inner, outer = blocks(survey)
    assert (inner.get("type"), outer.get("type"), outer.get("kernel_sizes")) == (
        "gate",
        "inverted_bottleneck",
        (1, 3, 1),
    )
    assert set(inner.members) < set(outer.members)
    of_layer = {entry.name: entry.block for entry in survey.entries}
    assert (of_layer["branch.6.fc.0"], of_layer["branch.0"]) == (inner.id, outer.id)


def test_transformer_layers_hold_an_attention_and_an_mlp() -> None:
    for by_hand in (False, True):
        found = found_in(nn.Sequential(*(nets.transformer_layer(by_hand=by_hand) for _ in range(2))), TOKENS)
        assert [block.get("type") for block in found] == ["attention", "mlp"] * 2
        assert all(block.get("shortcut") == "identity" for block in found)


def test_products_with_parameters_are_linear_layers() -> None:
    """GPT-2 multiplies by its weights instead of calling linear."""

    class Product(nn.Module):
        def __init__(self, inside: int, outside: int) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(inside, outside))

        def forward(self, x: Tensor) -> Tensor:
            return x @ self.weight

    block = only(nets.Around(nn.Sequential(nn.LayerNorm(8), Product(8, 32), nn.GELU(), Product(32, 8))), TOKENS)
    assert (block.get("type"), block.get("in_channels"), block.get("mid_channels")) == ("mlp", 8, 32)


def test_torchs_own_transformer_layers() -> None:
    for norm_first in (False, True):
        layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True, norm_first=norm_first)
        assert [block.get("type") for block in found_in(layer, TOKENS)] == ["attention", "mlp"]


def test_cross_attention_reads_a_memory_from_outside() -> None:
    found = found_in(nn.TransformerDecoderLayer(8, 2, 16, batch_first=True), TOKENS, (2, 7, 8))
    assert [block.get("type") for block in found] == ["attention", "attention", "mlp"]


def test_attention_and_mlp_side_by_side_are_one_block() -> None:
    def both(self: nets.Through, x: Tensor) -> Tensor:
        y = self.norm(x)
        return x + self.attention(y) + self.mlp(y)

    parts = {"norm": nn.LayerNorm(8), "attention": nets.Attention(8, by_hand=False), "mlp": nets.feed_forward(8)}
    block = only(nets.Through(both, **parts), TOKENS)
    assert (block.get("type"), block.get("num_branches")) == ("attention", 2)


def test_a_block_that_ends_in_another_keeps_it() -> None:
    inner, outer = found_in(nets.Around(nn.Sequential(nets.conv(8, 8), nets.preactivated())), IMAGE)
    assert set(inner.members) < set(outer.members)
    assert inner.get("type") == outer.get("type") == "residual"


def test_layers_of_a_dense_block() -> None:
    found = found_in(nn.Sequential(nets.DenseBlock()), IMAGE)
    assert [(block.name, block.get("type"), block.get("in_channels")) for block in found] == [
        ("0.layers.0", "dense", 8),
        ("0.layers.1", "dense", 12),
        ("0.layers.2", "dense", 16),
    ]


def test_a_shortcut_that_leaves_out_positions_and_pads_channels() -> None:
    """Option A of ResNet for CIFAR."""
    pad = nets.Through(lambda self, x: nn.functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 4, 4)))
    block = only(nets.Around(nn.Sequential(*nets.normed(8, 16, 3, 2), nn.ReLU(), *nets.normed(16, 16)), pad), IMAGE)
    assert (block.get("type"), block.get("shortcut")) == ("residual", "identity")


def test_a_long_skip_through_a_projection_is_no_block() -> None:
    def decoder(self: nets.Through, x: Tensor) -> Tensor:
        low = self.low(x)
        return self.skip(x) + nn.functional.interpolate(low, scale_factor=2)

    module = nets.Through(decoder, low=nn.Sequential(nets.conv(8, 8, 3, 2), nets.conv(8, 8)), skip=nets.conv(8, 8, 1))
    assert found_in(module, IMAGE) == ()


def test_a_half_that_goes_around_the_other() -> None:
    """A unit of ShuffleNetV2."""

    def unit(self: nets.Through, x: Tensor) -> Tensor:
        left, right = x.chunk(2, 1)
        return torch.cat([left, self.branch(right)], 1)

    branch = nn.Sequential(
        *nets.normed(4, 4, 1), nn.ReLU(), *nets.normed(4, 4, 3, 1, 4), *nets.normed(4, 4, 1), nn.ReLU()
    )
    block = only(nets.Through(unit, branch=branch), IMAGE)
    assert (block.get("type"), block.get("shortcut"), block.get("num_branches")) == ("inception", "identity", 1)


def test_three_branches_of_a_reparametrised_block() -> None:
    def block(self: nets.Through, x: Tensor) -> Tensor:
        return self.wide(x) + self.narrow(x) + self.norm(x)

    parts = {"wide": nets.conv(8, 8), "narrow": nets.conv(8, 8, 1), "norm": nn.BatchNorm2d(8)}
    found = only(nets.Through(block, **parts), IMAGE)
    assert (found.get("type"), found.get("shortcut"), found.get("num_branches")) == ("residual", "identity", 2)


def test_names_and_places() -> None:
    found = found_in(nn.Sequential(nn.Sequential(nets.basic(), nets.basic(8, 16, 2)), nets.basic(16, 16)), IMAGE)
    assert [block.name for block in found] == ["0.0", "0.1", "1"]
    assert {block.get("class_name") for block in found} == {"Around"}
    assert all(block.location is not None and block.location.file.endswith("networks.py") for block in found)


def test_two_blocks_of_one_module_are_named_by_their_sums() -> None:
    found = found_in(nn.Sequential(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)), TOKENS)
    assert [block.name for block in found] == ["0/add", "0/add_1"]


def test_dropout_in_a_branch() -> None:
    wide = only(nets.basic(drop=0.3), IMAGE)
    assert (wide.get("has_dropout"), wide.get("dropout_after_last_norm")) == (True, False)
    last = nn.Sequential(
        nn.BatchNorm2d(8), nn.ReLU(), nets.conv(8, 8), nn.BatchNorm2d(8), nn.Dropout(0.3), nets.conv(8, 8)
    )
    assert only(nets.Around(last), IMAGE).get("dropout_after_last_norm") is True
    assert only(nets.basic(drop=0.0), IMAGE).get("has_dropout") is False


def test_layers_outside_of_blocks_are_plain() -> None:
    survey = nets.placed(nn.Sequential(nets.conv(8, 8), nets.basic()), IMAGE)
    count = Counter((entry.get("block_type"), entry.block) for entry in survey.entries if entry.get("op") == "conv")
    assert count == {("plain", None): 1, ("residual", 0): 2}
