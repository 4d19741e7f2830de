"""Layers replaced by others, dropped, and inserted."""

from __future__ import annotations

from netadvise.edit import Insert, Part, Place, Replace
from tests.rewrite.corpus import AFTER, DROPPED, TWO_3X3, Case, net, set_args

BLOCK = (
    "from torch import nn\n\n\nclass Block(nn.Module):\n    def __init__(self, width):\n        super().__init__()\n"
)
WIDE = "nn.Conv2d(16, 16, 5, padding=2)"
TWO_LINES = """nn.Sequential(
            nn.Conv2d(16, 16, 3, padding=1, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(inplace=True),
            nn.Conv2d(16, 16, 3, padding=1),
        )"""

REPLACED = (
    Case("two-3x3", net(f"self.conv = {WIDE}"), TWO_3X3, changes=((WIDE, TWO_LINES),)),
    Case(
        "two-3x3-from-imports",
        net("self.conv = Conv2d(16, 16, 5, padding=2)", head="from torch.nn import *\n", base="Module"),
        TWO_3X3,
        changes=(("Conv2d(16, 16, 5, padding=2)", TWO_LINES.replace("nn.", "")),),
    ),
    Case(
        "two-3x3-named-widths",
        BLOCK
        + f"        self.conv = {WIDE.replace('16', 'width')}\n\n\n"
        + net("self.a, self.b = Block(16), Block(16)", head="").lstrip(),
        tuple(Replace(f"{path}.conv", TWO_3X3[0].chain) for path in "ab"),
        changes=((WIDE.replace("16", "width"), TWO_LINES.replace("16", "width")),),
    ),
    Case(
        "pointwise",
        net("self.conv = nn.Conv2d(16, 32, 3)"),
        (Replace("conv", (Part("Conv2d", {"in_channels": 16, "out_channels": 32, "kernel_size": 1}),)),),
        changes=(("32, 3)", "32, 1)"),),
    ),
    Case(
        "separable",
        net("self.conv = nn.Conv2d(16, 32, 3)"),
        (
            Replace(
                "conv",
                (
                    Part("Conv2d", {"in_channels": 16, "out_channels": 16, "kernel_size": 3, "groups": 16}),
                    Part("Conv2d", {"in_channels": 16, "out_channels": 32, "kernel_size": 1}),
                ),
            ),
        ),
        changes=(("nn.Conv2d(16, 32, 3)", "nn.Sequential(nn.Conv2d(16, 16, 3, groups=16), nn.Conv2d(16, 32, 1))"),),
    ),
    Case("dropped", net("self.conv = nn.MaxPool2d(2)"), DROPPED, changes=(("nn.MaxPool2d(2)", "nn.Identity()"),)),
    Case(
        "dropped-bare-name",
        net("self.conv = MaxPool2d(2)", head="from torch import nn\nfrom torch.nn import MaxPool2d\n"),
        DROPPED,
        changes=(("= MaxPool2d(2)", "= nn.Identity()"),),
    ),
    Case(
        "like-another",
        net("self.norm = nn.BatchNorm2d(4, eps=0.001)", "self.conv = nn.Identity()"),
        (Replace("conv", (Part("like:norm", {"num_features": 8}),)),),
        changes=(("nn.Identity()", "nn.BatchNorm2d(8, eps=0.001)"),),
    ),
    Case(
        "inserted-after",
        net("self.conv = nn.Conv2d(3, 8, 3)"),
        AFTER,
        changes=(("nn.Conv2d(3, 8, 3)", "nn.Sequential(nn.Conv2d(3, 8, 3), nn.Dropout(p=0.25))"),),
    ),
    Case(
        "inserted-before",
        net("self.conv = nn.Sequential(nn.Conv2d(3, 8, 3))"),
        (Insert(Place("before", "conv.0"), (Part("BatchNorm2d", {"num_features": 3}),)),),
        changes=(("nn.Conv2d(3, 8, 3)", "nn.Sequential(nn.BatchNorm2d(3), nn.Conv2d(3, 8, 3))"),),
    ),
    Case(
        "inserted-and-set",
        net("self.conv = nn.Conv2d(", "    3, 8, 3,  # small", ")"),
        (*AFTER, *set_args(bias=False)),
        changes=(
            ("nn.Conv2d(", "nn.Sequential(nn.Conv2d("),
            ("3, 8, 3,", "3, 8, 3, bias=False,"),
            ("small\n        )", "small\n        ), nn.Dropout(p=0.25))"),
        ),
    ),
)
