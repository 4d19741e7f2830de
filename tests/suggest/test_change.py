"""Edits in a few words."""

from __future__ import annotations

import pytest

from netadvise.edit import Edit, Insert, Part, Place, Replace, SetArgs
from netadvise.suggest.change import change

BUILT = {
    "conv": ("Conv2d", {"kernel_size": (5, 5), "stride": (1, 1), "groups": 1, "in_channels": 8, "out_channels": 16}),
    "norm": ("BatchNorm2d", {"num_features": 16}),
}
CASES: list[tuple[tuple[Edit, ...], str]] = [
    ((SetArgs("conv", {"kernel_size": 1, "padding": 0}),), "kernel_size=1, padding=0"),
    ((SetArgs("conv", {"kernel_size": (1, 7), "padding": "same"}),), "kernel_size=1x7, padding='same'"),
    ((Replace("conv", ()),), "remove it"),
    ((Replace("conv", (Part("Identity"),)),), "remove it"),
    ((Replace("pool", (Part("Identity"),)), SetArgs("conv", {"stride": 1})), "stride=1; pool: remove it"),
    (
        (Replace("conv", (Part("like:conv", {"kernel_size": 3}), Part("like:norm"), Part("ReLU"))),),
        "Conv2d 3x3 8 -> 16 + BatchNorm2d + ReLU",
    ),
    (
        (Replace("conv", (Part("like:conv", {"out_channels": 8, "groups": 8, "stride": 2}),)),),
        "Conv2d 5x5 /2 g8 8 -> 8",
    ),
    ((Replace("conv", (Part("Conv1d", {"in_channels": 4, "out_channels": 4, "kernel_size": 3}),)),), "Conv1d 3 4 -> 4"),
    ((Replace("conv", (Part("like:gone"),)),), "a layer like gone"),
    ((Insert(Place("after", "conv"), (Part("Dropout2d", {"p": 0.1}),)),), "insert Dropout2d after"),
    ((Insert(Place("after-call", "", "relu"), (Part("Dropout"),)),), "the model: insert Dropout after call relu"),
]


@pytest.mark.parametrize(("edits", "said"), CASES, ids=[case[1] for case in CASES])
def test_an_edit_in_words(edits: tuple[Edit, ...], said: str) -> None:
    assert change(edits, "conv", BUILT) == said
