"""Which modules do anything, and which are hidden in containers."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.quantity import Unknown
from tests.measure.facts.network import facts, module


class Sharing(nn.Module):
    """Modules that are used without being called, or called in training alone."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.head = nn.Embedding(7, 4), nn.Linear(4, 7, bias=False)
        self.head.weight = self.embed.weight
        self.read, self.aux = nn.Linear(4, 4), nn.Linear(4, 4)
        self.attend = nn.MultiheadAttention(4, 2, batch_first=True)
        self.blocks = nn.ModuleList([nn.Linear(4, 4)])
        self.alias = self.blocks[0]
        self.eval_only = nn.BatchNorm1d(4).eval()

    def forward(self, ids: Tensor) -> Tensor | tuple[Tensor, Tensor]:
        x = F.linear(self.embed(ids), self.read.weight, self.read.bias)
        x = self.blocks[0](self.attend(x, x, x)[0])
        x = self.eval_only(x.transpose(1, 2)).transpose(1, 2)
        found = self.head(x)
        return (found, self.aux(x)) if self.training else found


class Hiding(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(4, 4)
        self.convs = [nn.Linear(4, 4), nn.Linear(4, 4, bias=False)]
        self.heads = {"a": nn.Sequential(nn.Linear(4, 2), nn.ReLU())}
        self.scales = (nn.Parameter(torch.ones(3)), [nn.Parameter(torch.ones(2), requires_grad=False)])
        self.known = [self.first, self.first.weight]

    def forward(self, x: Tensor) -> Tensor:
        for conv in self.convs:
            x = conv(x)
        return self.heads["a"](self.first(x))


def test_no_module_of_a_network_that_uses_all_is_called_dead() -> None:
    found = facts(Sharing(), "2,5:int64")
    assert [each.name for each in found.modules if each.get("called") is not True] == []
    assert found.model.get("unused_params") == 0


def test_a_module_that_is_never_called() -> None:
    network = Sharing()
    network.idle = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    found = facts(network, "2,5:int64")
    dead = [each.name for each in found.modules if each.get("called") is False]
    assert dead == ["idle", "idle.0", "idle.1"]
    assert module(found, "idle").get("in_unused_parent") is False
    assert module(found, "idle.0").get("in_unused_parent") is True
    assert module(found, "idle").get("params") == 20
    assert module(found, "idle").get("own_params") == 0
    assert found.model.get("unused_params") == 20


def test_without_a_training_pass_a_module_may_be_called_in_it() -> None:
    class Refusing(Sharing):
        def forward(self, ids: Tensor) -> Tensor | tuple[Tensor, Tensor]:
            if self.training:
                raise RuntimeError("no labels")
            return super().forward(ids)

    found = facts(Refusing(), "2,5:int64")
    assert isinstance(module(found, "aux").get("called"), Unknown)
    assert module(found, "blocks.0").get("called") is True
    assert isinstance(found.model.get("unused_params"), Unknown)


def test_an_alias_is_no_second_module() -> None:
    names = [each.name for each in facts(Sharing(), "2,5:int64").modules]
    assert "blocks.0" in names
    assert "alias" not in names


def test_the_flags_that_the_author_left() -> None:
    found = facts(Sharing(), "2,5:int64")
    norm = module(found, "eval_only")
    assert (norm.get("training"), module(found, "read").get("training")) == (False, True)
    assert (norm.get("norm_type"), norm.get("affine"), norm.get("track_running_stats")) == ("batch", True, True)
    assert module(found, "blocks").get("is_container") is True
    assert module(found, "blocks.0").get("is_leaf") is True
    assert module(found, "blocks.0").get("call_count") == 1


def test_modules_in_plain_containers() -> None:
    found = facts(Hiding(), "2,4")
    hidden = {each.name: each for each in found.modules if each.get("registered") is False}
    assert list(hidden) == ["convs[0]", "convs[1]", "heads['a']", "scales[0]", "scales[1][0]"]
    assert [each.get("params") for each in hidden.values()] == [20, 16, 10, 3, 2]
    assert [each.get("type") for each in hidden.values()] == [
        "Linear",
        "Linear",
        "Sequential",
        "Parameter",
        "Parameter",
    ]
    assert hidden["scales[1][0]"].get("frozen") is True
    assert [each.id for each in found.modules] == list(range(len(found.modules)))


def test_reading_containers_leaves_them_alone() -> None:
    network = Hiding()
    before = (list(network.convs), dict(network.heads), network.scales)
    facts(network, "2,4")
    assert (network.convs, network.heads, network.scales) == (*before[:2], before[2])


def test_a_network_without_hidden_modules() -> None:
    assert all(each.get("registered") is True for each in facts(Sharing(), "2,5:int64").modules)


def test_frozen_modules() -> None:
    network = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4)).requires_grad_(False)
    network[2].requires_grad_(True)
    found = facts(network, "2,4")
    assert [module(found, name).get("frozen") for name in ("0", "1", "2", "")] == [True, False, False, False]
    assert found.model.get("trainable_params") == 20
    assert found.model.get("optimizer_bytes") == 16 * 20 + 4 * 20
