"""What recorded forwards say of their calls: nothing where something runs several times."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.api.forwards import Forward, Forwards
from netadvise.edit import Place
from netadvise.worker.facts import facts_of_module


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = F.relu(self.fc(x)).relu() + x
        return result


class Net(nn.Module):
    example_inputs = torch.zeros(2, 4)

    def __init__(self) -> None:
        super().__init__()
        self.shared = nn.Linear(4, 4)
        self.one, self.two = Block(), Block()
        self.body = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4))
        self.act = nn.Tanh()

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.act(self.body(self.two(self.one(self.shared(self.shared(x))))))
        return result


@pytest.fixture(scope="module")
def forwards() -> Forwards:
    return Forwards.of([("", facts_of_module(Net())[1])])


@pytest.fixture(scope="module")
def forward(forwards: Forwards) -> Forward:
    return forwards.networks[0]


def test_what_runs_several_times_has_no_call(forward: Forward) -> None:
    assert "shared" not in forward.called_at
    assert {"one.fc", "body", "body.0", "act"} <= set(forward.called_at)


def test_a_function_s_call_covers_all_that_run_it(forwards: Forwards, forward: Forward) -> None:
    found = forwards.calls(forward, "one")
    first, second = found["relu", 0], found["relu", 1]
    assert first.location == second.location
    assert (first.nth, second.nth, first.of) == (0, 1, 2)
    assert first.covers == {"one/relu[0]", "two/relu[0]"}
    assert ("relu", 2) not in found
    assert forwards.calls(forward, "body") == {}


def test_modules_that_one_expression_calls(forwards: Forwards, forward: Forward) -> None:
    assert forwards.called(None) == frozenset()
    assert forwards.called(forward.called_at["one.fc"]) == {"one.fc", "two.fc"}
    assert forwards.called(forward.called_at["body"]) == {"body", "body.0", "body.1", "body.2"}


def test_the_path_from_each_module_around(forward: Forward) -> None:
    assert forward.within("") == {}
    assert forward.within("body.0") == {"0": "Sequential", "body.0": "Net"}


def test_places_that_are_the_same(forward: Forward) -> None:
    twins = forward.twins
    assert "shared" not in twins
    assert (Place("after", "body.0"), Place("before", "body.1")) in twins["body.0"]
    assert (Place("after", "body.2"), Place("after", "body")) in twins["body.2"]
    assert (Place("after", "body.2"), Place("before", "act")) in twins["body.2"]
    assert (Place("before", "body"), Place("before", "body.0")) in twins["body"]


def test_paths_of_several_networks_are_prefixed() -> None:
    facts = facts_of_module(Net())[1]
    found = Forwards.of([("a: ", facts), ("b: ", facts)])
    call = found.calls(found.networks[1], "one")["relu", 1]
    assert call.covers == {f"{name}: {block}/relu[1]" for name in "ab" for block in ("one", "two")}
