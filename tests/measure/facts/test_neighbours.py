from __future__ import annotations

import time

import pytest
import torch
from torch import nn

from tests.measure.facts.surveyed import facts_of, named, only, surveyed, with_op
from tests.measure.facts.test_identity import Calls
from tests.measure.sketch import Sketch

IMAGE = (2, 4, 6, 6)


class Block(nn.Module):
    """conv, norm, relu, conv, norm around a shortcut; a pool and two linear layers behind."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(4, 4, 1)
        self.conv1, self.norm1 = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.conv2, self.norm2 = nn.Conv2d(4, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.relu, self.drop = nn.ReLU(), nn.Dropout(0.0)
        self.hidden, self.head, self.extra = nn.Linear(4, 4), nn.Linear(4, 3), nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        y = self.norm2(self.conv2(self.drop(self.relu(self.norm1(self.conv1(x))))))
        pooled = self.hidden((x + y).mean((2, 3)))
        self.extra(pooled)
        return self.head(pooled).view(2, 3, 1)


FOUND = surveyed(Block(), IMAGE)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("stem", 2), ("conv1", 1), ("relu", 1), ("norm2", 1), ("mean", 1), ("hidden", 2), ("head", 1), ("extra", 0)],
)
def test_fan_out(name: str, expected: int) -> None:
    assert named(FOUND, name).get("fan_out") == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("stem", 1), ("conv1", 0), ("norm1", 1), ("relu", 1), ("conv2", 0), ("norm2", None), ("head", None)],
)
def test_weights_to_the_next_batch_norm(name: str, expected: int | None) -> None:
    entry = named(FOUND, name)
    assert entry.get("weights_to_next_bn") == expected
    assert entry.get("has_bn_downstream") is (expected is not None)


def test_before_and_behind() -> None:
    assert [entry.name for entry in FOUND.entries if entry.get("has_bn_upstream") is False] == [
        "stem",
        "conv1",
        "norm1",
    ]
    assert [entry.name for entry in FOUND.entries if entry.get("is_stem")] == ["stem"]
    assert [entry.name for entry in FOUND.entries if entry.get("is_output")] == ["head", "view"]
    assert [entry.name for entry in FOUND.entries if entry.get("before_output")] == ["head", "view"]
    assert [entry.name for entry in FOUND.entries if entry.get("after_last_weight")] == ["head", "view"]
    assert [entry.name for entry in FOUND.entries if not entry.get("used")] == ["extra"]
    assert [entry.name for entry in FOUND.entries if entry.get("reads_input")] == ["stem"]


def test_statistics_that_do_not_run_are_no_batch_norm_downstream() -> None:
    net = nn.Sequential(nn.Conv2d(4, 4, 1), nn.BatchNorm2d(4, track_running_stats=False), nn.GroupNorm(2, 4))
    assert named(surveyed(net, IMAGE), "0").get("has_bn_downstream") is False


def test_the_flow_goes_on_through_an_operator_without_kind() -> None:
    net = nn.Sequential(nn.Conv2d(4, 4, 1), Calls(torch.linalg.matrix_exp), nn.BatchNorm2d(4))
    conv = named(surveyed(net, IMAGE), "0")
    assert (conv.get("has_bn_downstream"), conv.get("weights_to_next_bn"), conv.get("fan_out")) == (True, 0, 1)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (nn.Identity(), True),
        (nn.Flatten(2), True),
        (Calls(lambda x: x.permute(0, 2, 3, 1).contiguous().float()), True),
        (nn.Dropout(0.0), True),
        (Calls(lambda x: x / 255), False),
        (nn.Conv2d(4, 4, 1), False),
    ],
)
def test_reading_the_input(before: nn.Module, expected: bool) -> None:
    found = surveyed(nn.Sequential(before, nn.Dropout(0.5)), IMAGE)
    assert with_op(found, "dropout")[-1].get("reads_input") is expected


class TwoOutputs(nn.Module):
    """Features and logits; the features go on to the logits."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.first(x)
        return features, self.second(features)


def test_an_output_that_is_read_on_is_not_before_the_output() -> None:
    first, second = with_op(surveyed(TwoOutputs(), (2, 4)), "linear")
    assert (first.get("is_output"), first.get("before_output"), first.get("fan_out")) == (True, False, 2)
    assert (first.get("after_last_weight"), second.get("after_last_weight")) == (False, True)


def test_what_no_input_reaches() -> None:
    weight = torch.ones(4, 4)
    found = surveyed(Calls(lambda x: x @ weight.exp()), (2, 4))
    constant = only(found, "constant")
    assert (constant.get("reachable"), constant.get("used"), constant.get("fan_out")) == (False, True, None)
    assert only(found, "matmul").get("reachable") is True


def test_the_time_of_all_passes_grows_with_the_graph_and_not_faster() -> None:
    """Blocks of conv, norm, relu, dropout, add: 5,000 ops, where one more search per op would take minutes."""
    sketch = Sketch()
    shape = (1, 8, 16, 16)
    stream = sketch.input(*shape)
    weight, scale, mean = sketch.parameter("weight", 8, 8, 3, 3), sketch.parameter("scale", 8), sketch.buffer("mean", 8)
    window = {"stride": (1, 1), "padding": (1, 1), "dilation": (1, 1), "groups": 1, "kernel_size": (3, 3)}
    for _ in range(1000):
        inside = sketch.op("conv", {"input": stream, "weight": weight}, shape, function="conv2d", **window)
        norm = {"input": inside, "weight": scale, "running_mean": mean}
        inside = sketch.op("batch_norm", norm, shape, training=False, eps=1e-5)
        inside = sketch.op("activation", {"input": inside}, shape, function="relu")
        inside = sketch.op("dropout", {"input": inside}, shape, p=0.0, training=False, variant="element", on=inside)
        stream = sketch.op("add", {"input": stream, "other": inside}, shape)
    graph = sketch.graph(stream)
    started = time.process_time()
    found = facts_of(graph, {})
    assert time.process_time() - started < 4
    assert found.entries[0].get("weights_to_next_bn") == 0
