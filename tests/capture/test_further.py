"""What the further recordings need: other batch sizes, what was left to torch, gradients that are off."""

from __future__ import annotations

import linecache
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from netadvise.capture import locate
from netadvise.capture.blueprint import Candidate
from netadvise.capture.rebatch import rebatched
from netadvise.capture.record import record
from netadvise.graph import Graph, Op
from tests.zoo import Lambda


def recorded(function: Any, *shapes: tuple[int, ...], **options: Any) -> Graph:
    return record(Lambda(function), [torch.zeros(shape) for shape in shapes], **options)


def op(graph: Graph, kind: str) -> Op:
    return next(each for each in graph.ops if each.kind == kind)


def candidate(*args: object, **kwargs: object) -> Candidate:
    return Candidate(args, dict(kwargs), (), "given", "")


def test_every_tensor_of_the_batch_size_is_resized() -> None:
    mask, table = torch.ones(2, 4, dtype=torch.bool), torch.zeros(5, 3)
    found = rebatched(candidate([torch.zeros(2, 3)], table, mask=mask, scale=2), 2, 3)
    assert [tuple(each.shape) for each in (found.args[0][0], found.args[1], found.kwargs["mask"])] == [
        (3, 3),
        (5, 3),
        (3, 4),
    ]
    assert found.kwargs["mask"].dtype is torch.bool
    assert found.kwargs["scale"] == 2


def test_samples_repeat() -> None:
    ids = torch.tensor([[1, 2], [3, 4]])
    assert rebatched(candidate(ids), 2, 3).args[0].tolist() == [[1, 2], [3, 4], [1, 2]]


def test_tensors_without_content_stay_without() -> None:
    found = rebatched(candidate(torch.empty(1, 9, device="meta")), 1, 3).args[0]
    assert (found.device.type, tuple(found.shape)) == ("meta", (3, 9))


def test_the_sizes_that_the_code_asked_for() -> None:
    for function in (lambda x: x.view(-1, 6), lambda x: x.view((-1, 6)), lambda x: torch.reshape(x, (-1, 6))):
        assert op(recorded(function, (4, 3)), "view").attrs["requested"] == (-1, 6)


def test_sizes_without_an_open_one_are_as_before() -> None:
    for function in (lambda x: x.view(2, 6), lambda x: x.flatten(), lambda x: x.unsqueeze(0)):
        assert "requested" not in op(recorded(function, (4, 3)), "view").attrs


def test_a_size_that_was_open_is_not_carried_over() -> None:
    graph = recorded(lambda x: x.view(-1, 6).flatten(), (4, 3))
    assert ["requested" in each.attrs for each in graph.ops] == [True, False]


def test_a_dim_that_torch_chose() -> None:
    graph = recorded(lambda x: F.softmax(F.softmax(x), 1), (4, 3))
    assert [each.attrs.get("implicit_dim") for each in graph.ops] == [True, None]


def test_a_squeeze_of_every_axis() -> None:
    told = [
        op(recorded(f, (4, 1)), "view").attrs.get("all_axes") for f in (lambda x: x.squeeze(), lambda x: x.squeeze(1))
    ]
    assert told == [True, None]


def test_torchs_own_choice_is_put_back() -> None:
    before = F._get_softmax_dim  # type: ignore[attr-defined]
    recorded(lambda x: x.softmax(0), (2, 2))
    assert F._get_softmax_dim is before  # type: ignore[attr-defined]


def partly_off(x: Tensor) -> Tensor:
    with torch.no_grad():
        y = x.exp()
    return y * x


def test_ops_under_no_grad_are_marked_in_a_training_pass_with_gradients() -> None:
    graph = recorded(partly_off, (2, 2), mode="train", grad=True)
    assert [each.attrs.get("no_grad") for each in graph.ops] == [True, None]


def test_other_passes_do_not_mark_gradients() -> None:
    for options in ({"mode": "train"}, {"mode": "eval"}):
        assert all("no_grad" not in each.attrs for each in recorded(partly_off, (2, 2), **options).ops)


class Doubling(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        return x * 2

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        return grad


def test_ops_inside_an_autograd_function_are_its_own() -> None:
    graph = recorded(lambda x: Doubling.apply(x) + 1, (2, 2), mode="train", grad=True)
    assert [(each.attrs.get("custom_gradient"), each.attrs.get("no_grad")) for each in graph.ops] == [
        (True, None),
        (None, None),
    ]


def test_a_pass_that_fails_with_gradients_is_made_without() -> None:
    def overwriting(x: Tensor, weight: Tensor) -> Tensor:
        weight.add_(1)
        return x * weight

    graph = record(Lambda(overwriting, (2,)), [torch.zeros(2, 2)], mode="train", grad=True)
    assert [each.kind for each in graph.ops][-1] == "mul"


def test_modules_keep_the_flag_that_the_author_left() -> None:
    network = nn.Sequential(nn.Linear(2, 2), nn.Dropout().eval())
    for mode in ("eval", "train"):
        graph = record(network, [torch.zeros(1, 2)], mode=mode)  # type: ignore[arg-type]
        assert [each.training for each in graph.modules] == [True, True, False]


def test_columns_are_counted_in_characters() -> None:
    with locate.constructors():
        umlauts, layer = "äöü", nn.Linear(2, 2)
    place = locate.constructor_of(layer)
    assert umlauts and place is not None and place.column is not None
    assert linecache.getline(__file__, place.line)[place.column - 1 :].startswith("nn.Linear(")
