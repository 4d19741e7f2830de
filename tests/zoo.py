"""Small models, one line each: every kind of op, and every way of building a network, occurs in one of them.

To cover a new op, add a line to `OPS`; the oracle tests of costs, memory and receptive fields run over all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


@dataclass(frozen=True)
class Case:
    """A model and its inputs: shapes of float32 tensors, or tensors as they are."""

    name: str
    build: Callable[[], nn.Module]
    inputs: tuple[tuple[int, ...] | Tensor, ...]

    def model(self) -> nn.Module:
        torch.manual_seed(0)
        return self.build()

    def tensors(self) -> tuple[Tensor, ...]:
        torch.manual_seed(1)
        return tuple(each if isinstance(each, Tensor) else torch.rand(each) + 0.1 for each in self.inputs)


class Lambda(nn.Module):
    """A function as a module, with parameters of the given shapes named `p0`, `p1`, ..."""

    def __init__(self, function: Callable[..., Any], *shapes: tuple[int, ...]) -> None:
        super().__init__()
        self.function, self.count = function, len(shapes)
        for position, shape in enumerate(shapes):
            self.register_parameter(f"p{position}", nn.Parameter(torch.rand(shape) + 0.1))

    def forward(self, *inputs: Tensor) -> Any:
        return self.function(*inputs, *(getattr(self, f"p{position}") for position in range(self.count)))


class Residual(nn.Module):
    def __init__(self, inside: int, outside: int, stride: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outside)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outside)
        self.short = nn.Sequential() if stride == 1 else nn.Conv2d(inside, outside, 1, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
        y += self.short(x)
        return self.relu(y)


class ResNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU(), nn.MaxPool2d(3, 2, 1)
        )
        self.layer1, self.layer2 = Residual(8, 8, 1), Residual(8, 16, 2)
        self.pool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(16, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.fc(torch.flatten(self.pool(self.layer2(self.layer1(self.stem(x)))), 1))


class SqueezeExcite(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.down, self.up = nn.Conv2d(channels, 4, 1), nn.Conv2d(4, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.sigmoid(self.up(F.relu(self.down(x.mean((2, 3), keepdim=True)))))


class InvertedResidual(nn.Module):
    def __init__(self, channels: int, kernel_size: int) -> None:
        super().__init__()
        wide, pad = 4 * channels, kernel_size // 2
        self.block = nn.Sequential(
            *(nn.Conv2d(channels, wide, 1, bias=False), nn.BatchNorm2d(wide), nn.ReLU6(inplace=True)),
            *(nn.Conv2d(wide, wide, kernel_size, 1, pad, groups=wide, bias=False), nn.BatchNorm2d(wide)),
            *(nn.Hardswish(inplace=True), SqueezeExcite(wide), nn.Conv2d(wide, channels, 1, bias=False)),
        )

    def forward(self, x: Tensor) -> Tensor:
        return x + self.block(x)


class UNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.enc1, self.enc2 = nn.Conv2d(3, 8, 3, padding=1), nn.Conv2d(8, 16, 3, padding=1)
        self.up, self.dec, self.out = (
            nn.ConvTranspose2d(16, 8, 2, 2),
            nn.Conv2d(16, 8, 3, padding=1),
            nn.Conv2d(8, 2, 1),
        )

    def forward(self, x: Tensor) -> Tensor:
        first = F.relu(self.enc1(x))
        below = F.relu(self.enc2(F.max_pool2d(first, 2)))
        return self.out(F.relu(self.dec(torch.cat([self.up(below), first], 1))))


class TransformerBlock(nn.Module):
    """Attention by `scaled_dot_product_attention` on one joint projection."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        q, k, v = self.qkv(self.norm1(x)).reshape(n, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4).unbind(0)
        attended = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.proj(attended.transpose(1, 2).reshape(n, length, width))
        return x + self.mlp(self.norm2(x))


class Attention(nn.Module):
    """Attention by two matrix products and a softmax."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        q, k, v = (
            each(x).unflatten(-1, (self.heads, -1)).transpose(1, 2) for each in (self.query, self.key, self.value)
        )
        weights = (q @ k.transpose(-2, -1) / 2.0).softmax(-1)
        return (weights @ v).transpose(1, 2).flatten(2)


class JointAttention(nn.Module):
    """Attention by two matrix products on views of one joint projection."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads, self.qkv = heads, nn.Linear(width, 3 * width)

    def forward(self, x: Tensor) -> Tensor:
        n, length, width = x.shape
        q, k, v = self.qkv(x).reshape(n, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        weights = torch.softmax((q * 0.5) @ k.transpose(-2, -1), -1)
        return (weights @ v).transpose(1, 2).reshape(n, length, width)


class LanguageModel(nn.Module):
    """A causal transformer whose output layer shares the embedding's weight."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.positions = nn.Embedding(50, 16), nn.Parameter(torch.rand(1, 12, 16))
        self.blocks = nn.ModuleList(TransformerBlock(16, 2) for _ in range(2))
        self.head = nn.Linear(16, 50, bias=False)
        self.head.weight = self.tokens.weight

    def forward(self, ids: Tensor) -> Tensor:
        x = self.tokens(ids) + self.positions[:, : ids.shape[1]]
        for block in self.blocks:
            x = block(x)
        return self.head(x)


class SelfAttention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(16, 2, batch_first=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.attention(x, x, x, need_weights=False)[0]


class GRULoop(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(8, 16)

    def forward(self, x: Tensor) -> Tensor:
        state = torch.zeros(x.shape[1], 16)
        for step in x:
            state = self.cell(step, state)
        return state


class Tagger(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embed, self.rnn = nn.Embedding(30, 8), nn.LSTM(8, 16, 2, bidirectional=True, batch_first=True)
        self.out = nn.Linear(32, 5)

    def forward(self, ids: Tensor) -> Tensor:
        return self.out(self.rnn(self.embed(ids))[0])


class Twice(nn.Module):
    """One layer called twice, and one layer never called."""

    def __init__(self) -> None:
        super().__init__()
        self.shared, self.unused = nn.Linear(8, 8), nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.shared(torch.relu(self.shared(x)))


def functional_net(x: Tensor, conv: Tensor, shift: Tensor, linear: Tensor) -> Tensor:
    x = F.relu(F.conv2d(x, conv, shift, stride=2, padding=1))
    x = F.conv_transpose2d(x, conv, stride=2)
    return F.linear(F.adaptive_avg_pool2d(x, 2).flatten(1), linear)


IDS = torch.arange(20).reshape(2, 10) % 30

NETWORKS = [
    Case("resnet", ResNet, ((2, 3, 32, 32),)),
    Case("mobilenet", lambda: nn.Sequential(InvertedResidual(4, 3), InvertedResidual(4, 5)), ((2, 4, 12, 12),)),
    Case("unet", UNet, ((2, 3, 16, 16),)),
    Case("mlp", lambda: nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 4)), ((3, 8),)),
    Case("transformer", lambda: nn.Sequential(TransformerBlock(16, 2), TransformerBlock(16, 4)), ((2, 6, 16),)),
    Case("language model", LanguageModel, (IDS,)),
    Case("attention by products", lambda: Attention(16, 2), ((2, 6, 16),)),
    Case("window attention", lambda: JointAttention(16, 2), ((2, 6, 16),)),
    Case("multi-head attention", SelfAttention, ((2, 6, 16),)),
    Case("torch encoder", lambda: nn.TransformerEncoderLayer(16, 2, 32, dropout=0.0, batch_first=True), ((2, 6, 16),)),
    Case("functional", lambda: Lambda(functional_net, (6, 3, 3, 3), (6,), (5, 12)), ((2, 3, 9, 9),)),
    Case("tagger", Tagger, (IDS,)),
    Case("gru loop", GRULoop, ((5, 2, 8),)),
    Case("called twice", Twice, ((3, 8),)),
    Case("conv 1d", lambda: nn.Sequential(nn.Conv1d(4, 8, 5, 2, 2), nn.GroupNorm(2, 8), nn.SiLU()), ((2, 4, 20),)),
    Case("conv 3d", lambda: nn.Sequential(nn.Conv3d(2, 4, (1, 3, 3)), nn.ELU(), nn.AvgPool3d(2)), ((1, 2, 4, 8, 8),)),
]


def op(
    name: str, function: Callable[..., Any], *inputs: tuple[int, ...] | Tensor, shapes: tuple[tuple[int, ...], ...] = ()
) -> Case:
    """A function of the inputs, then of one parameter per shape; the first input is first scaled by a parameter."""
    return Case(name, lambda: Scaled(function, *shapes), inputs)


def layer(build: Callable[[], nn.Module], *inputs: tuple[int, ...] | Tensor) -> Case:
    """A torch layer behind a scaling by a parameter, so that a gradient reaches its input."""
    return Case(f"layer {type(build()).__name__}", lambda: nn.Sequential(Scaled(lambda x: x), build()), inputs)


class Scaled(Lambda):
    """The function of a first input that needs a gradient."""

    def __init__(self, function: Callable[..., Any], *shapes: tuple[int, ...]) -> None:
        super().__init__(function, *shapes)
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, *inputs: Tensor) -> Any:
        return super().forward(inputs[0] + self.scale if inputs[0].is_floating_point() else inputs[0], *inputs[1:])


def overwritten(x: Tensor) -> Tensor:
    y = x * 1.5
    y[:, 1:3] = x[:, :2]
    return y


def under_a_view(x: Tensor) -> Tensor:
    y = x + 1.0
    y[:, 0].mul_(2.0)
    return y * y


IMAGE, ROWS = (2, 4, 8, 8), (3, 8)
INDEX = torch.tensor([0, 2, 1])
OFFSETS = torch.tensor([2, 4, 6], dtype=torch.int32)

OPS = [
    layer(lambda: nn.Conv2d(4, 6, 3, 2, 1, groups=2), IMAGE),
    layer(lambda: nn.Conv2d(4, 6, 4, padding="same"), IMAGE),
    layer(lambda: nn.Conv2d(4, 6, 3, padding=1, padding_mode="reflect"), IMAGE),
    layer(lambda: nn.ConvTranspose2d(4, 6, 3, 2, 1, 1, groups=2), IMAGE),
    layer(lambda: nn.ConvTranspose1d(4, 6, 3, dilation=2), (2, 4, 9)),
    layer(lambda: nn.Linear(8, 3), (2, 5, 8)),
    layer(lambda: nn.Linear(8, 3, bias=False), (2, 2, 5, 8)),
    op("bilinear", F.bilinear, (5, 3), (5, 4), shapes=((6, 3, 4),)),
    op("matmul 2d", lambda x, w: x @ w, ROWS, shapes=((8, 5),)),
    op("matmul broadcast", lambda x, w: x @ w, (5, 7), shapes=((4, 7, 3),)),
    op("matmul broadcast both", lambda x, w: x @ w, (4, 1, 5, 7), shapes=((1, 6, 7, 3),)),
    op("matmul vector right", lambda x, w: x @ w, (2, 5, 7), shapes=((7,),)),
    op("matmul vector left", lambda x, w: w @ x, (2, 7, 5), shapes=((7,),)),
    op("matmul of transposed", lambda x, w: x.transpose(1, 2) @ w, (2, 7, 5), shapes=((7, 3),)),
    op("linear of permuted", lambda x, w: F.linear(x.permute(1, 2, 0), w), (8, 5, 7), shapes=((3, 8),)),
    op("dot", torch.dot, (7,), shapes=((7,),)),
    op("addmm", lambda x, b, w: torch.addmm(b, x, w), ROWS, shapes=((5,), (8, 5))),
    op("baddbmm", lambda x, b, w: torch.baddbmm(b, x, w), (2, 3, 4), shapes=((2, 3, 5), (2, 4, 5))),
    op("grouped matmul", lambda x, w: torch._grouped_mm(x, w, offs=OFFSETS), (6, 8), shapes=((3, 8, 16),)),
    op("einsum heads", lambda x, w: torch.einsum("bhld,bhsd->bhls", x, w), (2, 3, 4, 5), shapes=((2, 3, 6, 5),)),
    op("einsum outer", lambda x, w: torch.einsum("bi,bj->bij", x, w), ROWS, shapes=((3, 5),)),
    op("attention", lambda q, k: F.scaled_dot_product_attention(q, k, k), (2, 3, 4, 8), (2, 3, 6, 8)),
    layer(lambda: nn.LSTM(8, 16), (5, 2, 8)),
    layer(lambda: nn.GRU(8, 16, 2, bidirectional=True, batch_first=True), (2, 5, 8)),
    layer(lambda: nn.RNN(8, 16, nonlinearity="relu"), (5, 8)),
    layer(lambda: nn.LSTM(8, 16, proj_size=4), (5, 2, 8)),
    layer(lambda: nn.LSTMCell(8, 16), (2, 8)),
    layer(lambda: nn.GRUCell(8, 16), (2, 8)),
    layer(lambda: nn.RNNCell(8, 16), (2, 8)),
    op("embedding", F.embedding, IDS, shapes=((30, 4),)),
    *(layer(build, IMAGE) for build in (lambda: nn.BatchNorm2d(4), lambda: nn.InstanceNorm2d(4, affine=True))),
    layer(lambda: nn.utils.parametrizations.weight_norm(nn.Conv2d(4, 6, 3)), IMAGE),
    layer(lambda: nn.BatchNorm2d(4, affine=False, track_running_stats=False), IMAGE),
    layer(lambda: nn.InstanceNorm2d(4, track_running_stats=True), IMAGE),
    *(layer(build, IMAGE) for build in (lambda: nn.GroupNorm(2, 4), lambda: nn.LayerNorm((8, 8)))),
    *(layer(build, IMAGE) for build in (lambda: nn.RMSNorm(8), lambda: nn.LocalResponseNorm(3))),
    *(layer(build, IMAGE) for build in (nn.ReLU, nn.Sigmoid, nn.Tanh, nn.GELU, nn.SiLU, nn.Mish, nn.LeakyReLU, nn.ELU)),
    *(layer(build, IMAGE) for build in (nn.ReLU6, nn.SELU, nn.CELU, nn.Hardswish, nn.Hardsigmoid, nn.Hardtanh, nn.GLU)),
    *(
        layer(build, IMAGE)
        for build in (nn.Softplus, nn.Softshrink, nn.Hardshrink, nn.LogSigmoid, nn.Softsign, nn.PReLU)
    ),
    op("silu in place", lambda x: F.silu(x * 2.0, inplace=True), IMAGE),
    op("leaky_relu in place", lambda x: F.leaky_relu(x * 2.0, inplace=True), IMAGE),
    op("softmax", lambda x: F.softmax(x, -1) + F.log_softmax(x, 1), ROWS),
    op("add sub mul div", lambda x, y, w: (x + y - w) * w / (w + 2.0), ROWS, ROWS, shapes=(ROWS,)),
    op("mul in place", lambda x, w: (x + 1.0).mul_(w), ROWS, shapes=(ROWS,)),
    op("pointwise", lambda x: torch.exp(x).sqrt().log().clamp(0.0, 1.0) ** 2, ROWS),
    op("where", lambda x: torch.where(x > 0.5, x, 0.0).masked_fill(x < 0.2, 1.0), ROWS),
    *(layer(build, IMAGE) for build in (nn.Dropout, nn.Dropout2d, nn.AlphaDropout)),
    layer(lambda: nn.Dropout(0.0), IMAGE),
    layer(lambda: nn.MaxPool2d(3, 2, 1), IMAGE),
    layer(lambda: nn.MaxPool1d(2), (2, 4, 8)),
    layer(lambda: nn.AvgPool2d(2), IMAGE),
    layer(lambda: nn.LPPool2d(2, 2), IMAGE),
    layer(lambda: nn.AdaptiveAvgPool2d(3), IMAGE),
    layer(lambda: nn.AdaptiveAvgPool2d(1), IMAGE),
    layer(lambda: nn.AdaptiveMaxPool2d((3, 2)), IMAGE),
    op("max_unpool", lambda x: F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), 2), IMAGE),
    *(
        op(f"interpolate {m}", lambda x, m=m: F.interpolate(x, scale_factor=2, mode=m), IMAGE)
        for m in ("nearest", "bicubic", "area")
    ),
    op("interpolate shrink", lambda x: F.interpolate(x, size=(3, 5), mode="bilinear", antialias=True), IMAGE),
    op("grid_sample", lambda x, g: F.grid_sample(x, g, align_corners=False), IMAGE, (2, 5, 5, 2)),
    op("pixel_shuffle", lambda x: F.pixel_unshuffle(F.pixel_shuffle(x, 2), 2), IMAGE),
    op("channel_shuffle", lambda x: F.channel_shuffle(x, 2), IMAGE),
    op("unfold and fold", lambda x: F.fold(F.unfold(x, 3, padding=1), (8, 8), 3, padding=1), IMAGE),
    *(
        op(f"pad {m}", lambda x, m=m: F.pad(x, (1, 2, 0, 1), mode=m), IMAGE)
        for m in ("constant", "reflect", "replicate", "circular")
    ),
    op("views", lambda x: x.flatten(1).unflatten(1, (4, 64)).transpose(1, 2)[:, ::2, 1].unsqueeze(-1), IMAGE),
    op("expand and repeat", lambda x: x[:, :1].expand(-1, 5) * x.repeat(1, 2)[:, :5], ROWS),
    op("split", lambda x: x.chunk(2, 1)[0] * x.split((3, 1), 1)[0][:, :2] + x.unbind(1)[0].unsqueeze(1), IMAGE),
    op("cat and stack", lambda x: torch.cat([torch.stack([x, x * 2.0], 1).flatten(0, 1), x]), ROWS),
    op("flip and roll", lambda x: x.flip(-1) * x.roll(1, -1), IMAGE),
    op("index", lambda x: x[:, INDEX] * x.gather(1, INDEX.expand(3, 3)), ROWS),
    op("setitem", overwritten, ROWS),
    op("under a view", under_a_view, ROWS),
    op("copy", lambda x: x.clone().to(torch.float64).contiguous().detach() + x, ROWS),
    op("as_strided", lambda x: x.as_strided((3, 4), (8, 2)) * 2.0, ROWS),
    op(
        "reduce",
        lambda x: x.mean((2, 3)) + x.sum((2, 3)) * x.var((2, 3)) * x.amax((2, 3)) * x.max(-1)[0].norm(dim=-1),
        IMAGE,
    ),
    op("scan", lambda x: x.cumsum(-1) * x.sort(-1)[0] * x.cumprod(-1) * x.topk(8, -1)[0], ROWS),
    op("fft", lambda x: torch.fft.irfft2(torch.fft.rfft2(x)), IMAGE),
    op("made", lambda x: x + torch.arange(8.0) + torch.zeros_like(x) + torch.rand_like(x), ROWS),
    op("item", lambda x: x * (2.0 if float(torch.tensor(3.0)) > 1 else 1.0), ROWS),
    op("loss", lambda x: F.cross_entropy(x, INDEX) + F.mse_loss(x, torch.ones(ROWS)), ROWS),
]
