"""Edits of VGG16."""

from __future__ import annotations

from netadvise.edit import Insert, Part, Place, Replace, SetArgs
from tests.hand_edits.noun import IDENTITY, RELU, HandEdit, conv, norm

_FIRST = "nn.Conv2d(3, 64, kernel_size=3, padding=1)"
_STAGE2 = "nn.Conv2d(64, 128, kernel_size=3, padding=1)"
_STAGE3 = "nn.Conv2d(128, 256, kernel_size=3, padding=1)"
_THIRD_OF_STAGE3 = "nn.Conv2d(256, 256, 3, 1, 1)"
_THIRD_OF_STAGE4 = "nn.Conv2d(512, 512, 3, 1, 1)"
_MANY_LINES = """nn.Conv2d(
                512,
                512,
                kernel_size=3,  # as everywhere
                padding=1,
            )"""

VGG16 = (
    HandEdit(
        "vgg16",
        "a larger kernel over several lines",
        (SetArgs("last.0", {"kernel_size": 5, "padding": 2}),),
        {_MANY_LINES: "nn.Conv2d(512, 512, kernel_size=5, padding=2)"},
        ("last.0", "last.0"),
    ),
    HandEdit(
        "vgg16",
        "a stride, where arguments are positional, in a pool's place",
        (SetArgs("features.14", {"stride": 2}), Replace("features.16", (IDENTITY,))),
        {
            f"{_THIRD_OF_STAGE3},\n            nn.ReLU(inplace=True),\n            nn.MaxPool2d(2, 2),": (
                "nn.Conv2d(256, 256, 3, 2, 1), nn.ReLU(inplace=True), nn.Identity(),"
            )
        },
        ("features.14", "features.14"),
    ),
    HandEdit(
        "vgg16",
        "a stride in a pool's place",
        (Replace("last.6", (IDENTITY,)), SetArgs("last.4", {"stride": 2})),
        {
            "nn.Conv2d(512, 512, (3, 3), padding=(1, 1))": "nn.Conv2d(512, 512, (3, 3), stride=2, padding=(1, 1))",
            "nn.MaxPool2d(kernel_size=2, stride=2)": "nn.Identity()",
        },
        ("last.6", "last.6"),
    ),
    HandEdit(
        "vgg16",
        "groups and dilation",
        (SetArgs("last.2", {"groups": 4}), SetArgs("features.21", {"dilation": 2, "padding": 2})),
        {
            'nn.Conv2d(512, 512, kernel_size=3, padding="same")': "nn.Conv2d(512, 512, 3, padding=1, groups=4)",
            _THIRD_OF_STAGE4: "nn.Conv2d(512, 512, 3, 1, 2, 2)",
        },
        ("last.2", "last.2"),
    ),
    HandEdit(
        "vgg16",
        "no bias before norms that are inserted",
        (
            Insert(Place("after", "features.5"), (norm(128),)),
            SetArgs("features.0", {"bias": False}),
        ),
        {
            _STAGE2: f"nn.Sequential({_STAGE2}, nn.BatchNorm2d(128))",
            _FIRST: "nn.Conv2d(3, 64, 3, padding=1, bias=False)",
        },
        ("features.5", "features.5.1"),
    ),
    HandEdit(
        "vgg16",
        "3x1 and 1x3",
        (
            Replace(
                "features.10", (conv(128, 256, (3, 1), padding=(1, 0)), RELU, conv(256, 256, (1, 3), padding=(0, 1)))
            ),
        ),
        {
            _STAGE3: "nn.Sequential(nn.Conv2d(128, 256, (3, 1), padding=(1, 0)), nn.ReLU(), "
            "nn.Conv2d(256, 256, (1, 3), padding=(0, 1)))"
        },
        ("features.10", "features.10.2"),
    ),
    HandEdit(
        "vgg16",
        "depthwise with norm and activation, and pointwise",
        (
            Replace(
                "features.14",
                (conv(256, 256, 3, padding=1, groups=256, bias=False), norm(256), RELU, conv(256, 256, 1)),
            ),
        ),
        {
            _THIRD_OF_STAGE3: "nn.Sequential(nn.Conv2d(256, 256, 3, 1, 1, 1, 256, False), nn.BatchNorm2d(256), "
            "nn.ReLU(), nn.Conv2d(256, 256, 1))"
        },
        ("features.14", "features.14.3"),
    ),
    HandEdit(
        "vgg16",
        "1x1",
        (Replace("features.21", (conv(512, 512, 1),)),),
        {_THIRD_OF_STAGE4: "nn.Conv2d(512, 512, 1)"},
        ("features.21", "features.21"),
    ),
    HandEdit(
        "vgg16",
        "an average before a stage",
        (Insert(Place("before", "last"), (Part("AvgPool2d", {"kernel_size": 3, "stride": 1, "padding": 1}),)),),
        {
            "self.last = nn.Sequential(": "self.stage5 = nn.Sequential(nn.AvgPool2d(3, 1, 1), nn.Sequential(",
            "nn.MaxPool2d(kernel_size=2, stride=2),\n        )": "nn.MaxPool2d(kernel_size=2, stride=2),\n        ))",
            "self.last(self.features(x))": "self.stage5(self.features(x))",
        },
        ("last.6", "stage5.1.6"),
    ),
)
