"""What the default sets may say about good networks: nothing, or exactly this."""

from __future__ import annotations

import pytest

from benchmarks.findings import Checked, checked, shipped, torchvision_model
from netadvise.check.sets import default_rules

pytestmark = [pytest.mark.zoo, pytest.mark.slow]

NOTHING = (
    "convnext_base convnext_tiny densenet121 efficientnet_b0 efficientnet_v2_s googlenet mobilenet_v2 "
    "mobilenet_v3_large swin_t vit_b_16"
).split()
ONE_ADVICE = "resnet18 resnet50 resnext50_32x4d regnet_y_400mf inception_v3".split()
BOOK = shipped()
DEFAULT = default_rules()


def _checked(name: str, size: str = "2,3,224,224") -> Checked:
    return checked(name, torchvision_model(name), size, BOOK, DEFAULT)


@pytest.mark.parametrize("name", NOTHING)
def test_silent(name: str) -> None:
    assert _checked(name).rules == {}


def test_silent_on_timms_resnet50d() -> None:
    from benchmarks.libraries import import_torchvision

    import_torchvision()
    timm = pytest.importorskip("timm")
    import torch

    with torch.device("meta"):
        model = timm.create_model("resnet50d")
    assert checked("resnet50d", model, "2,3,224,224", BOOK, DEFAULT).rules == {}


@pytest.mark.parametrize("name", ONE_ADVICE)
def test_at_most_one_advice(name: str) -> None:
    found = _checked(name, "2,3,299,299" if name == "inception_v3" else "2,3,224,224")
    assert found.count("error") == found.count("warning") == 0
    assert found.count("advice") <= 1


def test_vgg16_has_its_giant_head_and_nothing_else() -> None:
    found = _checked("vgg16")
    assert found.rules == {"HED001": "warning"}
    (hit,) = found.hits
    assert hit.layer == "classifier.0"
    assert "102,764,544" in hit.message and "138,357,544" in hit.message


@pytest.mark.parametrize(("name", "advice"), [("alexnet", 1), ("vgg16_bn", 1), ("squeezenet1_0", 2)])
def test_known_findings(name: str, advice: int) -> None:
    found = _checked(name)
    assert found.count("error") == 0
    assert found.count("warning") == (0 if name == "squeezenet1_0" else 1)
    assert found.count("advice") <= advice


def test_a_small_input_gets_the_geometry_findings() -> None:
    found = _checked("resnet18", "2,3,32,32").rules
    assert {"KER007", "KER003", "DWN003", "RFD002", "RFD007"} <= set(found)
    assert found["KER007"] == "error"
