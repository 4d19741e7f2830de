"""Stages: runs of equal resolution."""

from __future__ import annotations

from torch import nn

from netadvise.measure.facts.positions import Stage, stages
from tests.measure.facts import networks as nets


def test_a_network_on_vectors_has_no_stages() -> None:
    assert stages(nets.placed(nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3)), (2, 8))) == ()


def _resnet() -> nn.Sequential:
    stem = nn.Sequential(*nets.normed(3, 8, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
    blocks = [nets.basic(), nets.basic(), nets.basic(8, 16, 2), nets.basic(16, 16), nets.basic(16, 16)]
    return nn.Sequential(stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 4))


def test_width_depth_resolution_and_stride() -> None:
    found = stages(nets.placed(_resnet(), (1, 3, 64, 64)))
    assert found == (Stage(8, 1, 32, 2.0), Stage(8, 2, 16, 2.0), Stage(16, 3, 8, 2.0))


def test_every_layer_before_the_head_has_its_stage() -> None:
    survey = nets.placed(_resnet(), (1, 3, 64, 64))
    stage = {entry.name: entry.get("stage") for entry in survey.entries}
    assert (stage["0.0"], stage["1.branch.0"], stage["3.branch.0"], stage["3.around.0"]) == (0, 1, 2, 2)
    assert (stage["6"], stage["8"]) == (None, None)


def test_borders_that_windows_cut_off_are_no_stage() -> None:
    lenet = nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 3), nn.Conv2d(16, 16, 3))
    found = stages(nets.placed(nn.Sequential(lenet, nn.Flatten(), nn.Linear(1024, 10)), (1, 1, 28, 28)))
    assert [(stage.width, stage.depth, stage.resolution) for stage in found] == [(6, 1, 24), (16, 2, 12)]


def test_the_widened_inside_of_a_block_is_not_its_width() -> None:
    module = nn.Sequential(nets.conv(3, 8), nets.inverted(8, 16, 2), nets.Around(nets.inverted(16, 16)))
    found = stages(nets.placed(module, (1, 3, 16, 16)))
    assert [(stage.width, stage.depth) for stage in found] == [(8, 1), (16, 2)]


def test_layers_of_dense_blocks_count() -> None:
    found = stages(nets.placed(nn.Sequential(nets.conv(8, 8), nets.DenseBlock(), nn.AvgPool2d(2)), (1, 8, 16, 16)))
    assert [(stage.width, stage.depth) for stage in found] == [(20, 3)]


def test_a_decoder_goes_up_again() -> None:
    found = stages(nets.placed(nets.UNet(), (1, 3, 16, 16)))
    assert [(stage.resolution, stage.stride) for stage in found] == [(16, 1.0), (8, 2.0), (4, 2.0), (8, 0.5), (16, 0.5)]


def test_maps_with_their_channels_last() -> None:
    body = nets.Through(
        lambda self, x: self.layers(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2), layers=nets.Around(nets.feed_forward(8))
    )
    found = stages(nets.placed(nn.Sequential(nets.conv(3, 8, 4, 4), body), (1, 3, 32, 32)))
    assert [(stage.width, stage.depth) for stage in found] == [(8, 1)]
