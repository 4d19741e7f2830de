"""Every position of every case against an experiment on the real module."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

torch = pytest.importorskip("torch")

import torch.nn.functional as F  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from netadvise.capture.record import record  # noqa: E402
from netadvise.measure.receptive import intervals  # noqa: E402
from netadvise.measure.receptive_windows import nearest  # noqa: E402
from netadvise.quantity import Unknown  # noqa: E402
from tests.oracle.receptive import by_nan, by_pulse, positive  # noqa: E402


class Fn(nn.Module):
    """A function as a module, after a pointwise convolution where it stands alone."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, x: Tensor) -> Tensor:
        return self.function(x)


class Branches(nn.Module):
    """The sum, or the concatenation along `cat`, of branches that read the same input."""

    def __init__(self, *branches: nn.Module, cat: int | None = None) -> None:
        super().__init__()
        self.branches, self.cat = nn.ModuleList(branches), cat

    def forward(self, x: Tensor) -> Tensor:
        outputs = [branch(x) for branch in self.branches]
        if self.cat is not None:
            return torch.cat(outputs, self.cat)
        total = outputs[0]
        for output in outputs[1:]:
            total = total + output
        return total


@dataclass
class Case:
    """A module, an input shape, the output dim of each axis (None: gone), the probe and the track."""

    reason: str
    build: Callable[[], nn.Module]
    shape: tuple[int, ...]
    probe: Callable[..., object] = by_nan
    dims: tuple[int | None, ...] = ()
    track: str = "path"


def conv(size: int, *args: object, axes: int = 1, channels: int = 2, **kwargs: object) -> nn.Module:
    kind = (nn.Conv1d, nn.Conv2d, nn.Conv3d)[axes - 1]
    return kind(channels, channels, size, *args, **kwargs)  # type: ignore[arg-type]


def up(size: int, **kwargs: int) -> nn.Module:
    return nn.ConvTranspose1d(2, 2, size, **kwargs)


def resize(**kwargs: object) -> nn.Module:
    return Fn(lambda x: F.interpolate(x, **kwargs))  # type: ignore[arg-type]


def seq(*modules: nn.Module | Callable[[Tensor], Tensor]) -> nn.Module:
    return nn.Sequential(*(m if isinstance(m, nn.Module) else Fn(m) for m in modules))


class SqueezeExcite(nn.Module):
    """A channel gate: global pooling, two 1x1 convolutions, sigmoid, product."""

    def __init__(self, expand: bool = False) -> None:
        super().__init__()
        self.fc, self.expand = nn.Conv2d(2, 2, 1), expand

    def forward(self, x: Tensor) -> Tensor:
        gate = torch.sigmoid(self.fc(x.mean((2, 3), keepdim=True)))
        return x * (gate.expand_as(x) if self.expand else gate)


class Patches(nn.Module):
    """Patch embedding by view, permute and a linear map, and back to a map."""

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        tokens = x.view(n, c, h // 4, 4, w // 4, 4).permute(0, 2, 4, 1, 3, 5).reshape(n, h * w // 16, c * 16)
        tokens = self.linear(tokens)
        return tokens.transpose(1, 2).reshape(n, 3, h // 4, w // 4)

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(32, 3)


class WindowAttention(nn.Module):
    """Swin's attention in windows of 4 after a cyclic shift, written with matmul or with the fused function."""

    def __init__(self, shift: int, fused: bool) -> None:
        super().__init__()
        self.qkv, self.shift, self.fused = nn.Linear(4, 12), shift, fused

    def forward(self, x: Tensor) -> Tensor:
        n, c, h, w = x.shape
        x = x.permute(0, 2, 3, 1).roll((-self.shift, -self.shift), (1, 2))
        x = x.reshape(n, h // 4, 4, w // 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(-1, 16, c)
        q, k, v = self.qkv(x).reshape(-1, 16, 3, 2, 2).permute(2, 0, 3, 1, 4).unbind(0)
        y = F.scaled_dot_product_attention(q, k, v) if self.fused else (q @ k.transpose(-2, -1)).softmax(-1) @ v
        y = y.transpose(1, 2).reshape(-1, 16, c)
        y = y.reshape(n, h // 4, w // 4, 4, 4, c).permute(0, 1, 3, 2, 4, 5).reshape(n, h, w, c)
        return y.roll((self.shift, self.shift), (1, 2)).permute(0, 3, 1, 2)


def space_to_depth(x: Tensor) -> Tensor:
    return torch.cat([x[..., ::2, ::2], x[..., 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1)


def shuffle_by_view(x: Tensor) -> Tensor:
    n, c, length = x.shape
    return x.view(n, c // 2, 2, length).permute(0, 1, 3, 2).reshape(n, c // 2, 2 * length)


def halves_swapped(x: Tensor) -> Tensor:
    left, right = x.chunk(2, 2)
    return torch.cat([right, left], 2)


def written_into_zeros(x: Tensor) -> Tensor:
    canvas = torch.zeros(x.shape[0], x.shape[1], x.shape[2] + 5, dtype=x.dtype)
    canvas[:, :, 2:-3] = x
    return canvas


def own_halves(x: Tensor) -> Tensor:
    return torch.cat([x[:, :, :8], F.max_pool1d(x[:, :, 8:], 3, 1, 1)], 2)


def unfolded(x: Tensor) -> Tensor:
    n, c = x.shape[:2]
    columns = F.unfold(x, (3, 2), padding=(1, 0), stride=(2, 1))
    height = (x.shape[2] + 2 - 3) // 2 + 1
    return columns.view(n, c * 6, height, -1)


def folded(x: Tensor) -> Tensor:
    columns = F.unfold(x, 3, padding=1, stride=2)
    mixed = torch.ones(columns.shape[1], columns.shape[1], dtype=x.dtype) @ columns
    return F.fold(mixed, x.shape[2:], 3, padding=1, stride=2)


def sliding(x: Tensor) -> Tensor:
    return x.unfold(2, 5, 3).sum(-1)


def tiles(x: Tensor) -> Tensor:
    return x.unfold(2, 4, 4).unfold(3, 4, 4).mean((-2, -1))


CASES = [
    Case("one convolution", lambda: conv(3), (1, 2, 9)),
    Case("padding and stride", lambda: conv(5, 3, 2), (1, 2, 16)),
    Case("stride beyond the kernel", lambda: conv(2, 4), (1, 2, 15)),
    Case("dilation leaves gaps", lambda: conv(3, 1, 4, 4), (1, 2, 12)),
    Case("dilated taps at the border", lambda: seq(conv(3, 1, 2, 2), conv(3, 1, 3, 3)), (1, 2, 9)),
    Case("'same' padding of an even kernel", lambda: conv(4, padding="same"), (1, 2, 10)),
    Case("'same' padding of a dilated even kernel", lambda: conv(4, padding="same", dilation=3), (1, 2, 14)),
    Case("asymmetric kernel, stride, padding", lambda: conv((3, 5), (2, 1), (0, 3), axes=2), (1, 2, 11, 10)),
    Case("depthwise", lambda: conv(3, 1, 1, groups=2, axes=2), (1, 2, 6, 7)),
    Case("grouped, channels mixed later", lambda: seq(conv(3, groups=2), conv(1)), (1, 2, 9)),
    Case("three axes", lambda: conv((1, 3, 2), (1, 2, 1), axes=3), (1, 2, 4, 7, 5)),
    Case("unbatched padding mode", lambda: nn.Conv1d(2, 2, 3, padding=2, padding_mode="reflect"), (1, 2, 9)),
    Case("circular padding mode", lambda: nn.Conv1d(2, 2, 3, padding=1, padding_mode="circular"), (1, 2, 9)),
    Case("a chain of three", lambda: seq(conv(7, 2, 3), nn.MaxPool1d(3, 2, 1), conv(3, 1, 1)), (1, 2, 40)),
    Case("max pooling, last window partly outside", lambda: nn.MaxPool1d(3, 2, ceil_mode=True), (1, 2, 10)),
    Case("dilated max pooling", lambda: nn.MaxPool1d(3, 2, 1, dilation=2), (1, 2, 13)),
    Case("average pooling, padded, ceil", lambda: nn.AvgPool2d(3, 2, 1, ceil_mode=True), (1, 2, 8, 9)),
    Case("stride of pooling is its kernel", lambda: nn.AvgPool1d(4), (1, 2, 14)),
    Case("power-average pooling", lambda: nn.LPPool1d(2, 3, 2), (1, 2, 9)),
    Case("pooling drops the tail", lambda: seq(nn.MaxPool1d(4), conv(3, 1, 1)), (1, 2, 15)),
    Case("transposed, kernel 4 stride 2", lambda: up(4, stride=2, padding=1), (1, 2, 6)),
    Case(
        "transposed, kernel 3 stride 2, output padding", lambda: up(3, stride=2, padding=1, output_padding=1), (1, 2, 6)
    ),
    Case("transposed, kernel below stride: blind outputs", lambda: up(2, stride=3), (1, 2, 5)),
    Case("blind outputs, then a convolution", lambda: seq(up(1, stride=3), conv(2)), (1, 2, 5)),
    Case("transposed and dilated", lambda: up(3, stride=2, dilation=3, padding=2), (1, 2, 6)),
    Case("down and up", lambda: seq(conv(3, 4, 1), up(6, stride=4, padding=1), conv(3, 1, 1)), (1, 2, 17)),
    Case("nearest, twice", lambda: seq(resize(scale_factor=2), conv(3, 1, 1)), (1, 2, 7), by_pulse),
    Case("nearest, ratio 44/112", lambda: resize(size=44), (1, 2, 112), by_pulse),
    Case("nearest, ratio 7/10", lambda: resize(size=7), (1, 2, 10), by_pulse),
    Case("nearest by a fractional factor", lambda: resize(scale_factor=1.7), (1, 2, 10), by_pulse),
    Case("nearest-exact", lambda: resize(size=9, mode="nearest-exact"), (1, 2, 13), by_pulse),
    Case("area", lambda: resize(size=5, mode="area"), (1, 2, 13), by_pulse),
    Case("linear, twice", lambda: resize(scale_factor=2, mode="linear"), (1, 2, 7), by_pulse),
    Case("linear, thrice: some units on positions", lambda: resize(scale_factor=3, mode="linear"), (1, 2, 6), by_pulse),
    Case("linear down by 4 skips inputs", lambda: resize(size=4, mode="linear"), (1, 2, 16), by_pulse),
    Case("linear on corners", lambda: resize(size=11, mode="linear", align_corners=True), (1, 2, 6), by_pulse),
    Case(
        "linear to one unit, on corners", lambda: resize(size=1, mode="linear", align_corners=True), (1, 2, 6), by_pulse
    ),
    Case("linear by an odd factor", lambda: resize(scale_factor=1.3, mode="linear"), (1, 2, 20), by_pulse),
    Case(
        "linear, factor recomputed",
        lambda: resize(scale_factor=1.3, mode="linear", recompute_scale_factor=True),
        (1, 2, 15),
        by_pulse,
    ),
    Case("bilinear, a different ratio per axis", lambda: resize(size=(5, 9), mode="bilinear"), (1, 2, 10, 6), by_pulse),
    Case("bicubic", lambda: resize(size=(10, 7), mode="bicubic"), (1, 1, 5, 11), by_pulse),
    Case(
        "bicubic on corners", lambda: resize(size=(10, 7), mode="bicubic", align_corners=True), (1, 1, 5, 11), by_pulse
    ),
    Case(
        "antialiased bilinear, down",
        lambda: resize(size=(5, 4), mode="bilinear", antialias=True),
        (1, 1, 17, 9),
        by_pulse,
    ),
    Case(
        "antialiased bilinear, up",
        lambda: resize(size=(12, 9), mode="bilinear", antialias=True),
        (1, 1, 5, 6),
        by_pulse,
    ),
    Case("antialiased bicubic", lambda: resize(size=(5, 7), mode="bicubic", antialias=True), (1, 1, 19, 9), by_pulse),
    Case("trilinear", lambda: resize(scale_factor=2, mode="trilinear"), (1, 1, 3, 4, 2), by_pulse),
    Case("adaptive average, uneven windows", lambda: nn.AdaptiveAvgPool1d(7), (1, 2, 24)),
    Case("adaptive max, more outputs than inputs", lambda: nn.AdaptiveMaxPool1d(9), (1, 2, 6)),
    Case("adaptive to one unit", lambda: nn.AdaptiveAvgPool2d((1, 3)), (1, 2, 6, 8)),
    Case(
        "pixel shuffle",
        lambda: seq(conv(3, 1, 1, axes=2, channels=4), nn.PixelShuffle(2), nn.MaxPool2d(3, 1)),
        (1, 4, 5, 6),
    ),
    Case("pixel unshuffle", lambda: seq(nn.PixelUnshuffle(3), conv(2, axes=2, channels=18)), (1, 2, 9, 12)),
    Case("pixel shuffle by views", lambda: seq(shuffle_by_view, nn.AvgPool1d(3, 1, 1)), (1, 4, 6)),
    Case("focus slicing", lambda: seq(space_to_depth, conv(3, 1, 1, axes=2, channels=8)), (1, 2, 8, 10)),
    Case("channel shuffle", lambda: seq(nn.ChannelShuffle(2), conv(3, groups=2)), (1, 2, 8)),
    Case("zero padding, uneven", lambda: seq(lambda x: F.pad(x, (3, 1)), conv(3)), (1, 2, 7)),
    Case("negative padding crops", lambda: seq(lambda x: F.pad(x, (-2, 3)), conv(3, 1, 1)), (1, 2, 9)),
    Case("reflected border", lambda: seq(lambda x: F.pad(x, (3, 2), "reflect"), conv(3)), (1, 2, 7)),
    Case("replicated border", lambda: seq(lambda x: F.pad(x, (3, 2), "replicate"), conv(2, 2)), (1, 2, 7)),
    Case("wrapped border", lambda: seq(lambda x: F.pad(x, (2, 2), "circular"), conv(3)), (1, 2, 7)),
    Case("slice with a step", lambda: seq(conv(3), lambda x: x[:, :, 1:-1:3], conv(2)), (1, 2, 17)),
    Case("flip", lambda: seq(conv(3, 2, 1), lambda x: x.flip(2), conv(4, 1)), (1, 2, 16)),
    Case("flip and back", lambda: seq(lambda x: x.flip(2), conv(3), lambda x: x.flip(2), conv(2, 2)), (1, 2, 13)),
    Case("roll", lambda: seq(lambda x: x.roll(2, 2), conv(3)), (1, 2, 9)),
    Case("roll there and back", lambda: seq(lambda x: x.roll(2, 2), conv(3, 1, 1), lambda x: x.roll(-2, 2)), (1, 2, 9)),
    Case("patches by a strided convolution", lambda: nn.Conv2d(2, 3, 4, 4), (1, 2, 8, 12)),
    Case("patches by view and linear", Patches, (1, 2, 8, 12)),
    Case(
        "tokens and back to a map",
        lambda: seq(
            conv(2, 2, axes=2),
            lambda x: x.flatten(2).transpose(1, 2),
            nn.Linear(2, 3),
            lambda x: x.transpose(1, 2).unflatten(2, (3, 4)),
            nn.Conv2d(3, 1, (2, 3)),
        ),
        (1, 2, 6, 8),
    ),
    Case("im2col", lambda: Fn(unfolded), (1, 2, 9, 6)),
    Case("im2col and col2im", lambda: Fn(folded), (1, 2, 9, 7)),
    Case("sliding windows of Tensor.unfold", lambda: Fn(sliding), (1, 2, 17)),
    Case("tiles of Tensor.unfold", lambda: Fn(tiles), (1, 2, 8, 12)),
    Case("window attention", lambda: WindowAttention(0, True), (1, 4, 8, 12)),
    Case("window attention by products", lambda: WindowAttention(0, False), (1, 4, 8, 12)),
    Case("shifted window attention", lambda: WindowAttention(2, True), (1, 4, 8, 12)),
    Case("two shifted windows", lambda: seq(WindowAttention(0, False), WindowAttention(2, False)), (1, 4, 12, 8)),
    Case("residual", lambda: Branches(nn.Identity(), conv(3, 1, 1)), (1, 2, 9)),
    Case("branches out of line", lambda: Branches(conv(3), seq(conv(1), lambda x: x[:, :, 2:])), (1, 2, 9)),
    Case("branches of different jump", lambda: Branches(seq(conv(1, 2)), seq(lambda x: x[:, :, 3:9])), (1, 2, 12)),
    Case(
        "concatenation of channels", lambda: Branches(conv(1), conv(5, 1, 2), nn.MaxPool1d(3, 1, 1), cat=1), (1, 2, 9)
    ),
    Case("concatenation along the axis", lambda: Branches(conv(3), conv(1), cat=2), (1, 2, 9)),
    Case("halves swapped", lambda: seq(halves_swapped, conv(3, 1, 1)), (1, 2, 12)),
    Case("one half pooled", lambda: seq(own_halves, conv(2)), (1, 2, 17)),
    Case("written into zeros", lambda: seq(written_into_zeros, conv(3)), (1, 2, 8)),
    Case("stacked and summed", lambda: Fn(lambda x: torch.stack([x, F.max_pool1d(x, 3, 1, 1)], 0).sum(0)), (1, 2, 9)),
    Case("batch norm in eval mode", lambda: seq(conv(3), nn.BatchNorm1d(2), nn.ReLU()), (1, 2, 9)),
    Case(
        "layer norm over channels",
        lambda: seq(conv(3, axes=2), lambda x: x.permute(0, 2, 3, 1), nn.LayerNorm(2), lambda x: x.permute(0, 3, 1, 2)),
        (1, 2, 6, 5),
    ),
    Case("local response norm, across channels", lambda: seq(nn.LocalResponseNorm(2), conv(3, axes=2)), (1, 2, 6, 5)),
    Case("group norm, strictly", lambda: seq(conv(3), nn.GroupNorm(1, 2), conv(3)), (1, 2, 9), track="strict"),
    Case("instance norm, strictly", lambda: seq(nn.InstanceNorm1d(2), conv(3, 2)), (1, 2, 10), track="strict"),
    Case("layer norm over space, strictly", lambda: seq(nn.LayerNorm([2, 9]), conv(3)), (1, 2, 9), track="strict"),
    Case("squeeze and excitation, strictly", SqueezeExcite, (1, 2, 6, 5), track="strict"),
    Case("softmax over the axis", lambda: seq(nn.Softmax(2), conv(3)), (1, 2, 9)),
    Case("mean of a map that stride cut short", lambda: seq(conv(2, 3), lambda x: x.mean(2)), (1, 2, 9), dims=(None,)),
    Case("linear on a flattened map", lambda: seq(conv(2, 3), nn.Flatten(), nn.Linear(6, 4)), (1, 2, 9), dims=(None,)),
    Case("linear over the axis", lambda: seq(conv(3), nn.Linear(7, 5), lambda x: x), (1, 2, 9), dims=(None,)),
    Case("Fourier transform", lambda: seq(conv(3), lambda x: torch.fft.fft(x).abs()), (1, 2, 9)),
    Case(
        "recurrent layer",
        lambda: seq(
            conv(3, 2),
            lambda x: x.transpose(1, 2),
            nn.GRU(2, 3, bidirectional=True, batch_first=True),
            Fn(lambda x: x[0]),
        ),
        (1, 2, 9),
        dims=(1,),
    ),
    Case(
        "U-Net of one level",
        lambda: Branches(conv(3, 1, 1), seq(nn.MaxPool1d(2), conv(3, 1, 1), up(2, stride=2))),
        (1, 2, 12),
    ),
    Case("atrous pyramid", lambda: Branches(conv(1), conv(3, 1, 2, 2), conv(3, 1, 5, 5), cat=1), (1, 2, 14)),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.reason.replace(" ", "_"))
def test_every_position_sees_what_the_experiment_says(case: Case) -> None:
    torch.manual_seed(0)
    module = positive(case.build())
    graph = record(module, (torch.zeros(case.shape, dtype=torch.float64),))
    found = intervals(graph, graph.outputs[0], case.track)  # type: ignore[arg-type]
    assert not isinstance(found, Unknown), found
    dims = case.dims or tuple(range(2, len(case.shape)))
    for axis, along in enumerate(dims):
        assert found[axis] == case.probe(module, case.shape, axis + 2, along), f"axis {axis}"


@pytest.mark.parametrize("mode", ["nearest", "nearest-exact"])
def test_nearest_indices_are_those_of_torch(mode: str) -> None:
    for size in range(1, 130, 3):
        line = torch.arange(float(size)).view(1, 1, 1, size)
        for outputs in range(1, 130, 3):
            expected = F.interpolate(line, size=(1, outputs), mode=mode).flatten().int().tolist()
            window = nearest(size, outputs, None, centred=mode == "nearest-exact")
            assert [span.first for o in range(outputs) if (span := window.at(o))] == expected, (size, outputs)


def test_there_are_enough_cases() -> None:
    assert len({case.reason for case in CASES}) == len(CASES) >= 60
