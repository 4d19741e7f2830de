"""Edits of a live module: what they make of it, and that nothing of them remains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from netadvise.capture.edits import edited
from netadvise.capture.record import record
from netadvise.edit import Edit, Insert, Part, Place, Replace, SetArgs
from netadvise.errors import CaptureError, EditError

IMAGE = torch.rand(1, 3, 16, 16)


class Inner(nn.Module):
    """A layer in a block in a model, and one that a plain list holds as well."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.held = [self.first]

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.norm(self.held[0](x)).relu()
        return result


class Outer(nn.Module):
    """Nested, with one layer under two names."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(Inner(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 3, padding=1))
        self.again = self.body[2]
        self.norm = nn.BatchNorm2d(8).eval()
        self.norm.register_forward_hook(lambda module, args, result: result * 2)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.norm(self.again(self.body(x)))
        return result


def test_edits_that_are_alike_draw_weights_of_their_own() -> None:
    net = nn.Sequential(nn.Conv2d(4, 4, 5), nn.Conv2d(4, 4, 5))
    state = torch.get_rng_state()
    with edited(net, [SetArgs("0", {"kernel_size": 3}), SetArgs("1", {"kernel_size": 3})]):
        assert not torch.equal(net[0].weight, net[1].weight)
    assert torch.equal(state, torch.get_rng_state())


NARROW: Edit = SetArgs("body.0.first", {"kernel_size": 1, "padding": 0})
TWICE: Edit = Replace("body.2", (Part("Conv2d", {"in_channels": 8, "out_channels": 8, "kernel_size": 1}), Part("ReLU")))
GONE: Edit = Replace("body.1", (Part("Identity"),))
DROPPED: Edit = Insert(Place("after", "norm"), (Part("Dropout2d", {"p": 0.3}),))
EDITS = {
    "set_args": (NARROW,),
    "replace by a chain": (TWICE,),
    "replace by one": (GONE,),
    "insert after": (DROPPED,),
    "insert before": (Insert(Place("before", "body.2"), (Part("ReLU"),)),),
    "insert after a call": (Insert(Place("after-call", "body.0", "relu"), (Part("ReLU"),)),),
    "insert after the model": (Insert(Place("after", ""), (Part("ReLU"),)),),
    "all": (NARROW, TWICE, GONE, DROPPED),
}


def state(model: nn.Module) -> list[object]:
    """Everything that an edit could leave behind, by identity and order."""
    found: list[object] = [list(model.state_dict()), [id(value) for value in model.parameters()]]
    for path, module in model.named_modules(remove_duplicate=False):
        registries = {name: list(value.items()) for name, value in vars(module).items() if isinstance(value, dict)}
        found.append((path, id(module), type(module), id(vars(module)), list(vars(module)), module.training))
        found.append({name: [(key, id(value)) for key, value in items] for name, items in registries.items()})
    return found


@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
def test_afterwards_the_model_is_bit_for_bit_as_it_was(edits: tuple[Edit, ...]) -> None:
    model = Outer()
    before, content, graph = state(model), [value.clone() for value in model.parameters()], record(model, (IMAGE,))
    seed = torch.get_rng_state()
    with edited(model, edits):
        assert record(model, (IMAGE,)) != graph
    assert state(model) == before
    assert all(map(torch.equal, model.parameters(), content))
    assert torch.equal(torch.get_rng_state(), seed)
    assert record(model, (IMAGE,)) == graph


@pytest.mark.parametrize("edits", EDITS.values(), ids=EDITS)
def test_a_failure_inside_is_undone_as_well(edits: tuple[Edit, ...]) -> None:
    model = Outer()
    before = state(model)
    with pytest.raises(ZeroDivisionError), edited(model, edits):
        raise ZeroDivisionError
    assert state(model) == before


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (SetArgs("body.9", {"stride": 2}), "the model has no module 'body.9'"),
        (SetArgs("again", {"strides": 2}), r"again \(Conv2d\) has no argument 'strides'"),
        (SetArgs("again", {"groups": 3}), r"again \(Conv2d\) cannot be made with groups=3: ValueError: .*divisible"),
        (Replace("again", (Part("Conv4d"),)), "torch.nn has no layer 'Conv4d'"),
        (Replace("again", (Part("Conv2d", {"kernel_size": 3}),)), r"Conv2d\(kernel_size=3\) cannot be made: TypeError"),
        (Replace("again", (Part("like:nowhere"),)), "the model has no module 'nowhere'"),
        (Replace("again", ()), "the chain of layers is empty"),
        (Insert(Place("after", "again"), ()), "the chain of layers is empty"),
    ],
)
def test_an_edit_that_cannot_be_applied_says_why_and_applies_none(edit: Edit, said: str) -> None:
    model = Outer()
    before = state(model)
    with pytest.raises(EditError, match=said), edited(model, (NARROW, edit)):
        pass
    assert state(model) == before


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (SetArgs("again", {"stride": 2}), GONE.__class__("again", (Part("Identity"),))),
        (SetArgs("body.0.first", {"stride": 2}), Replace("body.0", (Part("Identity"),))),
        (SetArgs("again", {"stride": 2}), SetArgs("body.2", {"stride": 1})),
    ],
)
def test_two_edits_of_one_object_are_refused_by_name(one: Edit, other: Edit) -> None:
    with pytest.raises(EditError, match=r"the edits of \S+ and \S+ conflict"), edited(Outer(), (one, other)):
        pass


def test_every_holder_of_a_layer_sees_the_edit() -> None:
    model = Outer()
    with edited(model, (NARROW, SetArgs("again", {"bias": False}))):
        inner: Any = model.body[0]
        assert inner.held[0] is inner.first and inner.first.kernel_size == (1, 1)
        assert model.again is model.body[2] and model.again.bias is None
        assert model(IMAGE).shape == (1, 8, 8, 8)


def test_a_chain_is_named_within_the_layer_and_keeps_its_place_in_the_source() -> None:
    model = Outer()
    with edited(model, (TWICE,)):
        graph = record(model, (IMAGE,))
    assert [type_at(graph, path) for path in ("body.2", "body.2.0", "body.2.1")] == ["Sequential", "Conv2d", "ReLU"]
    assert "again.0" in graph.module_at["body.2.0"].aliases


def type_at(graph: Any, path: str) -> str:
    return str(graph.module_at[path].type)


def test_like_makes_a_fresh_layer_of_the_same_arguments() -> None:
    model = Outer()
    chain = (Part("like:body.2", {"kernel_size": 5, "padding": 2}), Part("like:norm"))
    with edited(model, (Replace("again", chain),)):
        found: Any = model.again
        conv, norm = found
        assert (conv.in_channels, conv.out_channels, conv.kernel_size, conv.padding) == (8, 8, (5, 5), (2, 2))
        assert isinstance(norm, nn.BatchNorm2d) and norm is not model.norm and norm.num_features == 8


def frozen(model: nn.Module) -> bool:
    return not any(each.requires_grad for each in model.parameters())


@pytest.mark.parametrize("edit", [SetArgs("norm", {"eps": 0.1}), Replace("norm", (Part("like:norm"), Part("ReLU")))])
def test_mode_frozen_state_dtype_and_hooks_are_those_of_the_old_layer(edit: Edit) -> None:
    model = Outer().double()
    assert not model.norm.training and model.training
    for parameter in model.norm.parameters():
        parameter.requires_grad_(False)
    with edited(model, (edit,)):
        assert not any(module.training for module in model.norm.modules())
        assert frozen(model.norm) and not frozen(model)
        assert {value.dtype for value in model.norm.parameters()} == {torch.float64}
        assert len(model.norm._forward_hooks) == 1
        value = torch.rand(1, 8, 4, 4, dtype=torch.float64)
        assert torch.allclose(model.norm(value), 2 * type(model.norm).forward(model.norm, value))


def on_meta() -> nn.Module:
    with torch.device("meta"):
        return Outer()


@pytest.mark.parametrize(("build", "device"), [(Outer, "cpu"), (on_meta, "meta")])
def test_new_tensors_live_where_the_model_lives(build: Callable[[], nn.Module], device: str) -> None:
    model = build()
    with edited(model, (NARROW, TWICE, SetArgs("norm", {"momentum": 0.2}))):
        assert {value.device.type for value in (*model.parameters(), *model.buffers())} == {device}


def test_a_layer_without_tensors_becomes_one_with_those_of_the_model() -> None:
    model = Outer().half()
    pool = Part("Conv2d", {"in_channels": 8, "out_channels": 8, "kernel_size": 2, "stride": 2})
    with edited(model, (Replace("body.1", (pool,)),)):
        assert model.body[1].weight.dtype is torch.float16
        assert model.body[1].weight.requires_grad


def test_a_script_is_refused() -> None:
    model = nn.Sequential(torch.jit.script(nn.ReLU()))
    for edit in (SetArgs("0", {"inplace": True}), Replace("0", (Part("Identity"),))):
        with pytest.raises(EditError, match="compiled script"), edited(model, (edit,)):
            pass


def test_a_broken_forward_pass_is_an_error_of_the_recording() -> None:
    model = Outer()
    with (
        edited(model, (SetArgs("again", {"in_channels": 4}),)),
        pytest.raises(CaptureError, match="to have 4 channels"),
    ):
        record(model, (IMAGE,))
