"""Steps of training: what is random in them, and that one more dropout moves none of it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from itertools import chain

import pytest
import torch
from torch import nn

from netadvise.capture.edits import edited
from netadvise.capture.record import record
from netadvise.edit import Edit, Insert, Part, Place, SetArgs
from netadvise.graph import Graph
from netadvise.probe.masks import Masks
from netadvise.probe.network import carry_over, weights
from netadvise.probe.step import Beat, Material, is_sound, score, seed_everything, shuffled, train_step
from netadvise.probe.variants import CLASSES, key_masks
from tests.probe.small import FEATURES, Net, built, material

STEPS = 20


def dropout(place: Place, p: float = 0.0, kind: str = "Dropout") -> Insert:
    return Insert(place, (Part(kind, {"p": p}),))


PLACES = [
    Place("after", "first"),
    Place("before", "head"),
    Place("after-call", "", "relu", 0),
    Place("after-call", "", "relu", 1),
]


def recorded(model: nn.Module) -> Graph:
    x = torch.zeros(2, FEATURES)
    return record(model, (x,), {}, target="net", mode="eval", input_names=("x",), input_source="given")


def trained(edits: Sequence[Edit], shared: Material, steps: int = STEPS) -> tuple[list[float], dict[str, torch.Tensor]]:
    """Losses and weights after some steps of the network with the edits, as a run makes it."""
    seed_everything(0)
    model, masks = Net(0.4), Masks(0)
    graph = recorded(Net(0.4))
    with ExitStack() as stack:
        stack.enter_context(edited(model, edits, graph, CLASSES))
        key_masks(model, masks)
        optimizer = shared.optimizer(model)
        model.train()
        losses = [train_step(model, optimizer, shared, masks, 0, step) for step in range(1, steps + 1)]
    return losses, weights(model)


def equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_dropout_of_rate_0_changes_no_bit_of_a_network_with_dropout_by_a_function(place: Place) -> None:
    baseline, arm = (trained(edits, material()) for edits in ((), (dropout(place),)))
    assert arm[0] == baseline[0]
    assert equal(arm[1], baseline[1])


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_dropout_of_another_rate_trains_on_the_same_batches_from_the_same_weights(place: Place) -> None:
    shared, other = material(), material()
    baseline, arm = trained((), shared), trained((dropout(place, 0.5),), other)
    assert arm[0] != baseline[0]
    assert shared.train.fetched == other.train.fetched  # type: ignore[attr-defined]
    assert equal(trained((dropout(place, 0.5),), material(), 0)[1], trained((), material(), 0)[1])


def test_masks_elsewhere_stay_as_they_are() -> None:
    """The outputs of the one dropout, given the same input, with another one in front that drops nothing."""
    seen: list[torch.Tensor] = []

    def outputs(edits: Sequence[Edit]) -> list[torch.Tensor]:
        model, masks = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Dropout(0.5)), Masks(5)
        seen.clear()
        with edited(model, edits):
            key_masks(model, masks)
            for step in range(5):
                masks.begin(step)
                seen.append(model[2](torch.ones(4, 8)))
                model(torch.ones(4, 8))
        return list(seen)

    alone, beside = outputs(()), outputs((dropout(Place("after", "0"), 0.3),))
    assert all(map(torch.equal, alone, beside))


class Recurrent(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(4, 5, num_layers=2, batch_first=True)
        self.head = nn.Linear(5, 2)


def test_an_argument_that_is_set_starts_from_the_weights_of_the_baseline() -> None:
    seed_everything(0)
    model = Recurrent()
    before = weights(model)
    with edited(model, (SetArgs("lstm", {"dropout": 0.5}),)):
        assert model.lstm.dropout == 0.5
        assert not equal(weights(model), before)
        carry_over(model, before)
        assert equal(weights(model), before)


def test_each_example_is_met_once_in_a_pass_and_in_another_order_in_the_next() -> None:
    shared = material(train=40, batch_size=8)
    trained((), shared, 10)
    batches = shared.train.fetched  # type: ignore[attr-defined]
    first, second = (list(chain.from_iterable(each)) for each in (batches[:5], batches[5:]))
    assert sorted(first) == sorted(second) == list(range(40))
    assert first != second


@pytest.mark.parametrize(("count", "size"), [(17, 8), (9, 8), (5, 8), (65, 64)])
def test_a_batch_norm_never_gets_a_batch_of_one(count: int, size: int) -> None:
    shared = material(train=count, batch_size=size)
    model, masks = built(0, norm=True)
    optimizer = shared.optimizer(model)
    for step in range(1, 8):
        train_step(model.train(), optimizer, shared, masks, 0, step)
    assert {len(batch) for batch in shared.train.fetched} == {min(count, size)}  # type: ignore[attr-defined]


def test_a_score_is_of_each_example_in_evaluation_mode_and_the_mode_comes_back() -> None:
    shared = material(validation=300)
    model, _ = built(0, 0.5)
    model.train()
    seed_everything(0)
    losses, metrics = score(model, shared.validation, shared)
    assert model.training
    again, _ = score(model.eval(), shared.validation, shared)
    assert losses.tolist() == again.tolist()
    assert losses.shape == metrics.shape == (300,)
    assert set(metrics.tolist()) <= {0.0, 1.0}
    some, _ = score(model, shared.validation, shared, [7, 3])
    assert some.tolist() == pytest.approx([losses[7], losses[3]])


def test_the_mode_comes_back_when_scoring_raises() -> None:
    shared = material()
    model, _ = built(0)
    with pytest.raises(IndexError):
        score(model.train(), shared.validation, shared, [10_000])
    assert model.training


def test_a_weight_that_is_no_number_or_huge_is_not_sound() -> None:
    model, _ = built(0)
    assert is_sound(model)
    for value in (float("nan"), float("inf"), 1e7):
        with torch.no_grad():
            model.head.bias[0] = value
        assert not is_sound(model)


def test_a_sign_of_life_is_not_given_all_the_time() -> None:
    told: list[int] = []
    beat = Beat(told.append)
    for step in range(100):
        beat(step)
    assert told == []
    beat._told -= 60
    beat(100)
    beat(101)
    assert told == [100]


def test_an_order_holds_every_number_once() -> None:
    assert sorted(shuffled(50, 3)) == list(range(50))
    assert shuffled(50, 3) == shuffled(50, 3) != shuffled(50, 4)
