from __future__ import annotations

import pytest
import torch
from torch import nn

from netadvise.quantity import Unknown
from tests.measure.facts.surveyed import fact, named, only, surveyed, with_op
from tests.measure.facts.test_identity import Calls

IMAGE = (2, 4, 6, 6)


def test_params_are_those_of_the_live_layer() -> None:
    net = nn.Sequential(nn.Conv2d(4, 6, 3), nn.BatchNorm2d(6), nn.ReLU(), nn.Flatten(), nn.Linear(96, 3))
    found = surveyed(net, IMAGE)
    whole = sum(parameter.numel() for parameter in net.parameters())
    for name, module in net.named_children():
        held = sum(parameter.numel() for parameter in module.parameters())
        entries = [entry for entry in found.entries if entry.name in (name, "3/view")]
        assert entries[0].get("params") == entries[0].get("trainable_params") == held
        assert entries[0].get("params_share") == held / whole


def test_only_what_has_parameters_can_be_frozen() -> None:
    net = nn.Sequential(nn.Conv2d(4, 6, 3), nn.ReLU(), nn.Conv2d(6, 6, 3)).requires_grad_(False)
    net[2].bias.requires_grad_(True)
    found = surveyed(net, IMAGE)
    assert [named(found, name).get("frozen") for name in "012"] == [True, None, False]
    assert named(found, "2").get("trainable_params") == 6


@pytest.mark.parametrize("wrap", [nn.utils.parametrizations.weight_norm, nn.utils.parametrizations.spectral_norm])
def test_a_reparametrized_weight_belongs_to_the_layer_that_uses_it(wrap: object) -> None:
    layer = wrap(nn.Linear(4, 3))  # type: ignore[operator]
    entry = only(surveyed(layer, (2, 4)), "linear")
    assert entry.get("params") == sum(parameter.numel() for parameter in layer.parameters())


class Tied(nn.Module):
    """Two layers on one weight, the second turned around."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(3, 4))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.linear(nn.functional.linear(x, self.weight), self.weight.t())


def test_shared_parameters_count_at_every_reader() -> None:
    assert [entry.get("params") for entry in with_op(surveyed(Tied(), (2, 4)), "linear")] == [12, 12]


def test_work_of_a_convolution() -> None:
    entry = only(surveyed(nn.Conv2d(4, 6, 3), IMAGE), "conv")
    outputs, work = 2 * 6 * 4 * 4, 2 * 6 * 4 * 4 * 4 * 9
    assert (entry.get("macs"), entry.get("flops"), entry.get("other_ops")) == (work, 2 * work, outputs)
    assert (entry.get("activation_elements"), entry.get("activation_bytes")) == (outputs, 4 * outputs)
    moved = 4 * (2 * 4 * 36 + 6 * 4 * 9 + 6 + outputs)
    assert entry.get("memory_access_bytes") == moved
    assert entry.get("arithmetic_intensity") == (2 * work + outputs) / moved


def test_shares_of_the_work_add_up() -> None:
    net = nn.Sequential(nn.Conv2d(4, 6, 3), nn.ReLU(), nn.Flatten(), nn.Linear(96, 3))
    shares = [entry.get("macs_share") for entry in surveyed(net, IMAGE).entries]
    assert sum(share for share in shares if isinstance(share, float)) == pytest.approx(1.0)


@pytest.mark.parametrize("module", [nn.Flatten(), nn.Dropout(0.5), Calls(lambda x: x.mT), Calls(lambda x: x[:, 1:])])
def test_views_move_nothing(module: nn.Module) -> None:
    entry = surveyed(module, IMAGE).entries[-1]
    assert (entry.get("memory_access_bytes"), entry.get("arithmetic_intensity")) == (0, None)


def test_a_look_up_reads_the_rows_it_takes() -> None:
    embedding = nn.Embedding(1000, 8)
    net = Calls(lambda x: embedding(x.long()))
    entry = only(surveyed(net, (2, 3)), "embedding")
    assert entry.get("memory_access_bytes") == 8 * 6 + 2 * (4 * 6 * 8)


def test_an_operator_without_formula_leaves_its_work_and_all_shares_unknown() -> None:
    found = surveyed(nn.Sequential(nn.Conv2d(4, 4, 1), Calls(torch.linalg.matrix_exp)), IMAGE)
    assert isinstance(only(found, "opaque").get("macs"), Unknown)
    assert isinstance(only(found, "conv").get("macs_share"), Unknown)
    assert only(found, "conv").get("macs") == 2 * 4 * 36 * 4


def test_a_pass_in_training_mode_carries_parameters_but_no_costs() -> None:
    entry = only(surveyed(nn.Conv2d(4, 6, 3), IMAGE, mode="train"), "conv")
    assert (entry.get("params"), entry.get("macs"), entry.get("receptive_field")) == (222, None, None)


def test_no_share_without_work() -> None:
    assert fact(nn.ReLU(), IMAGE, "macs_share", "activation") is None
    assert fact(nn.ReLU(), IMAGE, "params_share", "activation") == 0.0
