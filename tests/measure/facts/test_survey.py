from __future__ import annotations

import torch
from torch import nn

from netadvise.quantity import Unknown
from tests.measure.facts.surveyed import surveyed, with_op
from tests.measure.facts.test_identity import Calls


def test_edges_are_those_of_the_data() -> None:
    net = nn.Sequential(nn.Linear(4, 4), Calls(lambda x: x + x.relu()), nn.Linear(4, 2))
    found = surveyed(net, (2, 4))
    edges = [(entry.get("op"), entry.producers, entry.consumers) for entry in found.entries]
    assert edges == [
        ("linear", (), (1, 2)),
        ("activation", (0,), (2,)),
        ("add", (0, 1), (3,)),
        ("linear", (2,), ()),
    ]


def test_aliases_that_nothing_reads_are_no_layers() -> None:
    detached = surveyed(Calls(lambda x: x.detach() * x), (2, 4), mode="train")
    assert [entry.name for entry in with_op(detached, "detach")] == ["detach"]
    written = surveyed(Calls(lambda x: nn.functional.dropout(x, 0.5, training=False).relu_()), (2, 4))
    assert [entry.get("op") for entry in written.entries] == ["dropout", "activation"]


def test_what_makes_an_output_and_what_a_value() -> None:
    found = surveyed(nn.Sequential(nn.Linear(4, 4), nn.ReLU()), (2, 4))
    linear, relu = found.entries
    assert list(found.outputs()) == [relu]
    assert found.maker(relu.op.inputs[0].value) is linear
    assert found.maker(found.graph.inputs[0]) is None


def test_names_and_places_are_those_of_the_profile() -> None:
    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.linear = nn.Linear(4, 4)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.linear(x).view(-1).view(2, 4)

    linear, *views = surveyed(Net(), (2, 4)).entries
    assert linear.name == "linear"
    assert [view.name for view in views] == ["view", "view_1"]
    assert linear.called_at == views[0].called_at == views[1].location is not None


def test_the_channels_of_what_no_input_reaches_are_not_asked_for() -> None:
    weight = torch.ones(4, 4)
    found = surveyed(Calls(lambda x: x @ weight.exp()), (2, 4))
    assert set(found.channel_axis) <= found.data
    assert isinstance(found.channel_axis[found.graph.inputs[0]], int | Unknown)
