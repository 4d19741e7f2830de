"""Costs of published networks against the numbers that their authors state."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import pytest
import torch

from netadvise.capture.record import record
from netadvise.capture.values import building
from netadvise.measure import measure
from tests.oracle import costs

pytestmark = [pytest.mark.zoo, pytest.mark.slow]

_STUBS: list[torch.library.Library] = []


@cache
def models() -> Any:
    """`torchvision.models`; a build of torch without torchvision's operators is given their names first."""
    if "torchvision" not in sys.modules and not hasattr(torch.ops.torchvision, "nms"):
        library = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
        _STUBS.append(library)
    import torchvision

    return torchvision.models


def _with_default_size(name: str) -> Any:
    """The weights whose image size is the constructor's default: the first that were published."""
    weights = list(models().get_model_weights(name))
    return next((each for each in weights if each.name == "IMAGENET1K_V1"), weights[0])


OPTIONS = {"googlenet": {"aux_logits": False}, "inception_v3": {}, "vit_h_14": {"image_size": 518}}
FAMILIES = """
alexnet convnext_tiny convnext_large densenet121 densenet201 efficientnet_b0 efficientnet_b7 efficientnet_v2_s googlenet
inception_v3 maxvit_t mnasnet0_5 mnasnet1_3 mobilenet_v2 mobilenet_v3_large mobilenet_v3_small regnet_x_400mf
regnet_y_128gf regnet_y_400mf resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d resnext101_64x4d
shufflenet_v2_x0_5 shufflenet_v2_x2_0 squeezenet1_0 squeezenet1_1 swin_b swin_t swin_v2_t vgg11 vgg16_bn vgg19 vit_b_16
vit_b_32 vit_h_14 vit_l_16 wide_resnet50_2
""".split()


@pytest.mark.parametrize("name", FAMILIES)
def test_torchvision_states_the_same_parameters_and_macs(name: str) -> None:
    """Its `_ops` are GMACs rounded to three decimals."""
    weights = _with_default_size(name)
    size = weights.transforms.keywords["crop_size"]
    with building():
        model = models().get_model(name, **OPTIONS.get(name, {}))
    totals = measure(record(model, (torch.zeros(1, 3, size, size, device="meta"),))).totals
    assert totals.params == weights.meta["num_params"]
    assert totals.macs / 1e9 == pytest.approx(weights.meta["_ops"], rel=1e-3, abs=6e-4)
    assert not [gap for gap in totals.gaps if gap.quantity != "receptive_field"]


SMALL = """
resnet18 mobilenet_v3_small densenet121 efficientnet_b0 convnext_tiny regnet_y_400mf shufflenet_v2_x0_5 mnasnet0_5
""".split()


@pytest.mark.parametrize("mode", ["eval", "train"])
@pytest.mark.parametrize("name", SMALL)
def test_autograd_keeps_what_was_said(name: str, mode: Any) -> None:
    model = models().get_model(name)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    model.train(mode == "train")
    images = torch.rand(2, 3, 64, 64)
    totals = measure(record(model, (images,), mode=mode)).totals
    torch.manual_seed(0)
    assert totals.saved_activation_bytes == costs.saved_bytes(model, (images,))


def test_a_bert_with_named_inputs() -> None:
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    sizes = {
        "vocab_size": 100,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
    }
    model = BertModel(BertConfig(**sizes)).eval()
    inputs = {"input_ids": torch.arange(24).reshape(2, 12), "attention_mask": torch.ones(2, 12, dtype=torch.int64)}
    profile = measure(record(model, (), inputs, input_names=tuple(inputs)))
    length, width, heads_and_mlp = 12, 32, 4 * 32 * 32 + 2 * 32 * 64
    per_layer = 2 * length * heads_and_mlp + 2 * 2 * length * length * width
    assert profile.totals.macs == 2 * per_layer + 2 * width * width
    with torch.no_grad():
        assert profile.totals.flops == costs.flops(model, (), inputs)
    assert profile.totals.params == sum(parameter.numel() for parameter in model.parameters())
    assert [each.name for each in profile.inputs] == list(inputs)
