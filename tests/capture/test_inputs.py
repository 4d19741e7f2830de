from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from netadvise.capture.blueprint import Candidate
from netadvise.capture.inputs import find_inputs, memory_needed
from netadvise.capture.load import Loaded, load
from netadvise.capture.record import record
from netadvise.capture.tensors import flat_tensors
from netadvise.errors import CaptureError, TargetError, UsageError, ValuesNeededError
from netadvise.graph import Graph
from netadvise.target import make_target, parse_input

GUESS = Path(__file__).resolve().parent.parent / "models" / "guess.py"


class Recorder:
    """An attempt that records, and counts."""

    def __init__(self, module: nn.Module) -> None:
        self.module, self.tries = module, 0

    def __call__(self, made: Candidate) -> Graph:
        self.tries += 1
        names, source = made.names, made.source
        return record(self.module, made.args, made.kwargs, input_names=names, input_source=source)


def _find(module: nn.Module, *specs: str, names: dict[str, Any] | None = None) -> tuple[Candidate, Graph]:
    loaded = Loaded(module, type(module).__name__, names or {})
    return find_inputs(loaded, tuple(map(parse_input, specs)), Recorder(module))


def _guess(name: str) -> nn.Module:
    return load(make_target(f"{GUESS}:{name}")).module


class Calls(nn.Module):
    """Calls a function on its inputs."""

    def __init__(self, function: Callable[..., Any], *layers: nn.Module) -> None:
        super().__init__()
        self.function = function
        self.layers = nn.ModuleList(layers)

    def forward(self, x):
        return self.function(x)


# Given inputs.


class Named(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(20, 4)

    def forward(self, x, mask=None, *, scale=None):
        return self.table(x)


REFUSED = [
    (("1,3", "1,3", "1,3"), "3 inputs are given without a name", "more than forward takes"),
    (("y=1,3",), "no parameter 'y'", "no such name"),
    (("1,3", "x=1,3"), "'x' is given twice", "by position and by name"),
    (("mask=1,3",), "requires x", "a required one is missing"),
    (("x=1,3", "x.part=1,3"), "as a tensor and by its parts", "both a tensor and a dict"),
]


@pytest.mark.parametrize(("specs", "fragment", "reason"), REFUSED)
def test_given_inputs_that_do_not_fit_the_signature_are_refused(
    specs: tuple[str, ...], fragment: str, reason: str
) -> None:
    with pytest.raises(UsageError) as caught:
        _find(Named(), *specs)
    assert fragment in caught.value.message, reason


def test_given_inputs_are_never_replaced() -> None:
    module = nn.Conv2d(3, 4, 3)
    with pytest.raises(CaptureError) as caught:
        _find(module, "1,1,16,16")
    assert "to have 3 channels" in caught.value.message
    assert "given inputs: input=1x1x16x16 float32" in caught.value.notes


def test_a_given_dtype_is_kept_even_when_it_fails() -> None:
    attempt = Recorder(Named())
    with pytest.raises(CaptureError):
        find_inputs(Loaded(attempt.module, ""), (parse_input("1,3:float32"),), attempt)
    assert attempt.tries == 1


def test_ids_are_tried_where_no_dtype_was_given() -> None:
    made, _ = _find(Named(), "1,7")
    assert made.source == "given"
    assert made.args[0].dtype == torch.int64
    assert int(made.args[0].max()) < 20


def test_given_inputs_keep_position_name_and_dtype() -> None:
    made, graph = _find(Named(), "1,3:int32", "mask=1,3", "scale=scalar:float64")
    assert made.args[0].dtype == torch.int32
    assert {name: (tuple(item.shape), item.dtype) for name, item in made.kwargs.items()} == {
        "mask": ((1, 3), torch.bool),
        "scale": ((), torch.float64),
    }
    assert [graph.values[item].name for item in graph.inputs] == ["x", "mask", "scale"]


def test_dotted_names_make_dicts_and_lists() -> None:
    seen: list[Any] = []
    module = Calls(lambda x: seen.append(x) or torch.zeros(1))
    made, _ = _find(module, "x.image=1,3,4,4", "x.parts.1=2,2", "x.parts.0=1,1")
    assert set(seen[-1]) == {"image", "parts"}
    assert [tuple(item.shape) for item in seen[-1]["parts"]] == [(1, 1), (2, 2)]
    assert made.names == ("x.image", "x.parts.0", "x.parts.1")


def test_large_inputs_are_not_allocated_and_small_ones_have_values() -> None:
    made, _ = _find(Calls(lambda x: x), "64,3,512,512")
    assert made.args[0].device.type == "meta"
    made, _ = _find(Calls(lambda x: x), "1,3,8,8")
    assert made.args[0].std() > 0


def test_realised_inputs_have_values() -> None:
    made, _ = _find(Calls(lambda x: x), "1,3,256,256")
    assert made.args[0].device.type == "meta"
    assert made.realised().args[0].device.type == "cpu"


# Declared inputs.


class Declares(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(4, 4)

    def forward(self, x, y=None):
        return self.fc(x) if y is None else self.fc(x) + y


DECLARATIONS = [
    (torch.zeros(2, 4), ["x=2x4 float32"], "a tensor"),
    ((torch.zeros(2, 4), torch.zeros(4)), ["x=2x4 float32", "y=4 float32"], "a tuple is positional"),
    ({"x": torch.zeros(2, 4)}, ["x=2x4 float32"], "a dict is by name"),
    ((2, 4), ["x=2x4 float32"], "a shape"),
    ([2, 4], ["x=2x4 float32"], "a shape in a list"),
    (((2, 4), (4,)), ["x=2x4 float32", "y=4 float32"], "a tuple of shapes"),
    (lambda: torch.zeros(3, 4), ["x=3x4 float32"], "a function"),
]


@pytest.mark.parametrize(("declaration", "described", "reason"), DECLARATIONS)
def test_the_file_declares_inputs(declaration: Any, described: list[str], reason: str) -> None:
    made, graph = _find(Declares(), names={"example_inputs": declaration})
    assert made.source == graph.input_source == "declared"
    assert made.description == ", ".join(described), reason


def test_the_class_the_instance_and_a_property_declare_inputs() -> None:
    class OnClass(Declares):
        example_inputs = (5, 4)

    class OnProperty(Declares):
        @property
        def example_input_array(self) -> Tensor:
            return torch.zeros(6, 4)

    instance = Declares()
    instance.example_input_array = torch.zeros(7, 4)  # type: ignore[assignment]
    found = [_find(module)[0].args[0].shape[0] for module in (OnClass(), OnProperty(), instance)]
    assert found == [5, 6, 7]


def test_given_inputs_come_before_declared_ones() -> None:
    assert _find(Declares(), "9,4", names={"example_inputs": (2, 4)})[0].source == "given"


def test_declared_inputs_that_fail_are_the_error() -> None:
    with pytest.raises(CaptureError) as caught:
        _find(Declares(), names={"example_inputs": (2, 5)})
    assert "declared inputs: x=2x5 float32" in caught.value.notes


def test_a_declaration_of_another_kind_is_refused() -> None:
    with pytest.raises(TargetError, match="something of type set"):
        _find(Declares(), names={"example_inputs": {1, 2}})


def test_a_declaration_that_raises_is_reported_with_its_line() -> None:
    def example_inputs() -> None:
        raise ValueError("no file")

    with pytest.raises(TargetError, match="ValueError: no file") as caught:
        _find(Declares(), names={"example_inputs": example_inputs})
    assert "test_inputs.py:" in caught.value.where


def test_a_library_configuration_declares_inputs_softly() -> None:
    module = nn.Conv2d(3, 4, 3)
    module.pretrained_cfg = {"input_size": (3, 96, 96)}  # type: ignore[assignment]
    assert _find(module)[0].description == "input=1x3x96x96 float32"
    wrong = nn.Conv2d(5, 4, 3)
    wrong.pretrained_cfg = {"input_size": (3, 96, 96)}  # type: ignore[assignment]
    assert _find(wrong)[0].source == "inferred"


# Inferred inputs: the description, and how many forwards may be run.

INFERRED = [
    ("LeNet", "x=1x1x32x32 float32", 3),
    ("ViewNet", "x=1x1x32x32 float32", 3),
    ("OddSize", "x=1x3x75x75 float32", 6),
    ("HeadFirst", "x=1x4x32x32 float32", 4),
    ("Perceptron", "x=1x784 float32", 1),
    ("ImageOnly", "x=1x3x32x32 float32", 2),
    ("Waveform", "x=1x1x16000 float32", 1),
    ("Volume", "clip=1x3x16x112x112 float32", 1),
    ("Tagger", "x=1x128 int64", 1),
    ("Forecaster", "series=128x1x5 float32", 1),
    ("Stepper", "x=1x128x5 float32, hidden=[1x1x6 float32, 1x1x6 float32]", 1),
    ("Siamese", "left=1x3x224x224 float32, right=1x3x224x224 float32", 1),
    ("ImageAndText", "image=1x3x224x224 float32, text=1x128 int64", 1),
    ("TwoBranches", "a=1x4 float32, b=1x7 float32", 4),
    ("DictInput", "batch={image: 1x3x224x224 float32, table: 1x5 float32}", 1),
    ("ListInput", "images=[1x3x224x224 float32]", 1),
    ("Pyramid", "features=[1x4x224x224 float32, 1x6x224x224 float32]", 1),
    ("Diffusion", "x=1x3x224x224 float32, t=1 int64", 1),
    ("Masked", "x=1x128x8 float32, padding_mask=1x128 bool", 1),
    ("Generator", "z=1x100x1x1 float32", 1),
    ("Functional", "x=1x3x224x224 float32", 1),
    ("Patches", "x=1x3x384x384 float32", 3),
    ("Checked", "x=1x3x240x240 float32", 2),
    ("Attribute", "x=1x3x72x72 float32", 1),
    ("Graph", "x=1x6 float32, edge_index=2x32 int64", 1),
    ("Variadic", "1x6 float32", 1),
    ("NoInputs", "no inputs", 1),
    ("Keywords", "image=1x3x224x224 float32, scale=1.0", 1),
    ("Half", "x=1x6 bfloat16", 1),
    ("Lazy", "x=1x3x224x224 float32", 1),
    ("Joined", "seen=1x8 float32, action=1x2 float32", 4),
    ("Conditional", "noise=1x100 float32, labels=1 int64", 3),
    ("Spectrogram", "mel=1x64x64 float32", 6),
    ("Blocks", "idx=1x48 int64", 2),
    ("TimeFirst", "src=128x1 int64, src_mask=128x128 bool", 1),
    ("Picture", "img=1x3x64x64 float32", 3),
    ("Cells", "x=1x16x7 float32", 3),
    ("Packed", "tokens=1x128 int64, lengths=1 int64", 1),
]


@pytest.mark.parametrize(("name", "description", "most"), INFERRED, ids=[row[0] for row in INFERRED])
def test_inputs_are_inferred(name: str, description: str, most: int) -> None:
    module = _guess(name)
    attempt = Recorder(module)
    made, graph = find_inputs(Loaded(module, name), (), attempt)
    assert made.description == description
    assert made.source == graph.input_source == "inferred"
    assert attempt.tries <= most
    assert len(made.names) == len(flat_tensors((made.args, made.kwargs)))


def test_every_model_of_the_file_is_in_the_table() -> None:
    classes = re.findall(r"^class (\w+)", GUESS.read_text(), re.MULTILINE)
    assert classes == [row[0] for row in INFERRED]


def test_a_failed_inference_lists_what_was_tried_and_the_line() -> None:
    def refuse(x: Tensor) -> Tensor:
        raise ValueError("never good enough")

    with pytest.raises(CaptureError) as caught:
        _find(Calls(refuse, nn.Linear(6, 2)))
    error = caught.value
    assert "no inferred input passes the forward of Calls(x)" in error.message
    assert "never good enough" in error.message
    assert any("tried x=1x6 float32" in note for note in error.notes)
    assert "test_inputs.py:" in error.where
    assert "-i 1,3,224,224" in error.hint


def test_inference_stops_when_values_are_needed() -> None:
    module = Calls(lambda x: x if x.sum().item() else -x, nn.Conv2d(3, 4, 3))
    attempt = Recorder(module)
    with pytest.raises(ValuesNeededError):
        find_inputs(Loaded(module, ""), (), attempt)
    assert attempt.tries == 1


def test_an_exit_in_forward_is_an_error_of_the_model() -> None:
    def leave(x: Tensor) -> Tensor:
        raise SystemExit(0)

    with pytest.raises(CaptureError, match="SystemExit") as caught:
        _find(Calls(leave), "1,4")
    assert "test_inputs.py:" in caught.value.where


def test_a_fault_of_the_recorder_is_not_blamed_on_the_model() -> None:
    def broken(made: Candidate) -> Graph:
        raise KeyError("our bug")

    with pytest.raises(KeyError):
        find_inputs(Loaded(nn.Linear(2, 2), ""), (), broken)


def test_inference_leaves_the_module_and_the_random_state_alone() -> None:
    module = _guess("LeNet")
    state, before = torch.get_rng_state(), {key: item.clone() for key, item in module.state_dict().items()}
    _find(module)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[key], item) for key, item in module.state_dict().items())


def test_the_memory_of_a_real_run_covers_weights_and_inputs() -> None:
    with torch.device("meta"):
        module = nn.Linear(1000, 1000, bias=False)
    made = Candidate((torch.empty(10, 1000, device="meta"),), {}, (), "given", "")
    assert memory_needed(module, made) == 2 * 4 * (1000 * 1000 + 10 * 1000)


def test_a_hopeless_inference_gives_up() -> None:
    class Broken(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)
            self.fc = nn.Linear(7, 7)

        def forward(self, x):
            return self.fc(self.conv(x).mean((2, 3)))

    attempt = Recorder(Broken())
    with pytest.raises(CaptureError):
        find_inputs(Loaded(attempt.module, ""), (), attempt)
    assert attempt.tries <= 48
