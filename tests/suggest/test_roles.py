"""What a convolution is there for, on small networks with every kind of block."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from netadvise.suggest.roles import layer_roles
from netadvise.suggest.thumb import rule_of_thumb
from netadvise.suggestion import LayerRole
from netadvise.worker.facts import facts_of_module


def roles(module: nn.Module, shape: str = "1,3,32,32") -> dict[str, LayerRole]:
    return {role.layer: role for role in layer_roles(facts_of_module(module, [shape])[1])}


class Bottleneck(nn.Module):
    def __init__(self, width: int, inner: int, out: int) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(width, inner, 1)
        self.spatial = nn.Conv2d(inner, inner, 3, padding=1)
        self.expand = nn.Conv2d(inner, out, 1)
        self.project = nn.Conv2d(width, out, 1) if out != width else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        inner = torch.relu(self.spatial(torch.relu(self.reduce(x))))
        return torch.relu(self.project(x) + self.expand(inner))


class Inverted(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.expand = nn.Conv2d(width, 4 * width, 1)
        self.depthwise = nn.Conv2d(4 * width, 4 * width, 3, padding=1, groups=4 * width)
        self.project = nn.Conv2d(4 * width, width, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.project(torch.relu(self.depthwise(torch.relu(self.expand(x)))))


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, stride=2, padding=1)
        self.bottleneck = Bottleneck(16, 8, 32)
        self.inverted = Inverted(32)
        self.down = nn.Conv2d(32, 48, 3, stride=2, padding=1)
        self.up = nn.ConvTranspose2d(48, 16, 2, stride=2)
        self.classifier = nn.Conv2d(16, 10, 1)

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.up(torch.relu(self.down(self.inverted(self.bottleneck(self.stem(x)))))))


def test_each_layer_of_a_block_has_its_place() -> None:
    found = {name: role.roles for name, role in roles(Net()).items()}
    assert found["stem"] == ("stem", "sees_neighbours", "widens", "downsamples")
    assert found["bottleneck.reduce"] == ("bottleneck_reduce", "mixes_channels", "narrows")
    assert found["bottleneck.spatial"] == ("bottleneck_spatial", "sees_neighbours")
    assert found["bottleneck.expand"] == ("bottleneck_expand", "mixes_channels", "widens")
    assert found["bottleneck.project"] == ("shortcut_projection", "mixes_channels", "widens")
    assert found["inverted.expand"] == ("inverted_expand", "mixes_channels", "widens")
    assert found["inverted.depthwise"] == ("inverted_depthwise", "depthwise", "sees_neighbours")
    assert found["inverted.project"] == ("inverted_project", "mixes_channels", "narrows")
    assert found["down"] == ("sees_neighbours", "widens", "downsamples")
    assert found["up"] == ("sees_neighbours", "narrows", "upsamples")
    assert found["classifier"] == ("head", "mixes_channels", "narrows")


class Branches(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 16, 3, padding=1)
        self.small = nn.Conv2d(16, 8, 1)
        self.large = nn.Conv2d(16, 8, 5, padding=2)
        self.squeeze = nn.Conv2d(16, 4, 1)
        self.excite = nn.Conv2d(4, 16, 1)
        self.last = nn.Conv2d(16, 16, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.stem(x))
        x = torch.cat((self.small(x), self.large(x)), 1)
        gate = torch.sigmoid(self.excite(torch.relu(self.squeeze(x.mean((2, 3), keepdim=True)))))
        return self.last(x * gate).mean((2, 3))


def test_branches_that_meet_and_gates() -> None:
    found = roles(Branches())
    assert found["small"].roles == ("fusion_branch", "mixes_channels", "narrows")
    assert found["large"].roles == ("fusion_branch", "sees_neighbours", "narrows")
    assert "gate" in found["squeeze"].roles
    assert "gate" in found["excite"].roles
    assert "gate" not in found["last"].roles


def test_every_convolution_has_a_role_and_nothing_else_has() -> None:
    found = roles(nn.Sequential(nn.Conv1d(4, 4, 3), nn.ReLU(), nn.Conv1d(4, 4, 1)), "1,4,20")
    assert list(found) == ["0", "2"]
    assert found["0"].kernel_size == (3,)
    assert found["2"].roles == ("head", "mixes_channels")


def test_a_module_that_runs_twice_stands_once() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 3, 3, padding=1)

        def forward(self, x: Tensor) -> Tensor:
            return self.conv(torch.relu(self.conv(x)))

    assert list(roles(Twice())) == ["conv"]


def test_a_network_without_convolutions_has_no_roles() -> None:
    assert roles(nn.Sequential(nn.Linear(4, 4)), "1,4") == {}


def test_the_rule_of_thumb_is_not_judged_on_stems_depthwise_and_transposed_convolutions() -> None:
    found = roles(Net())
    for name in ("stem", "inverted.depthwise", "up", "bottleneck.spatial"):
        assert found[name].thumb == ""


def test_widening_with_1x1_and_narrowing_without_departs_from_it() -> None:
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1),
        nn.Conv2d(8, 16, 1),
        nn.Conv2d(16, 8, 3, padding=1),
        nn.Conv2d(8, 16, 3, padding=1),
        nn.Conv2d(16, 4, 1),
        nn.Conv2d(4, 8, 3, stride=2, padding=1),
    )
    found = roles(net)
    assert [found[name].thumb for name in "12345"] == ["departs", "departs", "follows", "follows", "follows"]
    thumb = rule_of_thumb(found.values())
    assert (thumb.widening.pointwise, thumb.widening.spatial) == (("1",), ("3",))
    assert (thumb.widening_strided.pointwise, thumb.widening_strided.spatial) == ((), ("5",))
    assert (thumb.narrowing.pointwise, thumb.narrowing.spatial) == (("4",), ("2",))
