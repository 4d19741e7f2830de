"""Edits of ResNet-50: of one block, and of the line that builds the layer of all 16."""

from __future__ import annotations

from netadvise.edit import Insert, Part, Place, Replace, SetArgs
from tests.hand_edits.noun import IDENTITY, RELU, HandEdit, conv

_BLOCKS = [f"layer{stage}.{block}" for stage, count in enumerate((3, 4, 6, 3), 1) for block in range(count)]
_STEM = "nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)"
_MAXPOOL = "nn.MaxPool2d(kernel_size=3, stride=2, padding=1)"
_SPATIAL = "nn.Conv2d(width, width, kernel_size=3, stride=stride, padding=1, bias=False)"
_FC = "self.fc = nn.Linear(2048, num_classes)\n"

RESNET50 = (
    HandEdit(
        "resnet50",
        "a stem for small inputs",
        (
            SetArgs("conv1", {"kernel_size": 3, "stride": 1, "padding": 1}),
            Replace("maxpool", (IDENTITY,)),
        ),
        {_STEM: "nn.Conv2d(3, 64, kernel_size=3, stride=1, padding=1, bias=False)", _MAXPOOL: "nn.Identity()"},
        ("conv1", "conv1"),
    ),
    HandEdit(
        "resnet50",
        "three 3x3 for the 7x7, with the network's own norm and activation",
        (
            Replace(
                "conv1",
                (
                    conv(3, 32, 3, stride=2, padding=1, bias=False),
                    Part("like:bn1", {"num_features": 32}),
                    Part("like:relu"),
                    conv(32, 32, 3, padding=1, bias=False),
                    Part("like:bn1", {"num_features": 32}),
                    Part("like:relu"),
                    conv(32, 64, 3, padding=1, bias=False),
                ),
            ),
        ),
        {
            _STEM: "nn.Sequential("
            "nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(inplace=True), "
            "nn.Conv2d(32, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(inplace=True), "
            "nn.Conv2d(32, 64, 3, 1, 1, bias=False))"
        },
        ("conv1", "conv1.6"),
    ),
    HandEdit(
        "resnet50",
        "32 groups in one block",
        (SetArgs("layer2.1.conv2", {"groups": 32}),),
        {_FC: f"{_FC}        self.layer2[1].conv2 = nn.Conv2d(128, 128, 3, padding=1, groups=32, bias=False)\n"},
        ("layer2.1.conv2", "layer2.1.conv2"),
        refused="layer",
    ),
    HandEdit(
        "resnet50",
        "32 groups in every block",
        tuple(SetArgs(f"{block}.conv2", {"groups": 32}) for block in _BLOCKS),
        {_SPATIAL: _SPATIAL.replace("bias", "groups=32, bias")},
        ("layer1.0.conv2", "layer1.0.conv2"),
    ),
    HandEdit(
        "resnet50",
        "the stride moved to the first 1x1",
        (SetArgs("layer3.0.conv1", {"stride": 2}), SetArgs("layer3.0.conv2", {"stride": 1})),
        {_FC: f"{_FC}        self.layer3[0].conv1.stride, self.layer3[0].conv2.stride = (2, 2), (1, 1)\n"},
        ("layer3.0.conv1", "layer3.0.conv1"),
        refused="layer",
    ),
    HandEdit(
        "resnet50",
        "1x1 in the last blocks",
        tuple(Replace(f"layer4.{block}.conv2", (conv(512, 512, 1, bias=False),)) for block in (1, 2)),
        {
            _FC: f"{_FC}        for block in self.layer4[1:]:\n"
            "            block.conv2 = nn.Conv2d(512, 512, 1, bias=False)\n"
        },
        ("layer4.1.conv2", "layer4.1.conv2"),
        refused="layer",
    ),
    HandEdit(
        "resnet50",
        "a gate's 1x1 after the stem's pool",
        (Insert(Place("after", "maxpool"), (conv(64, 64, 1), RELU)),),
        {_MAXPOOL: f"nn.Sequential({_MAXPOOL}, nn.Conv2d(64, 64, 1), nn.ReLU())"},
        ("maxpool", "maxpool.2"),
    ),
    HandEdit(
        "resnet50",
        "a linear layer before the last",
        (Insert(Place("before", "fc"), (Part("Linear", {"in_features": 2048, "out_features": 2048}),)),),
        {_FC: "self.fc = nn.Sequential(nn.Linear(2048, 2048), nn.Linear(2048, num_classes))\n"},
        ("fc", "fc.1"),
    ),
    HandEdit(
        "resnet50",
        "no bias of the last layer",
        (SetArgs("fc", {"bias": False}),),
        {_FC: "self.fc = nn.Linear(2048, num_classes, bias=False)\n"},
        ("fc", "fc"),
    ),
)
