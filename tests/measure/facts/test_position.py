"""Depth, shortcuts, branches, and what goes around a dropout."""

from __future__ import annotations

import time

import pytest
import torch
from torch import Tensor, nn

from netadvise.capture.record import record
from netadvise.measure.facts.local import LAYER_PASSES
from netadvise.measure.facts.positions import POSITION_PASSES, blocks, cumulative_keep, stages
from netadvise.measure.facts.survey import survey
from tests.measure.facts import networks as nets

IMAGE = (2, 8, 16, 16)
TOKENS = (2, 5, 8)


def _dropouts(module: nn.Module, shape: tuple[int, ...], fact: str) -> list[object]:
    survey = nets.placed(module, shape)
    return [entry.get(fact) for entry in survey.entries if entry.get("op") == "dropout"]


def _post_norm(dropped: nn.Module) -> nn.Sequential:
    layers = [nn.Sequential(nets.Around(nn.Linear(8, 8)), nn.LayerNorm(8)) for _ in range(3)]
    return nn.Sequential(layers[0], layers[1], dropped, layers[2])


OFF_THE_STREAM: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "embedding dropout": (nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.1), nets.transformer_layer()), TOKENS),
    "in the branch": (nn.Sequential(nets.basic(), nets.basic(drop=0.3), nets.basic()), IMAGE),
    "behind the last sum": (nn.Sequential(nets.basic(), nets.basic(), nn.Dropout(0.3)), IMAGE),
    "behind a layer with weights": (
        nn.Sequential(nets.basic(), nn.Dropout(0.3), nets.conv(8, 8), nets.basic()),
        IMAGE,
    ),
    "of a plain chain": (nn.Sequential(nets.conv(8, 8), nn.Dropout(0.3), nets.conv(8, 8)), IMAGE),
}

ON_THE_STREAM: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "on the shortcut": (nets.Around(nets.conv(8, 8), nn.Dropout(0.2)), IMAGE),
    "behind the projection": (
        nets.Around(
            nn.Sequential(nets.conv(8, 8), nets.conv(8, 8)), nn.Sequential(nets.conv(8, 8, 1), nn.Dropout(0.2))
        ),
        IMAGE,
    ),
    "between two sums": (nn.Sequential(nets.basic(), nn.Dropout(0.2), nets.basic()), IMAGE),
    "between post-norm layers": (_post_norm(nn.Dropout(0.2)), TOKENS),
}


@pytest.mark.parametrize("name", OFF_THE_STREAM)
def test_dropout_that_spares_the_stream(name: str) -> None:
    assert not any(_dropouts(*OFF_THE_STREAM[name], "on_shortcut"))


@pytest.mark.parametrize("name", ON_THE_STREAM)
def test_dropout_on_the_stream(name: str) -> None:
    assert _dropouts(*ON_THE_STREAM[name], "on_shortcut") == [True]


def test_branch_and_shortcut_of_a_block() -> None:
    survey = nets.placed(nets.basic(8, 16, 2), IMAGE)
    assert nets.named_where(survey, "on_shortcut") == ["around.0", "around.1"]
    assert nets.named_where(survey, "in_branch") == [f"branch.{index}" for index in range(5)]


def test_parallel_path() -> None:
    assert _dropouts(nn.Sequential(nets.conv(8, 8), nn.Dropout(0.2)), IMAGE, "has_parallel_path") == [False]
    assert _dropouts(nets.basic(drop=0.2), IMAGE, "has_parallel_path") == [True]
    joined = nets.Through(lambda self, x, y: self.drop(self.a(x)) + y, a=nn.Linear(8, 8), drop=nn.Dropout(0.2))
    survey = nets.placed(joined, TOKENS, TOKENS)
    assert nets.named_where(survey, "has_parallel_path") == ["drop"]


def test_keep_probability_of_a_path() -> None:
    plain = nn.Sequential(nn.Linear(8, 8), nn.Dropout(0.5), nn.Linear(8, 8), nn.Dropout(0.2))
    assert cumulative_keep(nets.placed(plain, TOKENS)) == pytest.approx(0.4)
    assert cumulative_keep(nets.placed(nn.Sequential(nets.transformer_layer(), nn.Dropout(0.5)), TOKENS)) == 0.5
    assert cumulative_keep(nets.placed(nn.Linear(8, 8), TOKENS)) is None


def test_depth_counts_layers_with_weights_on_the_longest_path() -> None:
    survey = nets.placed(nn.Sequential(nets.conv(8, 8), nets.basic(8, 16, 2), nets.conv(16, 4)), IMAGE)
    depth = {entry.name: (entry.get("depth"), entry.get("depth_from_output")) for entry in survey.entries}
    assert (depth["0"], depth["1.branch.0"], depth["1.branch.3"], depth["2"]) == ((1, 4), (2, 3), (3, 2), (4, 1))
    assert depth["1.around.0"] == (2, 2)


class Deep(nn.Module):
    """Many ops with one layer of each kind: residual blocks and a long skip around all of them."""

    def __init__(self, blocks: int) -> None:
        super().__init__()
        self.layer, self.norm, self.blocks = nn.Linear(4, 4), nn.LayerNorm(4), blocks

    def forward(self, x: Tensor) -> Tensor:
        whole = x
        for _ in range(self.blocks):
            x = x + torch.relu(self.layer(self.norm(x)))
        return whole + x


def test_time_grows_with_the_graph_not_with_its_square() -> None:
    def seconds(count: int) -> float:
        table = survey(record(Deep(count), [torch.zeros(1, 2, 4)]), None)
        for run in LAYER_PASSES:
            run(table)
        start = time.process_time()
        for run in POSITION_PASSES:
            run(table)
        assert len(blocks(table)) == count + 1
        stages(table)
        return time.process_time() - start

    seconds(20)
    assert seconds(240) < 12 * seconds(40)
