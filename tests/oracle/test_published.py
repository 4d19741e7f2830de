"""Memory and MACs of published networks against what torch keeps and counts."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from benchmarks.libraries import import_torchvision, import_transformers
from netadvise.capture.record import record
from netadvise.measure import measure
from tests.oracle import costs

pytestmark = [pytest.mark.zoo, pytest.mark.slow]

SMALL = """
resnet18 mobilenet_v3_small densenet121 efficientnet_b0 convnext_tiny regnet_y_400mf shufflenet_v2_x0_5 mnasnet0_5
""".split()


@pytest.mark.parametrize("mode", ["eval", "train"])
@pytest.mark.parametrize("name", SMALL)
def test_autograd_keeps_what_was_said(name: str, mode: Any) -> None:
    model = import_torchvision().models.get_model(name)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    model.train(mode == "train")
    images = torch.rand(2, 3, 64, 64)
    totals = measure(record(model, (images,), mode=mode)).totals
    torch.manual_seed(0)
    assert totals.saved_activation_bytes == costs.saved_bytes(model, (images,))


def test_a_bert_with_named_inputs() -> None:
    transformers = import_transformers()
    torch.manual_seed(0)
    sizes = {
        "vocab_size": 100,
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
    }
    model = transformers.BertModel(transformers.BertConfig(**sizes)).eval()
    inputs = {"input_ids": torch.arange(24).reshape(2, 12), "attention_mask": torch.ones(2, 12, dtype=torch.int64)}
    profile = measure(record(model, (), inputs, input_names=tuple(inputs)))
    length, width, heads_and_mlp = 12, 32, 4 * 32 * 32 + 2 * 32 * 64
    per_layer = 2 * length * heads_and_mlp + 2 * 2 * length * length * width
    assert profile.totals.macs == 2 * per_layer + 2 * width * width
    with torch.no_grad():
        assert profile.totals.flops == costs.flops(model, (), inputs)
    assert profile.totals.params == sum(parameter.numel() for parameter in model.parameters())
    assert [each.name for each in profile.inputs] == list(inputs)
