"""The shipped examples run, learn, and measure as their definitions say."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import torch

import netadvise

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def imported(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DIGITS_MACS = 9 * (8 * 8 * (1 * 32 + 32 * 32) + 4 * 4 * (32 * 64 + 64 * 64)) + 256 * 10
TAGGER_MACS = 32 * (2 * 4 * 256 * (128 + 256) + 2 * 4 * 256 * (512 + 256) + 512 * 17)


@pytest.mark.parametrize(
    ("example", "source", "macs"),
    [
        ("digits_cnn", "declared", DIGITS_MACS),
        ("lstm_tagger", "declared", TAGGER_MACS),
        ("inception_bottleneck", "inferred", 512_010_240),
    ],
)
def test_every_example_is_measured_without_options(example: str, source: str, macs: int) -> None:
    profile = netadvise.profile(str(EXAMPLES / f"{example}.py"))
    assert {given.source for given in profile.inputs} == {source}
    assert profile.totals.macs == macs
    assert [gap for gap in profile.totals.gaps if gap.quantity == "macs"] == []


def test_the_digits_network_learns() -> None:
    digits = imported("digits_cnn")
    torch.manual_seed(0)
    images = torch.zeros(128, 1, 8, 8)
    labels = torch.arange(128) % 2
    images[labels == 1, :, :4] = 1.0
    model = digits.DigitsCNN(width=8)
    digits.train(model, images, labels, epochs=3)
    assert digits.accuracy(model, images, labels) == 1.0


def test_the_classifier_keeps_its_inputs_batch() -> None:
    example = imported("inception_bottleneck")
    assert example.build_model()(torch.zeros(2, 3, 64, 64)).shape == (2, 100)


def test_the_tagger_scores_every_token() -> None:
    example = imported("lstm_tagger")
    assert example.build_model()(**example.example_inputs()).shape == (1, 32, 17)
