"""Suggestions of `suggest-kernels`, followed by hand: at least one of every rule of rules/kernels.yaml."""

from __future__ import annotations

from tests.hand_edits.noun import HandSuggestion, Network

ALEXNET, VGG16, RESNET50 = Network("alexnet"), Network("vgg16"), Network("resnet50")
INCEPTION, SMALL = Network("inception"), Network("small_cnn")
RESNET50_AT_32 = Network("resnet50", 32)
SMALL_AT_256 = Network("small_cnn", 256)
FIRST_RESNET50 = Network(
    "resnet50",
    changes=(
        ("width, kernel_size=1, bias=False", "width, kernel_size=1, stride=stride, bias=False"),
        ("kernel_size=3, stride=stride, padding=1", "kernel_size=3, padding=1"),
    ),
)
"""With its strides on the 1x1, as it was published."""
SMALL_WITH_7X7 = Network("small_cnn", changes=(("nn.Conv2d(32, 32, 5, padding=2)", "nn.Conv2d(32, 32, 7, padding=3)"),))

_SECOND = "nn.Conv2d(64, 192, kernel_size=5, padding=2)"
_FOURTH = "nn.Conv2d(384, 256, kernel_size=3, padding=1)"
_MANY_LINES = """nn.Conv2d(
                512,
                512,
                kernel_size=3,  # as everywhere
                padding=1,
            )"""
_STAGE4 = "nn.Conv2d(256, 512, kernel_size=3, padding=1)"
_STEM = "nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)"
_MAXPOOL = "nn.MaxPool2d(kernel_size=3, stride=2, padding=1)"
_FC = "self.fc = nn.Linear(2048, num_classes)\n"
_BESIDE = {64: "nn.BatchNorm2d(64), nn.ReLU(inplace=True)", 256: "nn.BatchNorm2d(256), nn.ReLU(inplace=True)"}
_INCEPTION_FC = "self.fc = nn.Linear(512, num_classes)\n"
_CONV2 = "nn.Conv2d(32, 32, 5, padding=2)"
_CONV2_OF_7 = "nn.Conv2d(32, 32, 7, padding=3)"
_CONV3 = "nn.Conv2d(32, 64, 3, stride=2, padding=1)"
_CONV4 = "nn.Conv2d(64, 64, 3, padding=1)"
_FIVES = "        for module in (self.inception3a, self.inception4a):\n            module.branch5[0] = "


def _then(line: str, *further: str) -> dict[str, str]:
    """Lines added at the end of a constructor, behind its last line."""
    return {line: line + "".join(f"        {each}\n" for each in further)}


SUGGESTED = (
    HandSuggestion(
        ALEXNET,
        "KER106",
        "features.3",
        {_SECOND: "nn.Sequential(nn.Conv2d(64, 64, 5, padding=2, groups=64), nn.ReLU(), nn.Conv2d(64, 192, 1))"},
    ),
    HandSuggestion(ALEXNET, "KER108", "features.3", {_SECOND: "nn.Conv2d(64, 192, 3, padding=2, dilation=2)"}),
    HandSuggestion(
        ALEXNET,
        "KER016",
        "features.8",
        {
            _FOURTH: "nn.Sequential(nn.Conv2d(384, 64, 1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), "
            "nn.Conv2d(64, 256, 1))"
        },
    ),
    HandSuggestion(
        ALEXNET,
        "KER105",
        "features.8",
        {
            _FOURTH: "nn.Sequential(nn.Conv2d(384, 256, (1, 3), padding=(0, 1)), nn.ReLU(), "
            "nn.Conv2d(256, 256, (3, 1), padding=(1, 0)))"
        },
    ),
    HandSuggestion(
        VGG16,
        "KER106",
        "last.0",
        {_MANY_LINES: "nn.Sequential(nn.Conv2d(512, 512, 3, 1, 1, 1, 512), nn.ReLU(), nn.Conv2d(512, 512, 1))"},
    ),
    HandSuggestion(
        VGG16,
        "KER106",
        "last.2",
        {
            'nn.Conv2d(512, 512, kernel_size=3, padding="same")': "nn.Sequential("
            "nn.Conv2d(512, 512, 3, 1, 1, 1, 512), nn.ReLU(), nn.Conv2d(512, 512, 1))"
        },
    ),
    HandSuggestion(
        VGG16,
        "KER016",
        "features.17",
        {
            _STAGE4: "nn.Sequential(nn.Conv2d(256, 64, 1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), "
            "nn.Conv2d(64, 512, 1))"
        },
    ),
    HandSuggestion(
        RESNET50,
        "DWN001",
        "layer2.0.downsample.0",
        _then(
            _FC,
            "for stage in (self.layer2, self.layer3, self.layer4):",
            "    old = stage[0].downsample[0]",
            "    new = nn.Conv2d(old.in_channels, old.out_channels, 1, bias=False)",
            "    pool = nn.AvgPool2d(2, 2, ceil_mode=True, count_include_pad=False)",
            "    stage[0].downsample[0] = nn.Sequential(pool, new)",
        ),
    ),
    HandSuggestion(
        RESNET50,
        "KER106",
        "layer1.0.conv2",
        _then(
            _FC,
            "for block in self.layer1:",
            "    depthwise = nn.Conv2d(64, 64, 3, padding=1, groups=64, bias=False)",
            f"    block.conv2 = nn.Sequential(depthwise, {_BESIDE[64]}, nn.Conv2d(64, 64, 1, bias=False))",
        ),
    ),
    HandSuggestion(
        RESNET50,
        "KER107",
        "layer4.0.conv2",
        _then(
            _FC,
            "for stride, block in zip((2, 1, 1), self.layer4):",
            "    block.conv2 = nn.Conv2d(512, 512, 3, stride, 1, groups=32, bias=False)",
        ),
    ),
    HandSuggestion(
        RESNET50,
        "KER105",
        "layer3.1.conv2",
        _then(
            _FC,
            "for block in self.layer3[1:]:",
            "    across = nn.Conv2d(256, 256, (1, 3), padding=(0, 1), bias=False)",
            "    down = nn.Conv2d(256, 256, (3, 1), padding=(1, 0), bias=False)",
            f"    block.conv2 = nn.Sequential(across, {_BESIDE[256]}, down)",
        ),
    ),
    HandSuggestion(
        RESNET50,
        "KER111",
        "conv1",
        {_STEM: "nn.Conv2d(3, 64, 4, stride=4, bias=False)", _MAXPOOL: "nn.Identity()"},
    ),
    HandSuggestion(
        RESNET50,
        "KER112",
        "conv1",
        {
            _STEM: "nn.Sequential("
            "nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(), "
            "nn.Conv2d(32, 32, 3, 1, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU(), "
            "nn.Conv2d(32, 64, 3, 1, 1, bias=False))"
        },
    ),
    HandSuggestion(
        RESNET50_AT_32,
        "KER003",
        "conv1",
        {_STEM: "nn.Conv2d(3, 64, 3, padding=1, bias=False)", _MAXPOOL: "nn.Identity()"},
    ),
    HandSuggestion(
        FIRST_RESNET50,
        "KER110",
        "layer2.0.conv1",
        _then(
            _FC,
            "for stage in (self.layer2, self.layer3, self.layer4):",
            "    stage[0].conv1.stride, stage[0].conv2.stride = (1, 1), (2, 2)",
        ),
    ),
    HandSuggestion(
        INCEPTION,
        "KER015",
        "conv3.conv",
        _then(
            _INCEPTION_FC,
            "same, wider = nn.Conv2d(64, 64, 3, padding=1, bias=False), nn.Conv2d(64, 192, 1, bias=False)",
            "self.conv3.conv = nn.Sequential(same, nn.BatchNorm2d(64), nn.ReLU(), wider)",
        ),
    ),
    HandSuggestion(
        INCEPTION,
        "KER104",
        "inception3a.branch5.0",
        {_INCEPTION_FC: f"{_INCEPTION_FC}{_FIVES}nn.Conv2d(16, module.branch5[0].out_channels, 3, 1, 1, bias=False)\n"},
    ),
    HandSuggestion(
        INCEPTION,
        "KER112",
        "stem",
        {
            "nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3)": "nn.Sequential(nn.Conv2d(3, 32, 3, 2, 1), "
            "nn.ReLU(), nn.Conv2d(32, 32, 3, 1, 1), nn.ReLU(), nn.Conv2d(32, 64, 3, 1, 1))"
        },
    ),
    HandSuggestion(SMALL, "NRM001", "conv2", {_CONV2: "nn.Conv2d(32, 32, 5, padding=2, bias=False)"}),
    HandSuggestion(
        SMALL,
        "KER102",
        "conv2",
        {
            _CONV2: "nn.Sequential(nn.Conv2d(32, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), "
            "nn.Conv2d(32, 32, 3, padding=1))"
        },
    ),
    HandSuggestion(SMALL, "KER101", "conv4", {_CONV4: "nn.Conv2d(64, 64, 1)"}),
    HandSuggestion(SMALL, "KER104", "conv2", {_CONV2: "nn.Conv2d(32, 32, 3, padding=1)"}),
    HandSuggestion(
        SMALL,
        "KER106",
        "conv3",
        {_CONV3: "nn.Sequential(nn.Conv2d(32, 32, 3, 2, 1, groups=32), nn.ReLU(), nn.Conv2d(32, 64, 1))"},
    ),
    HandSuggestion(
        SMALL_WITH_7X7,
        "KER103",
        "conv2",
        {
            _CONV2_OF_7: "nn.Sequential(nn.Conv2d(32, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), "
            "nn.Conv2d(32, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(), nn.Conv2d(32, 32, 3, padding=1))"
        },
    ),
    HandSuggestion(SMALL_AT_256, "KER109", "conv4", {_CONV4: "nn.Conv2d(64, 64, 3, padding=2, dilation=2)"}),
)
