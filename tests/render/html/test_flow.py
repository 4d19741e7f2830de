"""The data flow between the rows of a profile."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from netadvise.facts import NetworkFacts
from netadvise.profiles import Profile
from netadvise.render.html.flow import INPUT, flow
from netadvise.worker.facts import facts_of_module
from tests.zoo import UNet


def named(profile: Profile, facts: NetworkFacts) -> dict[str, list[str]]:
    """What each row reads, by name; the calls of a module after the first have a number."""
    names = [layer.name + (f" {layer.call}" if layer.call else "") for layer in profile.layers]
    found = flow(profile, facts)
    return {
        names[row]: ["input" if read == INPUT else names[read] for read in reads] for row, reads in found.reads.items()
    }


def test_without_facts_nothing_is_known() -> None:
    profile, _ = facts_of_module(UNet().eval(), ("2,3,16,16",))
    assert flow(profile, None).reads == {}


def test_a_skip_is_read_where_it_is_joined() -> None:
    profile, facts = facts_of_module(UNet().eval(), ("2,3,16,16",))
    reads = named(profile, facts)
    assert reads["enc1"] == ["input"]
    assert reads["relu"] == ["enc1"]
    assert reads["cat"] == ["up", "relu"]
    assert [profile.layers[row].name for row in flow(profile, facts).last] == ["out"]


class Reshaped(nn.Module):
    """Views between layers, a layer called twice, one that computes nothing, and a constant."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.again, self.same = nn.Linear(6, 6), nn.Linear(6, 6), nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        x = self.first(x.reshape(-1, 6)).unsqueeze(0).squeeze(0)
        x = self.again(self.same(self.again(x)))
        return x + torch.ones(6)


def test_views_are_passed_through_and_calls_are_told_apart() -> None:
    profile, facts = facts_of_module(Reshaped().eval(), ("2,3,6",))
    reads = named(profile, facts)
    assert reads["first"] == ["input"]
    assert reads["again"] == ["first"]
    assert reads["again 1"] == ["again"]
    assert reads["add"][0] == "again 1"
    assert "input" not in reads["add"]
    assert "same" not in reads
