"""Edits of the small network: every kind of edit on lines that are written once."""

from __future__ import annotations

from netadvise.edit import Insert, Part, Place, Replace, SetArgs
from tests.hand_edits.noun import IDENTITY, RELU, HandEdit, conv

_CONV1 = "nn.Conv2d(3, 32, 5, padding=2)"
_CONV2 = "nn.Conv2d(32, 32, 5, padding=2)"
_DEPTHWISE = "nn.Conv2d(32, 32, 5, padding=2, groups=32)"
_CONV3 = "nn.Conv2d(32, 64, 3, stride=2, padding=1)"
_CONV4 = "nn.Conv2d(64, 64, 3, padding=1)"
_NORM2 = "nn.BatchNorm2d(32)"

SMALL_CNN = (
    HandEdit(
        "small_cnn",
        "another kernel",
        (SetArgs("conv1", {"kernel_size": 7, "padding": 3}),),
        {_CONV1: "nn.Conv2d(3, 32, 7, padding=3)"},
        ("conv1", "conv1"),
    ),
    HandEdit(
        "small_cnn",
        "kernels and paddings that differ by axis",
        (SetArgs("conv3", {"kernel_size": (1, 5), "padding": (0, 2), "stride": (1, 2)}),),
        {_CONV3: "nn.Conv2d(32, 64, (1, 5), stride=(1, 2), padding=(0, 2))"},
        ("conv3", "conv3"),
    ),
    HandEdit(
        "small_cnn",
        "groups, bias and stride at once",
        (SetArgs("conv4", {"groups": 8, "bias": False, "stride": 2}),),
        {_CONV4: "nn.Conv2d(64, 64, 3, padding=1, stride=2, groups=8, bias=False)"},
        ("conv4", "conv4"),
    ),
    HandEdit(
        "small_cnn",
        "two 3x3 for the 5x5, with its norm and a functional activation",
        (
            Replace(
                "conv2",
                (conv(32, 32, 3, padding=1, bias=False), Part("like:norm2"), RELU, conv(32, 32, 3, padding=1)),
            ),
        ),
        {
            _CONV2: "nn.Sequential(nn.Conv2d(32, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(), "
            "nn.Conv2d(32, 32, 3, padding=1))"
        },
        ("conv2", "conv2.3"),
    ),
    HandEdit(
        "small_cnn",
        "depthwise and pointwise",
        (Replace("conv4", (conv(64, 64, 3, padding=1, groups=64), conv(64, 64, 1))),),
        {_CONV4: "nn.Sequential(nn.Conv2d(64, 64, 3, padding=1, groups=64), nn.Conv2d(64, 64, 1))"},
        ("conv4", "conv4.1"),
    ),
    HandEdit(
        "small_cnn",
        "1x1",
        (Replace("conv4", (Part("like:conv4", {"kernel_size": 1, "padding": 0}),)),),
        {_CONV4: "nn.Conv2d(64, 64, 1)"},
        ("conv4", "conv4"),
    ),
    HandEdit(
        "small_cnn",
        "nothing in a layer's place",
        (Replace("large", (IDENTITY,)), Replace("norm2", (IDENTITY,))),
        {"nn.Conv2d(64, 64, 7, padding=3, groups=64)": "nn.Identity()", _NORM2: "nn.Identity()"},
        ("large", "large"),
    ),
    HandEdit(
        "small_cnn",
        "dropout after a norm, and a dilated depthwise",
        (
            Insert(Place("after", "norm2"), (Part("Dropout2d", {"p": 0.1}),)),
            SetArgs("depthwise", {"dilation": 2, "padding": 4}),
        ),
        {
            f"self.norm2 = {_NORM2}": f"self.norm2 = nn.Sequential({_NORM2}, nn.Dropout2d(p=0.1))",
            _DEPTHWISE: "nn.Conv2d(32, 32, 5, padding=4, dilation=2, groups=32)",
        },
        ("norm2", "norm2.1"),
    ),
    HandEdit(
        "small_cnn",
        "a pool before a convolution",
        (Insert(Place("before", "conv3"), (Part("MaxPool2d", {"kernel_size": 2}),)),),
        {f"self.conv3 = {_CONV3}": f"self.conv3 = nn.Sequential(nn.MaxPool2d(2), {_CONV3})"},
        ("conv3", "conv3.1"),
    ),
    HandEdit(
        "small_cnn",
        "a 3x3 after the second functional pool",
        (Insert(Place("after-call", "", "max_pool2d", 1), (conv(32, 32, 3, padding=1), RELU)),),
        {
            "        self.drop = ": (
                "        self.extra = nn.Sequential(nn.Conv2d(32, 32, 3, padding=1), nn.ReLU())\n        self.drop = "
            ),
            "F.max_pool2d(F.relu(self.depthwise(x)), 2)": "self.extra(F.max_pool2d(F.relu(self.depthwise(x)), 2))",
        },
        ("max_pool2d_1", "extra.1"),
        refused="max_pool2d",
    ),
)
