"""The table of whole functions: no torch function has two owners, and each is bound by its signature."""

from __future__ import annotations

import inspect

import pytest
import torch
import torch.nn.functional as F

from netadvise.capture.functions import CODES, WHOLE, per_axis
from netadvise.kinds import KINDS


def test_every_kind_is_in_the_vocabulary() -> None:
    assert {whole.kind for whole in WHOLE.values()} <= set(KINDS)


def _python_functions() -> list[object]:
    """Functions with torch's own argument names; losses keep only two operands, a reversed operator has no names."""
    left_out = {"__rmatmul__"}
    functions = [function for function in WHOLE if inspect.isfunction(function) and WHOLE[function].kind != "loss"]
    return [function for function in functions if function.__name__ not in left_out]


@pytest.mark.parametrize("function", _python_functions(), ids=lambda function: function.__name__)
def test_parameters_stand_in_torchs_order(function) -> None:
    signature = inspect.signature(function)
    ours = WHOLE[function].parameters
    assert ours == tuple(signature.parameters)[: len(ours)]
    defaults = {name: parameter.default for name, parameter in signature.parameters.items()}
    for name, value in WHOLE[function].defaults.items():
        assert defaults[name] == value, name


def test_python_functions_can_be_told_by_their_code() -> None:
    assert F.dropout.__code__ in CODES
    assert F.multi_head_attention_forward.__code__ not in CODES


def test_binding_fills_in_defaults_and_leaves_absent_tensors_out() -> None:
    x, weight = torch.zeros(1, 3, 8, 8), torch.zeros(4, 3, 3, 3)
    bound = WHOLE[torch.conv2d].bind((x, weight), {"stride": 2})
    assert list(bound) == ["input", "weight", "stride", "padding", "dilation", "groups"]
    assert (bound["stride"], bound["groups"]) == (2, 1)


@pytest.mark.parametrize(("value", "expected"), [(3, (3, 3)), ((1, 2), (1, 2)), ([4], (4, 4))])
def test_per_axis(value, expected: tuple[int, ...]) -> None:
    assert per_axis(value, 2) == expected
