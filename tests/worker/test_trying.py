"""Edits tried: the numbers of a network edited by hand, what is dropped and why, and the worker's side of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.capture.record import record
from netadvise.document.edits import alternatives_json, tries_from_json
from netadvise.edit import Dropped, Edit, Effect, Insert, Part, Place, Replace, SetArgs, Tried
from netadvise.errors import WorkerError
from netadvise.measure import measure
from netadvise.profiles import Profile
from netadvise.target import make_target
from netadvise.worker.answer import answer
from netadvise.worker.process import run
from netadvise.worker.protocol import Request
from netadvise.worker.trying import try_edits, try_target


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 16, 5, padding=2), nn.BatchNorm2d(16))
        self.pool = nn.MaxPool2d(2)
        self.conv = nn.Conv2d(16, 16, 3, padding=1)
        self.fc = nn.Linear(16, 4)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(F.relu(self.stem(x)))
        x = F.relu(self.conv(x) + x)
        result: Tensor = self.fc(x.mean((2, 3)))
        return result


def conv(kernel: int, inside: int = 16, groups: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inside, 16, kernel, padding=kernel // 2, groups=groups)


def part(kernel: int, inside: int = 16) -> Part:
    args = {"in_channels": inside, "out_channels": 16, "kernel_size": kernel, "padding": kernel // 2}
    return Part("Conv2d", args)


def by_hand(change: Callable[[Net], object]) -> Net:
    model = Net()
    change(model)
    return model


def set_stem(model: Net, layer: nn.Module) -> None:
    model.stem[0] = layer


CASES: dict[str, tuple[tuple[Edit, ...], Callable[[Net], object]]] = {
    "kernel": ((SetArgs("stem.0", {"kernel_size": 3, "padding": 1}),), lambda net: set_stem(net, conv(3, 3))),
    "groups": ((SetArgs("conv", {"groups": 4}),), lambda net: setattr(net, "conv", conv(3, groups=4))),
    "stride": ((SetArgs("pool", {"stride": 4}),), lambda net: setattr(net, "pool", nn.MaxPool2d(2, 4))),
    "two for one": (
        (Replace("stem.0", (part(3, 3), Part("like:stem.1"), Part("ReLU"), part(3))),),
        lambda net: set_stem(net, nn.Sequential(conv(3, 3), nn.BatchNorm2d(16), nn.ReLU(), conv(3))),
    ),
    "removed": ((Replace("pool", (Part("Identity"),)),), lambda net: setattr(net, "pool", nn.Identity())),
    "after": (
        (Insert(Place("after", "conv"), (part(1), Part("Dropout"))),),
        lambda net: setattr(net, "conv", nn.Sequential(net.conv, conv(1), nn.Dropout())),
    ),
    "before": (
        (Insert(Place("before", "stem"), (Part("AvgPool2d", {"kernel_size": 2}),)),),
        lambda net: setattr(net, "stem", nn.Sequential(nn.AvgPool2d(2), net.stem)),
    ),
    "both": (
        (SetArgs("conv", {"kernel_size": 1, "padding": 0}), Replace("pool", (Part("Identity"),))),
        lambda net: (setattr(net, "conv", conv(1)), setattr(net, "pool", nn.Identity())),
    ),
}


def profiled(model: nn.Module) -> Profile:
    return measure(record(model, (torch.rand(1, 3, 32, 32),)))


@pytest.mark.parametrize(("edits", "change"), CASES.values(), ids=CASES)
def test_the_effect_is_that_of_the_network_edited_by_hand(
    edits: tuple[Edit, ...], change: Callable[[Net], object]
) -> None:
    model = Net()
    tried = the_one(model, edits)
    before, after = profiled(Net()).totals, profiled(by_hand(change)).totals
    assert tried.effect.params == after.params - before.params
    assert tried.effect.macs == after.macs - before.macs
    assert tried.effect.activation_bytes == after.activation_bytes - before.activation_bytes
    assert isinstance(before.receptive_field, tuple) and isinstance(after.receptive_field, tuple)
    assert tried.effect.receptive_field == tuple(map(int.__sub__, after.receptive_field, before.receptive_field))
    assert profiled(model) == profiled(Net())


def the_one(model: nn.Module, edits: tuple[Edit, ...]) -> Tried:
    (tried,) = try_edits(model, ("1,3,32,32",), (edits,))
    assert isinstance(tried, Tried), tried
    return tried


@pytest.mark.parametrize(
    ("edits", "safety"),
    [
        (SetArgs("pool", {"stride": 4}), "changes-function"),
        (SetArgs("conv", {"bias": False}), "changes-weights"),
        (Replace("pool", (Part("Identity"),)), "changes-function"),
        (Replace("conv", (part(3),)), "changes-function"),
        (Replace("conv", (part(3), part(3))), "changes-weights"),
        (Insert(Place("after", "pool"), (Part("Dropout"),)), "changes-function"),
        (Insert(Place("after", "pool"), (part(1),)), "changes-weights"),
        (Insert(Place("after", "conv"), (Part("Dropout"),)), "changes-weights"),
        (Insert(Place("after-call", "", "relu"), (Part("Dropout"),)), "changes-function"),
    ],
)
def test_the_safety_is_what_becomes_of_a_checkpoint(edits: Edit, safety: str) -> None:
    assert the_one(Net(), (edits,)).safety == safety


def test_another_output_of_the_model_is_said_first() -> None:
    tried = the_one(Net(), (SetArgs("fc", {"out_features": 3}),))
    assert (tried.affected[0].layer, tried.affected[0].what) == ("Net", "the output of the model: 1x4 -> 1x3")


def test_layers_behind_the_edit_are_listed_in_order() -> None:
    tried = the_one(Net(), (Replace("pool", (Part("Identity"),)),))
    assert [each.layer for each in tried.affected] == ["conv", "add", "relu_1"]
    assert tried.affected[0].what.startswith("output 1x16x16x16 -> 1x16x32x32; MACs 590 k -> 2.36 M")


class Shared(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.alias = self.conv

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.alias(self.conv(x))
        return result


@pytest.mark.parametrize(("path", "other"), [("conv", "alias"), ("alias", "conv")])
def test_of_a_shared_layer_every_occurrence_changes_and_is_said(path: str, other: str) -> None:
    tried = the_one(Shared(), (SetArgs(path, {"kernel_size": 1, "padding": 0}),))
    assert tried.effect.params == -8 * 9
    assert tried.effect.macs == -2 * 8 * 9 * 1024
    assert tried.effect.receptive_field == tried.effect.receptive_field_here == (-4, -4)
    assert (tried.affected[0].layer, tried.affected[0].what) == (
        path,
        f"one layer that runs 2 times, also as {other}: all change",
    )
    assert tried.affected[1].layer == "conv (call 1)"


@pytest.mark.parametrize(
    ("edits", "reason"),
    [
        ((SetArgs("stem.0", {"width": 3}),), "stem.0 (Conv2d) has no argument 'width'"),
        (
            (SetArgs("conv", {"stride": 2}),),
            "the forward pass raised RuntimeError: The size of tensor a (8) must match",
        ),
        ((SetArgs("conv", {"bias": False}), SetArgs("conv", {"groups": 2})), "the edits of conv and conv conflict"),
        ((Insert(Place("after-call", "", "tanh"), (Part("ReLU"),)),), "call 0 of tanh in the model was not recorded"),
    ],
)
def test_what_breaks_is_dropped_with_its_reason_and_spoils_nothing(edits: tuple[Edit, ...], reason: str) -> None:
    fine: tuple[Edit, ...] = (SetArgs("conv", {"bias": False}),)
    first, dropped, last = try_edits(Net(), ("1,3,32,32",), (fine, edits, fine))
    assert isinstance(dropped, Dropped) and dropped.edits == edits
    assert dropped.reason.startswith(reason) and "\n" not in dropped.reason
    assert first == last and isinstance(last, Tried)


def test_the_line_that_broke_is_part_of_the_reason() -> None:
    (dropped,) = try_edits(Net(), ("1,3,32,32",), ((SetArgs("conv", {"stride": 2}),),))
    assert isinstance(dropped, Dropped) and "test_trying.py:" in dropped.reason


class Reading(nn.Module):
    """Decides by a value: it is recorded for real."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(400, 400)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.fc(x)
        return result * 2 if result.sum() > 0 else result / 2


def test_a_model_that_reads_values_is_tried_for_real() -> None:
    model = Reading()
    weight = model.fc.weight.clone()
    (tried,) = try_edits(model, ("8,400",), ((SetArgs("fc", {"bias": False}),),))
    assert isinstance(tried, Tried) and tried.effect.params == -400
    assert torch.equal(model.fc.weight, weight)


def test_a_lazy_model_is_tried_and_stays_lazy() -> None:
    model = nn.Sequential(nn.LazyConv2d(4, 3), nn.ReLU())
    lazy = copy.deepcopy(model)
    (tried,) = try_edits(model, ("1,3,8,8",), ((SetArgs("0", {"kernel_size": 1}),),))
    assert isinstance(tried, Tried) and tried.effect.params == 4 * 3 * (1 - 9)
    assert repr(model) == repr(lazy) and model[0].has_uninitialized_params()


FILE = """
import time
from torch import nn

class Net(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 5, padding=2)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        x = self.conv(x)
        if self.conv.kernel_size == (1, 1):
            time.sleep(60)
        return self.pool(x)
"""
NARROW: tuple[Edit, ...] = (SetArgs("conv", {"kernel_size": 3, "padding": 1}),)
UNPOOLED: tuple[Edit, ...] = (Replace("pool", (Part("Identity"),)),)
HANGS: tuple[Edit, ...] = (SetArgs("conv", {"kernel_size": 1, "padding": 0}),)


def effect_of(tried: Tried | Dropped) -> Effect:
    assert isinstance(tried, Tried), tried
    return tried.effect


@pytest.fixture
def file(tmp_path: Path) -> str:
    (tmp_path / "net.py").write_text(FILE)
    return f"{tmp_path / 'net.py'}:Net"


def test_the_worker_tells_each_alternative_as_it_is_tried_and_all_at_the_end(file: str) -> None:
    told: list[tuple[int, Tried | Dropped]] = []
    request = Request(target=file, inputs=("1,3,16,16",), tries=alternatives_json((NARROW, UNPOOLED)))
    response = run(request, watch=lambda *_: None, quiet=True, tell=lambda *each: told.append(each))
    assert response.error is None and response.profile is not None and response.tries is not None
    found = tries_from_json(response.tries)
    assert told == list(enumerate(found))
    here = try_target(make_target(file, ("1,3,16,16",)), (NARROW, UNPOOLED))
    assert [(each.edits, effect_of(each)) for each in found] == [(each.edits, effect_of(each)) for each in here]


def test_the_time_limit_counts_anew_for_each_and_what_was_told_is_kept(file: str) -> None:
    told: list[int] = []
    request = Request(target=file, inputs=("1,3,16,16",), tries=alternatives_json((NARROW, HANGS, NARROW)), timeout=5)
    with pytest.raises(WorkerError, match="still trying edits after 5 s") as caught:
        run(request, watch=lambda *_: None, quiet=True, tell=lambda position, _: told.append(position))
    assert told == [0]
    assert caught.value.where.endswith("net.py:14")


def test_without_alternatives_nothing_is_tried(file: str) -> None:
    response = answer(Request(target=file, inputs=("1,3,16,16",)), lambda _: None, confined=False)
    assert response.error is None and response.tries is None
