"""Edits of AlexNet."""

from __future__ import annotations

from netadvise.edit import Insert, Place, Replace, SetArgs
from tests.hand_edits.noun import IDENTITY, RELU, HandEdit, conv, norm

_FIRST = "nn.Conv2d(3, 64, kernel_size=11, stride=4, padding=2)"
_SECOND = "nn.Conv2d(64, 192, kernel_size=5, padding=2)"
_THIRD = "nn.Conv2d(192, 384, kernel_size=3, padding=1)"
_FOURTH = "nn.Conv2d(384, 256, kernel_size=3, padding=1)"

ALEXNET = (
    HandEdit(
        "alexnet",
        "another kernel",
        (SetArgs("features.3", {"kernel_size": 3, "padding": 1}),),
        {_SECOND: "nn.Conv2d(64, 192, kernel_size=3, padding=1)"},
        ("features.3", "features.3"),
    ),
    HandEdit(
        "alexnet",
        "another stride of the stem",
        (SetArgs("features.0", {"stride": 2}),),
        {_FIRST: "nn.Conv2d(3, 64, kernel_size=11, stride=2, padding=2)"},
        ("features.0", "features.0"),
    ),
    HandEdit(
        "alexnet",
        "no padding, so that what follows shrinks",
        (SetArgs("features.6", {"padding": 0}),),
        {_THIRD: "nn.Conv2d(192, 384, kernel_size=3)"},
        ("features.6", "features.6"),
    ),
    HandEdit(
        "alexnet",
        "two groups, as on its two devices",
        (SetArgs("features.3", {"groups": 2}), SetArgs("features.8", {"groups": 2})),
        {
            _SECOND: "nn.Conv2d(64, 192, kernel_size=5, padding=2, groups=2)",
            _FOURTH: "nn.Conv2d(384, 256, kernel_size=3, padding=1, groups=2)",
        },
        ("features.3", "features.3"),
    ),
    HandEdit(
        "alexnet",
        "no bias",
        (SetArgs("features.0", {"bias": False}),),
        {_FIRST: "nn.Conv2d(3, 64, kernel_size=11, stride=4, padding=2, bias=False)"},
        ("features.0", "features.0"),
    ),
    HandEdit(
        "alexnet",
        "two 3x3 for the 5x5",
        (Replace("features.3", (conv(64, 192, 3, padding=1), RELU, conv(192, 192, 3, padding=1))),),
        {_SECOND: "nn.Sequential(nn.Conv2d(64, 192, 3, 1, 1), nn.ReLU(True), nn.Conv2d(192, 192, 3, 1, 1))"},
        ("features.3", "features.3.2"),
    ),
    HandEdit(
        "alexnet",
        "depthwise and pointwise",
        (Replace("features.6", (conv(192, 192, 3, padding=1, groups=192), conv(192, 384, 1))),),
        {_THIRD: "nn.Sequential(nn.Conv2d(192, 192, 3, padding=1, groups=192), nn.Conv2d(192, 384, 1))"},
        ("features.6", "features.6.1"),
    ),
    HandEdit(
        "alexnet",
        "1x1",
        (Replace("features.8", (conv(384, 256, 1),)),),
        {_FOURTH: "nn.Conv2d(384, 256, kernel_size=1)"},
        ("features.8", "features.8"),
    ),
    HandEdit(
        "alexnet",
        "a stem of stride 8 and no pool",
        (Replace("features.2", (IDENTITY,)), SetArgs("features.0", {"stride": 8})),
        {
            f"{_FIRST},\n            nn.ReLU(inplace=True),\n            nn.MaxPool2d(kernel_size=3, stride=2)": (
                "nn.Conv2d(3, 64, kernel_size=11, stride=8, padding=2), nn.ReLU(inplace=True), nn.Identity()"
            )
        },
        ("features.2", "features.2"),
    ),
    HandEdit(
        "alexnet",
        "a norm after a convolution",
        (Insert(Place("after", "features.3"), (norm(192),)),),
        {_SECOND: f"nn.Sequential({_SECOND}, nn.BatchNorm2d(192))"},
        ("features.3", "features.3.1"),
    ),
    HandEdit(
        "alexnet",
        "a 1x1 before a convolution, and a dilated one behind it",
        (
            Insert(Place("before", "features.6"), (conv(192, 192, 1), RELU)),
            SetArgs("features.10", {"dilation": 2, "padding": 2}),
        ),
        {
            _THIRD: f"nn.Sequential(nn.Conv2d(192, 192, 1), nn.ReLU(inplace=True), {_THIRD})",
            "nn.Conv2d(256, 256, kernel_size=3, padding=1)": "nn.Conv2d(256, 256, 3, padding=2, dilation=2)",
        },
        ("features.6", "features.6.2"),
    ),
)
