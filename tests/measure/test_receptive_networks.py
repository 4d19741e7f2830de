"""Published receptive fields on recorded networks."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from benchmarks.libraries import import_torchvision  # noqa: E402
from netadvise.capture.record import record  # noqa: E402
from netadvise.capture.values import building  # noqa: E402
from netadvise.graph import Graph  # noqa: E402
from netadvise.measure.receptive import intervals, receptive_fields  # noqa: E402
from netadvise.profiles import ReceptiveField  # noqa: E402
from netadvise.quantity import Unknown  # noqa: E402


class Bottleneck(nn.Module):
    """1x1, 3x3, 1x1 with a shortcut; the stride stands on the 3x3."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 1),
            nn.Conv2d(channels, channels, 3, stride, 1),
            nn.Conv2d(channels, channels, 1),
        )
        self.shortcut = nn.MaxPool2d(1, stride)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet(units: tuple[int, ...], stride_last: bool) -> nn.Module:
    """The ResNet-50 family: TF-Slim strides in the last unit of blocks 1 to 3, torchvision in the first of 2 to 4."""
    blocks = []
    for block, count in enumerate(units):
        at, strided = (count - 1, block < 3) if stride_last else (0, block > 0)
        blocks.append(nn.Sequential(*(Bottleneck(2, 2 if strided and i == at else 1) for i in range(count))))
    stem = nn.Sequential(nn.Conv2d(3, 2, 7, 2, 3), nn.MaxPool2d(3, 2, 1))
    return nn.Sequential(stem, *blocks)


class BasicBlock(nn.Module):
    """Two 3x3 convolutions with a shortcut."""

    def __init__(self, stride: int) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(2, 2, 3, stride, 1), nn.Conv2d(2, 2, 3, 1, 1)
        self.shortcut = nn.Conv2d(2, 2, 1, stride) if stride > 1 else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.conv2(torch.relu(self.conv1(x))) + self.shortcut(x))


def resnet18() -> nn.Module:
    strides = (1, 1, 2, 1, 2, 1, 2, 1)
    return nn.Sequential(nn.Conv2d(3, 2, 7, 2, 3), nn.MaxPool2d(3, 2, 1), *(BasicBlock(stride) for stride in strides))


class UNet(nn.Module):
    """Two levels; `up` doubles the map."""

    def __init__(self, up: nn.Module) -> None:
        super().__init__()
        self.down = nn.ModuleList(self.double() for _ in range(3))
        self.up = nn.ModuleList(self.double() for _ in range(2))
        self.pool, self.double_size = nn.MaxPool2d(2), up

    @staticmethod
    def double() -> nn.Module:
        return nn.Sequential(nn.Conv2d(2, 2, 3, 1, 1), nn.Conv2d(2, 2, 3, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = self.down[0](x)
        kept = [x]
        for level in (1, 2):
            x = self.down[level](self.pool(x))
            kept.append(x)
        for level, up in zip((1, 0), self.up, strict=True):
            x = up(self.double_size(x) + kept[level])
        return x


def outputs_of(graph: Graph, type_: str) -> Iterator[ReceptiveField]:
    """The fields of the outputs of every call of modules of that class, in order."""
    fields = receptive_fields(graph)
    for call in graph.calls:
        if graph.module_at[call.module].type == type_:
            yield fields[call.outputs[0]]


def recorded(module: nn.Module, *shape: int) -> Graph:
    return record(module.eval(), (torch.zeros(shape, device="meta"),))


def stages(module: nn.Sequential, *shape: int) -> list[tuple[object, object]]:
    graph = recorded(module, *shape)
    fields = receptive_fields(graph)
    tops = [call for call in graph.calls if call.module.isdigit() and call.module != "0"]
    return [(fields[call.outputs[0]].size[0], fields[call.outputs[0]].jump[0]) for call in tops]  # type: ignore[index]


@pytest.mark.parametrize(
    ("units", "last", "expected"),
    [
        ((3, 4, 6, 3), True, [(35, 8), (99, 16), (291, 32), (483, 32)]),
        ((3, 4, 6, 3), False, [(35, 4), (91, 8), (267, 16), (427, 32)]),
        ((3, 4, 23, 3), True, [(35, 8), (99, 16), (835, 32), (1027, 32)]),
        ((3, 8, 36, 3), True, [(35, 8), (163, 16), (1315, 32), (1507, 32)]),
    ],
    ids=["slim 50", "torchvision 50", "slim 101", "slim 152"],
)
def test_the_resnet_family(units: tuple[int, ...], last: bool, expected: list[tuple[int, int]]) -> None:
    assert stages(resnet(units, last), 1, 3, 224, 224) == expected  # type: ignore[arg-type]


def test_resnet18_largest_and_narrowest() -> None:
    graph = recorded(resnet18(), 1, 3, 224, 224)
    assert [f.size[0] for f in outputs_of(graph, "BasicBlock")] == [27, 43, 67, 99, 147, 211, 307, 435]  # type: ignore[index]
    fields, paths = receptive_fields(graph), [f"{block}.conv{n}" for block in range(2, 10) for n in (1, 2)]
    narrowest = {call.module: fields[call.outputs[0]].narrowest for call in graph.calls if call.module in paths}
    expected = (19, 27, 19, 27, 19, 35, 27, 43, 27, 59, 43, 75, 43, 107, 75, 139)
    assert [narrowest[path] for path in paths] == [(size, size) for size in expected]


@pytest.mark.parametrize(
    "up",
    [
        lambda: nn.Upsample(scale_factor=2, mode="bilinear"),
        lambda: nn.ConvTranspose2d(2, 2, 4, stride=2, padding=1),
    ],
    ids=["bilinear", "transposed"],
)
def test_a_unet_alternates_between_52_and_48(up: object) -> None:
    graph = recorded(UNet(up()), 1, 2, 96, 96)  # type: ignore[operator]
    field = receptive_fields(graph)[graph.outputs[0]]
    seen = intervals(graph, graph.outputs[0])
    assert not isinstance(seen, Unknown)
    assert [hi - lo + 1 for lo, hi in filter(None, seen[0][48:52])] == [52, 48, 48, 52]
    assert (field.size, field.period, field.jump) == ((52, 52), (4, 4), (1, 1))


def test_wav2vec_encoder() -> None:
    layers = [(10, 5), (3, 2), (3, 2), (3, 2), (3, 2), (2, 2), (2, 2)]
    module = nn.Sequential(*(nn.Conv1d(1, 1, kernel, stride) for kernel, stride in layers))
    graph = recorded(module, 1, 1, 160_000)
    field = receptive_fields(graph)[graph.outputs[0]]
    assert (field.size, field.jump, field.clipped) == ((400,), (320,), (400,))


def test_a_transformer_encoder_sees_every_token() -> None:
    module = nn.TransformerEncoder(
        nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 2, enable_nested_tensor=False
    )
    graph = recorded(module, 2, 10, 8)
    field = receptive_fields(graph)[graph.outputs[0]]
    assert (field.size, field.jump) == ((10,), (1,))
    assert "self_attn" in field.culprit


HEADLINE = [
    ("vgg11", 224, 150, Fraction(32)),
    ("vgg16", 224, 212, Fraction(32)),
    ("alexnet", 224, 195, Fraction(32)),
    ("resnet18", 224, 435, Fraction(32)),
    ("resnet50", 224, 427, Fraction(32)),
    ("resnet101", 224, 971, Fraction(32)),
    ("resnet152", 224, 1451, Fraction(32)),
    ("inception_v3", 299, 1311, Fraction(32)),
    ("mobilenet_v2", 224, 491, Fraction(32)),
    ("efficientnet_b0", 224, 851, Fraction(32)),
    ("densenet121", 224, 2071, Fraction(32)),
    ("timm inception_v4", 299, 2071, Fraction(32)),
    ("timm inception_resnet_v2", 299, 3039, Fraction(32)),
    ("timm mobilenetv1_100", 224, 315, Fraction(32)),
]


@pytest.mark.zoo
@pytest.mark.slow
@pytest.mark.parametrize(("name", "side", "size", "jump"), HEADLINE, ids=[row[0] for row in HEADLINE])
def test_the_headline_table(name: str, side: int, size: int, jump: Fraction) -> None:
    graph = recorded(_published(name), 1, 3, side, side)
    fields = receptive_fields(graph)
    maps = [value for value in fields if len(graph.values[value].shape) == 4 and graph.values[value].shape[-1] > 1]
    last = fields[[value for value in maps if fields[value].size != (side, side)][-1]]
    assert (last.size, last.jump) == ((size, size), (jump, jump))


@pytest.mark.zoo
def test_shifted_windows_of_a_swin_set_the_place_of_the_field() -> None:
    """Units 28 and 30 share a window after the first stage, unit 32 has the next one: 56 pixels, period 7."""
    graph = recorded(_published("swin_t"), 1, 3, 224, 224)
    (stage,) = [call.outputs[0] for call in graph.calls if call.module == "features.1"]
    field = receptive_fields(graph)[stage]
    assert (field.size, field.period) == ((56, 56), (7, 7))
    positions = intervals(graph, stage)
    assert not isinstance(positions, Unknown)
    assert [positions[0][unit] for unit in (28, 30, 32)] == [(84, 139), (84, 139), (112, 167)]


def _published(name: str) -> nn.Module:
    """A model of torchvision, or of timm."""
    torchvision = import_torchvision()
    with building():
        if name.startswith("timm "):
            timm = pytest.importorskip("timm")
            return timm.create_model(name.removeprefix("timm "), pretrained=False)  # type: ignore[no-any-return]
        return getattr(torchvision.models, name)(weights=None)  # type: ignore[no-any-return]
