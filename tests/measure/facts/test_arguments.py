from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from tests.measure.facts.surveyed import fact, named, only, surveyed, with_op
from tests.measure.facts.test_identity import Calls

IMAGE = (2, 4, 12, 12)


def test_a_convolution_without_frills() -> None:
    entry = only(surveyed(nn.Conv2d(4, 6, 3, bias=False), IMAGE), "conv")
    found = {name: entry.get(name) for name in ("in_channels", "out_channels", "groups", "bias", "transposed", "ndim")}
    assert found == {"in_channels": 4, "out_channels": 6, "groups": 1, "bias": False, "transposed": False, "ndim": 2}
    assert (entry.get("kernel_size"), entry.get("stride"), entry.get("dilation")) == ((3, 3), (1, 1), (1, 1))
    assert (entry.get("padding"), entry.get("padding_after"), entry.get("padding_mode")) == ((0, 0), None, "zeros")
    assert (entry.get("explicit_padding"), entry.get("output_padding")) == (None, None)


def test_arguments_per_axis() -> None:
    layer = nn.Conv1d(4, 8, 5, stride=2, padding=3, dilation=2, groups=2)
    entry = only(surveyed(layer, (2, 4, 30)), "conv")
    assert (entry.get("kernel_size"), entry.get("stride"), entry.get("padding")) == ((5,), (2,), (3,))
    assert (entry.get("dilation"), entry.get("groups"), entry.get("ndim")) == ((2,), 2, 1)


@pytest.mark.filterwarnings("ignore:Using padding")
def test_same_padding_is_told_by_its_amounts() -> None:
    even = only(surveyed(nn.Conv2d(4, 4, 4, padding="same"), IMAGE), "conv")
    odd = only(surveyed(nn.Conv2d(4, 4, 3, padding="same"), IMAGE), "conv")
    assert (even.get("padding"), even.get("padding_after"), even.get("padding_mode")) == ((1, 1), (2, 2), "zeros")
    assert (odd.get("padding"), odd.get("padding_after")) == ((1, 1), None)


def test_a_functional_and_a_parametrized_convolution_have_their_channels_too() -> None:
    weight = torch.zeros(6, 2, 3, 3)
    entry = only(surveyed(Calls(lambda x: F.conv2d(x, weight, groups=2)), IMAGE), "conv")
    assert (entry.get("in_channels"), entry.get("out_channels"), entry.get("bias")) == (4, 6, False)
    normed = nn.utils.parametrizations.weight_norm(nn.Conv2d(4, 6, 3))
    assert fact(normed, IMAGE, "in_channels", "conv") == 4


def test_a_transposed_convolution() -> None:
    entry = only(surveyed(nn.ConvTranspose2d(4, 6, 3, stride=2, output_padding=1, groups=2), IMAGE), "conv_transpose")
    assert (entry.get("in_channels"), entry.get("out_channels"), entry.get("transposed")) == (4, 6, True)
    assert entry.get("output_padding") == (1, 1)


@pytest.mark.parametrize(
    ("padding", "expected"),
    [
        (nn.Identity(), None),
        (nn.ReLU(), None),
        (nn.ZeroPad2d((0, 1, 0, 2)), (2, 1)),
        (nn.ConstantPad2d(3, 0.0), (6, 6)),
        (Calls(lambda x: F.pad(x, (1, 0))), (0, 1)),
        (Calls(lambda x: F.pad(x, (1, 1, 1, 1)).contiguous()), (2, 2)),
    ],
)
def test_a_padding_op_before_it(padding: nn.Module, expected: tuple[int, ...] | None) -> None:
    net = nn.Sequential(padding, nn.Conv2d(4, 4, 3))
    assert fact(net, IMAGE, "explicit_padding", "conv") == expected
    assert fact(nn.Sequential(padding, nn.MaxPool2d(2)), IMAGE, "explicit_padding", "pool_max") == expected


def test_linear_layers() -> None:
    entry = only(surveyed(nn.Linear(5, 3), (2, 5)), "linear")
    assert (entry.get("in_features"), entry.get("out_features"), entry.get("bias")) == (5, 3, True)
    bilinear = only(surveyed(nn.Bilinear(5, 4, 3, bias=False), (2, 5), (2, 4)), "linear")
    assert (bilinear.get("in_features"), bilinear.get("out_features"), bilinear.get("bias")) == (None, 3, False)


@pytest.mark.filterwarnings("ignore:LSTM with projections")
def test_recurrent_layers() -> None:
    layer = nn.LSTM(6, 8, num_layers=2, batch_first=True, bidirectional=True, dropout=0.25, proj_size=5)
    entry = only(surveyed(layer, (2, 7, 6)), "rnn")
    names = ("mode", "input_size", "hidden_size", "num_layers", "bidirectional", "batch_first", "proj_size", "dropout")
    assert tuple(entry.get(name) for name in names) == ("LSTM", 6, 8, 2, True, True, 5, 0.25)
    assert entry.get("bias") is True
    plain = only(surveyed(nn.GRU(6, 8, bias=False), (7, 2, 6)), "rnn")
    assert (plain.get("mode"), plain.get("batch_first"), plain.get("bias"), plain.get("num_layers")) == (
        "GRU",
        False,
        False,
        1,
    )


def test_recurrent_cells() -> None:
    entry = only(surveyed(nn.GRUCell(6, 8), (2, 6)), "rnn_cell")
    assert (entry.get("mode"), entry.get("input_size"), entry.get("hidden_size"), entry.get("bias")) == (
        "GRU",
        6,
        8,
        True,
    )


def test_functional_attention() -> None:
    def attend(x: torch.Tensor) -> torch.Tensor:
        return F.scaled_dot_product_attention(x, x, x, dropout_p=0.1)

    entry = only(surveyed(Calls(attend), (2, 4, 5, 8)), "attention")
    assert (entry.get("num_heads"), entry.get("embed_dim"), entry.get("dropout_p")) == (4, 32, 0.1)
    assert entry.get("batch_first") is None


@pytest.mark.parametrize(("weights", "op"), [(False, "attention"), (True, "activation")])
def test_the_attention_module_of_torch(weights: bool, op: str) -> None:
    class Attends(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attend = nn.MultiheadAttention(8, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.attend(x, x, x, need_weights=weights)[0]

    entry = only(surveyed(Attends(), (5, 2, 8)), op)
    assert (entry.get("num_heads"), entry.get("embed_dim"), entry.get("batch_first")) == (2, 8, False)


@pytest.mark.parametrize(
    ("layer", "shape", "kind"),
    [
        (nn.Dropout(0.2), IMAGE, "element"),
        (nn.Dropout1d(0.2), (2, 4, 6), "channel1d"),
        (nn.Dropout2d(0.2), IMAGE, "channel2d"),
        (nn.Dropout2d(0.2), (2, 4, 6), "channel2d"),
        (nn.Dropout3d(0.2), (2, 4, 6, 6, 6), "channel3d"),
        (nn.AlphaDropout(0.2), IMAGE, "alpha"),
        (nn.FeatureAlphaDropout(0.2), IMAGE, "feature_alpha"),
    ],
)
@pytest.mark.filterwarnings("ignore:dropout2d")
def test_dropout(layer: nn.Module, shape: tuple[int, ...], kind: str) -> None:
    quiet, drawing = (only(surveyed(layer, shape, mode=mode), "dropout") for mode in ("eval", "train"))
    assert (quiet.get("p"), quiet.get("dropout_kind"), quiet.get("active")) == (0.2, kind, False)
    assert (drawing.get("active"), drawing.get("training_arg"), drawing.get("attention_weights")) == (True, None, False)


def test_the_training_argument_of_a_functional_dropout() -> None:
    forgotten = only(surveyed(Calls(lambda x: F.dropout(x, 0.3)), IMAGE), "dropout")
    off = only(surveyed(Calls(lambda x: F.dropout(x, 0.3, training=False)), IMAGE, mode="train"), "dropout")
    assert (forgotten.get("training_arg"), forgotten.get("active"), forgotten.get("p")) == (True, True, 0.3)
    assert (off.get("training_arg"), off.get("active")) == (False, False)


def test_dropout_at_rate_zero_is_not_active() -> None:
    assert fact(nn.Dropout(0.0), IMAGE, "active", "dropout", mode="train") is False


class Attention(nn.Module):
    """Scores, softmax, dropout, values; a second dropout behind."""

    def __init__(self) -> None:
        super().__init__()
        self.drop_scores, self.drop_result = nn.Dropout(0.1), nn.Dropout(0.1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        scores = (x @ x.mT).softmax(-1)
        return self.drop_result(self.drop_scores(scores) @ x)


def test_dropout_and_softmax_on_attention_weights() -> None:
    found = surveyed(Attention(), (2, 5, 4))
    scores, result = named(found, "drop_scores"), named(found, "drop_result")
    assert (scores.get("attention_weights"), scores.get("dropout_kind")) == (True, "attention")
    assert (result.get("attention_weights"), result.get("dropout_kind")) == (False, "element")
    assert only(found, "activation").get("attention_weights") is True


def test_a_softmax_at_the_output_is_no_attention() -> None:
    net = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1), nn.Dropout(0.1), nn.Linear(3, 3))
    found = surveyed(net, (2, 4))
    assert [entry.get("attention_weights") for entry in with_op(found, "activation")] == [False]
    assert only(found, "dropout").get("dropout_kind") == "element"
