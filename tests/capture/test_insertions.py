"""Layers inserted into a live model: where they run, what they are called, and when they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.capture.edits import edited
from netadvise.capture.record import record
from netadvise.edit import Insert, Part, Place
from netadvise.errors import EditError
from netadvise.measure.rows import rows

IMAGE = torch.rand(1, 4, 8, 8) + 0.5
SHARP = Part("Softmax", {"dim": 1})


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(4, 4, 3, padding=1)

    def forward(self, x: Tensor, *, scale: float = 1.0) -> Tensor:
        y = F.relu(self.conv(x) * scale)
        y = F.relu(y + x)
        y += 1
        return y


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.block = Block()
        self.act = nn.ReLU()
        self.rnn = nn.LSTM(8, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.act(self.block(x=x, scale=2.0))
        result: Tensor = self.rnn(F.relu(x).flatten(1, 2))[0]
        return result


def insert(where: Any, module: str, function: str = "", index: int = 0, *chain: Part) -> Insert:
    return Insert(Place(where, module, function, index), chain or (SHARP,))


def names(model: nn.Module, edit: Insert) -> list[str]:
    with edited(model, (edit,), record(model, (IMAGE,))):
        return [row.name for row in rows(record(model, (IMAGE,)))]


BARE = ["block.conv", "block/mul", "block/relu", "block/add", "block/relu_1", "block/add_", "act", "relu", "rnn"]


@pytest.mark.parametrize(
    ("edit", "name", "follows"),
    [
        (insert("after", "block.conv"), "block.conv/inserted0", "block.conv"),
        (insert("before", "act"), "act/inserted0", "block/add_"),
        (insert("before", "block"), "block/inserted0", ""),
        (insert("after", "rnn"), "rnn/inserted0", "rnn"),
        (insert("after-call", "block", "relu"), "block/relu/inserted0", "block/relu"),
        (insert("after-call", "block", "relu", 1), "block/relu_1/inserted0", "block/relu_1"),
        (insert("after-call", "block", "add"), "block/add/inserted0", "block/add"),
        (insert("after-call", "block", "add_"), "block/add_/inserted0", "block/add_"),
        (insert("after-call", "block", "mul"), "block/mul/inserted0", "block/mul"),
        (insert("after-call", "", "relu"), "relu/inserted0", "relu"),
        (insert("after", ""), "inserted0", "rnn"),
        (insert("before", ""), "inserted0", ""),
    ],
)
def test_an_inserted_layer_is_recorded_under_a_name_of_its_own_and_no_other_changes(
    edit: Insert, name: str, follows: str
) -> None:
    assert names(Net(), insert("after", "act", "", 0, Part("Identity")))[:6] == BARE[:6]
    place = BARE.index(follows) + 1 if follows else 0
    assert names(Net(), edit) == [*BARE[:place], name, *BARE[place:]]


def test_a_chain_counts_its_layers() -> None:
    found = names(Net(), insert("after", "act", "", 0, Part("Dropout", {"p": 0.1}), SHARP))
    assert found[7:9] == ["act/inserted0", "act/inserted1"]


SOFT = nn.Softmax(1)


@pytest.mark.parametrize(
    ("where", "function", "by_hand"),
    [
        ("after", "", lambda block, x: SOFT(block(x))),
        ("before", "", lambda block, x: block(SOFT(x))),
        ("after-call", "relu", lambda block, x: F.relu(SOFT(F.relu(block.conv(x))) + x) + 1),
        ("after-call", "add", lambda block, x: F.relu(SOFT(F.relu(block.conv(x)) + x)) + 1),
        ("after-call", "add_", lambda block, x: SOFT(block(x))),
    ],
)
def test_it_computes_what_the_same_network_with_the_layer_in_it_does(
    where: Any, function: str, by_hand: Callable[[nn.Module, Tensor], Tensor]
) -> None:
    model = Net().eval()
    wanted = by_hand(model.block, IMAGE)
    with edited(model, (insert(where, "block", function),)):
        assert torch.allclose(model.block(IMAGE), wanted)


def test_of_a_tuple_the_first_tensor_goes_through() -> None:
    model = Net()
    with edited(model, (insert("after", "rnn"),)):
        result, (hidden, cell) = model.rnn(torch.rand(3, 8))
        assert torch.allclose(result.sum(1), torch.ones(3)) and hidden.shape == cell.shape == (1, 4)


def test_parameters_of_what_is_inserted_are_the_models_but_not_in_the_way_of_a_checkpoint() -> None:
    model = Net()
    keys = list(model.state_dict())
    conv = Part("Conv2d", {"in_channels": 4, "out_channels": 4, "kernel_size": 1})
    with edited(model, (insert("after", "block.conv", "", 0, conv),)):
        added = dict(model.named_parameters())
        assert set(added) - set(keys) == {"block.conv/inserted0.weight", "block.conv/inserted0.bias"}
        assert list(model.state_dict()) == keys
        model.block.conv(IMAGE).sum().backward()
        assert added["block.conv/inserted0.weight"].grad is not None


def test_the_mode_of_the_model_reaches_it() -> None:
    model = Net()
    with edited(model, (insert("after", "act", "", 0, Part("Dropout", {"p": 1.0 - 1e-7})),)):
        assert not model.train().act(IMAGE).any()
        assert torch.equal(model.eval().act(IMAGE), IMAGE)


def test_the_layer_still_looks_like_what_it_is() -> None:
    model = Net()
    with edited(model, (insert("after", "block.conv"),)):
        conv = model.block.conv
        assert type(conv).__name__ == "Conv2d" and conv.out_channels == 4
        assert record(model, (IMAGE,)).module_at["block.conv"].package == "torch.nn.modules.conv"


def test_calls_inside_submodules_are_not_counted() -> None:
    model = nn.Sequential(Net())
    with edited(model, (insert("after-call", "0", "relu", 0),)):
        assert [row.name for row in rows(record(model, (IMAGE,)))][8] == "0/relu/inserted0"


class Moody(nn.Module):
    """Calls other functions the second time."""

    def __init__(self) -> None:
        super().__init__()
        self.early = False

    def forward(self, x: Tensor) -> Tensor:
        if self.early:
            x = F.relu(x)
            return x + 1
        x = x + 1
        return F.relu(x)


@pytest.mark.parametrize(
    ("function", "index", "said"),
    [("relu", 1, "call 1 of relu in the model was not recorded: there were 1 calls of it"), ("tanh", 0, "0 calls")],
)
def test_a_call_that_was_not_recorded_is_refused(function: str, index: int, said: str) -> None:
    model = Moody()
    graph = record(model, (IMAGE,))
    with pytest.raises(EditError, match=said), edited(model, (insert("after-call", "", function, index),), graph):
        pass


def test_another_call_than_the_recorded_one_stops_the_pass() -> None:
    model = Moody()
    graph = record(model, (IMAGE,))
    with edited(model, (insert("after-call", "", "relu"),), graph):
        model(IMAGE)
        model.early = True
        with pytest.raises(EditError, match=r"call 0 of relu in the model is at \S+:\d+, not at \S+:\d+ as recorded"):
            model(IMAGE)


def test_a_call_that_does_not_happen_stops_the_pass() -> None:
    model = Moody()
    with (
        edited(model, (insert("after-call", "", "relu", 1),)),
        pytest.raises(EditError, match="call 1 of relu in the model did not happen: there were 1"),
    ):
        model(IMAGE)


class Odd(nn.Module):
    def forward(self, x: dict[str, Tensor]) -> dict[str, Tensor]:
        return x


@pytest.mark.parametrize(
    ("where", "said"),
    [("after", "what 0 returns is no tensor but dict"), ("before", "0 is called without a tensor")],
)
def test_what_is_no_tensor_stops_the_pass(where: str, said: str) -> None:
    model = nn.Sequential(Odd())
    with edited(model, (insert(where, "0"),)), pytest.raises(EditError, match=said):
        model({"x": IMAGE})


def test_next_to_a_script_it_runs_too() -> None:
    model = nn.Sequential(torch.jit.script(nn.ReLU()))
    with edited(model, (insert("after", "0"),)):
        assert torch.allclose(model(IMAGE), SOFT(IMAGE))


class Final(nn.Module):
    """Lets no class derive from it."""

    def __init_subclass__(cls) -> None:
        raise TypeError("Final is final")

    def forward(self, x: Tensor) -> Tensor:
        return x


def test_a_class_that_cannot_be_derived_from_is_refused() -> None:
    model = nn.Sequential(Final())
    refused = pytest.raises(EditError, match=r"nothing can be inserted at 0 \(Final\): Final is final")
    with refused, edited(model, (insert("after", "0"),)):
        pass
    assert type(model[0]) is Final


class Twice(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.Linear(4, 4), nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(self.second(F.relu(self.first(x))))


def test_insertions_behind_two_calls_of_one_forward_and_around_one_layer_go_together() -> None:
    model, x = Twice(), torch.randn(3, 4)
    edits = (
        insert("after-call", "", "relu", 0, Part("Softplus")),
        insert("after-call", "", "relu", 1, Part("Tanh")),
        insert("before", "second", "", 0, Part("Sigmoid")),
        insert("after", "second", "", 0, Part("Softsign")),
    )
    recorded = record(model, (x,), {}, target="twice", mode="eval", input_names=("x",), input_source="given")
    hidden = torch.sigmoid(F.softplus(F.relu(model.first(x))))
    wanted = torch.tanh(F.relu(F.softsign(model.second(hidden))))
    with edited(model, edits, recorded):
        assert torch.equal(model(x), wanted)
        assert sum("inserted" in name for name, _ in model.named_modules()) == 4
    with edited(model, tuple(reversed(edits)), recorded):
        assert torch.equal(model(x), wanted)
    assert type(model) is Twice and type(model.second) is nn.Linear
    with pytest.raises(EditError, match="conflict"), edited(model, (edits[0], edits[0]), recorded):
        pass
