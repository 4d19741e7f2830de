"""Facts of the model as a whole."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.quantity import Unknown
from tests.measure.facts.network import fact, facts
from tests.zoo import Lambda, ResNet, TransformerBlock, UNet

IMAGE = "2,3,32,32"


def conv(inside: int, outside: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inside, outside, 3, stride, 1)


class Vgg(nn.Sequential):
    """Convolutions, pools and a hidden linear layer, without a norm or a sum."""

    def __init__(self) -> None:
        body = [conv(3, 8), nn.ReLU(), nn.MaxPool2d(2), conv(8, 16), nn.ReLU(), nn.MaxPool2d(2)]
        head = [nn.Flatten(), nn.Linear(1024, 32), nn.ReLU(), nn.Dropout(0.5), nn.Linear(32, 10), nn.Softmax(1)]
        super().__init__(*body, *head)


class Odd(UNet):
    """A U-Net that fits odd sizes."""

    def forward(self, x: Tensor) -> Tensor:
        first = F.relu(self.enc1(x))
        above = self.up(F.relu(self.enc2(F.max_pool2d(first, 2))))
        missing = first.shape[-1] - above.shape[-1]
        above = F.pad(above, (0, missing, 0, missing)) if missing else above
        return self.out(F.relu(self.dec(torch.cat([above, first], 1))))


class ImagePooling(nn.Module):
    """The global branch of ASPP: one value spread over the map is no decoder."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.side, self.out = conv(3, 8, 4), nn.Conv2d(8, 8, 1), nn.Conv2d(16, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.conv(x)
        pooled = F.interpolate(self.side(F.adaptive_avg_pool2d(x, 1)), x.shape[-2:], mode="bilinear")
        return F.interpolate(self.out(torch.cat([x, pooled], 1)), scale_factor=4.0)


def test_a_residual_classifier() -> None:
    found = facts(ResNet(), "1,3,32,32").model
    expected = {
        "name": "ResNet",
        "input_shape": (1, 3, 32, 32),
        "input_spatial": (32, 32),
        "output_shape": (1, 10),
        "num_outputs": 1,
        "is_classifier": True,
        "has_residual": True,
        "has_norm": True,
        "has_global_pool": True,
        "has_nonlinearity": True,
        "has_rnn": False,
        "has_attention": False,
        "has_dropout": False,
        "has_skip_decoder": False,
        "skip_scale_mismatch": False,
        "flattens_map": False,
        "norm_types": ("batch",),
        "activation_types": ("relu",),
        "total_stride": (8, 8),
        "total_stride_at_head": (8, 8),
        "final_feature_map": (4, 4),
        "rf_aspect_ratio": 1.0,
        "num_convs": 6,
        "num_weight_layers": 7,
        "max_depth": 6,
        "max_plain_depth": 0,
        "num_pools": 1,
        "head_params": 170,
        "opaque_ops": (),
        "traced_fraction": 1.0,
        "shared_layers": (),
        "unused_params": 0,
    }
    assert {name: found.get(name) for name in expected} == expected


def test_a_plain_classifier_with_a_hidden_layer() -> None:
    found = facts(Vgg(), IMAGE).model
    expected = {
        "flattens_map": True,
        "has_global_pool": False,
        "max_plain_depth": 4,
        "num_hidden_head_linears": 1,
        "dropout_rates": (0.5,),
        "cumulative_keep_probability": 0.5,
        "output_activation": "softmax",
        "every_conv_pooled": True,
        "final_feature_map": (8, 8),
        "stage_widths": (8, 16),
        "stage_resolutions": (32, 16),
        "sample_output_shape": (10,),
    }
    assert {name: found.get(name) for name in expected} == expected


def test_costs_are_those_of_the_profile() -> None:
    found = facts(Vgg(), IMAGE).model
    assert found.get("params") == found.get("trainable_params") == sum(each.numel() for each in Vgg().parameters())
    assert found.get("flops") == 2 * int(str(found.get("macs")))
    assert found.get("optimizer_bytes") == 16 * int(str(found.get("params")))


def test_a_pool_for_every_convolution_but_one() -> None:
    body = [conv(3, 4), nn.MaxPool2d(2), conv(4, 4), conv(4, 4), nn.MaxPool2d(2)]
    assert fact(nn.Sequential(*body), "every_conv_pooled", IMAGE) is False


def test_a_map_that_ran_out_before_the_global_pool() -> None:
    shrinking = [conv(3, 4, 2) for _ in range(1)] + [conv(4, 4, 2) for _ in range(4)]
    network = nn.Sequential(*shrinking, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 2))
    assert fact(network, "final_feature_map", IMAGE) == (1, 1)


def test_convolutions_behind_the_global_pool_have_no_map() -> None:
    network = nn.Sequential(conv(3, 4, 4), nn.AdaptiveAvgPool2d(1), nn.Conv2d(4, 8, 1), nn.Flatten())
    assert fact(network, "final_feature_map", IMAGE) == (8, 8)


def test_an_adaptive_pool_before_the_flattening() -> None:
    network = nn.Sequential(conv(3, 4), nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(64, 2))
    assert fact(network, "flattens_map", IMAGE) is False


def test_decoders() -> None:
    plain, odd, pooled = facts(UNet(), IMAGE), facts(Odd(), "1,3,33,33"), facts(ImagePooling(), IMAGE)
    assert [each.model.get("has_skip_decoder") for each in (plain, odd, pooled)] == [True, True, False]
    assert [each.model.get("skip_scale_mismatch") for each in (plain, odd, pooled)] == [False, True, False]
    assert pooled.model.get("total_stride") == pooled.model.get("total_stride_at_head") == (4, 4)


def test_a_decoder_with_an_even_input_needs_no_fitting() -> None:
    assert fact(Odd(), "skip_scale_mismatch", "1,3,32,32") is False


@pytest.mark.parametrize(
    ("network", "inputs", "told"),
    [
        (nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 4)), "2,4", False),
        (nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4)), "2,4", False),
        (nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4)), "2,4", True),
        (nn.Sequential(conv(3, 4), nn.MaxPool2d(2)), IMAGE, True),
        (nn.Sequential(nn.Linear(4, 4), Lambda(lambda x: x * x)), "2,4", True),
        (TransformerBlock(4, 2), "2,3,4", True),
    ],
)
def test_nonlinearity(network: nn.Module, inputs: str, told: bool) -> None:
    assert fact(network, "has_nonlinearity", inputs) is told


def test_attention_by_either_way() -> None:
    by_hand = nn.Sequential(nn.Linear(4, 4), Lambda(lambda x: (x @ x.transpose(1, 2)).softmax(-1) @ x))
    assert fact(by_hand, "has_attention", "2,3,4") is True
    assert fact(TransformerBlock(4, 2), "has_attention", "2,3,4") is True


def test_a_layer_that_is_called_twice() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.fc, self.act = nn.Linear(4, 4), nn.ReLU()

        def forward(self, x: Tensor) -> Tensor:
            return self.act(self.fc(self.act(self.fc(x))))

    assert fact(Twice(), "shared_layers", "2,4") == ("fc",)


def test_what_the_up_samplings_say_about_corners() -> None:
    mixed = nn.Sequential(
        conv(3, 4), nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True), nn.UpsamplingBilinear2d(8)
    )
    smooth = nn.Sequential(conv(3, 4), nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False), mixed[1])
    assert [fact(each, "align_corners_values", IMAGE) for each in (mixed, smooth)] == [1, 2]


def test_an_operation_of_unknown_kind_leaves_the_costs_unknown() -> None:
    found = facts(nn.Sequential(nn.Linear(4, 4), Lambda(torch.linalg.inv)), "2,4,4").model
    assert isinstance(found.get("macs"), Unknown)
    assert found.get("opaque_ops") != ()
    assert found.get("traced_fraction") != 1.0


def test_layers_over_the_positions_of_a_sequence_see_on() -> None:
    class Mixer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.patch, self.tokens, self.out = nn.Conv2d(3, 8, 8, 8), nn.Linear(16, 16), nn.Linear(8, 2)

        def forward(self, x: Tensor) -> Tensor:
            x = self.tokens(self.patch(x).flatten(2)).transpose(1, 2)
            return self.out(x.mean(1))

    found = facts(Mixer(), IMAGE).model
    assert found.get("final_feature_map") == (4, 4)
    assert found.get("final_receptive_field") == (32, 32)
