"""What one parameter of forward is given: by its type, by its name, or by the layer that it goes to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from netadvise.capture.blueprint import Plain, Slot, Tree, as_image
from netadvise.capture.structure import Entry, Parameter, entries

FRAMES = 16
LENGTH = 128
"""Tokens or time steps."""

CLASSES = re.compile(r"^(y|labels?|class_labels?|classes)$")
"""Parameters that take one class number, where the model embeds any."""

_Maker = Callable[["Context", Parameter], Tree | None]


@dataclass(frozen=True)
class Context:
    """What is known about the model while one guess is made."""

    module: nn.Module
    entry: Entry
    size: int
    length: int
    rnn: Any


def tree_for(context: Context, parameter: Parameter) -> Tree:
    """The input for one parameter: by its type, its name, or the layer it goes to."""
    plain = {"int": 1, "bool": False, "float": 1.0, "str": ""}.get(parameter.annotation)
    if plain is not None:
        return Plain(plain)
    for pattern, make in BY_NAME:
        if pattern.search(parameter.name):
            made = make(context, parameter)
            if made is not None:
                return made
    return slot_for(context.entry, context.size, context.length)


def slot_for(entry: Entry, size: int, length: int = LENGTH) -> Slot:
    """The tensor that a layer accepts, with one sample."""
    if entry.kind in ("image", "latent"):
        frames = (FRAMES,) if entry.rank == 3 and entry.channels in (2, 3) and entry.kind == "image" else ()
        spatial = (*frames, *[size] * (entry.rank - len(frames)))
        free = tuple(range(2 + len(frames), 2 + entry.rank))
        return Slot((1, entry.channels, *spatial), free=free)
    if entry.kind == "ids":
        return _tokens(entry, length)
    if entry.kind == "sequence":
        shape = (1, length, entry.channels) if entry.batch_first else (length, 1, entry.channels)
        return Slot(shape, free=(1,) if entry.batch_first else (0,))
    if length == LENGTH or length == 1:
        return Slot((1, entry.channels))
    return Slot((1, length, entry.channels), free=(1,))


def _tokens(entry: Entry, length: int) -> Slot:
    batch_first = entry.batch_first
    return Slot((1, length) if batch_first else (length, 1), "int64", "ids", free=(1,) if batch_first else (0,))


def _ids(context: Context, parameter: Parameter) -> Tree | None:
    known = next((entry for entry in entries(context.module) if entry.kind == "ids"), None)
    return _tokens(known, context.length) if known else None


def _image(context: Context, parameter: Parameter) -> Tree | None:
    return as_image(context.entry.channels) if context.entry.kind == "features" else None


def _class(context: Context, parameter: Parameter) -> Tree | None:
    known = any(entry.kind == "ids" for entry in entries(context.module))
    return Slot((1,), "int64", "ids") if known else None


def _mask(context: Context, parameter: Parameter) -> Tree:
    square = re.search(r"attn|causal|^(src|tgt)_mask$", parameter.name) is not None
    shape = (context.length, context.length) if square else (1, context.length)
    return Slot(shape, "bool", "zeros" if "pad" in parameter.name else "ones", free=(0, 1) if square else (1,))


def _lengths(context: Context, parameter: Parameter) -> Tree:
    return Plain(torch.tensor([context.length]))


def _time(context: Context, parameter: Parameter) -> Tree:
    return Slot((1,), "int64", "ones")


def _hidden(context: Context, parameter: Parameter) -> Tree | None:
    if context.rnn is None:
        return None
    width = context.rnn.hidden_size
    if isinstance(context.rnn, nn.RNNCellBase):
        state = Slot((1, width))
        return (state, state) if isinstance(context.rnn, nn.LSTMCell) else state
    layers = context.rnn.num_layers * (2 if context.rnn.bidirectional else 1)
    state = Slot((layers, 1, width))
    return (state, Slot((layers, 1, width))) if isinstance(context.rnn, nn.LSTM) else state


def _edges(context: Context, parameter: Parameter) -> Tree:
    return Slot((2, 32), "int64", "zeros")


BY_NAME: tuple[tuple[re.Pattern[str], _Maker], ...] = (
    (re.compile(r"^(img|imgs|images?|pixels|pixel_values|pictures?)$"), _image),
    (CLASSES, _class),
    (re.compile(r"edge_index"), _edges),
    (re.compile(r"mask"), _mask),
    (re.compile(r"len(gth)?s?$"), _lengths),
    (re.compile(r"^(t|time|timesteps?|sigmas?|noise_levels?)$"), _time),
    (re.compile(r"^(h|hx|h_?0|c_?0|hiddens?|hidden_state|prev_state|state)$"), _hidden),
    (re.compile(r"(^|_)(ids?|idx|tokens?|indices|words?|text|sentences?|chars?|src|tgt)$"), _ids),
)
