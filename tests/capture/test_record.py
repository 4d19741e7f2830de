"""What a recording holds, on small models that are awkward in one way each."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from netadvise.capture.record import record
from netadvise.errors import CaptureError, ValuesNeededError
from netadvise.graph import Graph, violations

IMAGE = torch.randn(1, 3, 64, 64)


def recorded(module: nn.Module, *args: object, **options: object) -> Graph:
    graph = record(module, args, **options)
    assert violations(graph) == []
    assert Graph.from_json(graph.to_json()) == graph
    return graph


def kinds(graph: Graph) -> list[str]:
    return [op.kind for op in graph.ops]


class Forward(nn.Module):
    """A module whose forward is the given function of itself and the inputs."""

    def __init__(self, forward, **modules: nn.Module) -> None:
        super().__init__()
        self.function = forward
        for name, module in modules.items():
            setattr(self, name, module)

    def forward(self, *args):
        return self.function(self, *args)


class Clamp(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.clamp(0)

    @staticmethod
    def backward(ctx, grad):
        return grad


def test_an_identity_records_a_call_and_no_op() -> None:
    graph = recorded(nn.Sequential(nn.Identity()), IMAGE)
    assert kinds(graph) == []
    assert [call.module for call in graph.calls] == ["", "0"]
    assert graph.outputs == graph.inputs


@pytest.mark.parametrize(
    ("forward", "expected"),
    [
        pytest.param(lambda m, x: F.dropout(x, 0.5, False), ["dropout"], id="functional dropout that is off"),
        pytest.param(lambda m, x: F.dropout(x, 0.0, True), ["dropout"], id="dropout at rate 0"),
        pytest.param(lambda m, x: torch.relu_(x * 2), ["mul", "activation"], id="in-place op"),
        pytest.param(lambda m, x: Clamp.apply(x), ["pointwise"], id="custom autograd function"),
        pytest.param(lambda m, x: x.flatten(1).relu(), ["view", "activation"], id="view"),
        pytest.param(lambda m, x: x @ x.transpose(2, 3), ["permute", "matmul"], id="operator @"),
        pytest.param(lambda m, x: F.max_pool2d(x, 2), ["max_pool"], id="functional pool without a stride"),
        pytest.param(lambda m, x: F.adaptive_avg_pool2d(x, 1), ["adaptive_avg_pool"], id="global pool stays whole"),
        pytest.param(lambda m, x: F.interpolate(x, scale_factor=2), ["interpolate"], id="interpolation"),
        pytest.param(lambda m, x: torch.cat([x, x], 1).chunk(2, 1)[0], ["cat", "split"], id="several results"),
    ],
)
def test_each_call_is_one_op_of_its_kind(forward, expected: list[str]) -> None:
    assert kinds(recorded(Forward(forward), IMAGE)) == expected


def test_dropout_in_eval_mode_does_not_sit_on_the_shortcut() -> None:
    graph = recorded(Forward(lambda m, x: x + F.dropout(x, 0.5, False)), IMAGE)
    dropout, add = graph.ops
    assert [operand.value for operand in add.inputs] == [graph.inputs[0], dropout.outputs[0]]


def test_an_in_place_result_is_a_fresh_value_in_the_same_storage() -> None:
    graph = recorded(Forward(lambda m, x: (x * 2).relu_()), IMAGE)
    product, activated = (graph.result(op) for op in graph.ops)
    assert product.id != activated.id
    assert product.storage == activated.storage


def test_writing_through_a_view_gives_its_base_a_fresh_value() -> None:
    def forward(module, x):
        y = x * 2
        y[:, 1:].mul_(3)
        return y

    graph = recorded(Forward(forward), IMAGE)
    assert kinds(graph) == ["mul", "slice", "mul", "write_through"]
    assert graph.outputs == graph.ops[-1].outputs


def test_setitem_names_its_slice() -> None:
    def forward(module, x):
        y = x.clone()
        y[:, 1:3] = 0
        return y

    attrs = recorded(Forward(forward), IMAGE).ops[-1].attrs
    assert (attrs["dim"], attrs["start"], attrs["end"], attrs["step"]) == (1, 1, 3, 1)


def test_a_module_called_twice_has_two_calls_and_one_set_of_parameters() -> None:
    graph = recorded(Forward(lambda m, x: m.conv(m.conv(x)), conv=nn.Conv2d(3, 3, 3)), IMAGE)
    assert [(call.module, call.index) for call in graph.calls[1:]] == [("conv", 0), ("conv", 1)]
    assert graph.ops[0].operand("weight") == graph.ops[1].operand("weight")


def test_a_shared_module_is_described_once_with_its_aliases() -> None:
    conv = nn.Conv2d(3, 3, 1)
    graph = recorded(nn.Sequential(conv, nn.ReLU(), conv), IMAGE)
    assert [module.path for module in graph.modules] == ["", "0", "1"]
    assert graph.module_at["0"].aliases == ("2",)


def test_a_tied_parameter_is_one_value() -> None:
    model = nn.Sequential(nn.Linear(8, 8), nn.Linear(8, 8))
    model[1].weight = model[0].weight
    graph = recorded(model, torch.randn(2, 8))
    assert graph.ops[0].operand("weight") == graph.ops[1].operand("weight")


def test_a_convolution_carries_torchs_argument_names() -> None:
    conv = nn.Conv2d(3, 6, (3, 5), stride=2, padding=(1, 2), dilation=(1, 2), groups=3)
    attrs = recorded(conv, IMAGE).ops[0].attrs
    expected = {"kernel_size": (3, 5), "stride": (2, 2), "padding": (1, 2), "dilation": (1, 2), "groups": 3}
    assert expected.items() <= attrs.items()


def test_same_padding_of_an_even_kernel_pads_the_end_more() -> None:
    attrs = recorded(nn.Conv2d(3, 3, 4, padding="same"), IMAGE).ops[0].attrs
    assert (attrs["padding"], attrs["padding_after"]) == ((1, 1), (2, 2))


@pytest.mark.parametrize("length", [6, 2000], ids=["computed", "by shape alone"])
def test_a_recurrent_layer_stays_whole(length: int) -> None:
    lstm = nn.LSTM(8, 16, num_layers=2, bidirectional=True, batch_first=True, proj_size=4)
    graph = recorded(lstm, torch.randn(3, length, 8))
    op = graph.ops[-1]
    assert (op.kind, op.attrs["mode"], op.attrs["hidden_size"], op.attrs["proj_size"]) == ("rnn", "LSTM", 16, 4)
    assert [graph.values[value].shape for value in op.outputs] == [(3, length, 8), (4, 3, 4), (4, 3, 16)]


@pytest.mark.parametrize("features", [2, 300], ids=["computed", "by shape alone"])
def test_a_packed_sequence_keeps_its_lengths(features: int) -> None:
    def forward(module, x, lengths):
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
        return nn.utils.rnn.pad_packed_sequence(module.rnn(packed)[0])[0]

    model = Forward(forward, rnn=nn.GRU(features, 5))
    graph = recorded(model, torch.randn(50, 3, features), torch.tensor([4, 50, 9]))
    (rnn,) = [op for op in graph.ops if op.kind == "rnn"]
    assert sum(rnn.attrs["batch_sizes"]) == 63
    assert graph.values[graph.outputs[0]].shape == (50, 3, 5)


def test_the_fused_encoder_path_does_not_hide_its_layers() -> None:
    layer = nn.TransformerEncoderLayer(64, 4, batch_first=True)
    found = kinds(recorded(nn.TransformerEncoder(layer, 2), torch.randn(2, 300, 64)))
    assert (found.count("attention"), found.count("linear")) == (2, 8)


def test_einsum_is_recorded_by_its_products() -> None:
    graph = recorded(Forward(lambda m, x: torch.einsum("bchw,bdhw->bcd", x, x)), IMAGE)
    assert [op.function for op in graph.ops if op.kind == "matmul"] == ["einsum"]


def test_small_values_steer_the_code() -> None:
    def forward(module, x):
        rates = torch.linspace(0, 0.5, 3)
        return x * 2 if rates[-1].item() == 0.5 else x

    assert "mul" in kinds(recorded(Forward(forward), IMAGE))


def test_a_large_value_is_asked_for() -> None:
    model = Forward(lambda m, x: x * 2 if x.mean() > 0 else x)
    with pytest.raises(ValuesNeededError) as caught:
        record(model, (torch.ones(1, 3, 224, 224),))
    assert "test_record.py" in caught.value.where
    assert "mul" in kinds(recorded(model, torch.ones(1, 3, 224, 224), real=True))


def test_an_error_names_the_users_line() -> None:
    with pytest.raises(CaptureError) as caught:
        record(nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(3, 8, 3)), (IMAGE,))
    assert "RuntimeError" in caught.value.message
    model = Forward(lambda m, x: x.view(7))
    with pytest.raises(CaptureError) as caught:
        record(model, (IMAGE,))
    assert "test_record.py" in caught.value.where


def test_a_mask_with_known_values_indexes_a_large_tensor() -> None:
    def forward(module, x):
        mask = torch.zeros(224, dtype=torch.bool)
        mask[:5] = True
        return x[:, :, mask]

    graph = recorded(Forward(forward), torch.ones(1, 3, 224, 224))
    assert graph.values[graph.outputs[0]].shape == (1, 3, 5, 224)


def test_a_hard_coded_accelerator_is_recorded_on_this_machine() -> None:
    graph = recorded(Forward(lambda m, x: x.cuda() + torch.zeros(3, 1, 1, device="cuda")), IMAGE)
    assert "add" in kinds(graph)


def test_gradients_inside_the_forward_pass() -> None:
    def forward(module, x):
        x.requires_grad_()
        return torch.autograd.grad(module.conv(x).sum(), x)[0]

    assert "conv" in kinds(recorded(Forward(forward, conv=nn.Conv2d(3, 3, 1)), IMAGE.clone()))


def test_lazy_modules_are_recorded_and_stay_lazy() -> None:
    model = nn.Sequential(nn.LazyConv2d(8, 3), nn.Flatten(), nn.LazyLinear(4))
    graph = recorded(model, IMAGE)
    assert kinds(graph) == ["conv", "view", "linear"]
    assert "lazy" in graph.notes[0]
    assert isinstance(model[0].weight, nn.UninitializedParameter)


def test_several_inputs_keep_their_names() -> None:
    model = Forward(lambda m, x, y: {"sum": x + y["a"], "both": [x, y["b"]]})
    graph = recorded(model, IMAGE, {"a": IMAGE.clone(), "b": IMAGE.clone()}, input_names=("x", "a", "b"))
    assert [graph.values[value].name for value in graph.inputs] == ["x", "a", "b"]
    assert len(graph.outputs) == 3


def test_training_mode_is_recorded_as_such() -> None:
    model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4), nn.Dropout(0.3)).eval()
    graph = recorded(model, IMAGE, mode="train")
    assert graph.ops[-1].attrs["training"] is True
    assert not model.training


def test_ops_and_calls_have_the_users_line_and_column() -> None:
    graph = recorded(Forward(lambda m, x: m.conv(x).relu(), conv=nn.Conv2d(3, 3, 1)), IMAGE)
    for location in (graph.ops[0].location, graph.ops[1].location, graph.calls[1].location):
        assert location is not None
        assert location.file.endswith("test_record.py")
        assert location.column is not None


def test_a_width_that_does_not_fit_is_told_with_both_shapes() -> None:
    large = torch.ones(1, 3, 224, 224)
    with pytest.raises(CaptureError, match=r"expected input\[1, 3, 224, 224\] to have 4 channels, but got 3"):
        record(nn.Conv2d(4, 8, 3), (large,))
    with pytest.raises(CaptureError, match=r"cannot be multiplied \(672x224 and 5x7\)"):
        record(nn.Linear(5, 7), (large,))


def test_experts_that_share_one_product_are_one_op() -> None:
    def forward(module, x):
        return torch._grouped_mm(x, module.weight, offs=torch.tensor([100, 256], dtype=torch.int32))

    model = Forward(forward)
    model.weight = nn.Parameter(torch.randn(2, 256, 512))
    (op,) = [op for op in recorded(model, torch.randn(256, 256)).ops if op.kind != "copy"]
    assert op.kind == "grouped_matmul"


def test_a_view_of_a_large_parameter_shares_its_storage() -> None:
    model = Forward(lambda m, x: x * m.weight.view(8, -1).mean())
    model.weight = nn.Parameter(torch.randn(256, 256))
    graph = recorded(model, IMAGE)
    (view,) = [op for op in graph.ops if op.kind == "view"]
    assert graph.result(view).storage == graph.values[view.inputs[0].value].storage


def test_fused_attention_leaves_its_heads_innermost() -> None:
    def forward(module, x):
        return F.scaled_dot_product_attention(x, x, x).transpose(1, 2).view(2, 100, -1)

    assert kinds(recorded(Forward(forward), torch.randn(2, 8, 100, 16))) == ["attention", "permute", "view"]


@pytest.mark.parametrize("size", [8, 200], ids=["computed", "by shape alone"])
@pytest.mark.parametrize(("p", "training", "shared"), [(0.5, False, True), (0.0, True, True), (0.5, True, False)])
def test_dropout_writes_only_when_it_is_on(size: int, p: float, training: bool, shared: bool) -> None:
    graph = recorded(Forward(lambda m, x: F.dropout(x, p, training)), torch.randn(1, 3, size, size))
    (op,) = graph.ops
    assert (graph.result(op).storage == graph.values[graph.inputs[0]].storage) is shared


def test_lengths_that_were_not_computed_are_asked_for() -> None:
    def forward(module, x):
        lengths = (x.abs() > -1).all(2).sum(0)
        packed = nn.utils.rnn.pack_padded_sequence(x, lengths, enforce_sorted=False)
        return module.rnn(packed)[0].data

    model = Forward(forward, rnn=nn.GRU(300, 5))
    with pytest.raises(ValuesNeededError):
        record(model, (torch.randn(50, 3, 300),))
    assert recorded(model, torch.randn(50, 3, 300), real=True).ops


def test_a_mask_overwritten_with_the_unknown_does_not_count_elements() -> None:
    def forward(module, x):
        mask = torch.zeros(224, dtype=torch.bool)
        mask.copy_(x[0, 0, 0] > 0)
        return x[:, :, mask]

    with pytest.raises(ValuesNeededError):
        record(Forward(forward), (torch.ones(1, 3, 224, 224),))


@pytest.mark.parametrize(
    "forward",
    [
        pytest.param(lambda m, x: x[x > 0], id="mask"),
        pytest.param(lambda m, x: (x > 0).nonzero(), id="nonzero"),
        pytest.param(lambda m, x: x.masked_select(x > 0), id="masked_select"),
        pytest.param(lambda m, x: x.unique(), id="unique"),
        pytest.param(lambda m, x: x.flatten().repeat_interleave(x.flatten().long()), id="repeat_interleave"),
        pytest.param(lambda m, x: x.flatten().long().bincount(), id="bincount"),
        pytest.param(lambda m, x: x[:, :, : int(x.sum())], id="int"),
        pytest.param(lambda m, x: torch.tensor((x * 2).tolist()), id="tolist"),
        pytest.param(lambda m, x: torch.from_numpy((x * 2).numpy()), id="numpy"),
        pytest.param(lambda m, x: x if torch.equal(x, x) else -x, id="equal"),
    ],
)
def test_what_depends_on_values_that_were_not_computed_asks_for_them(forward) -> None:
    images = torch.ones(1, 3, 100, 100)
    with pytest.raises(ValuesNeededError):
        record(Forward(forward), (images,))
    record(Forward(forward), (images,), real=True)
