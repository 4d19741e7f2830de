"""Inputs for a transformers model, from its config and its forward's parameters."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import nn

from netadvise.capture.blueprint import Argument, Blueprint, Plain, Slot, Tree
from netadvise.capture.structure import parameters_of

LENGTH = 128

_Maker = Callable[["_Config"], Tree | None]


class _Config:
    """A config, with its nested ones as further places to look."""

    def __init__(self, config: Any, module: nn.Module) -> None:
        self.module = module
        parts = ["vision_config", "text_config", "audio_config", "encoder", "backbone_config", "thinker_config"]
        self.places = [config] + [part for name in parts if (part := getattr(config, name, None)) is not None]
        self.parts = {name: getattr(config, name, None) for name in parts}

    def get(self, *names: str, default: Any = None) -> Any:
        """The first of these settings that the config, or one nested in it, has."""
        for name in names:
            for place in self.places:
                found = getattr(place, name, None)
                if found is not None:
                    return found
        return default

    def image_size(self) -> tuple[int, int]:
        size = self.get("image_size", "input_size", "img_size", default=224)
        if isinstance(size, dict):
            size = tuple(size.values())
        pair = tuple(size) if isinstance(size, list | tuple) else (size, size)
        return int(pair[0]), int(pair[-1])

    def length(self) -> int:
        longest = self.get("max_position_embeddings", "n_positions", "max_target_positions", default=LENGTH)
        return min(LENGTH, longest) if isinstance(longest, int) and longest > 0 else LENGTH

    def vocabulary(self) -> int:
        return int(self.get("vocab_size", default=100) or 100)

    def image_tokens(self) -> int:
        """How many of the text's tokens stand for one image; 0 when the model has no such token."""
        if self.get("image_token_id", "image_token_index") is None:
            return 0
        named = self.get("image_seq_length", "mm_tokens_per_image", "num_image_tokens")
        if named:
            return int(named)
        patch = self.get("patch_size", default=14)
        height, width = self.image_size()
        patch = patch[0] if isinstance(patch, list | tuple) else patch
        return (height // patch) * (width // patch)


def transformers_inputs(module: nn.Module) -> Iterator[Blueprint]:
    """The inputs that the config asks for, then the library's own `dummy_inputs`."""
    config = vars(module).get("config")
    if config is None or "transformers" not in sys.modules:
        return
    names = [item.name for item in parameters_of(module)[0]]
    made = _Config(config, module)
    wanted = [name for name in _wanted(module, config, names) if name in names]
    blueprint = tuple(_arguments(made, wanted))
    if blueprint:
        yield blueprint
    main = getattr(module, "main_input_name", "")
    if main in names and wanted != [main]:
        yield tuple(_arguments(made, [main]))
    yield from _dummy(module, names)


def _arguments(config: _Config, wanted: list[str]) -> Iterator[Argument]:
    for name in wanted:
        tree = _MAKERS[name](config) if name in _MAKERS else None
        if tree is not None:
            yield Argument(name, tree, positional=False)


def _wanted(module: nn.Module, config: Any, names: list[str]) -> list[str]:
    """The parameters to give, in order: the main one, what goes with it, and everything required."""
    main = getattr(module, "main_input_name", "input_ids")
    required = [item.name for item in parameters_of(module)[0] if item.required]
    wanted = [*required, main]
    if "input_ids" in names and (main == "input_ids" or "pixel_values" in names or "input_features" in names):
        wanted += ["input_ids", "attention_mask"] if not _is_speech(config, names) else []
    if "pixel_values" in names and "input_ids" in names:
        wanted += ["pixel_values"] if _has_images(config) else []
    if "bbox" in names:
        wanted.append("bbox")
    if getattr(config, "is_encoder_decoder", False) or "decoder_input_ids" in required:
        wanted.append("decoder_input_ids")
    wanted += [
        name for name in ("past_time_features", "past_observed_mask", "future_time_features") if name in required
    ]
    return list(dict.fromkeys(wanted))


def _is_speech(config: Any, names: list[str]) -> bool:
    return "input_features" in names and not hasattr(config, "text_config")


def _has_images(config: Any) -> bool:
    return any(getattr(config, name, None) is not None for name in ("vision_config", "image_size", "vq_config"))


def _text(config: _Config) -> Tree:
    count = config.image_tokens() if _has_images(config.places[0]) else 0
    length = config.length()
    token = config.get("image_token_id", "image_token_index")
    if not count or token is None:
        return Slot((1, length), "int64", "ids")
    words = torch.arange(16) % 100 + 3
    return Plain(torch.cat([words, torch.full((count,), int(token)), words]).reshape(1, -1))


def _attention_mask(config: _Config) -> Tree | None:
    text = _text(config)
    length = text.value.shape[1] if isinstance(text, Plain) else config.length()
    return Slot((1, length), "int64", "ones")


def _pixels(config: _Config) -> Tree:
    channels = int(config.get("num_channels", "in_channels", "in_chans", default=3))
    frames = config.get("num_frames")
    spatial = config.image_size()
    return Slot((1, int(frames), channels, *spatial) if frames else (1, channels, *spatial))


def _waveform(config: _Config) -> Tree:
    bins, longest = config.get("num_mel_bins"), config.get("max_length")
    if bins and longest:
        return Slot((1, int(longest), int(bins)))
    return Slot((1, 16000))


def _features(config: _Config) -> Tree:
    bins = int(config.get("num_mel_bins", "feature_size", "input_feat_per_channel", "input_dim", default=80))
    longest = config.get("max_source_positions")
    if config.get("feature_projection_input_dim"):
        return Slot((1, 256, int(config.get("feature_projection_input_dim"))))
    if config.get("input_feat_per_channel") or not longest:
        return Slot((1, 512, bins))
    return Slot((1, bins, 2 * int(longest)))


def _boxes(config: _Config) -> Tree:
    return Slot((1, config.length(), 4), "int64", "zeros")


def _decoder_ids(config: _Config) -> Tree:
    return Slot((1, min(32, config.length())), "int64", "ids")


def _past(config: _Config) -> int:
    lags = config.get("lags_sequence")
    return int(config.get("context_length", "prediction_length", default=32)) + (max(lags) if lags else 0)


def _series(config: _Config) -> Tree:
    channels = int(config.get("num_input_channels", "input_size", default=1))
    return Slot((1, _past(config)) if channels == 1 and config.get("lags_sequence") else (1, _past(config), channels))


def _time_features(config: _Config) -> Tree:
    return Slot((1, _past(config), int(config.get("num_time_features", default=0))))


_MAKERS: dict[str, _Maker] = {
    "input_ids": _text,
    "attention_mask": _attention_mask,
    "decoder_input_ids": _decoder_ids,
    "pixel_values": _pixels,
    "pixel_values_videos": _pixels,
    "pixel_mask": lambda config: Slot((1, *config.image_size()), "int64", "ones"),
    "input_values": _waveform,
    "input_features": _features,
    "bbox": _boxes,
    "past_values": _series,
    "past_observed_mask": lambda config: Slot((1, _past(config)), "float32", "ones"),
    "past_time_features": _time_features,
    "inputs": lambda config: Slot((1, config.length(), int(config.get("d_model", default=768)))),
}


def _dummy(module: nn.Module, names: list[str]) -> Iterator[Blueprint]:
    try:
        found = module.dummy_inputs
    except Exception:
        return
    if isinstance(found, dict) and found and set(found) <= set(names):
        yield tuple(Argument(name, Plain(value), positional=False) for name, value in found.items())
