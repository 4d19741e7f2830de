"""Networks on which counters go wrong, each with its multiply-accumulates worked out from its definition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.libraries import import_transformers


@dataclass(frozen=True, slots=True)
class Case:
    """A network, its inputs, and its multiply-accumulates by hand; `gap` names an operator that no tool can know."""

    name: str
    build: Callable[[], nn.Module]
    args: Callable[[], tuple[Tensor, ...]]
    kwargs: Callable[[], dict[str, Tensor]]
    macs: int
    gap: str = ""


def _none() -> dict[str, Tensor]:
    return {}


def images(*shape: int) -> Callable[[], tuple[Tensor, ...]]:
    """A function that makes one float tensor."""
    return lambda: (torch.zeros(shape),)


# A bidirectional LSTM of two layers. Each step of each direction multiplies [4 H, I] and [4 H, H] by a vector.
LENGTH, WIDTH, HIDDEN = 100, 256, 512


class LSTM(nn.Module):
    """Sequences [N, L, I] to ten scores per step."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(WIDTH, HIDDEN, num_layers=2, bidirectional=True, batch_first=True)
        self.head = nn.Linear(2 * HIDDEN, 10)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.lstm(x)[0])


LSTM_MACS = LENGTH * (2 * 4 * HIDDEN * (WIDTH + HIDDEN) + 2 * 4 * HIDDEN * (2 * HIDDEN + HIDDEN) + 2 * HIDDEN * 10)


class GRULoop(nn.Module):
    """A GRU cell, called once per step in a Python loop."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.GRUCell(32, 64)
        self.head = nn.Linear(64, 5)

    def forward(self, x: Tensor) -> Tensor:
        state = x.new_zeros(x.shape[0], 64)
        for step in x.unbind(dim=1):
            state = self.cell(step, state)
        return self.head(state)


GRU_LOOP_MACS = 20 * 3 * 64 * (32 + 64) + 64 * 5


class Functional(nn.Module):
    """No submodules: convolutions, a linear layer, a matrix product and an einsum on raw parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.zeros(16, 3, 3, 3))
        self.second = nn.Parameter(torch.zeros(32, 16, 3, 3))
        self.mix = nn.Parameter(torch.zeros(4, 32, 32))
        self.out = nn.Parameter(torch.zeros(10, 32))

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(F.conv2d(x, self.first, padding=1))
        x = F.relu(F.conv2d(x, self.second, stride=2, padding=1))
        tokens = x.flatten(2).transpose(1, 2)
        similar = tokens @ tokens.transpose(1, 2)
        mixed = torch.einsum("nlc,hcd->nhld", tokens, self.mix).mean(dim=1)
        return F.linear((similar @ mixed).mean(dim=1), self.out)


_TOKENS = 16 * 16
FUNCTIONAL_MACS = (
    32 * 32 * 16 * 3 * 9  # first
    + _TOKENS * 32 * 16 * 9  # second
    + _TOKENS * 32 * _TOKENS  # similar
    + _TOKENS * 4 * 32 * 32  # mix
    + _TOKENS * _TOKENS * 32  # similar @ mixed
    + 32 * 10  # out
)


class UNet(nn.Module):
    """Two levels down, two up by transposed convolutions, with concatenated skips."""

    def __init__(self) -> None:
        super().__init__()
        self.down1 = nn.Conv2d(3, 16, 3, padding=1)
        self.down2 = nn.Conv2d(16, 32, 3, padding=1)
        self.bottom = nn.Conv2d(32, 64, 3, padding=1)
        self.up2 = nn.ConvTranspose2d(64, 32, 2, stride=2)
        self.merge2 = nn.Conv2d(64, 32, 3, padding=1)
        self.up1 = nn.ConvTranspose2d(32, 16, 3, stride=2, padding=1, output_padding=1)
        self.merge1 = nn.Conv2d(32, 16, 3, padding=1)
        self.head = nn.Conv2d(16, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        first = self.down1(x).relu()
        second = self.down2(F.max_pool2d(first, 2)).relu()
        bottom = self.bottom(F.max_pool2d(second, 2)).relu()
        up = self.merge2(torch.cat([self.up2(bottom), second], dim=1)).relu()
        up = self.merge1(torch.cat([self.up1(up), first], dim=1)).relu()
        return self.head(up)


# A transposed convolution multiplies its kernel by each *input* pixel.
UNET_MACS = (
    128**2 * 16 * 3 * 9
    + 64**2 * 32 * 16 * 9
    + 32**2 * 64 * 32 * 9
    + 32**2 * 64 * 32 * 4  # up2
    + 64**2 * 32 * 64 * 9
    + 64**2 * 32 * 16 * 9  # up1
    + 128**2 * 16 * 32 * 9
    + 128**2 * 2 * 16
)


class Attention(nn.Module):
    """Multi-head attention by `scaled_dot_product_attention`, then a two-layer perceptron; both residual."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        parts = self.qkv(self.norm1(x)).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = parts.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, length, width))
        return x + self.mlp(self.norm2(x))


def transformer() -> nn.Module:
    """Four blocks of width 192 with three heads."""
    return nn.Sequential(*(Attention(192, 3) for _ in range(4)))


# Per block: qkv 3 W^2, output W^2 and perceptron 8 W^2 per token; scores and mixing L^2 W each.
TRANSFORMER_MACS = 4 * (128 * 12 * 192**2 + 2 * 128**2 * 192)


def bert() -> nn.Module:
    """A small BERT from its config."""
    transformers = import_transformers()
    config = transformers.BertConfig(
        vocab_size=1000, hidden_size=128, num_hidden_layers=2, num_attention_heads=2, intermediate_size=512
    )
    return transformers.BertModel(config)


def _bert_inputs() -> dict[str, Tensor]:
    tokens = torch.ones(1, 64, dtype=torch.int64)
    return {"input_ids": tokens, "attention_mask": torch.ones_like(tokens)}


# As above for two blocks of width 128 at length 64, and the pooler on the first token.
BERT_MACS = 2 * (64 * 12 * 128**2 + 2 * 64**2 * 128) + 128**2


@torch.library.custom_op("benchmarks::scaled_matmul", mutates_args=())
def scaled_matmul(x: Tensor, weight: Tensor) -> Tensor:
    """A kernel of the user's own, opaque to every counter."""
    return (x @ weight) * 0.5


@scaled_matmul.register_fake
def _(x: Tensor, weight: Tensor) -> Tensor:
    return x.new_empty(*x.shape[:-1], weight.shape[-1])


class CustomOp(nn.Module):
    """A linear layer, then a matrix product inside a custom operator."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(64, 64)
        self.weight = nn.Parameter(torch.zeros(64, 256))

    def forward(self, x: Tensor) -> Any:
        return scaled_matmul(self.first(x), self.weight)


CUSTOM_OP_MACS = 32 * 64 * 64

CASES = (
    Case("LSTM, 2 layers, bidirectional", LSTM, images(1, LENGTH, WIDTH), _none, LSTM_MACS),
    Case("GRU cell in a loop", GRULoop, images(1, 20, 32), _none, GRU_LOOP_MACS),
    Case("functional only", Functional, images(1, 3, 32, 32), _none, FUNCTIONAL_MACS),
    Case("U-Net, transposed convolutions", UNet, images(1, 3, 128, 128), _none, UNET_MACS),
    Case("transformer, SDPA", transformer, images(1, 128, 192), _none, TRANSFORMER_MACS),
    Case("BERT from config, dict inputs", bert, tuple, _bert_inputs, BERT_MACS),
    Case("custom operator", CustomOp, images(32, 64), _none, CUSTOM_OP_MACS, gap="benchmarks.scaled_matmul"),
)
