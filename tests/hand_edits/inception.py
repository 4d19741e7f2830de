"""Edits of the Inception network: in branches, and behind functional ReLU and concatenation."""

from __future__ import annotations

from netadvise.edit import Insert, Part, Place, Replace, SetArgs
from tests.hand_edits.noun import IDENTITY, RELU, HandEdit, conv, norm

_STEM = "nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3)"
_FIVE = "nn.Conv2d(c5_reduced, c5, kernel_size=5, padding=2, bias=False)"
_POOL1 = "self.pool1 = nn.MaxPool2d(3, stride=2, padding=1)"
_BRANCHES = {"inception3a": (16, 32), "inception3b": (32, 96), "inception4a": (16, 48)}
"""Channels before and after each 5x5."""
_THREES = (
    "nn.Sequential(nn.Conv2d({0}, {1}, 3, padding=1, bias=False), nn.BatchNorm2d({1}), nn.ReLU(), "
    "nn.Conv2d({1}, {1}, 3, padding=1, bias=False))"
)
_FC = "self.fc = nn.Linear(512, num_classes)\n"
_CAT = "return torch.cat(branches, dim=1)"


def _threes(module: str, inputs: int, outputs: int) -> Replace:
    first = conv(inputs, outputs, 3, padding=1, bias=False)
    between = (Part(f"like:{module}.branch5.1"), Part(f"like:{module}.branch5.2"))
    return Replace(f"{module}.branch5.0", (first, *between, conv(outputs, outputs, 3, padding=1, bias=False)))


INCEPTION = (
    HandEdit(
        "inception",
        "two 3x3 for the 5x5 of every module, with their norm and activation",
        tuple(_threes(module, *widths) for module, widths in _BRANCHES.items()),
        {_FIVE: _THREES.format("c5_reduced", "c5")},
        ("inception3a.branch5.0", "inception3a.branch5.0.3"),
    ),
    HandEdit(
        "inception",
        "two 3x3 for the 5x5 of one module",
        (_threes("inception3b", 32, 96),),
        {_FC: f"{_FC}        self.inception3b.branch5[0] = {_THREES.format(32, 96)}\n"},
        ("inception3b.branch5.0", "inception3b.branch5.0.3"),
        refused="inception3",
    ),
    HandEdit(
        "inception",
        "3x3 for the 5x5",
        tuple(SetArgs(f"{module}.branch5.0", {"kernel_size": 3, "padding": 1}) for module in _BRANCHES),
        {_FIVE: _FIVE.replace("=5", "=3").replace("=2", "=1")},
        ("inception3a.branch5.0", "inception3a.branch5.0"),
    ),
    HandEdit(
        "inception",
        "another stride and kernel of the stem, no pool behind it",
        (SetArgs("stem", {"kernel_size": 8, "stride": 4, "padding": 2}), Replace("pool1", (IDENTITY,))),
        {_STEM: "nn.Conv2d(3, 64, 8, stride=4, padding=2)", _POOL1: "self.pool1 = nn.Identity()"},
        ("stem", "stem"),
    ),
    HandEdit(
        "inception",
        "groups of the stem's second layer, built by a class for all",
        (SetArgs("conv2.conv", {"groups": 8}),),
        {"self.conv2 = ConvNorm(64, 64, kernel_size=1)": "self.conv2 = ConvNorm(64, 64, kernel_size=1, groups=8)"},
        ("conv2.conv", "conv2.conv"),
        refused="conv",
    ),
    HandEdit(
        "inception",
        "depthwise and pointwise inside a module of the user's",
        (Replace("conv3.conv", (conv(64, 64, 3, padding=1, groups=64, bias=False), conv(64, 192, 1, bias=False))),),
        {
            _FC: f"{_FC}        self.conv3.conv = nn.Sequential(nn.Conv2d(64, 64, 3, 1, 1, 1, 64, False), "
            "nn.Conv2d(64, 192, 1, bias=False))\n"
        },
        ("conv3.conv", "conv3.conv.1"),
        refused="conv",
    ),
    HandEdit(
        "inception",
        "1x1 for the module of the second 3x3",
        (Replace("inception4a.branch3.conv", (conv(96, 208, 1, bias=False),)),),
        {_FC: f"{_FC}        self.inception4a.branch3.conv = nn.Conv2d(96, 208, 1, bias=False)\n"},
        ("inception4a.branch3.conv", "inception4a.branch3.conv"),
        refused="conv",
    ),
    HandEdit(
        "inception",
        "a fusing 1x1 after the concatenation of one module",
        (Insert(Place("after-call", "inception3a", "cat"), (conv(256, 256, 1, bias=False), norm(256), RELU)),),
        {
            _FC: f"{_FC}        self.inception3a.fuse = nn.Sequential("
            "nn.Conv2d(256, 256, 1, bias=False), nn.BatchNorm2d(256), nn.ReLU())\n",
            _CAT: "x = torch.cat(branches, dim=1)\n        return self.fuse(x) if hasattr(self, 'fuse') else x",
        },
        ("inception3a/cat", "inception3a.fuse.2"),
        refused="inception3a",
    ),
    HandEdit(
        "inception",
        "a blur after the stem's ReLU, a function in the middle of the model's forward",
        (Insert(Place("after-call", "", "relu"), (Part("AvgPool2d", {"kernel_size": 2, "stride": 1}),)),),
        {"self.pool1(F.relu(self.stem(x)))": "self.pool1(F.avg_pool2d(F.relu(self.stem(x)), 2, 1))"},
        ("relu", "avg_pool2d"),
        refused="relu",
    ),
    HandEdit(
        "inception",
        "a 1x1 before a module of several branches",
        (Insert(Place("before", "inception4a"), (conv(480, 480, 1),)),),
        {
            "        self.dropout = ": "        self.extra = nn.Conv2d(480, 480, 1)\n        self.dropout = ",
            "self.inception4a(self.pool4(x))": "self.inception4a(self.extra(self.pool4(x)))",
        },
        ("inception4a/cat", "inception4a/cat"),
    ),
    HandEdit(
        "inception",
        "a norm after the stem and no bias in it",
        (Insert(Place("after", "stem"), (norm(64),)),),
        {_STEM: f"nn.Sequential({_STEM}, nn.BatchNorm2d(64))"},
        ("stem", "stem.1"),
    ),
)
